"""What a page shows of a task: its images, texts and recordings with their regions, its answers.

Values only; `templates/` and the page's script draw them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ls_dvc.labels.media import MediaFile
from ls_dvc.pages.region_pairs import Side


class DrawnShape(NamedTuple):
    """A region on an image: the path of its outline in pixels of the scene.

    `pair` is its number among the region pairs of the task; a relation is an arrow between two.
    """

    side: Side
    path: str
    label: str
    pair: int
    is_relation: bool = False


class ImageScene(NamedTuple):
    """An image with the regions on it. `width` and `height` are those of the paths.

    `is_size_known`: they are the image's pixels; else the paths are in parts of a square.
    """

    name: str
    address: str
    file: MediaFile | None
    width: float
    height: float
    is_size_known: bool
    shapes: tuple[DrawnShape, ...]


class TextRun(NamedTuple):
    """Characters that have the same spans around them. `labels` are those that end here."""

    text: str
    side: Side | None
    label: str
    ends: tuple[str, ...]


class TextScene(NamedTuple):
    """A text with spans: before and after, in runs."""

    name: str
    before: tuple[TextRun, ...]
    after: tuple[TextRun, ...]


class TimelinePart(NamedTuple):
    """A part of a recording: `start` and `end` in the unit of its scene, in which row it is."""

    side: Side
    start: float
    end: float
    label: str
    pair: int


class TimelineScene(NamedTuple):
    """A recording, a video or a time series, with its segments. `unit`: s, frames or empty."""

    name: str
    address: str
    unit: str
    length: float
    segments: tuple[TimelinePart, ...]


class AnswerChange(NamedTuple):
    """What was answered, before and after; empty where there is no answer."""

    control: str
    region: str
    before: str
    after: str
    annotator: str


class RegionLine(NamedTuple):
    """A line of words for a region that differs; `pair` finds its shape."""

    pair: int
    kinds: tuple[str, ...]
    label_before: str
    label_after: str
    words: str
    annotator: str


class TaskScene(NamedTuple):
    """All that a page shows of a task that differs.

    `kinds` are what it can be found by, `weight` how much differs, `notes` are sentences about
    the rest.
    """

    task: int
    title: str
    kinds: tuple[str, ...]
    labels: tuple[str, ...]
    annotators: tuple[str, ...]
    split: str
    weight: float
    images: tuple[ImageScene, ...]
    texts: tuple[TextScene, ...]
    timelines: tuple[TimelineScene, ...]
    answers: tuple[AnswerChange, ...]
    lines: tuple[RegionLine, ...]
    notes: tuple[str, ...]


Relabels = Mapping[tuple[str, str], int]


def relabels(scenes: Sequence[TaskScene]) -> Relabels:
    """How often a label became another one, by (before, after), the commonest first."""
    counts: dict[tuple[str, str], int] = {}
    for scene in scenes:
        for each in scene.lines:
            if "relabeled" in each.kinds:
                pair = (each.label_before, each.label_after)
                counts[pair] = counts.get(pair, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
