"""Tasks with one annotation and plain regions, decoded faster for JSON_MIN, CSV and TSV.

What is decoded here is what `select` and `rows` make of the same line, in other types; any other
line is left to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from ls_dvc.labels.measures import Sizes
from ls_dvc.labels.regions import is_drawn, labels_in


class FastRowRegion(msgspec.Struct, gc=False):
    """A region that a control made. UNSET stands for what it does not have."""

    from_name: str
    type: str
    value: dict[str, Any]
    original_width: Any = UNSET
    original_height: Any = UNSET

    def sized(self) -> dict[str, Any]:
        """Its value, with the size of its image."""
        value = dict(self.value)
        if self.original_width is not UNSET:
            value["original_width"] = self.original_width
        if self.original_height is not UNSET:
            value["original_height"] = self.original_height
        return value


class FastRowAnnotation(msgspec.Struct, gc=False):
    """What an annotator made; None stands for what it does not have."""

    result: list[FastRowRegion]
    id: Any = None
    completed_by: Any = None
    created_at: Any = None
    lead_time: Any = None
    was_cancelled: bool = False


class FastRowTask(msgspec.Struct, gc=False):
    """A canonical task with one annotation."""

    id: int
    data: dict[str, Any]
    annotations: tuple[FastRowAnnotation]
    predictions: list[msgspec.Raw]

    @property
    def regions(self) -> list[FastRowRegion]:
        """The regions of its annotation."""
        return self.annotations[0].result

    def labels(self) -> list[tuple[str, str]]:
        """The (control, label) pairs of its regions."""
        return [
            (region.from_name, label)
            for region in self.annotations[0].result
            for label in labels_in(region.type, region.value)
        ]


def read(line: bytes) -> FastRowTask | None:
    """The task in a line of a shard; None unless it is one of these."""
    try:
        task = _decode(line)
    except msgspec.MsgspecError:
        return None
    annotation = task.annotations[0]
    return task if annotation.result and not annotation.was_cancelled else None


def measure(tasks: Sequence[FastRowTask], sizes: Sizes) -> None:
    """Add the regions of tasks."""
    for task in tasks:
        sizes.add_regions([region.value for region in task.regions if is_drawn(region.type)])


_decode = msgspec.json.Decoder(FastRowTask).decode
