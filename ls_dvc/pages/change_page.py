"""The page of a change: one file of HTML with everything in it, which asks for nothing.

All text is in the HTML, so that a browser finds it; images are drawn as they come into view, from
the JSON in the page. The page's policy allows its own script and style alone, by their hashes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ls_dvc.labeldiff.diff import LabelDiff
from ls_dvc.labeldiff.render import wording
from ls_dvc.labeldiff.render.wording import Style
from ls_dvc.pages import document, scenes
from ls_dvc.pages.scenes import TaskScene

Thumbnails = Mapping[str, bytes]
"""JPEG files by the MD5 of the image."""

_STYLE = Style()
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

    `scenes` are in the order of the page; `link` gives the address of a task in Label Studio.
    """

    diff: LabelDiff
    names: tuple[str, str]
    scenes: Sequence[TaskScene]
    link: Callable[[int], str] | None = None


class ClassRow(NamedTuple):
    """A class: how many regions it has before and after, gained and lost."""

    control: str
    label: str
    before: int
    after: int
    gained: int
    lost: int


def render(page: ChangePage, thumbnails: Thumbnails) -> bytes:
    """The page; the same for the same versions and thumbnails."""
    values = {
        "page": page,
        "diff": page.diff,
        "data": document.json_in_script(_script_data(page)),
        "images": {md5: document.base64_of(each) for md5, each in thumbnails.items()},
        "classes": list(_classes(page)),
        "relabels": scenes.relabels(page.scenes),
        "filters": _filters(page.scenes),
        "summary": wording.task_counts(page.diff),
        "config": wording.config(page.diff.label_config, _STYLE),
        "config_lines": page.diff.label_config.lines(),
        "class_ids": wording.registry(page.diff.registry, _STYLE),
        "colors": _colors(page.scenes),
    }
    return document.html("change.html.jinja", values, ("page.css",), "page.js")


def _script_data(page: ChangePage) -> dict[str, Any]:
    return {
        "colors": _colors(page.scenes),
        "tasks": [scenes.document(each) for each in page.scenes],
    }


def _colors(found: Sequence[TaskScene]) -> dict[str, int]:
    """A number for each label, which is its colour."""
    labels = {shape.label for scene in found for image in scene.images for shape in image.shapes}
    labels.update(run.label for scene in found for text in scene.texts for run in text.before)
    labels.update(run.label for scene in found for text in scene.texts for run in text.after)
    labels.update(
        each.label for scene in found for line in scene.timelines for each in line.segments
    )
    labels.update(label for scene in found for label in scene.labels)
    return {label: number for number, label in enumerate(sorted(labels))}


def _classes(page: ChangePage) -> Iterator[ClassRow]:
    """Every class of which a region differs, the most changed first."""
    gained, lost = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for task in page.diff.tasks:
        for annotation in task.annotations:
            for region in annotation.regions:
                before, after = {*region.labels_before}, {*region.labels_after}
                gained.update((region.control, label) for label in after - before)
                lost.update((region.control, label) for label in before - after)
    known = {
        (control, label): counts
        for control, by_label in page.diff.classes.items()
        for label, counts in by_label.items()
    }
    keys = {*gained, *lost, *(key for key, (old, new) in known.items() if old != new)}
    for key in sorted(keys, key=lambda key: (-gained[key] - lost[key], key)):
        yield ClassRow(*key, *known.get(key, (0, 0)), gained[key], lost[key])


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
