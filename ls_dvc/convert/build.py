"""Build the data set of a snapshot folder: every format, shard by shard, by an executor."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import cast

from ls_dvc.convert import (
    dataset_folder,
    dataset_writer,
    encode,
    label_counts,
    plot_files,
    report_files,
)
from ls_dvc.convert.dataset_folder import DatasetManifest, FormatSummary
from ls_dvc.convert.encode import EncodedShard
from ls_dvc.convert.kept_shards import KeptShards
from ls_dvc.convert.label_counts import LabelCounts, TaskCounts
from ls_dvc.convert.ledger import Ledger
from ls_dvc.convert.loose_files import MediaSource
from ls_dvc.convert.report_files import Report
from ls_dvc.convert.spooled_entries import SpooledEntries
from ls_dvc.execution.executor import ONE_PROCESS, Executor, Work
from ls_dvc.formats import dataset_card
from ls_dvc.formats.interface import FormatContext, Layout, TableFormat
from ls_dvc.formats.registry import FORMATS, WRITERS
from ls_dvc.io import kept_parts
from ls_dvc.io.kept_parts import KeptParts
from ls_dvc.labels import label_config
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.measures import Sizes
from ls_dvc.labels.policy import Policy, Split
from ls_dvc.labels.selection import select
from ls_dvc.labels.splits import split_of
from ls_dvc.progress import Reporter
from ls_dvc.snapshot import media_map, server_formats
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder


@dataclass(frozen=True)
class BuildOptions:
    """What to build: formats, selection policy, who encodes the shards, layout.

    Layout `tar` puts the small files of tasks into an archive for each shard; `shards` also splits
    documents by shard. `served`: formats that the server wrote, which are in the snapshot folder.
    `media` has the files of a snapshot folder that comes with media. `settings` is their digest,
    for the manifest. `parts` are what shards became before.
    """

    formats: Sequence[str]
    policy: Policy
    executor: Executor = ONE_PROCESS
    layout: Layout = "loose"
    served: Sequence[str] = ()
    media: MediaSource | None = None
    settings: str | None = None
    parts: KeptParts | None = None

    @property
    def encoded(self) -> Sequence[str]:
        """The formats that ls-dvc writes itself."""
        return [name for name in self.formats if name not in self.served]


@dataclass(frozen=True)
class BuildResult:
    """What was built; `labels` are the (control, label) pairs of the label config.

    Formats that the server wrote have no ledger; `served` has the size of each. `reports` are the
    report files by name, `plots` those for `dvc plots` that came later.
    """

    counts: LabelCounts
    labels: Sequence[tuple[str, str]]
    ledgers: Mapping[str, Ledger]
    served: Mapping[str, FormatSummary]
    reports: Mapping[str, Report] = field(default_factory=dict)
    plots: Mapping[str, bytes] = field(default_factory=dict)


def build(
    fresh: Path, folder: SnapshotFolder, options: BuildOptions, report: Reporter
) -> BuildResult:
    """Write the data set of a snapshot folder into the empty folder `fresh`.

    The bytes do not depend on the executor.
    """
    in_snapshot = folder.manifest.counts
    context = encode.context_of(folder.config(), folder.classes(), in_snapshot, options.policy)
    context = replace(
        context, sharded=options.layout == "shards", with_media=media_map.has_media(folder)
    )
    ledgers = {name: _ledger(fresh) for name in options.encoded}
    counts = LabelCounts()  # made while the first format is encoded
    served = _write_served(fresh, folder, options)
    summaries = dict(served)
    with report.bar("converting formats", len(ledgers)) as bar, _no_collector():
        for number, (name, ledger) in enumerate(ledgers.items()):
            shards = partial(_encoded_shards, folder, name, options, number == 0)
            chunks = encode.convert(shards, FORMATS[name], context, counts, ledger)
            archived = options.layout != "loose"
            summary = dataset_writer.write_format(
                fresh / name, chunks, options.media, archived=archived
            )
            summaries[name] = replace(summary, writer=WRITERS[name])
            bar.advance(1)
    card = _card({name: ledger.filled_splits for name, ledger in ledgers.items()}, context)
    if not ledgers:
        counts = _counts(folder, options.policy, context.config)
    labels = context.config.labels()
    reports = report_files.all_of(counts, labels, ledgers, served)
    digests = {name: report_files.digest(each) for name, each in reports.items()}
    manifest = DatasetManifest(
        folder.fingerprint, summaries, settings=options.settings, reports=digests
    )
    dataset_folder.write_manifest(fresh, manifest, card)
    plots = plot_files.all_of(counts, labels)
    return BuildResult(counts, labels, ledgers, served, reports, plots)


def plots(folder: SnapshotFolder, policy: Policy) -> dict[str, bytes]:
    """The tables for `dvc plots` of a snapshot folder, without a data set."""
    config = label_config.parse(folder.config(), "the snapshot's label config")
    return plot_files.all_of(_counts(folder, policy, config, policy.split), config.labels())


def _ledger(folder: Path) -> Ledger:
    return Ledger(entries=SpooledEntries(folder), in_part=SpooledEntries(folder))


# The formats that Hugging Face's `load_dataset` reads, the best for records first: a card can name
# one kind of file only.
_TABLES = ("PARQUET", "JSONL", "JSON_MIN", "CSV", "TSV", "SPACY", "ASR_MANIFEST", "JSON")


def _card(filled_splits: Mapping[str, Sequence[str]], context: FormatContext) -> bytes:
    """The card of the whole data set; empty where no format is a table with any rows."""
    name = next((name for name in _TABLES if filled_splits.get(name)), None)
    if name is None:
        return b""
    context = replace(context, filled_splits=tuple(filled_splits[name]))
    files = cast("TableFormat", FORMATS[name]).table(context)
    return dataset_card.text(f"Labels as {name}", files, context, f"{name}/").encode()


def _write_served(
    fresh: Path, folder: SnapshotFolder, options: BuildOptions
) -> dict[str, FormatSummary]:
    return {
        name: dataset_writer.write_format(fresh / name, server_formats.chunks(folder, name))
        for name in options.formats
        if name in options.served
    }


def _counts(
    folder: SnapshotFolder, policy: Policy, config: LabelConfig, split: Split | None = None
) -> LabelCounts:
    """The counts for the reports where no format is encoded; by split if one is given."""
    counts = LabelCounts()
    for name in folder.manifest.shards:
        sizes, by_split = Sizes(), dict[str, list[TaskCounts]]()
        for task in folder.tasks_in(name):
            selection = select(task, policy)
            sizes.add(selection, config)
            of_split = by_split.setdefault(split_of(task, split) if split else "", [])
            of_split.append(label_counts.counts_of(selection, config))
        for split_name, tasks in by_split.items():
            counts.add(tasks, split_name)
        counts.measures.add(sizes)
    return counts


def _encoded_shards(
    folder: SnapshotFolder,
    name: str,
    options: BuildOptions,
    counted: bool,
    context: FormatContext,
) -> Iterable[EncodedShard]:
    encode_part = partial(_encoded_shard, name, options.policy, counted, context)
    work = Work(name, encode_part, SnapshotFolder.with_contents)
    shards = (media_map.with_shard(folder, shard) for shard in folder.manifest.shards)
    encode_shards = partial(options.executor.ordered, work)
    if options.parts is None or FORMATS[name].CONTENT is None:
        return encode_shards(shards)
    room = kept_parts.MOST_BYTES // len(options.encoded)
    kept = KeptShards.of(
        options.parts, FORMATS[name], folder, options.policy, context, counted=counted, room=room
    )
    return kept.completed([*shards], encode_shards)


def _encoded_shard(
    name: str, policy: Policy, counted: bool, context: FormatContext, folder: SnapshotFolder
) -> EncodedShard:
    (shard,) = folder.manifest.shards
    lines = folder.lines_in(shard)
    if media_map.has_media(folder):
        context = replace(context, media=media_map.of_shard(folder, shard))
    with _no_collector():
        fmt, start = FORMATS[name], time.process_time()
        encoded = encode.encode_shard(lines, policy, fmt, context, fmt.FAST_PATH, counted=counted)
        return encoded._replace(seconds=time.process_time() - start)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Parsing makes many objects without cycles; collecting garbage meanwhile doubles its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
