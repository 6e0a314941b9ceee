"""From tasks to a format's files, with the account of what was written: no disk, no network.

A shard is encoded by itself (`part`), so that shards can be encoded in other processes; what comes
of them is put together in order (`convert`), so that the bytes do not depend on how many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ls_dvc import label_config
from ls_dvc.canonical import Task
from ls_dvc.classes import Classes
from ls_dvc.formats.base import Chunk, Format, Pieces, Project
from ls_dvc.label_config import named_labels
from ls_dvc.ledger import Ledger
from ls_dvc.select import Labels, Policy, State, choose, split_of
from ls_dvc.shards import Counts


@dataclass
class Survey:
    """The counts of the reports.

    `labels` counts regions by (control, label), of the annotations that count; `labeled_tasks`
    counts the tasks in which such a region is; `splits` counts tasks.
    """

    states: Counter[str] = field(default_factory=Counter)
    annotations: int = 0
    skipped_annotations: int = 0
    predictions: int = 0
    regions: int = 0
    labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    labeled_tasks: Counter[tuple[str, str]] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)

    def add(self, some: Sequence[Labels], split: str = "") -> None:
        """Count some tasks."""
        found, in_tasks = list[tuple[str, str]](), list[tuple[str, str]]()
        for labels in some:
            task, regions = labels.task, labels.regions
            annotations = task["annotations"]
            skipped = len([each for each in annotations if each.get("was_cancelled")])
            self.annotations += len(annotations) - skipped
            self.skipped_annotations += skipped
            self.predictions += len(task["predictions"])
            self.regions += len(regions)
            here = [pair for region in regions for pair in named_labels(region)]
            found += here
            in_tasks += set(here)
        self.states.update(each.state.value for each in some)
        self.labels.update(found)
        self.labeled_tasks.update(in_tasks)
        if split and some:
            self.splits[split] += len(some)

    def merge(self, other: Survey) -> None:
        """Count all that another survey did."""
        for name, value in vars(other).items():
            if isinstance(value, Counter):
                getattr(self, name).update(value)
            else:
                setattr(self, name, getattr(self, name) + value)

    def states_document(self) -> dict[str, int]:
        """How many tasks are in each state; every state is named."""
        return {state.value: self.states[state.value] for state in State}


class Part(NamedTuple):
    """What became of some tasks that follow each other: content by task id, counts, the account."""

    pieces: list[tuple[int, Any]]
    survey: Survey
    ledger: Ledger


def project(config: str, classes: Classes, counts: Counts, policy: Policy) -> Project:
    """What the formats may know."""
    parsed = label_config.parse(config, "the snapshot's label config")
    guessed = counts.predicted if policy.predictions else ()
    return Project(
        config=parsed,
        classes=classes,
        columns=tuple(counts.columns),
        controls=tuple(sorted({*parsed.controls, *counts.controls, *guessed})),
        splits=tuple(name for name, _ in policy.split.shares) if policy.split else (),
    )


def part(tasks: Iterable[Task], policy: Policy, fmt: Format, about: Project) -> Part:
    """Encode tasks for `fmt`; those of other splits than `about.split` are passed over."""
    made, chosen = Part([], Survey(), Ledger()), list[Labels]()
    for task in tasks:
        if policy.split and split_of(task, policy.split) != about.split:
            continue
        labels = choose(task, policy)
        chosen.append(labels)
        encoded = fmt.encode(labels, about)
        if encoded.whole:
            made.ledger.record_whole(labels)
        else:
            made.ledger.record(labels, encoded.task, encoded.regions)
        if encoded.task is None:
            made.pieces.append((labels.task["id"], encoded.content))
    made.survey.add(chosen, about.split)
    return made


Parts = Callable[[Project], Iterable[Part]]


def convert(
    parts: Parts, fmt: Format, about: Project, survey: Survey, ledger: Ledger
) -> Iterator[Chunk]:
    """The files of `fmt`, chunk by chunk, in order.

    `parts` gives what `part` makes of all tasks, in order of their ids, for the split at hand.
    `survey` and `ledger` are complete when all chunks are drawn. `UserError` when the project has
    nothing for the format, `BugError` when the account of it does not add up.
    """
    fmt.check(about)
    for split in about.splits or ("",):
        here = replace(about, split=split)
        yield from fmt.assemble(Pieces(_numbered(parts(here), survey, ledger)), here)
    yield from fmt.shared(about)
    ledger.check()


def _numbered(parts: Iterable[Part], survey: Survey, ledger: Ledger) -> Iterator[tuple[int, Any]]:
    for each in parts:
        survey.merge(each.survey)
        ledger.add(each.ledger)
        yield from each.pieces
