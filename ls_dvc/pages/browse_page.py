"""The page of `ls-dvc browse`: its frame, and tasks as the JSON that its script draws.

All text goes through `document.json_in_script`; the script puts it into text nodes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.media import MediaEntry
from ls_dvc.pages import document
from ls_dvc.pages.scenes import ImageScene, TextRun, TimelineScene
from ls_dvc.pages.version_scenes import VersionScene

COLORS = 12
TILE_SHAPES, TILE_PATHS = 60, 30_000  # shapes of a tile, and characters of all their paths
TASK_SHAPES, TASK_PATHS = 3000, 4_000_000  # the same of a task
TILE_TEXT = 260  # characters
PLAYERS = {
    "audio/aac": "audio",
    "audio/flac": "audio",
    "audio/mp4": "audio",
    "audio/mpeg": "audio",
    "audio/ogg": "audio",
    "audio/wav": "audio",
    "video/mp4": "video",
    "video/ogg": "video",
    "video/webm": "video",
}  # what browsers play, by type


class Colors:
    """The number of each label's colour: as long as the config has few, each has its own."""

    def __init__(self, config: LabelConfig) -> None:
        labels = [each for control in config.controls.values() for each in control.labels]
        self._known = {name: number for number, name in enumerate(dict.fromkeys(labels))}

    def of(self, label: str) -> int:
        """That of a label, or of the first of several in one text."""
        first = label if label in self._known else label.split(", ", 1)[0]
        return self._known.get(first, zlib.crc32(first.encode("utf-8", "replace"))) % COLORS


@dataclass(frozen=True)
class Drawing:
    """What a task is drawn with. `media` are its entries in the media map.

    `is_image` says of a type whether a picture can be made of it.
    """

    colors: Colors
    media: Sequence[MediaEntry]
    is_image: Callable[[str], bool]

    def entry(self, address: str) -> tuple[int, MediaEntry | None]:
        """The number and the entry of an address."""
        found = ((n, each) for n, each in enumerate(self.media) if each.address == address)
        return next(found, (-1, None))


def frame(name: str) -> bytes:
    """The page without any task."""
    return document.part("browse.html.jinja", {"name": name})


def tile(scene: VersionScene, drawing: Drawing) -> dict[str, Any]:
    """A small drawing of the first thing that a task shows; short keys, as there are many."""
    image = scene.images[0] if scene.images else None
    line = scene.timelines[0] if scene.timelines else None
    labels = dict.fromkeys(region.label for region in scene.regions if region.label)
    return {
        "id": scene.task,
        "name": scene.title,
        "split": scene.split,
        "labels": [[label, drawing.colors.of(label)] for label in [*labels][:20]],
        "regions": len(scene.regions),
        "answers": [answer.answer for answer in scene.answers[:3]],
        "image": _image(image, drawing, TILE_SHAPES, TILE_PATHS) if image else None,
        "images": len(scene.images),
        "text": _cut(scene.texts[0].after, drawing) if scene.texts else None,
        "line": _timeline(line, drawing) if line else None,
    }


def task(scene: VersionScene, drawing: Drawing, reasons: Sequence[str]) -> dict[str, Any]:
    """All of a task. `reasons`: why formats left some of it out."""
    return {
        "id": scene.task,
        "name": scene.title,
        "split": scene.split,
        "results": [each._asdict() for each in scene.results],
        "owners": list(scene.owners),
        "images": [_image(each, drawing, TASK_SHAPES, TASK_PATHS) for each in scene.images],
        "texts": [[each.name, _runs(each.after, drawing)] for each in scene.texts],
        "lines": [_timeline(each, drawing) for each in scene.timelines],
        "regions": [[*each, drawing.colors.of(each.label)] for each in scene.regions[:TASK_SHAPES]],
        "answers": [list(each) for each in scene.answers[:TASK_SHAPES]],
        "data": [list(each) for each in scene.data],
        "reasons": list(reasons),
    }


def _image(image: ImageScene, drawing: Drawing, most: int, longest: int) -> Mapping[str, Any]:
    number, entry = drawing.entry(image.address)
    shapes = list[list[Any]]()
    for shape in image.shapes[:most]:
        longest -= len(shape.path)
        if longest < 0:
            break
        color = drawing.colors.of(shape.label)
        shapes.append([shape.path, color, shape.pair, shape.label, shape.is_relation])
    return {
        "name": image.name,
        "media": number,
        "problem": _problem(entry, drawing),
        "w": image.width,
        "h": image.height,
        "known": image.is_size_known,
        "shapes": shapes,
        "more": len(image.shapes) - len(shapes),
    }


def _problem(entry: MediaEntry | None, drawing: Drawing) -> str:
    if entry is None:
        return "not pinned: its address is all there is"
    if entry.file is None:
        return f"missing when it was pinned: {entry.missing}"
    return "" if drawing.is_image(entry.file.type) else f"no picture of {entry.file.type}"


def _timeline(line: TimelineScene, drawing: Drawing) -> Mapping[str, Any]:
    number, entry = drawing.entry(line.address)
    player = PLAYERS.get(entry.file.type, "") if entry and entry.file else ""
    return {
        "name": line.name,
        "length": line.length,
        "unit": line.unit,
        "media": number,
        "player": player,
        "problem": "" if entry and entry.file else _problem(entry, drawing),
        "parts": [
            [each.start, each.end, drawing.colors.of(each.label), each.pair, each.label]
            for each in line.segments[:TASK_SHAPES]
        ],
    }


def _runs(runs: Sequence[TextRun], drawing: Drawing) -> list[list[Any]]:
    return [
        [run.text, drawing.colors.of(run.label) if run.side else -1, run.label, list(run.ends)]
        for run in runs
    ]


def _cut(runs: Sequence[TextRun], drawing: Drawing) -> list[list[Any]]:
    """The beginning of a text."""
    shown, left = list[list[Any]](), TILE_TEXT
    for text, color, label, _ in _runs(runs, drawing):
        if left > 0:
            shown.append([text[:left], color, label, []])
        left -= len(text)
    return shown
