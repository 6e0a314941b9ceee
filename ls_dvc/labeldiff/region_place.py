"""Where a region is, in a few words: on its image, in its recording, in its video."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ls_dvc.labels import region_values
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.geometry import Box, Point, Size, bounding_box, pixels

_PERCENT = Size(100, 100)


def place_of(region: Region) -> str:
    """Such as `at 120,80 60×40 px`, `from 0.5 to 7.25 s` or `in frames 3 to 40`; empty if nowhere.

    Of a shape this is x and y of its top left corner, its width and height: in pixels where the
    region knows the size of its image, else in percent. A rotated box is as the editor has it,
    other shapes have the upright box around them. A mask has no place, nor has a span, which is
    known by its words.
    """
    if not isinstance(region, Mapping) or not isinstance(region.get("value"), Mapping):
        return ""
    value = region["value"]
    if "sequence" in value or "ranges" in value:
        return _frames(value)
    if "start" in value:
        return _time(region, value)
    page = region.get("item_index")
    on_page = f" on page {page + 1}" if type(page) is int and page > 0 else ""
    return f"{_on_image(region, value)}{on_page}".lstrip()


def _on_image(region: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    known = region_values.image_size(region)
    size, unit = (known, "px") if known else (_PERCENT, "%")
    if box := region_values.box(value):
        return _box(box.in_pixels(size), unit)
    points = _outline(value, size)
    if points:
        return _box(bounding_box(points), unit)
    point = None if "radiusX" in value else region_values.keypoint(value)
    if point is None:
        return ""
    x, y = pixels(point, size)
    return f"at {_number(x, unit)},{_number(y, unit)} {unit}"


def _outline(value: Mapping[str, Any], size: Size) -> list[Point]:
    """Points in pixels of a polygon or an ellipse; none of other shapes."""
    polygon = region_values.polygon(value)
    if polygon:
        return [pixels(point, size) for point in polygon]
    ellipse = region_values.ellipse(value)
    return ellipse.outline(size) if ellipse else []


def _box(box: Box, unit: str) -> str:
    x, y, width, height = (_number(each, unit) for each in box[:4])
    rotated = f" rotated {_number(box.rotation, '%')}°" if box.rotation else ""
    return f"at {x},{y} {width}×{height} {unit}{rotated}"


def _time(region: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    """Seconds of a recording, which has its length in each region; none of a text."""
    start, end = (region_values.number(value.get(name)) for name in ("start", "end"))
    if "text" in value or start is None or end is None:
        return ""
    unit = " s" if "original_length" in region else ""
    return f"from {start:.10g} to {end:.10g}{unit}"


def _frames(value: Mapping[str, Any]) -> str:
    """The first and the last frame of a track or of a segment of a video."""
    listed = [
        *((each, "frame") for each in _list(value.get("sequence"))),
        *((each, name) for each in _list(value.get("ranges")) for name in ("start", "end")),
    ]
    frames = [each.get(name) for each, name in listed if isinstance(each, Mapping)]
    known = [each for each in frames if type(each) is int]
    return f"in frames {min(known)} to {max(known)}" if known else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: float, unit: str) -> str:
    """Whole pixels, percent to a tenth."""
    if unit == "px":
        return str(round(value))
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")
