"""Tasks with one annotation and plain regions, read faster for formats that write a task as a row.

What is read here is what `select` and `formats.rows` make of the same line, in other types; a line
that is the least bit different is not read here, but by them.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from ls_dvc.labels.regions import labels_in


class FastRowRegion(msgspec.Struct, gc=False):
    """A region that a control made. UNSET stands for what it does not have."""

    from_name: str
    type: str
    value: dict[str, Any]
    original_width: Any = UNSET
    original_height: Any = UNSET

    def sized(self) -> dict[str, Any]:
        """Its value, and what it tells of the size of its image."""
        found = dict(self.value)
        if self.original_width is not UNSET:
            found["original_width"] = self.original_width
        if self.original_height is not UNSET:
            found["original_height"] = self.original_height
        return found


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
    made = task.annotations[0]
    return task if made.result and not made.was_cancelled else None


_decode = msgspec.json.Decoder(FastRowTask).decode
