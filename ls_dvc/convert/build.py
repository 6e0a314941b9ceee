"""The data set of a snapshot folder: every format, shard by shard, on as many cores as asked."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ls_dvc.convert import dataset_folder, encode, label_counts
from ls_dvc.convert.dataset_folder import FormatSummary
from ls_dvc.convert.encode import EncodedShard
from ls_dvc.convert.label_counts import LabelCounts
from ls_dvc.convert.ledger import Ledger
from ls_dvc.execution import processes
from ls_dvc.formats.interface import FormatContext, Layout
from ls_dvc.formats.registry import FORMATS
from ls_dvc.labels.policy import Policy
from ls_dvc.labels.selection import select
from ls_dvc.progress import Reporter
from ls_dvc.snapshot import server_formats
from ls_dvc.snapshot.folder import SnapshotFolder


@dataclass(frozen=True)
class BuildOptions:
    """What to make: which formats, of what counts; by how many processes; laid out how.

    `tar`: small files of tasks in archives, one for each shard. `shards`: documents, too. `served`:
    those formats that are in the snapshot folder as the server wrote them.
    """

    formats: Sequence[str]
    policy: Policy
    jobs: int = 1
    layout: Layout = "loose"
    served: Sequence[str] = ()

    @property
    def ours(self) -> Sequence[str]:
        """The formats that our own converter writes."""
        return [name for name in self.formats if name not in self.served]


@dataclass(frozen=True)
class BuildResult:
    """What a conversion found and wrote; `labels` are the (control, label) pairs of the config.

    Of what the server wrote there is no ledger, but `served` says how much it is.
    """

    survey: LabelCounts
    labels: Sequence[tuple[str, str]]
    ledgers: Mapping[str, Ledger]
    served: Mapping[str, FormatSummary]


def build(
    fresh: Path, folder: SnapshotFolder, options: BuildOptions, report: Reporter
) -> BuildResult:
    """Write the data set of a snapshot folder into the empty folder `fresh`.

    The bytes do not depend on the number of processes.
    """
    counts = folder.manifest.counts
    about = encode.project(folder.config(), folder.classes(), counts, options.policy)
    about = replace(about, sharded=options.layout == "shards")
    archived = options.layout != "loose"
    ledgers = {name: Ledger() for name in options.ours}
    surveys = {name: LabelCounts() for name in options.ours}
    written = {
        name: dataset_folder.write_format(fresh / name, server_formats.chunks(folder, name))
        for name in options.formats
        if name in options.served
    }
    served = dict(written)
    with report.bar("converting formats", len(ledgers)) as bar, _no_collector():
        for name, ledger in ledgers.items():
            parts = partial(_parts, folder, name, options)
            chunks = encode.convert(parts, FORMATS[name], about, surveys[name], ledger)
            written[name] = dataset_folder.write_format(fresh / name, chunks, archived=archived)
            bar.advance(1)
    dataset_folder.write_manifest(fresh, folder.fingerprint, written)
    counted = next(iter(surveys.values()), None) or _survey(folder, options.policy)
    return BuildResult(counted, about.config.labels(), ledgers, served)


def _survey(folder: SnapshotFolder, policy: Policy) -> LabelCounts:
    """The counts of the reports, where no converter of ours sees the tasks."""
    found = LabelCounts()
    for name in folder.manifest.shards:
        chosen = (select(each, policy) for each in folder.tasks_in(name))
        found.add([label_counts.seen(each) for each in chosen])
    return found


def _parts(
    folder: SnapshotFolder, name: str, options: BuildOptions, context: FormatContext
) -> Iterable[EncodedShard]:
    work = partial(_part, folder, name, options.policy, context)
    return processes.ordered(work, folder.manifest.shards, options.jobs)


def _part(
    folder: SnapshotFolder, name: str, policy: Policy, context: FormatContext, shard: str
) -> EncodedShard:
    lines = folder.lines_in(shard)
    with _no_collector():
        return encode.part(lines, policy, FORMATS[name], context, FORMATS[name].FAST_PATH)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Parsing makes many objects and no circles; looking for some doubles its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
