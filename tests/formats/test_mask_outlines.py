"""Outlines of masks: by hand, and against what SciPy finds in the same masks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from ls_dvc.formats.image import mask_outlines


def rows(*text: str) -> Any:
    return np.array([[character == "#" for character in row] for row in text], np.uint8)


def traced(mask: Any) -> mask_outlines.Contours:
    return mask_outlines.trace((mask * 200).tobytes(), mask.shape[1])


def painted(outline: Any, shape: tuple[int, int]) -> Any:
    """The pixels inside an outline of steps along x and y, by the even-odd rule.

    What joins parts is passed there and back, so it changes nothing.
    """
    found = np.zeros(shape, np.uint8)
    for (x1, y1), (x2, y2) in zip(outline, [*outline[1:], outline[0]], strict=True):
        if x1 == x2:
            found[min(y1, y2) : max(y1, y2), x1:] ^= 1
    return found


@pytest.mark.parametrize(
    ("mask", "parts", "holes"),
    [
        (rows("#"), [[(0, 0), (1, 0), (1, 1), (0, 1)]], 0),
        (rows("...", ".##", "..."), [[(1, 1), (3, 1), (3, 2), (1, 2)]], 0),
        (rows("##", "#."), [[(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]], 0),
        (rows("#.", ".#"), [[(0, 0), (1, 0), (1, 1), (0, 1)], [(1, 1), (2, 1), (2, 2), (1, 2)]], 0),
        (rows(".#", "#."), [[(1, 0), (2, 0), (2, 1), (1, 1)], [(0, 1), (1, 1), (1, 2), (0, 2)]], 0),
        (rows("###", "#.#", "###"), [[(0, 0), (3, 0), (3, 3), (0, 3)]], 1),
        (rows("..", ".."), [], 0),
    ],
)
def test_by_hand(mask: Any, parts: Any, holes: int) -> None:
    found = traced(mask)
    assert found.parts == parts
    assert len(found.holes) == holes


def test_several_parts_become_one_outline() -> None:
    parts = traced(rows("##.", "...", "..#")).parts
    assert mask_outlines.joined(parts) == [
        *((0, 0), (2, 0), (2, 1)),
        *((2, 2), (3, 2), (3, 3), (2, 3), (2, 2)),
        *((2, 1), (0, 1)),
    ]


def test_a_part_in_a_hole_is_filled_with_it() -> None:
    found = traced(rows("#####", "#...#", "#.#.#", "#...#", "#####"))
    assert len(found.parts) == 2
    assert mask_outlines.filled(found) == [[(0, 0), (5, 0), (5, 5), (0, 5)]]


@settings(max_examples=examples(200), deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    share=st.sampled_from([0.1, 0.5, 0.9]),
)
def test_the_outlines_hold_the_pixels(seed: int, size: tuple[int, int], share: float) -> None:
    """Parts and holes together fill what is set; parts with their holes filled, that and holes."""
    from scipy import ndimage

    mask = (np.random.default_rng(seed).random(size) < share).astype(np.uint8)
    found = traced(mask)
    both = np.zeros(size, np.uint8)
    for outline in [*found.parts, *found.holes]:
        both ^= painted(outline, size)
    assert (both == mask).all()
    _, parts = ndimage.label(mask)
    assert len(found.parts) == parts
    outline = mask_outlines.joined(mask_outlines.filled(found))
    filled = painted(outline, size) if outline else both
    assert (filled == ndimage.binary_fill_holes(mask, np.ones((3, 3)))).all()
