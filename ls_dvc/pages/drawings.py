"""Drawings of scenes as files of SVG, for places where neither style sheets nor scripts reach.

A browser shows such a file as an image, so nothing in it can run or be fetched. Each has a ground
of its own, which is right on light and on dark pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ls_dvc.io.printable import cut
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.pages import document
from ls_dvc.pages.scenes import DrawnShape, ImageScene, TimelinePart, TimelineScene

LONGER_SIDE = 560  # pixels of a drawing as it is shown
MOST_PATHS = 200_000  # characters of all outlines of an image
MOST_SEGMENTS = 400  # of a recording
MOST_ROWS = 12  # of a recording, one for each label
NAMED = 60  # shapes with their labels written at them; more would hide the picture
ROW, GUTTER = 24, 130  # pixels: height of a row, and width of the labels before them
LONGEST_LABEL = 28  # characters
PALETTE = (
    *("#e6194b", "#2f8f3a", "#2a6fdb", "#e07b00", "#9130c2", "#008f9c"),
    *("#d6249f", "#7a8a00", "#a0522d", "#5b5fc7", "#c23b22", "#00875a"),
)
_START = re.compile(r"M(-?[\d.]+) (-?[\d.]+)")


class LabelColors:
    """A colour for each label: the same in all drawings that are made with one label config."""

    def __init__(self, config: LabelConfig, others: Iterable[str] = ()) -> None:
        """`others` are labels that the config may lack; they come after those that it has."""
        known = sorted({label for each in config.controls.values() for label in each.labels})
        labels = dict.fromkeys([*known, *sorted(others)])
        self._numbers: Mapping[str, int] = {label: n for n, label in enumerate(labels)}

    def of(self, label: str) -> str:
        """Such as `#e6194b`."""
        return PALETTE[self._numbers.get(label, 0) % len(PALETTE)]


class SvgDrawing(NamedTuple):
    """A file of SVG and the size in pixels to show it at. `left_out` are shapes not in it."""

    svg: str
    width: int
    height: int
    left_out: int


class NamedShape(NamedTuple):
    """A shape, and where its label is written; empty label: it is not.

    `is_strong`: it is as it is now; of a change, those before and those that are equal are faint.
    """

    shape: DrawnShape
    color: str
    is_strong: bool
    label: str
    x: float
    y: float


class DrawnSegment(NamedTuple):
    """A part of a recording in its row, in pixels."""

    part: TimelinePart
    color: str
    row: int
    x: float
    width: float


def image(scene: ImageScene, jpeg: bytes | None, colors: LabelColors) -> SvgDrawing:
    """An image with its shapes; on a blank of the right size if there is no `jpeg`."""
    width, height = _shown_size(scene)
    shapes = list(_bounded(scene.shapes))
    values = {
        "scene": scene,
        "width": width,
        "height": height,
        "jpeg": document.base64_of(jpeg) if jpeg is not None else "",
        "unit": scene.width / width,
        "shapes": list(_named(shapes, scene, scene.width / width, colors)),
    }
    svg = document.part("image.svg.jinja", values).decode()
    return SvgDrawing(svg, width, height, len(scene.shapes) - len(shapes))


def timeline(scene: TimelineScene, colors: LabelColors) -> SvgDrawing:
    """A recording as rows of segments, one for each label."""
    rows = list(dict.fromkeys(part.label for part in scene.segments))[:MOST_ROWS]
    parts = [part for part in scene.segments if part.label in rows][:MOST_SEGMENTS]
    height = ROW * max(len(rows), 1) + 22
    values = {
        "scene": scene,
        "width": LONGER_SIDE,
        "height": height,
        "rows": [cut(label or "no label", 18) for label in rows],
        "row": ROW,
        "gutter": GUTTER,
        "segments": list(_segments(parts, rows, scene.length, colors)),
        "length": f"{scene.length:g} {scene.unit}".strip(),
    }
    left_out = len(scene.segments) - len(parts)
    return SvgDrawing(
        document.part("timeline.svg.jinja", values).decode(), LONGER_SIDE, height, left_out
    )


def address_of(drawing: SvgDrawing) -> str:
    """The drawing as an address of the form `data:`."""
    return f"data:image/svg+xml;base64,{document.base64_of(drawing.svg.encode())}"


def _shown_size(scene: ImageScene) -> tuple[int, int]:
    scale = LONGER_SIDE / max(scene.width, scene.height)
    return max(1, round(scene.width * scale)), max(1, round(scene.height * scale))


def _bounded(shapes: Sequence[DrawnShape]) -> Iterator[DrawnShape]:
    """The shapes as far as their outlines are not too long together; each of moderate length."""
    room = MOST_PATHS
    for shape in shapes:
        if len(shape.path) <= room:
            room -= len(shape.path)
            yield shape


def _named(
    shapes: Sequence[DrawnShape], scene: ImageScene, unit: float, colors: LabelColors
) -> Iterator[NamedShape]:
    strong = "after" if any(shape.side != "both" for shape in shapes) else "both"
    for number, shape in enumerate(shapes):
        is_strong = shape.side == strong
        start = _START.match(shape.path)
        x, y = (float(start[1]), float(start[2])) if start else (0.0, 0.0)
        label = cut(shape.label, LONGEST_LABEL) if is_strong and number < NAMED else ""
        x = min(max(x, 2 * unit), scene.width - (8 * len(label) + 4) * unit)
        y = min(max(y - 5 * unit, 13 * unit), scene.height - 4 * unit)
        yield NamedShape(shape, colors.of(shape.label), is_strong, label, max(x, 2 * unit), y)


def _segments(
    parts: Sequence[TimelinePart], rows: Sequence[str], length: float, colors: LabelColors
) -> Iterator[DrawnSegment]:
    scale = (LONGER_SIDE - GUTTER - 10) / (length or 1.0)
    for part in parts:
        x, width = GUTTER + part.start * scale, max((part.end - part.start) * scale, 2.0)
        yield DrawnSegment(part, colors.of(part.label), rows.index(part.label), x, width)
