"""Labels with planted faults, and what the rules find in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ls_dvc.check.agreed import joined
from ls_dvc.check.agreement.limits import agreed, limits_in
from ls_dvc.check.agreement.observed import observed
from ls_dvc.check.result import CheckedLabels, checked_labels
from ls_dvc.check.selection import selected_rules
from ls_dvc.check.shard import ShardFindings, check_shard
from ls_dvc.check.views import CheckContext, LabelNumbers
from ls_dvc.io import canonical_json
from ls_dvc.labels import canonical, label_config
from ls_dvc.labels.media import TaskMedia
from ls_dvc.labels.policy import Split
from ls_dvc.settings import schema
from ls_dvc.settings.check import CheckSettings
from ls_dvc.snapshot.counts import SnapshotCounts

BOXES = """<View><Image name="image" value="$image"/>
<RectangleLabels name="box" toName="image"><Label value="Car"/><Label value="Bus"/>
</RectangleLabels></View>"""
SPANS = """<View><Text name="text" value="$text"/>
<Labels name="label" toName="text"><Label value="Person"/><Label value="Age"/></Labels></View>"""
WITHOUT_CONFIG = "<View></View>"


def checked(
    tasks: Iterable[Mapping[str, Any]],
    *select: str,
    config: str = SPANS,
    split: Split | None = None,
    media: TaskMedia | None = None,
    base: LabelNumbers | None = None,
    pictures: Mapping[str, int] | None = None,
    **options: Mapping[str, Any],
) -> CheckedLabels:
    """What the rules of `select` (all that run by default without any) find in raw tasks.

    The tasks are split into two shards, and the parts of the result are kept and read again. `base`
    has the regions by control and label of the version that this one is compared with, `pictures`
    the difference hashes by SHA-256.
    """
    settings = schema.build(CheckSettings, {"select": [*select], **options}, "check")
    rules = selected_rules(settings)
    canonical_tasks = [*map(canonical.task, tasks)]
    counts = SnapshotCounts.of(canonical_tasks)
    context = CheckContext(
        label_config.parse(config, "the config"), split, counts, base, picture_hashes=pictures or {}
    )
    lines = [*map(canonical_json.line, canonical_tasks)]
    half = len(lines) // 2
    parts = [
        check_shard(some, rules, context, media or {}, observed)
        for some in (lines[:half], lines[half:])
    ]
    kept = [ShardFindings.decoded(part.encoded()) for part in parts]
    assert kept == parts
    return together(kept, settings, context)


def together(
    parts: Sequence[ShardFindings], settings: CheckSettings, context: CheckContext
) -> CheckedLabels:
    """What the parts of all shards show."""
    limits = limits_in(settings.agreement, context.config)
    rows = joined(part.agreement for part in parts)
    context = replace(context, agreed=agreed(rows, settings.agreement, limits))
    return checked_labels(parts, selected_rules(settings), context, "1")


def found(result: CheckedLabels) -> list[tuple[str, int, str]]:
    """The rule, the task and the regions of each fault."""
    return [
        (fault.rule, fault.finding.task, " ".join(fault.finding.regions)) for fault in result.faults
    ]


def task(
    task_id: int,
    data: Mapping[str, Any],
    *results: Sequence[Mapping[str, Any]],
    by: Sequence[int | None] = (),
) -> dict[str, Any]:
    """A task with an annotation for each result, by annotators 1, 2, … unless `by` says whose."""
    annotators = by or range(1, len(results) + 1)
    annotations = [
        {"id": 100 * task_id + number, "completed_by": annotator, "result": [*result]}
        for number, (annotator, result) in enumerate(zip(annotators, results, strict=True))
    ]
    return {"id": task_id, "data": dict(data), "annotations": annotations, "predictions": []}


def span(
    region: str | None, text: str, marked: str, label: str | None = "Person"
) -> dict[str, Any]:
    """A span of the first place in `text` that holds `marked`."""
    start = text.index(marked)
    value: dict[str, Any] = {"start": start, "end": start + len(marked), "text": marked}
    if label is not None:
        value["labels"] = [label]
    ends = {"from_name": "label", "to_name": "text", "type": "labels", "value": value}
    return ends if region is None else {"id": region, **ends}


def box(
    region: str, *numbers: Any, label: str | None = "Car", rotation: float = 0
) -> dict[str, Any]:
    """A box: x, y, width and height in percent of an image of 640 x 480 pixels."""
    value = dict(zip(("x", "y", "width", "height"), numbers, strict=True), rotation=rotation)
    if label is not None:
        value["rectanglelabels"] = [label]
    size = {"original_width": 640, "original_height": 480}
    names = {"from_name": "box", "to_name": "image", "type": "rectanglelabels"}
    return {"id": region, **names, **size, "value": value}


def image(number: int) -> dict[str, str]:
    """The data of a task that shows an image of its own."""
    return {"image": f"/data/upload/1/{number}.jpg"}
