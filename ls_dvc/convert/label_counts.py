"""The counts of the reports: what is in a snapshot, whatever a format makes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from ls_dvc.formats.interface import FastTask
from ls_dvc.labels.policy import Selection, TaskState
from ls_dvc.labels.regions import control_of, labels_of


class TaskCounts(NamedTuple):
    """What there is to count of a task; `labels` has the (control, label) pairs of its regions."""

    state: TaskState
    annotations: int
    skipped: int
    predictions: int
    regions: int
    labels: list[tuple[str, str]]


def seen(selection: Selection) -> TaskCounts:
    """The counts of a task."""
    task, regions = selection.task, selection.regions
    annotations = task["annotations"]
    skipped = len([each for each in annotations if each.get("was_cancelled")])
    named = [(control_of(each), name) for each in regions for name in labels_of(each)]
    counted = len(annotations) - skipped
    return TaskCounts(
        selection.state, counted, skipped, len(task["predictions"]), len(regions), named
    )


@dataclass
class LabelCounts:
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

    def add(self, some: Sequence[TaskCounts], split: str = "") -> None:
        """Count some tasks."""
        self.annotations += sum([each.annotations for each in some])
        self.skipped_annotations += sum([each.skipped for each in some])
        self.predictions += sum([each.predictions for each in some])
        self.regions += sum([each.regions for each in some])
        for state, count in Counter([each.state for each in some]).items():
            self.states[state.value] += count
        self.labels.update([pair for each in some for pair in each.labels])
        self.labeled_tasks.update([pair for each in some for pair in {*each.labels}])
        if split and some:
            self.splits[split] += len(some)

    def add_read(self, some: Sequence[FastTask], split: str = "") -> None:
        """Count some tasks with one annotation, which has at least one region."""
        named = [each.labels() for each in some]
        self.annotations += len(some)
        self.predictions += sum([len(each.predictions) for each in some])
        self.regions += sum([len(each.regions) for each in some])
        self.labels.update(chain.from_iterable(named))
        self.labeled_tasks.update(chain.from_iterable(map(set, named)))
        if some:
            self.states[TaskState.LABELED.value] += len(some)
        if split and some:
            self.splits[split] += len(some)

    def merge(self, other: LabelCounts) -> None:
        """Count all that another survey did."""
        for name, value in vars(other).items():
            if isinstance(value, Counter):
                getattr(self, name).update(value)
            else:
                setattr(self, name, getattr(self, name) + value)

    def states_document(self) -> dict[str, int]:
        """How many tasks are in each state; every state is named."""
        return {state.value: self.states[state.value] for state in TaskState}
