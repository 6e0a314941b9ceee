"""Two results of one control have the same id, in an annotation or in a prediction.

An id is how Label Studio tells regions apart: the editor shows one of the two, and saves one.
Models and scripts write such results. A shape, its label and its text have one id and different
controls, which is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ls_dvc.check.families import TASK
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import NoOptions
from ls_dvc.check.regions import RegionView, region_view
from ls_dvc.check.views import TaskView

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = (TASK,)
OPTIONS = NoOptions


def check(task: TaskView, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Each result whose id an earlier one of its control has."""
    for annotation in task.annotations:
        for region in _repeated(annotation.regions):
            yield region.finding("has the id of another result of its control")
    for prediction in task.task["predictions"]:
        for region in _repeated(_predicted(task, prediction.get("result"))):
            yield region.finding("has, in a prediction, the id of another result of its control")


def _repeated(regions: Sequence[RegionView]) -> Iterator[RegionView]:
    keys = [(region.id, region.control, region.kind) for region in regions]
    if len({*keys}) == len(keys):
        return
    seen = set[tuple[str, ...]]()
    for key, region in zip(keys, regions, strict=True):
        if key in seen and region.region.get("id") is not None:
            yield region
        seen.add(key)


def _predicted(task: TaskView, result: object) -> Sequence[RegionView]:
    listed = result if isinstance(result, list) else []
    config = task.context.config
    return [
        region_view(task.id, position, region, config)
        for position, region in enumerate(listed)
        if isinstance(region, dict)
    ]
