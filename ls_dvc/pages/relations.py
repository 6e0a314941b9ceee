"""Relations between regions: arrows between those that are on one image, and words for all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ls_dvc.labels.canonical import Region
from ls_dvc.labels.geometry import Point, Size
from ls_dvc.labels.regions import value_of
from ls_dvc.pages import svg_paths
from ls_dvc.pages.region_pairs import RegionPair, Side
from ls_dvc.pages.scenes import DrawnShape

HEAD = 1 / 60  # the length of an arrow's head, in diagonals of its image
ENDS = ("from_id", "to_id")
_ANGLE = math.pi / 7  # between the head's sides and the arrow
_AT_END, _AT_START = ("right", "bi"), ("left", "bi")  # the directions that have a head there

Regions = Mapping[object, Region]


def is_relation(region: Region) -> bool:
    """Whether an entry of a result connects two regions."""
    return isinstance(region, Mapping) and region.get("type") == "relation"


def names_of(region: Region) -> str:
    """The labels of a relation in one line; empty without any."""
    labels = region.get("labels") if isinstance(region, Mapping) else None
    return ", ".join(map(str, labels)) if isinstance(labels, list) else ""


def arrow_word(region: Region) -> str:
    """The direction of a relation as a sign."""
    return {"left": "←", "bi": "↔"}.get(str(region.get("direction")), "→")


def regions_by_side(pairs: Sequence[RegionPair]) -> Mapping[Side, Regions]:
    """The regions of each side by their ids; of a region and the answers about it the region."""
    before, after = _by_id(pairs, "before"), _by_id(pairs, "after")
    return {"before": before, "after": after, "both": after}


def _by_id(pairs: Iterable[RegionPair], side: Side) -> Regions:
    found: dict[object, Region] = {}
    for pair in pairs:
        region = pair.before if side == "before" else pair.after
        name = region.get("id") if isinstance(region, Mapping) else None
        if isinstance(name, str) and not (pair.is_answer and name in found):
            found[name] = region
    return found


def arrows(pairs: Sequence[RegionPair], shown: Iterable[int], size: Size) -> Iterator[DrawnShape]:
    """The relations between regions of an image; `shown` are the numbers of its pairs."""
    regions = regions_by_side([pairs[number] for number in shown])
    for number, pair in enumerate(pairs):
        if not is_relation(pair.known):
            continue
        for side, relation in pair.versions:
            ends = _ends(relation, regions[side], size)
            if ends is not None:
                path = _arrow(*ends, str(relation.get("direction")), size)
                yield DrawnShape(side, path, names_of(relation), number, is_relation=True)


def _ends(relation: Region, regions: Regions, size: Size) -> tuple[Point, Point] | None:
    one, other = (_centre(regions.get(str(relation.get(key))), size) for key in ENDS)
    return (one, other) if one is not None and other is not None and one != other else None


def _centre(region: Region | None, size: Size) -> Point | None:
    extent = svg_paths.extent_of(value_of(region), size) if region is not None else None
    return (extent.x + extent.width / 2, extent.y + extent.height / 2) if extent else None


def _arrow(start: Point, end: Point, direction: str, size: Size) -> str:
    heads = [_head(start, end, size)] if direction in _AT_END else []
    heads += [_head(end, start, size)] if direction in _AT_START else []
    return "".join(map(svg_paths.line, [(start, end), *heads]))


def _head(start: Point, end: Point, size: Size) -> list[Point]:
    angle = math.atan2(start[1] - end[1], start[0] - end[0])
    length = HEAD * math.hypot(*size)
    sides = [
        (end[0] + length * math.cos(angle + turn), end[1] + length * math.sin(angle + turn))
        for turn in (_ANGLE, -_ANGLE)
    ]
    return [sides[0], end, sides[1]]
