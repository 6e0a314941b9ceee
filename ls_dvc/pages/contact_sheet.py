"""The contact sheet of a change: an SVG with the most changed tasks side by side.

It is a picture, without script: old shapes are dashed, new ones solid. Text is cut by the width of
its characters, as nothing wraps it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ls_dvc.io.printable import printable, printable_lines
from ls_dvc.labeldiff.diff import LabelDiff
from ls_dvc.labeldiff.render import wording
from ls_dvc.pages import document
from ls_dvc.pages.cards import line_in_words
from ls_dvc.pages.scenes import DrawnShape, ImageScene, TaskScene, TextRun, TimelineScene

MOST = 24  # tasks
WIDTH, HEIGHT = 300, 200  # of the picture of a task
_COLUMNS, _GAP, _MARGIN, _HEAD, _CAPTION = 3, 18, 24, 78, 96
_LINES = 3  # of what changed, below a picture
_CELLS = 41  # of a line: a Latin character is one, a Chinese one is two
_TEXT_LINES = 4  # of each version of a text
_ORDER = {"both": 0, "after": 1, "before": 2}  # what is drawn later is on top


@dataclass(frozen=True)
class ContactSheet:
    """What the sheet is about: `scenes` are the first of `count` tasks that differ, in order."""

    diff: LabelDiff
    names: tuple[str, str]
    scenes: Sequence[TaskScene]


class CaptionLine(NamedTuple):
    """A line below a picture, with the label whose colour it has; empty without one."""

    label: str
    text: str


class Tile(NamedTuple):
    """A task on the sheet: where it is, its picture or its words, and what changed."""

    x: int
    y: int
    title: str
    facts: str
    caption: tuple[CaptionLine, ...]
    image: ImageScene | None
    shapes: tuple[DrawnShape, ...]
    timeline: TimelineScene | None
    words: tuple[tuple[TextRun, ...], ...]


def render(sheet: ContactSheet, thumbnails: Mapping[str, bytes]) -> bytes:
    """The sheet; the same for the same versions and thumbnails (JPEG by MD5 of the image)."""
    tiles = [_tile(number, scene) for number, scene in enumerate(sheet.scenes[:MOST])]
    rows = -(-len(tiles) // _COLUMNS)
    labels = sorted({label for scene in sheet.scenes[:MOST] for label in _labels(scene)})
    values = {
        "tiles": tiles,
        "title": _cut(" → ".join(sheet.names), 2 * _CELLS),
        "summary": _summary(sheet.diff, len(tiles)),
        "width": 2 * _MARGIN + _COLUMNS * (WIDTH + _GAP) - _GAP,
        "height": _HEAD + rows * (HEIGHT + _CAPTION + _GAP) + _MARGIN,
        "tile": (WIDTH, HEIGHT, HEIGHT + _CAPTION),
        "images": {md5: document.base64_of(each) for md5, each in thumbnails.items()},
        "colors": {label: number % 12 for number, label in enumerate(labels)},
    }
    return document.html("sheet.svg.jinja", values, ("sheet.css", "colors.css"), "")


def _summary(diff: LabelDiff, shown: int) -> str:
    counts = wording.task_counts(diff) or "no task changed"
    rest = len(diff.tasks) - shown
    return f"{counts} · the {shown} with the largest changes" if rest else counts


def _tile(number: int, scene: TaskScene) -> Tile:
    row, column = divmod(number, _COLUMNS)
    image = next(
        (each for each in scene.images if any(shape.side != "both" for shape in each.shapes)),
        scene.images[0] if scene.images else None,
    )
    timeline = scene.timelines[0] if scene.timelines and image is None else None
    is_text = image is None and timeline is None
    return Tile(
        x=_MARGIN + column * (WIDTH + _GAP),
        y=_HEAD + row * (HEIGHT + _CAPTION + _GAP),
        title=_cut(scene.title or f"task {scene.task}", _CELLS - 7),
        facts=_facts(scene),
        caption=tuple(_caption(scene)),
        image=image,
        shapes=tuple(sorted(image.shapes, key=lambda shape: _ORDER[shape.side])) if image else (),
        timeline=timeline,
        words=tuple(_words(scene)) if is_text else (),
    )


def _facts(scene: TaskScene) -> str:
    whole = [kind for kind in scene.kinds if kind.startswith("task ")]
    users = [f"user {each}" for each in scene.annotators[:3]]
    return _cut(" · ".join([*(whole or ["task"]), str(scene.task), *users]), _CELLS)


def _caption(scene: TaskScene) -> Iterator[CaptionLine]:
    """What changed, in a few lines."""
    regions = [(each.label_after or each.label_before, line_in_words(each)) for each in scene.lines]
    answers = [
        ("", f"{each.control}: {each.before or '–'} → {each.after or '–'}")
        for each in scene.answers
    ]
    found = Counter([*regions, *answers, *(("", note) for note in scene.notes)])
    lines = [
        CaptionLine(label, text + (f" ×{count:,}" if count > 1 else ""))
        for (label, text), count in found.items()
    ]
    shown = lines if len(lines) <= _LINES else lines[: _LINES - 1]
    for line in shown:
        yield CaptionLine(line.label, _cut(line.text, _CELLS - 2))
    if len(lines) > len(shown):
        yield CaptionLine("", f"… and {len(lines) - len(shown):,} more")


def _labels(scene: TaskScene) -> Iterator[str]:
    """Every label that is drawn."""
    yield from scene.labels
    yield from (shape.label for image in scene.images for shape in image.shapes)
    yield from (part.label for line in scene.timelines for part in line.segments)
    for text in scene.texts:
        yield from (run.label for run in (*text.before, *text.after) if run.side)
    for line in scene.lines:
        yield from line[2:4]


def _words(scene: TaskScene) -> Iterator[tuple[TextRun, ...]]:
    """The lines of a text around what changed: of a text that is the same, where spans differ."""
    for text in scene.texts[:1]:
        sides = [text.before, text.after]
        is_same = _text_of(text.before) == _text_of(text.after)
        differing = [side for side in sides if any(map(_is_changed, side))] if is_same else sides
        for number, side in enumerate(differing or [text.after]):
            if number and side and differing[0]:
                yield ()
            yield from _wrapped(side)


def _text_of(runs: Sequence[TextRun]) -> str:
    return "".join(run.text for run in runs)


def _is_changed(run: TextRun) -> bool:
    return run.side not in (None, "both")


def _wrapped(runs: Sequence[TextRun]) -> list[tuple[TextRun, ...]]:
    """The runs in lines, from a few words before the first that differs."""
    changed = next((number for number, run in enumerate(runs) if _is_changed(run)), 0)
    context = [run._replace(text=_end_of(run.text)) for run in runs[:changed][-1:]]
    lines, line, room = list[tuple[TextRun, ...]](), list[TextRun](), _CELLS
    for run in (*context, *runs[changed:]):
        for word in re.findall(r"\S+ ?| ", " ".join(printable_lines(run.text).split("\n"))):
            piece = _cut(word, _CELLS)
            if _cells(piece) > room:
                lines, line, room = [*lines, tuple(line)], [], _CELLS
            if len(lines) == _TEXT_LINES:
                return lines
            line.append(run._replace(text=piece))
            room -= _cells(piece)
    return [*lines, tuple(line)] if line else lines


def _end_of(text: str) -> str:
    return text if len(text) <= _CELLS else f"…{text[-_CELLS:]}"


def _cut(text: str, cells: int) -> str:
    """The text on one line, harmless, and not wider."""
    shown, room = "", cells
    for character in printable(text):
        room -= _cells(character)
        if room < 0:
            return f"{shown[:-1]}…"
        shown += character
    return shown


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
