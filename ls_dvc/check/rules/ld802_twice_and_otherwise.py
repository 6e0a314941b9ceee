"""Two tasks show the same and are labeled otherwise.

A model is taught both. One of the two labels is wrong, or the guideline leaves the case open.
Of shapes, only their labels and numbers are compared: two people never draw the same box. A task
agrees with another one if any annotation of it says the same as one of the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.families import TASK
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import Groups, NoOptions, Observation
from ls_dvc.check.views import CheckContext, TaskView

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = (TASK,)
OPTIONS = NoOptions


def observe(task: TaskView, options: NoOptions) -> Iterator[Observation]:  # noqa: ARG001
    """What an annotated task shows, and what its annotations say."""
    digest = task.shown if task.annotations else None
    if digest is not None:
        yield digest, [task.id, sorted({annotation.said() for annotation in task.annotations})]


def faults(groups: Groups, context: CheckContext, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Each task that says something else than the first one that shows the same."""
    for digest, ((first, said), *others) in groups.items():
        for task, also_said in others:
            if set(said).isdisjoint(also_said):
                words = (f"shows the same as task {first}, and is labeled otherwise",)
                yield RuleFinding(task, words, at={"first": first}, subject=digest)
