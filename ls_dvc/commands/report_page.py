"""Use case: the page of a version, a file of HTML."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from ls_dvc.commands import page_file
from ls_dvc.commands.diff_page import config_of, web_link
from ls_dvc.commands.report_gallery import gallery_of
from ls_dvc.errors import LsDvcError
from ls_dvc.history.log import VersionEntry, log
from ls_dvc.history.media_sources import MediaSources
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.snapshot_sources import dvc_store
from ls_dvc.history.version import Version, version_at
from ls_dvc.io.byte_sizes import in_units
from ls_dvc.labels.policy import Policy
from ls_dvc.labels.splits import split_of
from ls_dvc.pages.report_findings import DuplicateGroup, LedgerRow
from ls_dvc.pages.report_page import ReportPage, VersionColumn, render
from ls_dvc.pages.survey import survey
from ls_dvc.progress import Reporter
from ls_dvc.repo import git
from ls_dvc.snapshot import media_map
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace

VERSIONS = 12
EXAMPLES = 5  # tasks of a row of the ledger
# What reading a report raises that somebody, or another version, wrote otherwise.
OF_ANOTHER_FORM = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


def write_report_page(
    workspace: Workspace, rev: str | None, path: Path, max_size: int, report: Reporter
) -> int:
    """Write the page of commit `rev` (None: the workspace); its size in bytes.

    Its gallery has as many images as fit into `max_size` bytes. No server is asked.
    """
    page_file.require_writable(path)
    version = version_at(workspace, rev)
    policy = workspace.params.policy
    with open_snapshot(workspace, version) as folder:
        known = config_of(folder)
        counts = survey(folder.tasks(), known.config, policy)
        page = ReportPage(
            name=version.name,
            facts=facts_of(version)[:2],
            tiles=_tiles(version),
            survey=counts,
            ledger=_ledger(workspace, version, report),
            growth=_growth(workspace, rev),
            duplicates=list(_duplicates(folder, policy)),
            link=web_link(version),
            warnings=known.warnings,
        )
        sources = MediaSources(workspace, version, report)
        content = render(page, max_size, partial(gallery_of, folder, counts, known.config, sources))
    page_file.write_page(path, content)
    return len(content)


def facts_of(version: Version) -> list[tuple[str, str]]:
    """What a page says first of a version, as (word, value)."""
    pin = version.pin
    media = [("media", f"{pin.media.files:,} ({in_units(pin.media.bytes)})")] if pin.media else []
    return [
        ("labels", pin.fingerprint[:12]),
        ("pinned", pin.pinned_at),
        ("tasks", f"{pin.tasks:,}"),
        ("annotations", f"{pin.annotations:,}"),
        *media,
    ]


def _tiles(version: Version) -> list[tuple[str, str]]:
    pin, media = version.pin, version.pin.media
    files = [(f"files of media, {in_units(media.bytes)}", f"{media.files:,}")] if media else []
    return [("tasks", f"{pin.tasks:,}"), ("annotations", f"{pin.annotations:,}"), *files]


def _duplicates(folder: SnapshotFolder, policy: Policy) -> Iterator[DuplicateGroup]:
    """Files that several tasks show, those in several splits first."""
    tasks: dict[str, dict[int, str]] = {}
    for entry in media_map.entries(folder):
        if entry.file is not None:
            tasks.setdefault(entry.file.md5, {}).setdefault(entry.task, entry.address)
    groups = []
    for shown in tasks.values():
        if len(shown) > 1:
            splits = _splits(folder, shown, policy)
            name = posixpath.basename(next(iter(shown.values())).split("?")[0])
            groups.append(DuplicateGroup(name, tuple(sorted(shown)), splits))
    yield from sorted(groups, key=lambda group: (-len(group.splits), group.tasks))


def _splits(folder: SnapshotFolder, tasks: Iterable[int], policy: Policy) -> tuple[str, ...]:
    split = policy.split
    if split is None:
        return ()
    found = (folder.task(each) for each in tasks)
    return tuple(sorted({split_of(task, split) for task in found if task is not None}))


def _ledger(workspace: Workspace, version: Version, report: Reporter) -> list[LedgerRow]:
    """The rows of the version's ledger, the most frequent first.

    None where it cannot be read, which is said.
    """
    rows: dict[tuple[str, str], list[int]] = {}
    try:
        for name, entries in ledger_document(workspace, version).items():
            for entry in entries if isinstance(entries, list) else ():
                rows.setdefault((name, str(entry["reason"])), []).append(int(entry["task"]))
    except (LsDvcError, OSError, *OF_ANOTHER_FORM) as error:
        report.say(
            f"warning: the page does not say what formats left out: the ledger of "
            f"{version.name} cannot be read: {error!s:.100}"
        )
        return []
    return [
        LedgerRow(*key, len(tasks), tuple(dict.fromkeys(tasks))[:EXAMPLES])
        for key, tasks in sorted(rows.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def ledger_document(workspace: Workspace, version: Version) -> Mapping[str, Any]:
    """The entries of the ledger by format, as they were written; many errors when it is broken."""
    path = workspace.ledger_report
    if not version.rev:
        return _mapping(path.read_bytes())
    out = version.outs.get(posixpath.join(version.reports, path.name))
    if out is None:
        raise LsDvcError(f"dvc.lock does not name {path.name}")
    return _mapping(dvc_store(workspace).read(out.md5))


def _mapping(content: bytes) -> Mapping[str, Any]:
    document: Mapping[str, Any] = dict(json.loads(content))
    return document


def _growth(workspace: Workspace, rev: str | None) -> list[VersionColumn]:
    """The newest versions up to `rev`, the oldest first, by the reports that git has of them."""
    entries = log(workspace.folder, [rev] if rev else [])[:VERSIONS][::-1]
    name = workspace.labels_report.relative_to(workspace.folder).as_posix()
    places = [(each.rev, posixpath.join(posixpath.dirname(each.path), name)) for each in entries]
    texts = git.contents(workspace.folder, places) if places else []
    return [_column(entry, text) for entry, text in zip(entries, texts, strict=True) if text]


def _column(entry: VersionEntry, text: str) -> VersionColumn:
    labels: dict[tuple[str, str], int] = {}
    with suppress(*OF_ANOTHER_FORM):
        for control, counts in json.loads(text)["labels"].items():
            labels.update({(control, label): int(size) for label, size in counts.items()})
    name = entry.tags[0] if entry.tags else entry.rev[:8]
    return VersionColumn(name, entry.date[:10], entry.tasks, labels)
