"""Segments in time: a row for each label of a part of a recording, a video or a time series.

What CSV and TSV write besides their rows, which hold a task each. Start and end are seconds in
audio, frames from 1 on a timeline of a video, and of a time series what its time column has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from ls_dvc.formats.interface import FormatContext
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.regions import control_of, labels_of

FOLDER = "segments"
COLUMNS = (
    *("task", "annotation", "region", "control", "object", "label"),
    *("start", "end", "unit", "channel"),
)

# What start and end of a type of region count, and on which objects.
_UNITS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "labels": ("seconds", ("Audio", "AudioPlus")),
    "timelinelabels": ("frames", ("Video", "Audio", "AudioPlus")),
    "timeserieslabels": ("time column", ("TimeSeries",)),
}
_CONTROLS: Mapping[str, str] = {
    "labels": "Labels",
    "timelinelabels": "TimelineLabels",
    "timeserieslabels": "TimeSeriesLabels",
}


@lru_cache(maxsize=8)
def is_needed(context: FormatContext) -> bool:
    """Whether a control of the label config makes segments."""
    return any(
        context.config.objects[name].tag in _UNITS[kind][1]
        for kind, control in _CONTROLS.items()
        for name in context.config.labeled_by((control,))
    )


def rows_of(selection: Selection, context: FormatContext) -> Iterator[list[Any]]:
    """Values for COLUMNS of every segment of a task that counts."""
    if not is_needed(context):
        return
    for annotation in selection.annotations:
        for region in annotation["result"]:
            for label, start, end, unit, channel in _segments(region, context):
                yield [
                    selection.task["id"],
                    annotation.get("id"),
                    region.get("id"),
                    *(control_of(region), region.get("to_name"), label),
                    *(start, end, unit, channel),
                ]


def _segments(region: Region, context: FormatContext) -> Iterator[tuple[Any, ...]]:
    """Label, start, end, unit and channel."""
    kind = region.get("type") if isinstance(region, dict) else None
    value = region.get("value") if isinstance(region, dict) else None
    if not isinstance(kind, str) or kind not in _UNITS or not isinstance(value, dict):
        return
    unit, tags = _UNITS[kind]
    shown = context.config.object_named(str(region.get("to_name")))
    if shown is None or shown.tag not in tags:
        return
    ranges = value.get("ranges") if kind == "timelinelabels" else [value]
    for each in ranges if isinstance(ranges, list) else ():
        if isinstance(each, dict) and each.get("start") is not None:
            for label in labels_of(region) or ("",):
                yield label, each["start"], each.get("end"), unit, value.get("channel")
