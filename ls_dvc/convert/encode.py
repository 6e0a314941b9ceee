"""From tasks to a format's files, with the account of what was written: no disk, no network.

A shard is encoded by itself (`part`), so that shards can be encoded in other processes; what comes
of them is put together in order (`convert`), so that the bytes do not depend on how many there are.
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
from ls_dvc.labels.policy import Policy, Selection
from ls_dvc.labels.selection import select, split_of
from ls_dvc.snapshot.counts import SnapshotCounts


class EncodedShard(NamedTuple):
    """What became of some tasks that follow each other: content by task id, counts, the account."""

    pieces: list[tuple[int, Any]]
    survey: LabelCounts
    ledger: Ledger

    def enter(self, selection: Selection, encoded: Encoded) -> None:
        """Take what a format made of a task, and the account of it."""
        if encoded.whole:
            self.ledger.record_whole(selection)
        else:
            self.ledger.record(selection, encoded.task, encoded.regions)
        if encoded.task is None:
            self.pieces.append((selection.task["id"], encoded.content))


def project(config: str, classes: Classes, counts: SnapshotCounts, policy: Policy) -> FormatContext:
    """What the formats may know."""
    parsed = label_config.parse(config, "the snapshot's label config")
    guessed = counts.predicted if policy.predictions else ()
    return FormatContext(
        config=parsed,
        classes=classes,
        columns=tuple(counts.columns),
        controls=tuple(sorted({*parsed.controls, *counts.controls, *guessed})),
        splits=tuple(name for name, _ in policy.split.shares) if policy.split else (),
    )


def part(
    lines: Iterable[bytes],
    policy: Policy,
    fmt: Format,
    context: FormatContext,
    quick: FastPath | None = None,
) -> EncodedShard:
    """Encode the tasks in lines of shards; those of other splits than that of `about` are left out.

    `quick` is a way of the format to make the same of most tasks, but sooner.
    """
    made, seen, written = (
        EncodedShard([], LabelCounts(), Ledger()),
        list[TaskCounts](),
        list[FastTask](),
    )
    quick, split, regions = quick if policy.is_plain else None, policy.split, 0
    for line in lines:
        if quick and (read := quick.read(line)):
            if split and split_of({"id": read.id, "data": read.data}, split) != context.split:
                continue
            if found := quick.encode(read, context):
                written.append(read)
                regions += len(found.regions)
                made.pieces.append((read.id, found.content))
                continue
        task = canonical.parse(line)
        if split is None or split_of(task, split) == context.split:
            labels = select(task, policy)
            seen.append(label_counts.seen(labels))
            made.enter(labels, fmt.encode(labels, context))
    made.survey.add(seen, context.split)
    made.survey.add_read(written, context.split)
    made.ledger.record_all(len(written), sum([len(each.regions) for each in written]), regions)
    return made


EncodedShards = Callable[[FormatContext], Iterable[EncodedShard]]


def convert(
    parts: EncodedShards, fmt: Format, context: FormatContext, found: LabelCounts, ledger: Ledger
) -> Iterator[Chunk]:
    """The files of `fmt`, chunk by chunk, in order.

    `parts` gives what `part` makes of all tasks, in order of their ids, for the split at hand.
    `found` and `ledger` are complete when all chunks are drawn. `UserError` when the project has
    nothing for the format, `BugError` when the account of it does not add up.
    """
    fmt.check(context)
    for split in context.splits or ("",):
        here = replace(context, split=split)
        yield from fmt.assemble(Pieces(_numbered(parts(here), found, ledger)), here)
    yield from fmt.shared(context)
    ledger.check()


def _numbered(
    parts: Iterable[EncodedShard], found: LabelCounts, ledger: Ledger
) -> Iterator[tuple[int, Any]]:
    for each in parts:
        found.merge(each.survey)
        ledger.add(each.ledger)
        yield from each.pieces
