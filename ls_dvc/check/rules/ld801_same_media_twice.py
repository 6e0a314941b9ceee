"""Two tasks show the same, so somebody labels it twice.

Everything that the label config shows is compared together: files by their content where media come
with the labels, else addresses without signatures, and texts of at least twenty characters whatever
their letter case and white space. The fault belongs to each task but the first.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.families import TASK
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import Groups, NoOptions, Observation
from ls_dvc.check.views import CheckContext, TaskView

LEVEL = Level.WARNING
REVISION = 1
LOOKS_AT = (TASK,)
OPTIONS = NoOptions


def observe(task: TaskView, options: NoOptions) -> Iterator[Observation]:  # noqa: ARG001
    """What an annotated task shows."""
    digest = task.shown if task.annotations else None
    if digest is not None:
        yield digest, task.id


def faults(groups: Groups, context: CheckContext, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Each task that shows what an earlier one shows."""
    for digest, (first, *others) in groups.items():
        for task in others:
            words = (f"shows the same as task {first}",)
            yield RuleFinding(task, words, at={"first": first}, subject=digest)
