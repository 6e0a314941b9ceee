"""The parts of a recording, a video or a time series that a region covers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ls_dvc.formats.video import tracks
from ls_dvc.labels import region_values

Ends = tuple[float, float]


def parts(value: Mapping[str, Any]) -> list[Ends]:
    """Start and end of each part, in seconds, frames or the unit of the series; often one."""
    if "sequence" in value:
        return _of_track(value)
    listed = value.get("ranges")
    ranges = listed if isinstance(listed, list) else [value]
    ends = (_ends(each) for each in ranges if isinstance(each, Mapping))
    return [each for each in ends if each is not None]


def _ends(value: Mapping[str, Any]) -> Ends | None:
    start, end = (region_values.number(value.get(name)) for name in ("start", "end"))
    return (start, end) if start is not None and end is not None and start <= end else None


def _of_track(value: Mapping[str, Any]) -> list[Ends]:
    """From a key frame that goes on to the one that ends it."""
    frames = _key_frames(value.get("sequence"))
    found, start = list[Ends](), None
    for frame in sorted(frames):
        start = frame if start is None else start
        if not frames[frame]:
            found.append((start, frame))
            start = None
    last = max([tracks.frame_count(value), *frames])
    return [*found, (start, last)] if start is not None else found


def _key_frames(sequence: Any) -> dict[int, bool]:
    """The key frames of boxes or lines, and whether the region goes on behind each of them."""
    return {
        entry["frame"]: entry.get("enabled") is not False
        for entry in (sequence if isinstance(sequence, list) else ())
        if isinstance(entry, Mapping)
        and type(entry.get("frame")) is int
        and 0 <= entry["frame"] <= tracks.LONGEST
    }
