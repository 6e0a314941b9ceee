"""Where a region is, in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from support.projects import REGIONS, box, choice, polygon, region, relation

from ls_dvc.labeldiff.region_place import place_of

UNSIZED = {"original_width": ..., "original_height": ...}
SECONDS = {"original_length": 9.5, **UNSIZED}
KEY_POINT = {"x": 50, "y": 25, "width": 1, "keypointlabels": ["Nose"]}
ELLIPSE = {"x": 50, "y": 50, "radiusX": 10, "radiusY": 20}
TRACK = {"sequence": [{"frame": 40}, {"frame": 3, "x": 1}, None]}


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        (box(25, 50, 12.5, 10), "at 160,240 80×48 px"),
        (box(25, 50, 12.5, 10, rotation=30), "at 160,240 80×48 px rotated 30°"),
        (box(35, 60, -10, -10), "at 160,240 64×48 px"),
        (box(25, 50.04, 12.56, 10, **UNSIZED), "at 25,50 12.6×10 %"),
        (polygon([[0, 0], [50, 0], [25, 100]]), "at 0,0 320×480 px"),
        (polygon([[0, 0], [50, 0], [25, 100]], **UNSIZED), "at 0,0 50×100 %"),
        (region("ellipselabels", ELLIPSE), "at 256,144 128×192 px"),
        (region("keypointlabels", KEY_POINT), "at 320,120 px"),
        (region("keypointlabels", KEY_POINT, **UNSIZED), "at 50,25 %"),
        (box(25, 50, 12.5, 10, item_index=2), "at 160,240 80×48 px on page 3"),
        (region("labels", {"start": 0.5, "end": 7.25}, **SECONDS), "from 0.5 to 7.25 s"),
        (region("timeserieslabels", {"start": 5, "end": 7}, **UNSIZED), "from 5 to 7"),
        (region("labels", {"start": 0, "end": 4, "text": "Anna"}), ""),
        (region("labels", {"start": "0", "end": "0", "startOffset": 1}), ""),
        (region("videorectangle", TRACK), "in frames 3 to 40"),
        (region("timelinelabels", {"ranges": [{"start": 2, "end": 9}]}), "in frames 2 to 9"),
        (region("brushlabels", {"rle": [1, 2]}), ""),
        (box(float("nan"), 1, 1, 1), ""),
        (box(-0.01, -0.01, 1, 1, **UNSIZED), "at 0,0 1×1 %"),
        (choice("Sun"), ""),
        (relation("a", "b"), ""),
        (None, ""),
        ({"value": 5}, ""),
    ],
)
def test_places(entry: Any, place: str) -> None:
    assert place_of(entry) == place


@given(entry=REGIONS)
def test_any_region_has_a_place_or_none(entry: Any) -> None:
    place = place_of(entry)
    assert place == "" or place.startswith(("at ", "from ", "in frames ", "on page "))
    assert place.isprintable()
