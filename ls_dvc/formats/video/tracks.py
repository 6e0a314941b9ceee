"""Boxes through a video: from key frames to a box for each frame, as the editor shows them.

Label Studio counts frames from 1. Between two key frames it interpolates linearly; behind the last
one the box stays as it is. Behind a key frame with `enabled: false` there is no box until the next.
Boxes are in percent of the video's width and height, rotated about their top left corner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels import region_values
from ls_dvc.labels.geometry import Box

LONGEST = 10_000_000  # frames: more than three days at 30 frames a second


class KeyFrame(NamedTuple):
    """A box that somebody drew, in percent; `enabled`: it goes on behind this frame."""

    frame: int
    box: Box
    enabled: bool


def key_frames(value: Mapping[str, Any]) -> list[KeyFrame] | Reason:
    """The key frames of a region in order; of several at one frame the last."""
    sequence = value.get("sequence")
    if not isinstance(sequence, list) or not sequence:
        return Reason.BAD_GEOMETRY
    by_frame = dict[int, KeyFrame]()
    for entry in sequence:
        box = region_values.box(entry) if isinstance(entry, Mapping) else None
        frame = entry.get("frame") if isinstance(entry, Mapping) else None
        if box is None or type(frame) is not int or not 0 <= frame <= LONGEST:
            return Reason.BAD_GEOMETRY
        by_frame[frame] = KeyFrame(frame, box, entry.get("enabled") is not False)
    return [by_frame[frame] for frame in sorted(by_frame)]


def frame_count(value: Mapping[str, Any]) -> int:
    """How many frames the video has, as a region says; 0 where it does not."""
    count = region_values.number(value.get("framesCount"))
    return int(count) if count is not None and 0 < count <= LONGEST else 0


def boxes(keys: Sequence[KeyFrame], frames: int) -> Iterator[tuple[int, Box]]:
    """The box of each frame from 1 that has one, in order; `frames` is the length, 0 if unknown."""
    for key, following in pairwise(keys):
        yield key.frame, key.box
        if key.enabled:
            for frame in range(key.frame + 1, following.frame):
                share = (frame - key.frame) / (following.frame - key.frame)
                yield frame, _between(key.box, following.box, share)
    last = keys[-1]
    yield last.frame, last.box
    if last.enabled:
        yield from ((frame, last.box) for frame in range(last.frame + 1, frames + 1))


def _between(first: Box, second: Box, share: float) -> Box:
    return Box(*(a + (b - a) * share for a, b in zip(first, second, strict=True)))
