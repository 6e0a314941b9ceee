"""From tasks to a format's files and its ledger: no disk, no network.

Each shard is encoded by itself (`encode_shard`), in any process; the results are joined in order
(`convert`), so that the bytes do not depend on the number of processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from ls_dvc.convert import label_counts
from ls_dvc.convert.label_counts import LabelCounts, TaskCounts
from ls_dvc.convert.ledger import Ledger
from ls_dvc.formats.interface import (
    Chunk,
    Encoded,
    FastPath,
    FastTask,
    Format,
    FormatContext,
    Pieces,
)
from ls_dvc.labels import canonical, label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.measures import Sizes
from ls_dvc.labels.policy import Policy, Selection, Split
from ls_dvc.labels.selection import select
from ls_dvc.labels.splits import split_of
from ls_dvc.snapshot.counts import SnapshotCounts


class EncodedShard(NamedTuple):
    """What a format made of the tasks of a shard: content by task id, counts, ledger.

    `seconds` of a processor are what that took, if it was measured.
    """

    pieces: list[tuple[int, Any]]
    counts: LabelCounts
    ledger: Ledger
    seconds: float = 0.0

    def add(self, selection: Selection, encoded: Encoded, config: LabelConfig) -> None:
        """Add what the format made of one task."""
        if encoded.all_annotations:
            self.ledger.record_whole(selection)
        else:
            self.ledger.record(selection, encoded.task, encoded.regions, config)
        if encoded.in_part:
            self.ledger.record_in_part(selection, encoded.in_part)
        if encoded.task is None:
            self.pieces.append((selection.task["id"], encoded.content))


def context_of(
    config: str, classes: Classes, counts: SnapshotCounts, policy: Policy
) -> FormatContext:
    """What the formats may know of a project besides the current task."""
    parsed = label_config.parse(config, "the snapshot's label config")
    predicted = counts.predicted if policy.predictions else ()
    return FormatContext(
        config=parsed,
        classes=classes,
        columns=tuple(counts.columns),
        controls=tuple(sorted({*parsed.fixed_controls, *counts.controls, *predicted})),
        splits=tuple(name for name, _ in policy.split.shares) if policy.split else (),
        transcripts=policy.transcripts,
        keypoints=policy.keypoints,
    )


def encode_shard(
    lines: Iterable[bytes],
    policy: Policy,
    fmt: Format,
    context: FormatContext,
    fast_path: FastPath | None = None,
    *,
    counted: bool = True,
) -> EncodedShard:
    """Encode the tasks of a shard, a JSON line each; tasks of other splits are left out.

    `fast_path`: optional decoder and encoder for common tasks; must give the same bytes and ledger
    as `fmt.encode`. Unless `counted`, the counts stay empty: one format's are those of all.
    """
    encoded_shard, counting = EncodedShard([], LabelCounts(), Ledger()), _Counting(context)
    fast_tasks = list[FastTask]()
    fast_path, split, fast_regions = fast_path if policy.selects_single else None, policy.split, 0
    for line in lines:
        if fast_path and (fast_task := fast_path.read(line)):
            if split and not _is_in_split(fast_task, split, context):
                continue
            if encoded := fast_path.encode(fast_task, context):
                fast_tasks.append(fast_task)
                fast_regions += len(encoded.regions)
                encoded_shard.pieces.append((fast_task.id, encoded.content))
                continue
        task = canonical.parse(line)
        if split is None or split_of(task, split) == context.split:
            selection = select(task, policy)
            if counted:
                counting.see(selection)
            encoded_shard.add(selection, fmt.encode(selection, context), context.config)
    if counted:
        counting.count(encoded_shard.counts, fast_tasks, fast_path)
    read_regions = sum([len(task.regions) for task in fast_tasks])
    encoded_shard.ledger.record_all(len(fast_tasks), read_regions, fast_regions)
    return encoded_shard


class _Counting:
    """Counts the tasks of a shard, those of the fast path all at once."""

    def __init__(self, context: FormatContext) -> None:
        self._context = context
        self._counted, self._sizes = list[TaskCounts](), Sizes()

    def see(self, selection: Selection) -> None:
        """A task that takes no fast path."""
        config = self._context.config
        self._counted.append(label_counts.counts_of(selection, config))
        self._sizes.add(selection, config)

    def count(
        self, counts: LabelCounts, fast_tasks: list[FastTask], fast_path: FastPath | None
    ) -> None:
        """Add what was seen, and the tasks of the fast path, to the counts."""
        config, split = self._context.config, self._context.split
        counts.add(self._counted, split)
        counts.add_fast(fast_tasks, config, split)
        if fast_path:
            fast_path.measure(fast_tasks, self._sizes)
            for task in fast_tasks if config.objects_of("Text") else ():
                self._sizes.add_texts(task.data, config)
        counts.measures.add(self._sizes)


def _is_in_split(task: FastTask, split: Split, context: FormatContext) -> bool:
    return split_of({"id": task.id, "data": task.data}, split) == context.split


EncodedShards = Callable[[FormatContext], Iterable[EncodedShard]]


def convert(
    shards: EncodedShards, fmt: Format, context: FormatContext, counts: LabelCounts, ledger: Ledger
) -> Iterator[Chunk]:
    """The files of `fmt`, chunk by chunk, in order.

    `shards` gives the encoded shards of a split, in order of task ids. `counts` and `ledger` are
    filled while chunks are drawn, and complete after the last one. `LsDvcError` when the project
    has nothing for the format, `BugError` when its ledger does not add up.
    """
    fmt.check(context)
    member_types = set[str]()
    for split in context.splits or ("",):
        in_split, before = replace(context, split=split), ledger.tasks_written
        pieces = Pieces(_numbered(shards(in_split), counts, ledger))
        for chunk in fmt.assemble(pieces, in_split):
            if chunk.archive:
                member_types.add(chunk.path.partition(".")[2])
            yield chunk
        if ledger.tasks_written > before:
            ledger.filled_splits.append(split)
    yield from fmt.shared(
        replace(
            context,
            filled_splits=tuple(ledger.filled_splits),
            member_types=tuple(sorted(member_types)),
        )
    )
    ledger.check()


def _numbered(
    shards: Iterable[EncodedShard], counts: LabelCounts, ledger: Ledger
) -> Iterator[tuple[int, Any]]:
    for shard in shards:
        counts.merge(shard.counts)
        ledger.add(shard.ledger)
        yield from shard.pieces
