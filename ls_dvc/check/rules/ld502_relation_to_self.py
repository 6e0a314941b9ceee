"""A relation leads from a region to the same region.

The second click went to the region that the arrow began at. Which region was meant, only its
annotator can say.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.families import RELATION
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import NoOptions
from ls_dvc.check.regions import shown_id
from ls_dvc.check.views import TaskView

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = (RELATION,)
OPTIONS = NoOptions


def check(task: TaskView, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Relations with one region at both ends."""
    for relation in task.regions(RELATION):
        start, end = relation.region.get("from_id"), relation.region.get("to_id")
        if start is not None and start == end:
            yield RuleFinding(task.id, ("has a relation to itself",), regions=(shown_id(start),))
