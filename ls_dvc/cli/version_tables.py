"""Values of the history as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ls_dvc.commands.show import VersionSummary
    from ls_dvc.commands.verify_history import VersionFinding
    from ls_dvc.history.availability import Availability
    from ls_dvc.history.log import VersionEntry

SHORT_REV, SHORT_FINGERPRINT = 7, 12


def aligned(rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> Iterator[str]:
    """Rows as lines, columns two blanks apart; those in `right` end under each other."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            each.rjust(width) if workspace in right else each.ljust(width)
            for workspace, (each, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def moved(entry: VersionEntry) -> str:
    """Tasks added, changed and removed; a question mark where the pin does not say."""
    if entry.added is None:
        return "?"
    return f"+{entry.added} ~{entry.changed} -{entry.removed}"


def log(entries: Sequence[VersionEntry], *, several: bool) -> Iterator[str]:
    """A table of versions; `several` data sets are told apart by the path of their pin."""
    head = ["commit", "date", "author", "tasks", "annotations", "moved", "labels", "tag"]
    yield from aligned(
        [
            [*head, *(["pin"] if several else [])],
            *([*_row(each), *([each.path] if several else [])] for each in entries),
        ],
        right=(3, 4),
    )


def oneline(entry: VersionEntry) -> str:
    """A version in one short line."""
    tags = f" ({', '.join(entry.tags)})" if entry.tags else ""
    named = f"{entry.rev[:SHORT_REV]}{tags} {entry.fingerprint[:SHORT_FINGERPRINT]}"
    return f"{named} {moved(entry)} {entry.subject}"


def show(shown: VersionSummary) -> Iterator[str]:
    """A version, a block for each thing to know."""
    pin = shown.version.pin
    named = shown.version.rev[:SHORT_REV] or shown.version.name
    tags = f" ({', '.join(shown.tags)})" if shown.tags else ""
    yield f"{named}{tags}  labels {pin.fingerprint}"
    yield f"project {pin.project_id} ({pin.title}) on {pin.url}"
    yield f"pinned {pin.pinned_at}: {pin.tasks} tasks, {pin.annotations} annotations"
    yield f"snapshots {', '.join(map(str, pin.snapshot_ids)) or 'none on the server'}"
    yield from _counts(shown)
    yield from _formats(shown)
    splits = [[name, f"{count} tasks"] for name, count in shown.splits.items()]
    yield from _block("splits", splits, 1)
    yield "\ndata"
    yield from (f"  {line}" for line in aligned(map(_holding, shown.held)))
    if not shown.held:
        yield "  nothing: dvc.lock of this version knows of none"


def audit(findings: Sequence[VersionFinding]) -> Iterator[str]:
    """A line for each version: what became of its data."""
    yield from aligned(
        [
            each.state.value,
            each.entry.rev[:SHORT_REV],
            each.entry.date[:10],
            each.entry.fingerprint[:SHORT_FINGERPRINT],
            each.words,
        ]
        for each in findings
    )


def _row(entry: VersionEntry) -> list[str]:
    return [
        entry.rev[:SHORT_REV],
        entry.date[:16].replace("T", " "),
        entry.author,
        str(entry.tasks),
        str(entry.annotations),
        moved(entry),
        entry.fingerprint[:SHORT_FINGERPRINT],
        ", ".join(entry.tags),
    ]


def _counts(shown: VersionSummary) -> Iterator[str]:
    if shown.counts is None:
        yield "\nlabels: not at hand (the data is neither here nor in DVC's cache or remote)"
        return
    labels = [
        [control, label, str(count)]
        for control, some in shown.counts.labels.items()
        for label, count in some.items()
    ]
    by = [[f"user {who}", str(count)] for who, count in shown.counts.annotators.items()]
    yield from _block("regions by label, in annotations that were not skipped", labels, 2)
    yield from _block("annotations by annotator", by, 1)


def _block(title: str, rows: Sequence[Sequence[str]], right: int) -> Iterator[str]:
    if rows:
        yield f"\n{title}"
        yield from (f"  {line}" for line in aligned(rows, right=(right,)))


def _formats(shown: VersionSummary) -> Iterator[str]:
    if shown.formats:
        yield "\nformats, by the ledger"
    rows = [_account(name, each) for name, each in shown.formats.items()]
    yield from (f"  {line}" for line in aligned(rows))


def _account(name: str, each: Mapping[str, Any]) -> list[str]:
    if "engine" in each:
        return [name, f"{each.get('files')} files by the {each['engine']}", "without an account"]
    return [
        name,
        f"{each.get('tasks_written')} of {each.get('tasks')} tasks",
        f"{each.get('regions_written')} of {each.get('regions')} regions",
    ]


def _holding(each: Availability) -> list[str]:
    places = [name for name in ("workspace", "cache", "remote") if getattr(each, name)]
    lacking = "" if each.remote is not None else " (no remote is configured)"
    size = f"{each.size} bytes in {each.files} file{'s' if each.files != 1 else ''}"
    return [each.path, size, (", ".join(places) or "nowhere") + lacking]
