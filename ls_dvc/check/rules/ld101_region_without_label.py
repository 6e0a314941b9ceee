"""A region whose control has labels has none.

Trainers get a shape without a class, or none at all: formats leave such regions out. A shape drawn
with `Rectangle` is no fault where another result with its id has the label, as in OCR projects.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.families import SEGMENT, SHAPES, SPAN, TIMELINE, TRACK
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import NoOptions
from ls_dvc.check.regions import RegionView
from ls_dvc.check.views import TaskView
from ls_dvc.labels.label_config import LabelConfig

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = (*SHAPES, SPAN, SEGMENT, TRACK, TIMELINE)
OPTIONS = NoOptions


def check(task: TaskView, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Regions without labels, of controls that have some."""
    for region in task.regions(*LOOKS_AT):
        if not region.labels and _is_unlabeled(task, region):
            yield region.finding("has no label")


def _is_unlabeled(task: TaskView, region: RegionView) -> bool:
    is_wanted = _wants_label(task.context.config, region.control, region.kind)
    return is_wanted and region.id not in task.labeled_ids


def _wants_label(config: LabelConfig, name: str, kind: str) -> bool:
    """Whether a region of this control and type has to have a label."""
    control = config.control_named(name)
    if control is None:
        return kind.endswith("labels")
    return control.draws_regions and bool(control.labels or control.dynamic)
