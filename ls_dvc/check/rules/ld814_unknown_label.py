"""A region has a label that the label config does not have.

The label was renamed or removed after it was used, or a script wrote another one. No annotator can
choose it now, and formats leave such regions out, unless an older version of the config had it.
Labels of a control that is not in the config at all are not judged, nor those of a control whose
labels come from the data.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.families import CHOICES, LABEL, SEGMENT, SHAPES, SPAN, TIMELINE, TRACK
from ls_dvc.check.faults import Level, Quote, RuleFinding
from ls_dvc.check.interface import NoOptions
from ls_dvc.check.views import TaskView

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = (*SHAPES, SPAN, SEGMENT, TRACK, TIMELINE, CHOICES, LABEL)
OPTIONS = NoOptions


def check(task: TaskView, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Labels that their control does not offer."""
    config = task.context.config
    for region in task.regions(*LOOKS_AT):
        control = config.control_named(region.control) if region.labels else None
        if control is None or control.label_set.issuperset(region.labels):
            continue
        if not control.is_open:
            unknown = sorted({*region.labels} - control.label_set)
            words = ("has ", Quote(", ".join(unknown)), ", which is no label of the label config")
            yield region.finding(*words)
