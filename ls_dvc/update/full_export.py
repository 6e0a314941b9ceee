"""Full export: all tasks, range by range; an interrupted one is resumed."""

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
    server: Server, cache: Cache, folder: Path, sizer: BatchSizer, report: Reporter
) -> Chain:
    """A chain of ranges, replayed into the empty `folder`.

    When it fails, finished ranges that can be downloaded stay on the server, and the next call
    goes on from there. The chain's state is that of the first try: a delta holds later changes.
    """
    now = server.state()
    finished = resume.resumed(server, cache, now)
    dynamic_labels = DynamicLabels(
        label_config.parse(finished.started.label_config, "the label config")
    )
    bar = report.bar("exporting tasks", now.probe.tasks)
    with bar as progress, reading(finished, folder, dynamic_labels) as reader:

        def read(snapshot: ExportSnapshot) -> None:
            reader.read(snapshot)
            progress.advance(snapshot.tasks)

        def add(snapshot: ExportSnapshot) -> None:
            finished.add(snapshot)
            read(snapshot)

        for snapshot in finished.ranges:
            read(snapshot)
        missing = _missing(server, finished, now.probe.tasks)
        ranges.take(server, missing, sizer, add, reader.failed)
        after = server.state()
    try:
        folder_read = reader.result()
    except SnapshotMismatchError:  # nor are those to be trusted that were not looked into
        finished.discard(finished.ranges)
        raise
    snapshots = tuple(sorted(finished.ranges, key=lambda snapshot: snapshot.first))
    consistent = after == finished.started
    return Chain(finished.started, snapshots, folder_read, consistent, dynamic_labels.by_space())


def _missing(server: Server, finished: FinishedRanges, tasks: int) -> Iterable[CountedRange]:
    """The ranges that are not finished, of a project with so many tasks."""
    whole = ranges.around(*server.bounds())
    if not finished.ranges:
        return [CountedRange(whole, tasks)]
    return ranges.counted(server, ranges.gaps(whole, finished.ranges))
