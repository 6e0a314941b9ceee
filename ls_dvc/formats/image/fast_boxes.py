"""Tasks with upright boxes and nothing else, read several times faster: most tasks are such.

What is read here is what `select` and `formats.shapes` make of the same line, in other types; a
line that is the least bit different is not read here, but by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ls_dvc.labels.geometry import LARGEST
from ls_dvc.labels.measures import Sizes

Position = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
Length = Annotated[float, Meta(gt=0, le=LARGEST)]
Zero = Annotated[float, Meta(ge=0, le=0)]


class FastBoxValue(msgspec.Struct, gc=False):
    """An upright box in percent of its image, with one label."""

    x: Position
    y: Position
    width: Length
    height: Length
    rectanglelabels: tuple[str]
    rotation: Zero | None = None


class FastBoxRegion(msgspec.Struct, gc=False):
    """A region that RectangleLabels made on an image that is in no list."""

    id: str
    type: Literal["rectanglelabels"]
    from_name: str
    to_name: str
    value: FastBoxValue
    original_width: Any = None
    original_height: Any = None
    item_index: UnsetType = UNSET


class FastBoxAnnotation(msgspec.Struct, gc=False):
    """What an annotator drew."""

    id: int
    result: list[FastBoxRegion]
    was_cancelled: bool = False


class FastBoxTask(msgspec.Struct, gc=False):
    """A canonical task with one annotation."""

    id: int
    data: dict[str, Any]
    annotations: tuple[FastBoxAnnotation]
    predictions: list[msgspec.Raw]

    @property
    def regions(self) -> list[FastBoxRegion]:
        """The regions of its annotation."""
        return self.annotations[0].result

    def labels(self) -> list[tuple[str, str]]:
        """The (control, label) pairs of its regions."""
        return [(each.from_name, each.value.rectanglelabels[0]) for each in self.regions]


def read(line: bytes) -> FastBoxTask | None:
    """The task in a line of a shard; None unless it is one of these."""
    try:
        task = _decode(line)
    except msgspec.MsgspecError:
        return None
    return None if task.annotations[0].was_cancelled else task


def measure(tasks: Sequence[FastBoxTask], sizes: Sizes) -> None:
    """Add the boxes of tasks."""
    results = [task.annotations[0].result for task in tasks]
    sizes.per_task.extend(map(len, results))
    sizes.boxes.extend(
        [(each.value.width, each.value.height) for result in results for each in result]
    )


_decode = msgspec.json.Decoder(FastBoxTask).decode
