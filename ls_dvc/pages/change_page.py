"""The page of a change: one file of HTML with everything in it, which asks for nothing.

All text is in the HTML, so that a browser finds it; images are drawn, and lines of words coloured,
as they come into view, from the JSON in the page. The page's policy allows its own script and style
alone, by their hashes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ls_dvc.labeldiff.class_changes import class_changes
from ls_dvc.labeldiff.diff import LabelDiff
from ls_dvc.labeldiff.render import wording
from ls_dvc.labeldiff.render.wording import Style
from ls_dvc.pages import cards, document, scenes
from ls_dvc.pages.scenes import TaskScene

Thumbnails = Mapping[str, bytes]
"""JPEG files by the MD5 of the image."""

_STYLE = Style()
_STYLES = ("page.css", "colors.css")
_KINDS = (
    "task added",
    "task removed",
    "added",
    "removed",
    "relabeled",
    "moved",
    "resized",
    "reshaped",
    "edited",
    "answer",
    "data",
    "media",
    "prediction",
)  # in the order of the filter


@dataclass(frozen=True)
class ChangePage:
    """What the page is about. `names` are what to call the two versions.

    `scenes` are in the order of the page; `link` gives the address of a task in Label Studio;
    `warnings` are sentences to show above the tasks.
    """

    diff: LabelDiff
    names: tuple[str, str]
    scenes: Sequence[TaskScene]
    link: Callable[[int], str] | None = None
    warnings: Sequence[str] = ()


class RenderedPage(NamedTuple):
    """A page, how many of its tasks are on it, and the images that it has."""

    content: bytes
    tasks: int
    images: Thumbnails


def render(
    page: ChangePage, max_size: int, thumbnails: Callable[[Sequence[TaskScene], int], Thumbnails]
) -> RenderedPage:
    """The page in at most `max_size` bytes; the same for the same versions and thumbnails.

    Tasks come first: a card without its drawing where that is large, none of those that do not
    fit. `thumbnails` is called with the scenes that are on the page and the bytes left for images.
    """
    labels = {label: number for number, label in enumerate(_labels(page.scenes))}
    frame = document.html("change.html.jinja", _values(page, labels), _STYLES, "page.js")
    made = cards.fitting(page.scenes, labels, page.link, max_size - len(frame))
    scenes_shown = page.scenes[: len(made.html)]
    images = thumbnails(scenes_shown, made.room)
    parts = {
        "cards": [*cards.grouped(made.html), cards.rest(len(page.scenes) - len(made.html))],
        "data": [b",".join(made.data)],
        "images": [_image(*each) for each in images.items()],
    }
    return RenderedPage(document.filled(frame, parts), len(scenes_shown), images)


def _values(page: ChangePage, labels: Mapping[str, int]) -> dict[str, Any]:
    return {
        "page": page,
        "diff": page.diff,
        "labels": labels,
        "label_names": document.json_in_script(list(labels)),
        "classes": class_changes(page.diff),
        "relabels": scenes.relabels(page.scenes),
        "filters": _filters(page.scenes),
        "summary": wording.task_counts(page.diff),
        "config": wording.config(page.diff.label_config, _STYLE),
        "config_lines": page.diff.label_config.lines(),
        "class_ids": wording.registry(page.diff.registry, _STYLE),
    }


def _image(md5: str, jpeg: bytes) -> bytes:
    text = document.base64_of(jpeg)
    return f'<script type="text/plain" id="m{md5}">{text}</script>\n'.encode()


def _labels(found: Sequence[TaskScene]) -> list[str]:
    """All labels; the place of each is its colour. The first is that of what has none."""
    labels = {shape.label for scene in found for image in scene.images for shape in image.shapes}
    for scene in found:
        for text in scene.texts:
            labels.update(run.label for run in (*text.before, *text.after))
        for timeline in scene.timelines:
            labels.update(each.label for each in timeline.segments)
        labels.update(scene.labels)
        labels.update(label for line in scene.lines for label in line[2:4])
    return ["", *sorted(labels - {""})]


def _filters(found: Sequence[TaskScene]) -> dict[str, list[tuple[str, int]]]:
    """How many tasks each choice of each filter has."""
    kinds = Counter(kind for scene in found for kind in scene.kinds)
    labels = Counter(label for scene in found for label in scene.labels)
    people = Counter(user for scene in found for user in scene.annotators)
    splits = Counter(scene.split for scene in found if scene.split)
    return {
        "kind": [(kind, kinds[kind]) for kind in _KINDS if kinds[kind]],
        "label": sorted(labels.items()),
        "annotator": sorted(people.items(), key=lambda item: (len(item[0]), item[0])),
        "split": sorted(splits.items()),
    }
