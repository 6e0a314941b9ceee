"""How large what was labeled is: regions in a task, boxes, texts, spans, segments in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from ls_dvc.labels import region_values
from ls_dvc.labels.histogram import Histogram, Numbers
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.regions import is_drawn, value_of
from ls_dvc.labels.shown_objects import shown_objects


@dataclass
class Sizes:
    """The sizes of what was labeled in some tasks.

    Numbers of regions in a task; widths and heights of boxes in percent of the image, above 0;
    lengths of texts and spans in characters; durations of segments in seconds.
    """

    per_task: list[int] = field(default_factory=list)
    boxes: list[tuple[float, float]] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)
    spans: list[int] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)

    def add(self, selection: Selection, config: LabelConfig) -> None:
        """Add a task."""
        drawn = [
            value_of(region)
            for region in selection.regions
            if is_drawn(region.get("type") if isinstance(region, dict) else None)
        ]
        self.add_regions(drawn)
        self.add_texts(selection.task.get("data"), config)

    def add_regions(self, values: list[Mapping[str, Any]]) -> None:
        """Add the values of all regions that are drawn in a task."""
        self.per_task.append(len(values))
        for value in values:
            if "width" in value:
                box = region_values.box(value)
                if box is not None and box.width > 0 and box.height > 0:
                    self.boxes.append((box.width, box.height))
            if "end" in value:
                self._add_extent(value)

    def _add_extent(self, value: Mapping[str, Any]) -> None:
        start, end = value.get("start"), value["end"]
        if "text" in value:
            if type(start) is int and type(end) is int:
                self.spans.append(end - start)
            return
        starts, ends = region_values.number(start), region_values.number(end)
        if starts is not None and ends is not None:
            self.durations.append(ends - starts)

    def add_texts(self, data: Any, config: LabelConfig) -> None:
        """Add the texts that a task with this data shows."""
        if config.objects_of("Text"):
            for shown in shown_objects(config, data, "Text"):
                self.texts.extend(
                    [len(text) for _, text in shown.items if isinstance(text, str) and text]
                )


@dataclass
class Measures:
    """Histograms of the sizes in a version. Of a box it is the root of its area."""

    per_task: Numbers = field(default_factory=Numbers)
    box_sizes: Histogram = field(default_factory=lambda: Histogram("%", highest=7))
    aspects: Histogram = field(default_factory=lambda: Histogram("", 2, -2, 2))
    text_lengths: Histogram = field(default_factory=Histogram)
    span_lengths: Histogram = field(default_factory=Histogram)
    durations: Histogram = field(default_factory=lambda: Histogram("s"))

    def add(self, sizes: Sizes) -> None:
        """Count the sizes of some tasks."""
        self.per_task.add_all(sizes.per_task)
        self.box_sizes.add_all([sqrt(width * height) for width, height in sizes.boxes])
        self.aspects.add_all([width / height for width, height in sizes.boxes])
        self.text_lengths.add_all(sizes.texts)
        self.span_lengths.add_all(sizes.spans)
        self.durations.add_all(sizes.durations)

    def merge(self, other: Measures) -> None:
        """Count the tasks of another one."""
        for name, histogram in vars(other).items():
            getattr(self, name).merge(histogram)
