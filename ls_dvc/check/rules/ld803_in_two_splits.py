"""Tasks that show the same are in two splits, so a model is tested on what it was trained on.

Every score of it is too good. Set `label_studio.split.by` to a key of the data that equal tasks
have in common, or remove one of the tasks. Only found where `label_studio.split` is set.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.families import TASK
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import Groups, NoOptions, Observation
from ls_dvc.check.views import CheckContext, TaskView
from ls_dvc.labels.splits import split_of

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = (TASK,)
OPTIONS = NoOptions


def observe(task: TaskView, options: NoOptions) -> Iterator[Observation]:  # noqa: ARG001
    """What an annotated task shows, and the split that it is in."""
    split = task.context.split
    digest = task.shown if split is not None and task.annotations else None
    if split is not None and digest is not None:
        yield digest, [task.id, split_of(task.task, split)]


def faults(groups: Groups, context: CheckContext, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Each task that is in another split than the first one that shows the same."""
    for digest, ((first, split), *others) in groups.items():
        for task, other in others:
            if other != split:
                words = (f"is in {other}, and task {first}, which shows the same, in {split}",)
                yield RuleFinding(task, words, at={"first": first}, subject=digest)
