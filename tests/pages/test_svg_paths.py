"""What a page draws covers the pixels that the formats write: compared with pycocotools' masks."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pycocotools import mask
from support.projects import SHAPES as SHAPES_CONFIG
from support.projects import boxed, convert, region

from ls_dvc.formats.sample_regions import _MASK as MASK
from ls_dvc.labels.geometry import Size
from ls_dvc.pages import svg_paths

ELLIPSES = '<EllipseLabels name="oval" toName="image"><Label value="Car"/></EllipseLabels></View>'
SIZE = Size(64, 48)
FINE = 8  # how often a pixel is divided before it counts as covered, which is by half of it


def covered(path: str, size: Size) -> Any:
    """The pixels of which a path covers more than half, by the rule evenodd."""
    fine = np.zeros((int(size.height) * FINE, int(size.width) * FINE), dtype=bool)
    for points in outlines(path):
        image = Image.new("1", fine.shape[::-1])
        ImageDraw.Draw(image).polygon([(x * FINE - 0.5, y * FINE - 0.5) for x, y in points], fill=1)
        fine ^= np.asarray(image)
    blocks = fine.reshape(int(size.height), FINE, int(size.width), FINE)
    return blocks.mean(axis=(1, 3)) > 0.5


def outlines(path: str) -> list[list[tuple[float, float]]]:
    """The points of each closed line of a path of M, L, h, v and z."""
    found, at = list[list[tuple[float, float]]](), (0.0, 0.0)
    for letter, numbers in re.findall(r"([MLhvz])([^MLhvz]*)", path):
        values = [float(each) for each in numbers.split()]
        if letter == "M":
            found.append([])
        if letter in "ML":
            at = (values[0], values[1])
        elif letter in "hv":
            at = (at[0] + values[0], at[1]) if letter == "h" else (at[0], at[1] + values[0])
        if letter != "z":
            found[-1].append(at)
    return found


def coco_mask(kind: str, value: dict[str, Any]) -> Any:
    sized = {"original_width": int(SIZE.width), "original_height": int(SIZE.height)}
    drawn = region(kind, {**value, kind: ["Car"]}, **sized)
    config = SHAPES_CONFIG.replace("</View>", ELLIPSES)
    (written,) = convert("COCO", [boxed(1, drawn)], config).json()["annotations"]
    parts = mask.frPyObjects(written["segmentation"], int(SIZE.height), int(SIZE.width))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of pycocotools, with numpy 2
        return mask.decode(mask.merge(parts)).astype(bool)


def agreement(one: Any, other: Any) -> float:
    return float((one & other).sum() / (one | other).sum())


SHAPES = {
    "box": ("rectanglelabels", {"x": 10, "y": 20, "width": 40, "height": 30, "rotation": 0}),
    "turned": ("rectanglelabels", {"x": 40, "y": 20, "width": 40, "height": 30, "rotation": 33}),
    "polygon": ("polygonlabels", {"points": [[10, 10], [80, 30], [50, 90], [30, 60]]}),
    "ellipse": (
        "ellipselabels",
        {"x": 50, "y": 50, "radiusX": 30, "radiusY": 20, "rotation": 20},
    ),
}


@pytest.mark.parametrize("name", list(SHAPES))
def test_the_drawing_covers_what_coco_covers(name: str) -> None:
    kind, value = SHAPES[name]
    drawn = covered(svg_paths.path_of(value, SIZE), SIZE)
    assert agreement(drawn, coco_mask(kind, value)) > 0.96


def test_a_mask_covers_exactly_its_pixels() -> None:
    size = Size(32, 24)
    drawn = covered(svg_paths.path_of({"format": "rle", "rle": MASK}, size), size)
    rows, columns = np.nonzero(drawn)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (8, 19, 6, 11)
    assert drawn.sum() == 12 * 6


def test_a_hole_of_a_mask_is_not_covered() -> None:
    ring = bytes([1, 1, 1, 1, 0, 1, 1, 1, 1])
    path = "".join(map(svg_paths._steps, [*_contours(ring, 3)]))
    assert covered(path, Size(3, 3)).tolist() == [
        [True, True, True],
        [True, False, True],
        [True, True, True],
    ]


def _contours(alpha: bytes, width: int) -> list[list[tuple[int, int]]]:
    from ls_dvc.formats.image import mask_outlines

    contours = mask_outlines.trace(alpha, width)
    return [*contours.parts, *contours.holes]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"x": 0, "y": 0, "width": 50, "height": 50}, "M0 0L32 0L32 24L0 24z"),
        ({"vertices": [{"x": 0, "y": 0}, {"x": 50, "y": 100}]}, "M0 0L32 48"),
        ({"x": 50, "y": 50, "width": 1}, "M32 24m-0.5 0a0.5 0.5 0 1 0 1 0a0.5 0.5 0 1 0 -1 0z"),
        ({"x": "far", "y": 0, "width": 50, "height": 50}, ""),
        ({"points": [[0, 0], [1, 1]]}, ""),
        ({"rle": ["no"]}, ""),
        ({"vertices": "none"}, ""),
        ({}, ""),
    ],
)
def test_paths(value: dict[str, Any], path: str) -> None:
    assert svg_paths.path_of(value, SIZE) == path
