"""The sequences of a task as MOTChallenge has them: its videos with a row for each box."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ls_dvc.formats.interface import FormatContext
from ls_dvc.formats.media import media_outcome, size_of
from ls_dvc.formats.outcomes import Outcome, Reason
from ls_dvc.formats.text.region_reader import known_labels, object_of, type_of
from ls_dvc.formats.video import tracks
from ls_dvc.formats.video.tracks import KeyFrame
from ls_dvc.labels import region_values
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.geometry import Box, Size
from ls_dvc.labels.label_config import LabelConfig, LabeledObject
from ls_dvc.labels.media import UNKNOWN_TYPE, MediaFile
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.shown_objects import shown_objects

SPACE = "video"
TYPE = "videorectangle"
DIGITS = 3  # of a pixel


class Track(NamedTuple):
    """A region on a video; `label` is its first one, `position` the region's."""

    position: int
    keys: list[KeyFrame]
    frames: int
    duration: float
    label: str


@dataclass(frozen=True)
class Video:
    """A video of a task: what object shows it, where it is, and its size if that is known.

    `file` is the video itself where it comes along.
    """

    object: str
    address: str
    size: Size | None
    file: MediaFile | None = None


class Row(NamedTuple):
    """A line of gt.txt, in the order of frames and tracks."""

    frame: int
    number: int
    text: str


class SequenceFiles(NamedTuple):
    """A sequence: its task and video, what its name ends with, and its rows and info."""

    task: int
    address: str
    suffix: str
    rows: bytes
    frames: int
    info: Sequence[tuple[str, str]]
    file: MediaFile | None = None


def video_objects(config: LabelConfig) -> dict[str, LabeledObject]:
    """The Video objects that VideoRectangle labels, in the order of the config."""
    labeled = config.labeled_by(("VideoRectangle",))
    return {each.name: each for each in config.objects_of("Video") if each.name in labeled}


class FoundVideos(NamedTuple):
    """The videos of a task by object, and why others of it cannot be written."""

    videos: Mapping[str, Video]
    absent: Mapping[str, Reason]


def found_videos(selection: Selection, context: FormatContext) -> FoundVideos:
    """The videos in a task's data."""
    found = FoundVideos(videos := {}, absent := {})
    for video in _videos(selection, context):
        entry = context.media_of(video.address)
        if reason := media_outcome(entry, _is_read):
            absent[video.object] = reason
        else:
            file = entry.file if entry else None
            size = size_of(file) or video.size
            videos[video.object] = Video(video.object, video.address, size, file)
    return found


def _is_read(mime_type: str) -> bool:
    return mime_type == UNKNOWN_TYPE or mime_type.startswith("video/")


def _videos(selection: Selection, context: FormatContext) -> Iterator[Video]:
    objects, data = video_objects(context.config), selection.task.get("data")
    for shown in shown_objects(context.config, data, "Video"):
        address = shown.items[0][1] if shown.items and shown.declared.name in objects else None
        if isinstance(address, str) and address.strip():
            yield Video(shown.name, address, _size_in(data))


def _size_in(data: Any) -> Size | None:
    """The size that the task's data tells: regions of videos have none."""
    if not isinstance(data, Mapping):
        return None
    return region_values.image_size_of(data.get("width"), data.get("height"))


