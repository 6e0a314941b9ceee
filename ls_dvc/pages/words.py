"""A region in a few words: what it is, where it is, what happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ls_dvc.io.printable import cut
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.regions import labels_of, value_of
from ls_dvc.pages import relations, time_parts
from ls_dvc.pages.region_pairs import RegionPair
from ls_dvc.pages.relations import Regions

PARTS = 4  # of a track, or of other regions that cover several
SHORT = 40  # characters of a span that something else is about
LONGEST = 200  # characters of the words of a span

_NAMES = {
    "rectangle": "box",
    "ellipse": "ellipse",
    "polygon": "polygon",
    "keypoint": "key point",
    "brush": "mask",
    "bitmask": "mask",
    "vector": "line",
    "videorectangle": "track",
    "videovector": "track",
    "timeseries": "segment",
    "timeline": "segment",
    "audio": "segment",
    "hypertext": "span",
    "paragraph": "span",
    "relation": "relation",
}


def label_of(region: Region | None) -> str:
    """The labels of a region in one line; empty without any."""
    return ", ".join(labels_of(region)) if region is not None else ""


def noun(region: Region) -> str:
    """What kind of thing a region is: box, span, segment …"""
    kind = str(region.get("type", "")) if isinstance(region, Mapping) else ""
    stem = kind.removesuffix("labels")
    if stem in _NAMES:
        return _NAMES[stem]
    value = value_of(region)
    if "rle" in value or "imageDataURL" in value:
        return "mask"
    if "vertices" in value:
        return "line"
    if "points" in value:
        return "polygon"
    if "radiusX" in value:
        return "ellipse"
    if "x" in value:
        return "box" if "height" in value else "key point"
    return "span" if "text" in value else "segment" if "start" in value else (stem or "region")


def happened(pair: RegionPair) -> str:
    """Such as `moved, IoU 0.81` or `relabeled`."""
    iou = pair.change.iou if pair.change is not None else None
    words = ", ".join(pair.kinds)
    return f"{words}, IoU {iou:.2f}" if iou is not None else words


def quoted(region: Region) -> str:
    """The words that a span is on, cut."""
    text = value_of(region).get("text")
    return cut(text, LONGEST) if isinstance(text, str) else ""


def relation(region: Region, regions: Regions) -> str:
    """Such as `“Anna” → “Berlin”, lives in`: the ends of a relation, and its labels."""
    names = [str(region.get(key)) for key in relations.ENDS]
    ends = [_end(regions.get(name), name) for name in names]
    labels = relations.names_of(region)
    return f"{f' {relations.arrow_word(region)} '.join(ends)}{labels and f', {labels}'}"


def _end(region: Region | None, name: str) -> str:
    """The words of a span; of other regions the label, or what kind of thing it is."""
    if region is None:
        return name
    text = quoted(region)
    return f"“{text}”" if text else label_of(region) or noun(region)


def times(pair: RegionPair) -> str:
    """Such as ` 0.5 to 6 → 0.5 to 7.25`: where in time a region is; empty for others."""
    sides = [_span_of(value_of(region)) for _, region in pair.versions]
    return f" {' → '.join(dict.fromkeys(sides))}" if all(sides) else ""


def _span_of(value: Mapping[str, Any]) -> str:
    parts = time_parts.parts(value)
    shown = ", ".join(f"{start:g} to {end:g}" for start, end in parts[:PARTS])
    return f"{shown}, …" if len(parts) > PARTS else shown


def place(region: Region) -> str:
    """Where in a text or a recording a region is; empty for others."""
    text = cut(quoted(region), SHORT)
    return f"“{text}”" if text else _span_of(value_of(region))
