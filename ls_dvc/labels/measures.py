"""How large what was labeled is: regions in a task, boxes, texts, spans, segments in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from ls_dvc.labels import region_values
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.histogram import Histogram, Numbers
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.regions import ANSWERS, value_of
from ls_dvc.labels.shown_objects import shown_objects


@dataclass
class Measures:
    """Histograms over the tasks of a version and their selected regions.

    Sizes of boxes are the roots of their areas in percent of the image, aspects their widths by
    their heights; texts and spans are in characters, segments in seconds.
    """

    per_task: Numbers = field(default_factory=Numbers)
    box_sizes: Histogram = field(default_factory=lambda: Histogram("% of the side", highest=7))
    aspects: Histogram = field(default_factory=lambda: Histogram(per_octave=2, highest=4))
    text_lengths: Histogram = field(default_factory=lambda: Histogram("characters"))
    span_lengths: Histogram = field(default_factory=lambda: Histogram("characters"))
    durations: Histogram = field(default_factory=lambda: Histogram("s"))

    def add(self, selection: Selection, config: LabelConfig) -> None:
        """Count a task."""
        regions = list(drawn(selection.regions))
        self.per_task.add(len(regions))
        self.add_values(map(value_of, regions))
        self.add_texts(selection.task.get("data"), config)

    def add_values(self, values: Iterable[Mapping[str, Any]]) -> None:
        """Count the sizes of regions with these values."""
        for value in values:
            box = region_values.box(value)
            if box is not None and box.width > 0 and box.height > 0:
                self.add_boxes([(box.width, box.height)])
            self._add_extent(value)

    def add_boxes(self, sides: Sequence[tuple[float, float]]) -> None:
        """Count boxes by their widths and heights in percent, which are above 0."""
        self.box_sizes.add_all([sqrt(width * height) for width, height in sides])
        self.aspects.add_all([width / height for width, height in sides])

    def _add_extent(self, value: Mapping[str, Any]) -> None:
        """Count a span of a text, or a segment in time."""
        start, end = value.get("start"), value.get("end")
        if "text" in value:
            if type(start) is int and type(end) is int:
                self.span_lengths.add(end - start)
            return
        starts, ends = region_values.number(start), region_values.number(end)
        if starts is not None and ends is not None:
            self.durations.add(ends - starts)

    def add_texts(self, data: Any, config: LabelConfig) -> None:
        """Count the texts that a task with this data shows."""
        for shown in shown_objects(config, data, "Text"):
            for _, text in shown.items:
                if isinstance(text, str) and text:
                    self.text_lengths.add(len(text))

    def merge(self, other: Measures) -> None:
        """Count the tasks of another one."""
        for name, histogram in vars(other).items():
            getattr(self, name).merge(histogram)


def drawn(regions: Iterable[Region]) -> Iterator[Region]:
    """The regions that mark something: no answers, no relations."""
    for region in regions:
        kind = region.get("type") if isinstance(region, Mapping) else None
        if not isinstance(kind, str) or (kind not in ANSWERS and kind != "relation"):
            yield region
