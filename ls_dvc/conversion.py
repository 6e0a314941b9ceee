"""From tasks to a format's files, with the account of what was written: no disk, no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ls_dvc import label_config
from ls_dvc.canonical import Task
from ls_dvc.classes import Classes
from ls_dvc.formats.base import Chunk, Format, Project
from ls_dvc.label_config import control_of, named_labels
from ls_dvc.ledger import Ledger
from ls_dvc.select import Labels, State, choose

Tasks = Callable[[], Iterable[Task]]


@dataclass
class Survey:
    """What one pass over all tasks finds: the counts of the reports, the columns of the tables.

    `labels` counts regions by (control, label), of the annotations that count; `labeled_tasks`
    counts the tasks in which such a region is.
    """

    states: Counter[str] = field(default_factory=Counter)
    annotations: int = 0
    skipped_annotations: int = 0
    predictions: int = 0
    regions: int = 0
    labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    labeled_tasks: Counter[tuple[str, str]] = field(default_factory=Counter)
    columns: set[str] = field(default_factory=set)
    controls: set[str] = field(default_factory=set)

    def add(self, labels: Labels) -> None:
        """Count one task."""
        task = labels.task
        self.states[labels.state.value] += 1
        skipped = sum(1 for each in task["annotations"] if each.get("was_cancelled"))
        self.annotations += len(task["annotations"]) - skipped
        self.skipped_annotations += skipped
        self.predictions += len(task["predictions"])
        self.regions += len(labels.regions)
        data = task.get("data")
        self.columns.update(data if isinstance(data, dict) else ())
        found = [pair for region in labels.regions for pair in named_labels(region)]
        self.labels.update(found)
        self.labeled_tasks.update(set(found))
        self.controls.update(filter(None, map(control_of, labels.regions)))

    def states_document(self) -> dict[str, int]:
        """How many tasks are in each state; every state is named."""
        return {state.value: self.states[state.value] for state in State}


def survey(tasks: Iterable[Task], policy: str) -> Survey:
    """One pass over `tasks`."""
    found = Survey()
    for task in tasks:
        found.add(choose(task, policy))
    return found


def project(config: str, classes: Classes, found: Survey) -> Project:
    """What the formats may know."""
    return Project(
        config=label_config.parse(config, "the snapshot's label config"),
        classes=classes,
        columns=tuple(sorted(found.columns)),
        controls=tuple(sorted(found.controls)),
    )


def convert(
    tasks: Iterable[Task], policy: str, fmt: Format, about: Project, ledger: Ledger
) -> Iterator[Chunk]:
    """The files of `fmt`, chunk by chunk, in order; `ledger` is complete when they are drawn.

    `UserError` when the project has nothing for the format, `BugError` when the account of it
    does not add up.
    """
    fmt.check(about)
    yield from fmt.assemble(_written(tasks, policy, fmt, about, ledger), about)
    yield from fmt.shared(about)
    ledger.check()


def _written(
    tasks: Iterable[Task], policy: str, fmt: Format, about: Project, ledger: Ledger
) -> Iterator[Any]:
    for task in tasks:
        labels = choose(task, policy)
        encoded = fmt.encode(labels, about)
        if encoded.whole:
            ledger.record_whole(labels)
        else:
            ledger.record(labels, encoded.task, encoded.regions)
        if encoded.task is None:
            yield encoded.content
