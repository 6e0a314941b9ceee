"""What differs between two results of one annotation, region by region."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ls_dvc.io.printable import cut
from ls_dvc.labeldiff import matching, overlap
from ls_dvc.labeldiff.answers import answers
from ls_dvc.labeldiff.matching import ChangeKind, Pair, differs
from ls_dvc.labeldiff.region_place import place_of
from ls_dvc.labels import region_values
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.geometry import Box, Size
from ls_dvc.labels.regions import ANSWERS, control_of, key_of_labels, labels_of, value_of

# The keys of a region's value that hold its geometry, for all kinds of regions.
GEOMETRY = frozenset(
    [
        *("x", "y", "width", "height", "rotation", "radiusX", "radiusY"),
        *("points", "vertices", "closed", "rle", "imageDataURL", "contours"),
        *("start", "end", "startOffset", "endOffset", "globalOffsets", "sequence", "ranges"),
    ]
)

LONGEST_WORDS = 60  # characters
Movement = Literal["", "moved", "resized", "reshaped"]
_EPSILON = 0.05  # percent of an image: below it a side has kept its length
_PERCENT = Size(100, 100)  # of an image whose size in pixels is not known


@dataclass(frozen=True)
class RegionChange:
    """The change of one entry of a result. Something differs in each entry that was changed.

    `region` is its id, `from -> to` for a relation, else its index as `#0`. `moved` says that its
    geometry differs; `iou`, for boxes, is the intersection over union in pixels, 0 to 1.
    `movement` is empty where it does not; what kept its size has moved. `changed` says that
    something else differs, such as a text. `words` are what a span is on, `answers` what was
    answered before and after, `place` says where a region is, or was if it was removed.
    """

    region: str
    control: str
    type: str
    kind: ChangeKind
    labels_before: tuple[str, ...] = ()
    labels_after: tuple[str, ...] = ()
    moved: bool = False
    iou: float | None = None
    changed: bool = False
    words: str = ""
    place: str = field(default="", compare=False)
    answers: tuple[str, str] = field(default=("", ""), compare=False)
    movement: Movement = field(default="", compare=False)

    @property
    def relabeled(self) -> bool:
        """Whether a region that is on both sides has other labels."""
        return self.kind is ChangeKind.CHANGED and self.labels_before != self.labels_after

    @property
    def weight(self) -> float:
        """How much differs: 1 for a region, less for a box that moved a little."""
        only_moved = self.moved and not (self.relabeled or self.changed)
        return 1.0 - self.iou if only_moved and self.iou is not None else 1.0

    def document(self) -> dict[str, Any]:
        """The JSON of this change, without what is only for people."""
        labels = {"labels_before": [*self.labels_before], "labels_after": [*self.labels_after]}
        document = {**vars(self), "kind": self.kind.value, **labels}
        for name in ("place", "answers", "movement"):
            del document[name]
        return document


def compare(
    before: Sequence[Region], after: Sequence[Region]
) -> tuple[tuple[RegionChange, ...], bool]:
    """The regions that differ, and whether those on both sides were reordered."""
    pairs = matching.pairs(before, after, identity)
    changes = (change(pair, *pair.of(before, after)) for pair in pairs if not pair.equal)
    return tuple(changes), matching.is_reordered(pairs)


def independent(changes: Iterable[RegionChange]) -> Iterator[RegionChange]:
    """Without what only moves with a region that has moved, such as its own choices."""
    moved = set[str]()
    for region in changes:
        only_moved = region.moved and not (region.relabeled or region.changed)
        if not (only_moved and region.region in moved):
            yield region
        moved |= {region.region} if region.moved else set()


def change(pair: Pair, old: Region, new: Region) -> RegionChange:
    """What differs between the two versions of an entry; empty where a side has it not."""
    known = old if pair.kind is ChangeKind.REMOVED else new
    facts = _facts(old, new) if pair.kind is ChangeKind.CHANGED else {}
    return RegionChange(
        region=_name(known, pair.position),
        control=control_of(known),
        type=_type(known),
        kind=pair.kind,
        labels_before=tuple(labels_of(old)),
        labels_after=tuple(labels_of(new)),
        words=_words(known),
        place=place_of(known),
        answers=answers(old, new, LONGEST_WORDS) if _type(known) in ANSWERS else ("", ""),
        movement=_movement(old, new) if facts.get("moved") else "",
        **facts,
    )


def _words(region: Region) -> str:
    """The words of a span on one line, cut; the text of an answer is none."""
    value = value_of(region)
    text = value.get("text") if "start" in value else None
    return cut(" ".join(text.split()), LONGEST_WORDS) if isinstance(text, str) else ""


def _facts(old: Region, new: Region) -> dict[str, Any]:
    """What differs between two regions, besides their labels."""
    moved = _has_moved(old, new)
    explained = moved or labels_of(old) != labels_of(new)
    changed = not explained or differs(_rest(old), _rest(new))
    return {"moved": moved, "iou": _iou(old, new) if moved else None, "changed": changed}


def _has_moved(old: Region, new: Region) -> bool:
    """Whether a coordinate differs as a number: 10 and 10.0 are equal."""
    one, other = value_of(old), value_of(new)
    return any(
        one.get(key) != other.get(key) and differs(one.get(key), other.get(key)) for key in GEOMETRY
    )


def _movement(old: Region, new: Region) -> Movement:
    """How the place of a region differs: boxes, and spans of time or text, may keep their size."""
    one, other = value_of(old), value_of(new)
    boxes = region_values.box(one), region_values.box(other)
    if boxes[0] and boxes[1]:
        sides = (boxes[0].width - boxes[1].width, boxes[0].height - boxes[1].height)
        return "moved" if max(map(abs, sides)) < _EPSILON else "resized"
    length, new_length = _length(one), _length(other)
    if length is None or new_length is None:
        return "reshaped"
    return "moved" if math.isclose(length, new_length, abs_tol=1e-6) else "resized"


def _length(value: Mapping[str, Any]) -> float | None:
    """The length of a span, in seconds or characters; None of what is none."""
    start, end = region_values.number(value.get("start")), region_values.number(value.get("end"))
    return None if start is None or end is None else end - start


def _rest(region: Region) -> Region:
    """A region without its geometry, and without its labels if all of them are text."""
    if not isinstance(region, Mapping) or not isinstance(region.get("value"), Mapping):
        return region
    value, kind = region["value"], region.get("type")
    key = key_of_labels(kind) if isinstance(kind, str) else ""
    compared = GEOMETRY | ({key} if value.get(key) == labels_of(region) else set())
    return {**region, "value": {name: item for name, item in value.items() if name not in compared}}


def _iou(old: Region, new: Region) -> float | None:
    """IoU of two boxes; None if one is no box. Both are taken on the image of the new region."""
    size = region_values.image_size(new) or region_values.image_size(old) or _PERCENT
    one, other = _box(old, size), _box(new, size)
    return overlap.iou(one, other) if one and other else None


def _box(region: Region, size: Size) -> Box | None:
    box = region_values.box(value_of(region))
    return box.in_pixels(size) if box else None


def _type(region: Region) -> str:
    return str(region.get("type") or "") if isinstance(region, Mapping) else ""


def identity(region: Region) -> object:
    """What identifies an entry. Several may share an id: a box and its choices."""
    if not isinstance(region, Mapping):
        return None
    if region.get("type") == "relation":
        return ["relation", region.get("from_id"), region.get("to_id")]
    return [region.get(key) for key in ("id", "from_name", "type")]


def _name(region: Region, index: int) -> str:
    if not isinstance(region, Mapping):
        return f"#{index}"
    if region.get("type") == "relation":
        return f"{region.get('from_id')} -> {region.get('to_id')}"
    return str(region.get("id") or f"#{index}")
