"""Counts for the reports: tasks, annotations and regions, whatever the formats make of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from ls_dvc.formats.interface import FastTask
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.measures import Measures
from ls_dvc.labels.policy import Selection, TaskState
from ls_dvc.labels.regions import control_of, labels_of


class TaskCounts(NamedTuple):
    """The counts of one task; `labels` has the (control, label) pairs of its regions."""

    state: TaskState
    annotations: int
    skipped: int
    predictions: int
    regions: int
    labels: list[tuple[str, str]]


def counts_of(selection: Selection, config: LabelConfig) -> TaskCounts:
    """The counts of a task; controls by the names that they have in the config."""
    task, regions = selection.task, selection.regions
    annotations = task["annotations"]
    skipped = len([each for each in annotations if each.get("was_cancelled")])
    labels = config.declared_labels(
        [(control_of(region), name) for region in regions for name in labels_of(region)]
    )
    completed = len(annotations) - skipped
    return TaskCounts(
        selection.state, completed, skipped, len(task["predictions"]), len(regions), labels
    )


@dataclass
class LabelCounts:
    """Counts over many tasks.

    `labels` counts selected regions by (control, label); `labeled_tasks` counts the tasks that
    have such a region; `splits` counts tasks, `split_labels` regions by (split, control, label).
    `measures` are filled by those who know the tasks.
    """

    states: Counter[str] = field(default_factory=Counter)
    annotations: int = 0
    skipped_annotations: int = 0
    predictions: int = 0
    regions: int = 0
    labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    labeled_tasks: Counter[tuple[str, str]] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    split_labels: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    measures: Measures = field(default_factory=Measures)

    def add(self, tasks: Sequence[TaskCounts], split: str = "") -> None:
        """Count tasks."""
        self.annotations += sum([task.annotations for task in tasks])
        self.skipped_annotations += sum([task.skipped for task in tasks])
        self.predictions += sum([task.predictions for task in tasks])
        self.regions += sum([task.regions for task in tasks])
        for state, count in Counter([task.state for task in tasks]).items():
            self.states[state.value] += count
        self._add_labels([task.labels for task in tasks], split)

    def add_fast(self, tasks: Sequence[FastTask], config: LabelConfig, split: str = "") -> None:
        """Count tasks of a fast path: one annotation with at least one region each."""
        named = [config.declared_labels(task.labels()) for task in tasks]
        self.annotations += len(tasks)
        self.predictions += sum([len(task.predictions) for task in tasks])
        self.regions += sum([len(task.regions) for task in tasks])
        if tasks:
            self.states[TaskState.LABELED.value] += len(tasks)
        self._add_labels(named, split)

    def _add_labels(self, tasks: Sequence[Sequence[tuple[str, str]]], split: str) -> None:
        """Count the (control, label) pairs of each task."""
        labels = Counter(chain.from_iterable(tasks))
        self.labels.update(labels)
        self.labeled_tasks.update(chain.from_iterable(map(set, tasks)))
        if split and tasks:
            self.splits[split] += len(tasks)
            self.split_labels.update({(split, *pair): size for pair, size in labels.items()})

    def merge(self, other: LabelCounts) -> None:
        """Add the counts of other tasks."""
        for name, value in vars(other).items():
            if isinstance(value, Counter):
                getattr(self, name).update(value)
            elif isinstance(value, Measures):
                getattr(self, name).merge(value)
            else:
                setattr(self, name, getattr(self, name) + value)

    def states_document(self) -> dict[str, int]:
        """How many tasks are in each state; every state is named."""
        return {state.value: self.states[state.value] for state in TaskState}
