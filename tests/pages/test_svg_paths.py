"""What a page draws covers the pixels that the formats write: compared with pycocotools' masks."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask
from support.projects import SHAPES as SHAPES_CONFIG
from support.projects import boxed, convert, region, rle_of_all

from ls_dvc.labels.geometry import Size
from ls_dvc.pages import svg_paths

ELLIPSES = '<EllipseLabels name="oval" toName="image"><Label value="Car"/></EllipseLabels></View>'
SIZE = Size(64, 48)
FINE = 8  # of the screen to each of the image


@pytest.fixture(scope="module")
def canvas(browser: Any) -> Iterator[Any]:
    """A page of Chromium as large as the image, with `FINE` of its pixels to each of the image."""
    context = browser.new_context(
        viewport={"width": int(SIZE.width), "height": int(SIZE.height)}, device_scale_factor=FINE
    )
    yield context.new_page()
    context.close()


def covered(canvas: Any, path: str, size: Size = SIZE) -> Any:
    """The pixels of the image of which the browser fills more than half."""
    width, height = int(size.width), int(size.height)
    canvas.set_content(
        f'<body style="margin:0"><svg width="{width}" height="{height}" style="display:block">'
        f'<path d="{path}" fill-rule="evenodd"/></svg>'
    )
    taken = canvas.screenshot(clip={"x": 0, "y": 0, "width": width, "height": height})
    dark = 255 - np.asarray(Image.open(io.BytesIO(taken)).convert("L"), dtype=float)
    return dark.reshape(height, FINE, width, FINE).mean(axis=(1, 3)) > 255 / 2


def coco_mask(kind: str, value: dict[str, Any]) -> Any:
    size = {"original_width": int(SIZE.width), "original_height": int(SIZE.height)}
    drawn = region(kind, {**value, kind: ["Car"]}, **size)
    config = SHAPES_CONFIG.replace("</View>", ELLIPSES)
    (written,) = convert("COCO", [boxed(1, drawn)], config).json()["annotations"]
    parts = written["segmentation"]
    if isinstance(parts, list):
        parts = mask.merge(mask.frPyObjects(parts, int(SIZE.height), int(SIZE.width)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of pycocotools, with numpy 2
        return mask.decode(parts).astype(bool)


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
def test_the_drawing_covers_what_coco_covers(canvas: Any, name: str) -> None:
    kind, value = SHAPES[name]
    drawn = covered(canvas, svg_paths.path_of(value, SIZE))
    assert agreement(drawn, coco_mask(kind, value)) > 0.96


def test_a_mask_covers_exactly_its_pixels(canvas: Any) -> None:
    pixels = np.random.default_rng(3).random((int(SIZE.height), int(SIZE.width))) > 0.5
    value = {"format": "rle", "rle": rle_of_all([f"{255 * each:08b}" for each in pixels.flat])}
    assert np.array_equal(covered(canvas, svg_paths.path_of(value, SIZE)), pixels)
    assert np.array_equal(coco_mask("brushlabels", value), pixels)


def test_a_mask_of_noise_has_a_short_path() -> None:
    """Drawn with larger pixels: here of 8 by 8, as fewer than `RUNS` runs are left then."""
    size = Size(600, 500)
    noise = np.random.default_rng(3).integers(0, 2, 300_000)
    value = {"format": "rle", "rle": rle_of_all([f"{255 * each:08b}" for each in noise])}
    path = svg_paths.path_of(value, size)
    assert 10_000 < len(path) < 300_000
    assert {int(each) % 4 for each in re.findall(r"[hv](-?\d+)", path)} == {0}


@pytest.mark.parametrize(
    ("value", "box"),
    [
        ({"x": 25, "y": 50, "width": 50, "height": 25}, (16, 24, 32, 12)),
        ({"x": 50, "y": 50, "radiusX": 25, "radiusY": 50}, (16, 0, 32, 48)),
        ({"points": [[0, 0], [50, 0], [50, 100]]}, (0, 0, 32, 48)),
        ({"vertices": [{"x": 0, "y": 0}, {"x": 50, "y": 100}]}, (0, 0, 32, 48)),
        ({"x": 50, "y": 50, "width": 1}, (32, 24, 0, 0)),
        ({"rle": "none"}, None),
        ({}, None),
    ],
)
def test_extents(value: dict[str, Any], box: tuple[float, ...] | None) -> None:
    found = svg_paths.extent_of(value, SIZE)
    assert (found and found[:4]) == (pytest.approx(box) if box else None)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"x": 0, "y": 0, "width": 50, "height": 50}, "M0 0H32V24H0z"),
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
