"""A span starts or ends with white space.

One more blank than in the same words elsewhere: two annotators no longer agree, and a model learns
that the blank belongs to the name. The editor does not trim what was selected.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.families import SPAN
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import NoOptions
from ls_dvc.check.views import TaskView

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = (SPAN,)
OPTIONS = NoOptions


def check(task: TaskView, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Spans with white space at an edge."""
    for span in task.spans:
        marked = span.marked
        begins, ends = marked[:1].isspace(), marked[-1:].isspace()
        if begins or ends:
            where = "begins and ends" if begins and ends else "begins" if begins else "ends"
            words = f"{where} with white space"
            yield span.region.finding(words, start=span.start, end=span.end)
