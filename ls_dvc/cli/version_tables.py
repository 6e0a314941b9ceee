"""Versions of labels as lines and tables: for `log`, `show`, `diff --stat`, `blame`, `verify`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ls_dvc.cli import output
from ls_dvc.cli.output import Cell, Mark, Marked, Table, marked
from ls_dvc.io.byte_sizes import in_units
from ls_dvc.io.printable import printable

if TYPE_CHECKING:
    from ls_dvc.commands.blame import VersionChange
    from ls_dvc.commands.fault_history import FaultStep
    from ls_dvc.commands.show import VersionSummary
    from ls_dvc.commands.verify_history import VersionFinding
    from ls_dvc.history.availability import Availability
    from ls_dvc.history.log import VersionEntry
    from ls_dvc.labeldiff import LabelDiff

SHORT_REV, SHORT_FINGERPRINT = 7, 12


def task_changes(entry: VersionEntry) -> Cell:
    """Tasks added, changed and removed; a question mark where the pin does not say."""
    if entry.added is None:
        return "?"
    counts = {
        Mark.ADDED: f"+{entry.added}",
        Mark.CHANGED: f"~{entry.changed}",
        Mark.REMOVED: f"-{entry.removed}",
    }
    pieces = [(text, None if text[1:] == "0" else mark) for mark, text in counts.items()]
    return Marked((pieces[0], (" ", None), pieces[1], (" ", None), pieces[2]))


def log(
    entries: Sequence[VersionEntry], *, with_path: bool, faults: Sequence[int | None] = ()
) -> Table:
    """A row for each version; `with_path` where several data sets are listed.

    `faults` are how many each has, if they are asked for.

    On a narrow terminal the time of day is left out, and fingerprints are as short as commits.
    """
    more = {"faults": [_fault_count(count) for count in faults]} if faults else {}
    table = _log(entries, more, with_path=with_path)
    return (
        table if output.fits(table) else _log(entries, more, _DAY, SHORT_REV, with_path=with_path)
    )


def _fault_count(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"


_MINUTES, _DAY = 16, 10  # characters of a date


def _log(
    entries: Sequence[VersionEntry],
    asked: Mapping[str, Sequence[Cell]],
    date: int = _MINUTES,
    fingerprint: int = SHORT_FINGERPRINT,
    *,
    with_path: bool,
) -> Table:
    head = ["commit", "date", "author", "tasks", "annotations", "changed", "labels", "tag"]
    columns: dict[str, Sequence[Cell]] = {**asked}
    if any(entry.media for entry in entries):
        columns["media"] = [_media_counts(entry) for entry in entries]
    if with_path:
        columns["pin"] = [entry.path for entry in entries]
    more = zip(*columns.values(), strict=True) if columns else ((),) * len(entries)
    rows = [
        [*_log_row(entry, date, fingerprint), *cells]
        for entry, cells in zip(entries, more, strict=True)
    ]
    return Table(rows, [*head, *columns], right=(3, 4), fixed=(0, 1, 5, 6))


def oneline(entry: VersionEntry) -> Cell:
    """A version in one short line."""
    tags = f" ({', '.join(entry.tags)})" if entry.tags else ""
    start = f"{entry.rev[:SHORT_REV]}{tags} {entry.fingerprint[:SHORT_FINGERPRINT]} "
    changes = task_changes(entry)
    pieces = changes.pieces if isinstance(changes, Marked) else ((changes, None),)
    return Marked(((start, None), *pieces, (f" {entry.subject}", None)))


def show(summary: VersionSummary) -> Iterator[Cell | Table]:
    """One version, a section for each topic."""
    pin = summary.version.pin
    name = summary.version.rev[:SHORT_REV] or summary.version.name
    tags = f" ({', '.join(summary.tags)})" if summary.tags else ""
    yield f"{name}{tags}  labels {pin.fingerprint}"
    yield f"project {pin.project_id} ({printable(pin.title)}) on {pin.url}"
    yield f"pinned {pin.pinned_at}: {pin.tasks} tasks, {pin.annotations} annotations"
    if pin.media is not None:
        size = in_units(pin.media.bytes)
        yield f"media {pin.media.files} files, {size}, {pin.media.missing} missing"
    yield f"snapshots {', '.join(map(str, pin.snapshot_ids)) or 'none on the server'}"
    yield from _counts(summary)
    formats = [_format_row(name, totals) for name, totals in summary.formats.items()]
    yield from _section("formats: tasks and regions written", formats)
    splits = [[name, f"{count} tasks"] for name, count in summary.splits.items()]
    yield from _section("splits", splits, right=(1,))
    yield from _section("data", [_availability_row(out) for out in summary.held])
    if any(out.remote is None for out in summary.held):
        yield "  (no remote is configured)"
    if not summary.held:
        yield "\ndata\n  none: dvc.lock of this version lists no data"


def findings(found: Sequence[VersionFinding]) -> Table:
    """A row for each version: the state of its data, and why it is not safe."""
    marks = {"safe": Mark.ADDED, "at risk": Mark.CHANGED, "wrong": Mark.REMOVED}
    rows: list[list[Cell]] = [
        [
            marked(finding.state.value, marks.get(finding.state.value)),
            finding.entry.rev[:SHORT_REV],
            finding.entry.date[:10],
            finding.entry.fingerprint[:SHORT_FINGERPRINT],
            finding.words,
        ]
        for finding in found
    ]
    return Table(rows, ["state", "commit", "date", "labels", "reason"], fixed=(0, 1, 2, 3))


def blame(change: VersionChange) -> Iterator[Cell | Table]:
    """A version that changed a task: the commit, and below it what changed."""
    from ls_dvc.labeldiff.render import plain_text
    from ls_dvc.labeldiff.render.wording import SIGNS

    entry, lines, sign, mark = change.entry, ["its data is not available"], "?", None
    if change.cut_off:
        lines = ["it has the task; the history of this shallow clone ends here"]
    if change.change:
        lines = [*plain_text.task_lines(change.change)]
        sign, mark = SIGNS[change.change.kind], Mark[change.change.kind.name]
    head = f"{entry.rev[:SHORT_REV]}  {entry.date[:10]}  {entry.author}  "
    yield Marked(((head, None), (sign, mark)))
    yield from diff_text("\n".join(f"    {line}" for line in lines))


def fault_step(step: FaultStep) -> Iterator[Cell]:
    """A commit in which a fault came or went, and below it the fault."""
    commit, fault = step.commit, step.fault
    sign, mark = ("+", Mark.ADDED) if step.came else ("-", Mark.REMOVED)
    head = f"{commit.rev[:SHORT_REV]}  {commit.date[:10]}  {commit.author}  "
    yield Marked(((head, None), (sign, mark), (f"  {commit.subject}", None)))
    regions = f", region {' '.join(fault.regions)}" if fault.regions else ""
    yield f"    {fault.rule} {fault.name}, task {fault.task}{regions}"


def diff_stat(diff: LabelDiff) -> Iterator[Cell | Table]:
    """Counts of a diff: tasks in a line, then a row for each label that changed."""
    from ls_dvc.labeldiff.render import plain_text

    yield plain_text.stat(diff)
    rows: list[list[Cell]] = [
        [control, label, f"{before:,}", f"{after:,}", _difference(after - before)]
        for control, counts in diff.classes_changed.items()
        for label, (before, after) in counts.items()
    ]
    if rows:
        yield Table(rows, ["control", "label", "before", "after", "change"], right=(2, 3, 4))


def diff_text(text: str) -> Iterator[Cell]:
    """The text of a diff, whose lines begin with + - or ~ where something changed.

    Lines that are not indented are headings.
    """
    marks = {"+": Mark.ADDED, "-": Mark.REMOVED, "~": Mark.CHANGED}
    for line in text.split("\n"):
        heading = Mark.HEADING if line[:1] != " " else None
        yield marked(line, marks.get(line.lstrip(" ")[:1], heading))


def _difference(count: int) -> Cell:
    return marked(f"{count:+,}", Mark.ADDED if count > 0 else Mark.REMOVED)


def _log_row(entry: VersionEntry, date: int, fingerprint: int) -> list[Cell]:
    return [
        entry.rev[:SHORT_REV],
        entry.date[:date].replace("T", " "),
        entry.author,
        str(entry.tasks),
        str(entry.annotations),
        task_changes(entry),
        entry.fingerprint[:fingerprint],
        ", ".join(entry.tags),
    ]


def _media_counts(entry: VersionEntry) -> Cell:
    """Files and megabytes."""
    media = entry.media
    return f"{media.files} ({in_units(media.bytes)})" if media else ""


def _counts(summary: VersionSummary) -> Iterator[Cell | Table]:
    if summary.counts is None:
        yield f"\nlabels: not available. {summary.error}"
        return
    labels = [
        [control, label, str(count)]
        for control, counts in summary.counts.labels.items()
        for label, count in counts.items()
    ]
    annotators = [[_user(name), str(n)] for name, n in summary.counts.annotators.items()]
    yield from _section("regions by label, without skipped annotations", labels, right=(2,))
    yield from _section("annotations by annotator", annotators, right=(1,))


def _user(name: str) -> str:
    """An annotator; imports may leave out who made an annotation, and counts say `None` then."""
    return "user not noted" if name == str(None) else f"user {name}"


def _section(
    title: str, rows: Sequence[Sequence[Cell]], right: Sequence[int] = ()
) -> Iterator[Cell | Table]:
    if rows:
        yield f"\n{title}"
        yield Table(rows, right=right, indent=2)


def _format_row(name: str, totals: Mapping[str, Any]) -> list[Cell]:
    if "engine" in totals:
        files = f"{totals.get('files')} files by the {totals['engine']}"
        return [name, files, "what it left out is not known"]
    return [
        name,
        f"{totals.get('tasks_written')} of {totals.get('tasks')} tasks",
        f"{totals.get('regions_written')} of {totals.get('regions')} regions",
    ]


def _availability_row(out: Availability) -> list[Cell]:
    places = [name for name in ("workspace", "cache", "remote") if getattr(out, name)]
    size = f"{in_units(out.size)} in {out.files:,} file{'s' if out.files != 1 else ''}"
    return [out.path, size, f"in {', '.join(places) or 'no place'}"]
