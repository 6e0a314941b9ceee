"""The smallest box around points: by hand, and what OpenCV finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.effort import examples

from ls_dvc.formats.image import oriented_box
from ls_dvc.labels import geometry


def test_by_hand() -> None:
    diamond = [(0.0, 2.0), (2.0, 0.0), (4.0, 2.0), (2.0, 4.0), (2.0, 2.0)]
    assert oriented_box.around(diamond) == [(2, 0), (4, 2), (2, 4), (0, 2)]
    assert oriented_box.around([(1.0, 1.0), (5.0, 1.0), (5.0, 2.0)]) == [
        *((1, 1), (5, 1), (5, 2), (1, 2))
    ]


def test_the_order_of_the_points_changes_nothing() -> None:
    points = [(0.0, 0.0), (3.0, 1.0), (5.0, 4.0), (1.0, 3.5), (0.5, 2.0)]
    boxes = [oriented_box.around(points[at:] + points[:at]) for at in range(5)]
    assert boxes == [oriented_box.around(points[::-1])] * 5


COORDINATES = st.integers(0, 1000).map(float)


@settings(max_examples=examples(200), deadline=None)
@given(points=st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=12))
def test_opencv_finds_none_that_is_smaller(points: Any) -> None:
    import cv2

    assume(not geometry.is_flat(points))
    corners = oriented_box.around(points)
    _, sides, _ = cv2.minAreaRect(np.array(points, np.float32))
    assert geometry.area(corners) == pytest.approx(sides[0] * sides[1], rel=1e-3, abs=1e-2)
    edges = zip(corners, [*corners[1:], corners[0]], strict=True)
    for (x1, y1), (x2, y2) in edges:  # clockwise, so what is inside lies on the right
        assert all((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) > -1e-2 for x, y in points)