@dataclass
class RegionGroup:
    """Regions of a task that are written together, with their outcomes."""

    task: int
    regions: Sequence[Region]
    context: FormatContext
    found: FoundVideos
    in_part: dict[int, Reason] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outcomes = [None] * len(self.regions)

    def sequences(self, suffix: str) -> Iterator[SequenceFiles]:
        """The videos but for those that lost all their tracks; the outcomes are complete then."""
        by_object = dict[str, list[Track]]()
        for position, region in enumerate(self.regions):
            track = self._track(position, region)
            if isinstance(track, Reason):
                self.outcomes[position] = track
            else:
                by_object.setdefault(track[0], []).append(track[1])
        for name, video in self.found.videos.items():
            yield from self._sequence(video, by_object.get(name, []), suffix)

    def _track(self, position: int, region: Region) -> tuple[str, Track] | Reason:
        kind = type_of(region)
        if isinstance(kind, Reason):
            return kind
        name = object_of(region, self.context.config, video_objects(self.context.config))
        if not name or kind != TYPE:
            return Reason.UNSUPPORTED_TYPE
        if name not in self.found.videos:
            return self.found.absent.get(name, Reason.NO_MEDIA)
        keys = tracks.key_frames(region["value"])
        labels = known_labels(region, self.context, SPACE)
        if isinstance(keys, Reason):
            return keys
        if isinstance(labels, Reason):
            return labels
        if len(labels) > 1:
            self.in_part[position] = Reason.SEVERAL_LABELS
        value = region["value"]
        duration = region_values.number(value.get("duration")) or 0.0
        track = Track(position, keys, tracks.frame_count(value), duration, labels[0])
        return name, track

    def _sequence(
        self, video: Video, found: Sequence[Track], suffix: str
    ) -> Iterator[SequenceFiles]:
        sizes = (region_values.image_size(self.regions[track.position]) for track in found)
        size = video.size or next(filter(None, sizes), None)
        frames = max((track.frames for track in found), default=0)
        rows = list[Row]()
        for number, track in enumerate(found, start=1):
            rows += self._drawn(track, number, frames, size)
        if rows or not self._has_lost(video, found):
            text = "".join(row.text for row in sorted(rows))
            length = max([frames, *(row.frame for row in rows)])
            info = tuple(_info(found, length, size))
            yield SequenceFiles(
                self.task, video.address, suffix, text.encode(), length, info, video.file
            )

    def _drawn(self, track: Track, number: int, frames: int, size: Size | None) -> list[Row]:
        """The rows of a track; where there are none its outcome says why."""
        class_number = self.context.classes.ids(SPACE)[track.label] + 1
        rows = list(_rows(track, number, frames, size, class_number)) if size else []
        if not rows:
            lost = Reason.OUTSIDE_IMAGE if size else Reason.NO_IMAGE_SIZE
            self.outcomes[track.position] = lost
            self.in_part.pop(track.position, None)
        elif any(key.box.rotation for key in track.keys):
            self.in_part.setdefault(track.position, Reason.ROTATION)
        return rows

    def _has_lost(self, video: Video, found: Sequence[Track]) -> bool:
        """Whether a track, or who knows what, was dropped that may have been on this video."""
        if found:
            return True
        return any(
            outcome is not None
            and (not isinstance(region, dict) or region.get("type") in (TYPE, None))
            and (not isinstance(region, dict) or self._may_be_on(region, video))
            for region, outcome in zip(self.regions, self.outcomes, strict=True)
        )

    def _may_be_on(self, region: Mapping[str, Any], video: Video) -> bool:
        name = str(region.get("to_name"))
        return name == video.object or self.context.config.object_named(name) is None


def _rows(track: Track, number: int, frames: int, size: Size, class_number: int) -> Iterator[Row]:
    """A row for each box of which part is on the picture."""
    for frame, in_percent in tracks.boxes(track.keys, frames):
        box = in_percent.in_pixels(size).upright()
        if frame >= 1 and _is_on_picture(box, size):
            numbers = ",".join(_decimal(side) for side in (box.x, box.y, box.width, box.height))
            yield Row(frame, number, f"{frame},{number},{numbers},1,{class_number},1\n")


def _is_on_picture(box: Box, size: Size) -> bool:
    return (
        box.width > 0
        and box.height > 0
        and box.x < size.width
        and box.y < size.height
        and box.x + box.width > 0
        and box.y + box.height > 0
    )


def _decimal(number: float) -> str:
    """At most DIGITS digits behind the point, none that say nothing."""
    text = f"{number:.{DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _info(found: Iterable[Track], frames: int, size: Size | None) -> Iterator[tuple[str, str]]:
    """seqinfo.ini: `imDir` and `imExt` say where trackers look for the frames as pictures."""
    yield "imDir", "img1"
    seconds = next(((t.frames, t.duration) for t in found if t.frames and t.duration > 0), None)
    if seconds:
        yield "frameRate", _decimal(seconds[0] / seconds[1])
    yield "seqLength", str(frames)
    if size:
        yield "imWidth", _decimal(size.width)
        yield "imHeight", _decimal(size.height)
    yield "imExt", ".jpg"
