"""The columns of a region in JSONL and PARQUET.

What of its value fits no column is in the column `value` as JSON text, so columns and `value`
together are the whole value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

from ls_dvc.formats.records.columns import (
    Columns,
    number,
    one_text,
    only_text,
    points,
    text,
    texts,
)
from ls_dvc.io import canonical_json
from ls_dvc.labels import geometry, region_values
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.geometry import Size


def columns_of(region: Region, image_size: Size | None = None) -> Iterator[Columns]:
    """The columns of a region; several times where it has several ranges of a timeline.

    `image_size` is that of the image, where the region has one of its own.
    """
    if region["type"] == "relation":
        yield _relation(region)
        return
    columns, ranges = _region(region, image_size), region["value"].get("ranges")
    if not isinstance(ranges, list) or not ranges or columns.get("start") is not None:
        yield columns
        return
    for each in ranges:
        ends = each if isinstance(each, Mapping) else {}
        yield {**columns, "start": number(ends.get("start")), "end": number(ends.get("end"))}


def _region(region: Region, image_size: Size | None) -> Columns:
    """The geometry in percent as it is, and a box in pixels."""
    meta, size = region.get("meta"), region_values.image_size(region)
    size = image_size if size and image_size else size
    return {
        "region": text(region.get("id")),
        "control": text(region.get("from_name")),
        "object": text(region.get("to_name")),
        "type": text(region["type"]),
        "origin": text(region.get("origin")),
        "score": number(region.get("score")),
        "parent": text(region.get("parentID")),
        "meta": text(canonical_json.text(meta)) if meta else None,
        "image_width": float(size.width) if size else None,
        "image_height": float(size.height) if size else None,
        "bbox_pixels": _bbox(region["value"], size) if size else None,
        **_value(region["value"], region["type"]),
    }


def _relation(region: Region) -> Columns:
    labels = texts(region.get("labels"))
    listed = {"type", "from_id", "to_id", *(["labels"] if labels is not None else [])}
    return {
        "type": "relation",
        "from_region": text(region.get("from_id")),
        "to_region": text(region.get("to_id")),
        "labels": labels,
        "value": _rest(region, listed),
    }


def _bbox(value: Mapping[str, Any], size: Size) -> list[float] | None:
    """xywh in pixels of the upright box around a box, an ellipse or a polygon."""
    box, oval = region_values.box(value), region_values.ellipse(value)
    points = region_values.polygon(value)
    if box:
        around = box.in_pixels(size).upright()
    elif oval:
        around = geometry.bounding_box(oval.outline(size))
    elif points:
        around = geometry.bounding_box([geometry.pixels(each, size) for each in points])
    else:
        return None
    return [around.x, around.y, around.width, around.height]


def _value(value: Mapping[str, Any], kind: str) -> Columns:
    """A region's value by column; what a column holds as it is, is not in `value` once more."""
    label_key = kind if kind.endswith("labels") and kind in value else "labels"
    columns, in_columns = dict[str, Any](), set[str]()
    for key, each in value.items():
        column, read = ("labels", texts) if key == label_key else READERS.get(key, _NO_COLUMN)
        cell = read(each)
        if cell is not None and column not in columns:
            columns[column] = cell
            in_columns.add(key)
    return {**_derived(value), **columns, "value": _rest(value, in_columns)}


_KEPT_WHOLE = ("text", "taxonomy", "globalOffsets")


def _derived(value: Mapping[str, Any]) -> Columns:
    """What is a column for convenience, and whole in `value`."""
    if not value.keys() & _KEPT_WHOLE:
        return {}
    typed, paths, offsets = (value.get(key) for key in _KEPT_WHOLE)
    lines, ends = texts(typed), offsets if isinstance(offsets, Mapping) else {}
    nodes = [texts(path) for path in paths] if isinstance(paths, list) else []
    chosen = [" / ".join(path) for path in nodes if path]
    return {
        "text": "\n".join(lines) if lines else None,
        "choices": chosen or None,
        "start": number(ends.get("start")),
        "end": number(ends.get("end")),
    }


def _rest(value: Mapping[str, Any], listed: Set[str]) -> str | None:
    rest = {key: each for key, each in value.items() if key not in listed}
    return text(canonical_json.text(rest)) if rest else None


_NO_COLUMN: tuple[str, Callable[[Any], Any]] = ("", lambda _: None)  # a key that is no column
READERS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "x": ("x_percent", number),
    "y": ("y_percent", number),
    "width": ("width_percent", number),
    "height": ("height_percent", number),
    "radiusX": ("radius_x_percent", number),
    "radiusY": ("radius_y_percent", number),
    "rotation": ("rotation_degrees", number),
    "points": ("points_percent", points),
    "start": ("start", number),
    "end": ("end", number),
    "text": ("text", only_text),
    "datetime": ("text", only_text),
    "choices": ("choices", texts),
    "selected": ("choices", one_text),
    "number": ("number", number),
    "rating": ("number", number),
}
