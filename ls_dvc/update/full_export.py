"""All tasks anew, range by range; a run that was cut short is taken up where it was."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ls_dvc.errors import SnapshotMismatchError
from ls_dvc.labels import label_config
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.progress import Reporter
from ls_dvc.server.cache import Cache
from ls_dvc.server.interface import Server
from ls_dvc.update import ranges, resume
from ls_dvc.update.chain import Chain, DynamicLabels
from ls_dvc.update.range_reader import reading
from ls_dvc.update.ranges import BatchSizer, CountedRange
from ls_dvc.update.resume import FinishedRanges


def export(
    server: Server,
    cache: Cache,
    folder: Path,
    sizer: BatchSizer,
    report: Reporter,
) -> Chain:
    """A chain of ranges, replayed into the empty `folder`.

    A range that the server has finished stays there when this fails, for the next call does not
    ask for it again; but for one that cannot be downloaded. What changed since then is a matter of
    a delta, so the chain's state is that of the first try.
    """
    before = server.state()
    found = resume.taken_up(server, cache, before)
    noted = DynamicLabels(label_config.parse(found.begun.label_config, "the label config"))
    bar = report.bar("exporting tasks", before.probe.tasks)
    with bar as progress, reading(found, folder, noted) as reader:

        def read(snapshot: ExportSnapshot) -> None:
            reader.read(snapshot)
            progress.advance(snapshot.tasks)

        def land(snapshot: ExportSnapshot) -> None:
            found.add(snapshot)
            read(snapshot)

        for each in found.ranges:
            read(each)
        missing = _missing(server, found, before.probe.tasks)
        ranges.take(server, missing, sizer, land, reader.failed)
        after = server.state()
    try:
        held = reader.result()
    except SnapshotMismatchError:  # nor are those to be trusted that were not looked into
        found.drop(found.ranges)
        raise
    snapshots = tuple(sorted(found.ranges, key=lambda each: each.first))
    return Chain(found.begun, snapshots, held, after == found.begun, noted.found())


def _missing(server: Server, found: FinishedRanges, tasks: int) -> Iterable[CountedRange]:
    """The spans of which nothing has landed, of a project with so many tasks."""
    whole = ranges.around(*server.bounds())
    if not found.ranges:
        return [CountedRange(whole, tasks)]
    return ranges.counted(server, ranges.gaps(whole, found.ranges))
