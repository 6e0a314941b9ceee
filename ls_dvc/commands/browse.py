"""Use case: look at the labels of a version in a browser, on this machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from typing import BinaryIO

from ls_dvc.browse.access import Access
from ls_dvc.browse.indexing import Indexing
from ls_dvc.browse.server import LOOKS, listening
from ls_dvc.browse.shown_version import Reasons, ShownVersion
from ls_dvc.browse.site import Site
from ls_dvc.commands.diff_page import config_of, web_link
from ls_dvc.commands.report_page import OF_ANOTHER_FORM, facts_of, ledger_document
from ls_dvc.errors import LsDvcError
from ls_dvc.history.media_sources import MediaSources
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.version import Version, version_at
from ls_dvc.labels.media import MediaEntry, MediaFile
from ls_dvc.media.signatures import shown
from ls_dvc.progress import Reporter, Silent
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace

AGAIN = 30.0  # seconds until places are asked again for a file that none of them had


def browse(
    workspace: Workspace,
    rev: str | None,
    port: int,
    started: Callable[[ShownVersion, Access], None],
    report: Reporter,
) -> None:
    """Show commit `rev` (None: the workspace) until it is interrupted; no server is asked.

    `started` gets the version and the address once there is somebody who answers there. `port` 0
    is any that is free.
    """
    version = version_at(workspace, rev)
    with open_snapshot(workspace, version) as folder:
        opened = _opened(workspace, version, folder, report)
        indexing = Indexing(opened)
        with listening(port, Site(opened, indexing).answer) as server:
            indexing.start()
            try:
                started(opened, server.access)
                server.serve_forever(poll_interval=LOOKS)
            finally:
                indexing.stop()


def _opened(
    workspace: Workspace, version: Version, folder: SnapshotFolder, report: Reporter
) -> ShownVersion:
    known = config_of(folder)
    for each in known.warnings:
        report.say(f"warning: {each}")
    return ShownVersion(
        name=version.name,
        facts=facts_of(version),
        folder=folder,
        config=known.config,
        policy=workspace.params.policy,
        reasons=_reasons(workspace, version, report),
        open_media=OpenedMedia(workspace, version),
        link=web_link(version),
    )


def _reasons(workspace: Workspace, version: Version, report: Reporter) -> Reasons:
    """By task id, from the version's ledger; none where it cannot be read, which is said."""
    reasons: dict[int, dict[str, None]] = {}
    try:
        for name, entries in ledger_document(workspace, version).items():
            for entry in entries if isinstance(entries, list) else ():
                reason = f"{entry['reason']} · {name}"
                reasons.setdefault(int(entry["task"]), {})[reason] = None
    except (LsDvcError, OSError, *OF_ANOTHER_FORM) as error:
        report.say(
            f"warning: nothing can be found by what formats left out: the ledger of "
            f"{version.name} cannot be read: {error!s:.100}"
        )
        return {}
    same: dict[tuple[str, ...], tuple[str, ...]] = {}
    return {task: same.setdefault(key := tuple(each), key) for task, each in reasons.items()}


class OpenedMedia:
    """Opens files of a version, from the nearest place that has them; threads may share it."""

    def __init__(self, workspace: Workspace, version: Version) -> None:
        self._workspace, self._version = workspace, version
        self._sources: MediaSources | None = None
        self._absent: dict[str, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def __call__(self, entry: MediaEntry) -> Iterator[BinaryIO]:
        """The content at its beginning; `LsDvcError` where no place has it."""
        with closing(self._opened(entry)) as found:
            with self._lock:
                content = next(found, None)
            if content is None:
                raise LsDvcError(
                    f"the file of {shown(entry.address)} is not here",
                    "run `dvc pull`, then reload the page",
                )
            yield content[1]

    def _opened(self, entry: MediaEntry) -> Generator[tuple[MediaFile, BinaryIO], None, None]:
        md5 = entry.file.md5 if entry.file else ""
        if time.monotonic() - self._absent.get(md5, -AGAIN) < AGAIN:
            return
        if self._sources is None:
            self._sources = MediaSources(self._workspace, self._version, Silent())
        self._absent[md5] = time.monotonic()
        for found in self._sources.opened([entry]):
            del self._absent[md5]
            yield found
