"""Recordings, videos and time series with their segments on a line of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ls_dvc.formats.video import tracks
from ls_dvc.labels import region_values
from ls_dvc.labels.canonical import Region, Task
from ls_dvc.labels.label_config import LabelConfig, LabeledObject
from ls_dvc.labels.regions import value_of
from ls_dvc.labels.shown_objects import ShownObject, shown_objects
from ls_dvc.pages import time_parts, words
from ls_dvc.pages.region_pairs import RegionPair
from ls_dvc.pages.scenes import TimelinePart, TimelineScene

TAGS = ("Audio", "AudioPlus", "Video", "TimeSeries")


def timeline_scenes(
    task: Task, config: LabelConfig, pairs: Sequence[RegionPair], *, all_recordings: bool = False
) -> Iterator[TimelineScene]:
    """The recordings on which a segment differs; `all_recordings`: the others, too."""
    for shown in shown_objects(config, task.get("data"), *TAGS):
        here = [(number, pair) for number, pair in enumerate(pairs) if _is_on(pair, shown)]
        if any(pair.change for _, pair in here) or (all_recordings and shown.items):
            yield _scene(shown, here)


def _is_on(pair: RegionPair, shown: ShownObject) -> bool:
    region = pair.known
    on_it = isinstance(region, dict) and region.get("to_name") == shown.name
    return on_it and not pair.is_answer and bool(time_parts.parts(value_of(region)))


def _scene(shown: ShownObject, pairs: list[tuple[int, RegionPair]]) -> TimelineScene:
    segments = tuple(each for number, pair in pairs for each in _segments(number, pair))
    address = next((item for _, item in shown.items if isinstance(item, str)), "")
    versions = [region for _, pair in pairs for region in (pair.before, pair.after)]
    lengths = [*(_length(region) for region in versions), *(each.end for each in segments)]
    return TimelineScene(
        shown.name, address, _unit(shown.declared), max(lengths, default=0.0), segments
    )


def _unit(declared: LabeledObject) -> str:
    if declared.tag == "Video":
        return "frames"
    return "" if declared.tag == "TimeSeries" else "s"


def _segments(number: int, pair: RegionPair) -> Iterator[TimelinePart]:
    for side, region in pair.versions:
        label = words.label_of(region)
        for start, end in time_parts.parts(value_of(region)):
            yield TimelinePart(side, start, end, label, number)


def _length(region: Region | None) -> float:
    value = value_of(region)
    known = region.get("original_length") if isinstance(region, dict) else None
    numbers = (region_values.number(known), float(tracks.frame_count(value)))
    return max((each for each in numbers if each is not None), default=0.0)
