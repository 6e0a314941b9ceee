"""The outlines of brush masks: polygons along the edges of their pixels.

A part of a mask is a group of pixels that share sides. Its outline runs clockwise, the mask on its
right, with a point wherever it turns. Holes are filled, as a polygon has none. The outlines of
several parts become one, joined by lines there and back: trainers want one polygon an object.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ls_dvc.formats.image import masks
from ls_dvc.formats.image.outlines import Outline
from ls_dvc.formats.image.shapes import Mask
from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels.geometry import Size

Corner = tuple[int, int]  # of a pixel: its column and row, or the next ones
_ONE = bytes((0, *[1] * 255))  # any opacity counts


class MaskOutline(NamedTuple):
    """The outline of all parts of a mask, in pixels, and whether holes in it are filled."""

    outline: Outline
    has_holes: bool


def of(mask: Mask, size: Size | None) -> MaskOutline | Reason:
    """The outline of a mask on an image of this size."""
    if size is None:
        return Reason.NO_IMAGE_SIZE
    alpha = masks.alpha(mask.value, size)
    if isinstance(alpha, Reason):
        return alpha
    contours = trace(alpha, int(size.width))
    if not contours.parts:
        return Reason.BAD_GEOMETRY
    return MaskOutline(Outline(joined(filled(contours)), size), bool(contours.holes))


class Contours(NamedTuple):
    """The closed outlines around the parts of a mask, and those around its holes."""

    parts: list[list[Corner]]
    holes: list[list[Corner]]


def trace(alpha: bytes, width: int) -> Contours:
    """The outlines of what is not 0 in `alpha`, which has `width` bytes a row."""
    edges = _edges(alpha.translate(_ONE), width)
    contours = Contours([], [])
    for start in sorted(edges.right, key=lambda corner: corner[::-1]):
        if start in edges.right:
            outline = _follow(edges, start)
            (contours.parts if _runs_clockwise(outline) else contours.holes).append(outline)
    return contours


def filled(contours: Contours) -> list[list[Corner]]:
    """The outlines of the parts with their holes filled: without the parts inside of holes."""
    parts, holes = contours
    return [part for part in parts if not any(_is_inside(part[0], hole) for hole in holes)]


def joined(parts: Sequence[list[Corner]]) -> list[Corner]:
    """One outline of several: from the point nearest to the next part's first point and back."""
    outline = list[Corner]()
    for part in reversed(parts):
        if not outline:
            outline = part
            continue
        x, y = outline[0]
        distances = [(x - a) ** 2 + (y - b) ** 2 for a, b in part]
        nearest = distances.index(min(distances))
        outline = [*part[: nearest + 1], *outline, (x, y), *part[nearest:]]
    return outline


class _Edges(NamedTuple):
    """Lines between pixels of a mask and others, the mask on their right, by their first corner.

    `right` and `left` lead as far as they can, to the column given; `down` and `up` by one pixel.
    """

    right: dict[Corner, int]
    left: dict[Corner, int]
    down: set[Corner]
    up: set[Corner]


def _edges(pixels: bytes, width: int) -> _Edges:
    """`pixels` are 0 or 1."""
    edges, above, height = _Edges({}, {}, set(), set()), list[int](), len(pixels) // width
    for y in range(height):
        changes = _changes(pixels[y * width : (y + 1) * width])
        _add_between(edges, above, changes, y)
        edges.up.update([(x, y + 1) for x in changes[::2]])
        edges.down.update([(x, y) for x in changes[1::2]])
        above = changes
    _add_between(edges, above, [], height)
    return edges


def _changes(row: bytes) -> list[int]:
    """The columns where a row of pixels becomes 1, and 0, by turns."""
    changes, value, x = list[int](), 1, row.find(1)
    while x >= 0:
        changes.append(x)
        value = 1 - value
        x = row.find(value, x)
    return [*changes, len(row)] if len(changes) % 2 else changes


def _add_between(edges: _Edges, above: list[int], below: list[int], y: int) -> None:
    """Add the edges between two rows of pixels, of which the changes are given."""
    if above == below:
        return
    for start, end in pairwise(sorted({*above, *below})):
        in_above, in_below = bisect_right(above, start) % 2, bisect_right(below, start) % 2
        if in_below and not in_above:
            edges.right[start, y] = end
        elif in_above and not in_below:
            edges.left[end, y] = start


def _follow(edges: _Edges, start: Corner) -> list[Corner]:
    """The corners of the outline that leaves `start` to the right; its edges are taken away.

    Where two pixels touch at a corner alone, it turns right: they are parts of their own.
    """
    outline, (x, y), is_right = list[Corner](), start, True
    while True:
        outline.append((x, y))
        x = (edges.right if is_right else edges.left).pop((x, y))
        outline.append((x, y))
        is_down = (x, y) in edges.down if is_right else (x, y) not in edges.up
        y = _last_row(edges, x, y, is_down=is_down)
        if (x, y) == start and not (is_down and (x, y) in edges.left):
            return outline
        is_right = (x, y) not in edges.left if is_down else (x, y) in edges.right


def _last_row(edges: _Edges, x: int, y: int, *, is_down: bool) -> int:
    """Where the edges from a corner down, or up, end."""
    vertical, step = (edges.down, 1) if is_down else (edges.up, -1)
    while (x, y) in vertical:
        vertical.remove((x, y))
        y += step
        if (x, y) in edges.right or (x, y) in edges.left:
            break
    return y


def _runs_clockwise(outline: Sequence[Corner]) -> bool:
    """On the screen, where y grows downwards."""
    pairs = zip(outline, [*outline[1:], outline[0]], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) > 0


def _is_inside(corner: Corner, outline: Sequence[Corner]) -> bool:
    """Whether the pixel whose top left corner this is lies inside an outline."""
    x, y = corner
    pairs = zip(outline, [*outline[1:], outline[0]], strict=True)
    crossed = [
        x1
        for (x1, y1), (x2, y2) in pairs
        if x1 == x2 and x1 <= x and min(y1, y2) <= y < max(y1, y2)
    ]
    return len(crossed) % 2 == 1
