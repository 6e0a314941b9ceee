"""Fragments of HTML for notebooks: a list of versions, a diff, tasks, one task.

They survive what notebooks do with HTML of others: no script and no style sheet, which viewers
remove, but `style` attributes; drawings are images at `data:` addresses, as inline SVG is removed.
Text has the colour of what is around it, so that it can be read on light and dark. All are bounded
in size: what is beyond is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from ls_dvc.io.printable import cut
from ls_dvc.labeldiff.diff import LabelDiff
from ls_dvc.labeldiff.render import wording
from ls_dvc.labeldiff.render.wording import Style, plain
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.regions import labels_of
from ls_dvc.labels.task_names import task_name
from ls_dvc.pages import document, drawings
from ls_dvc.pages.drawings import LabelColors, SvgDrawing
from ls_dvc.pages.scenes import TaskScene

VERSIONS = 20  # of a list of versions
CLASSES = 20  # of a diff
CHANGES = 15  # tasks of a diff
TASKS = 10  # of a version
LINES = 40  # regions, answers or notes of a task
OBJECTS = 12  # texts of a task, and recordings
RUNS = 1500  # pieces of a text
NARROW = Style(longest_list=4)

Thumbnails = Mapping[str, bytes]
"""JPEG files by the MD5 of the image."""


class VersionRow(NamedTuple):
    """A version in a list; `changes` such as `+3 ~2`, `date` without the time."""

    rev: str
    date: str
    tags: tuple[str, ...]
    tasks: int
    annotations: int
    changes: str
    subject: str


class ChangedTask(NamedTuple):
    """A task that differs: what happened, in phrases."""

    task: int
    kind: str
    name: str
    phrases: Sequence[str]


class ListedTask(NamedTuple):
    """A task in a list; `labels` are how often it has each."""

    task: int
    name: str
    annotations: int
    labels: Sequence[tuple[str, int]]
    more_labels: int


class DrawnObject(NamedTuple):
    """A drawing of an image or a recording, and what it is of."""

    drawing: SvgDrawing
    source: str
    name: str
    address: str


def of_versions(rows: Sequence[VersionRow]) -> str:
    """A table of versions, the first ones of `rows`."""
    values = {"rows": rows[:VERSIONS], "more": max(0, len(rows) - VERSIONS)}
    return document.part("versions.fragment.jinja", values).decode()


def of_diff(diff: LabelDiff, names: tuple[str, str], command: str) -> str:
    """What differs, in tables: classes, then the most changed tasks. `command` shows all of it."""
    classes = [
        (control, label, old, new)
        for control, by_label in diff.classes_changed.items()
        for label, (old, new) in by_label.items()
    ]
    classes.sort(key=lambda row: (-abs(row[3] - row[2]), row))
    tasks = [
        ChangedTask(each.task, each.kind.value, each.name, wording.task(each, NARROW)[:6])
        for each in diff.most_changed[:CHANGES]
    ]
    values = {
        "names": names,
        "summary": wording.task_counts(diff) or "no task changed",
        "totals": [
            ("tasks", wording.step(diff.before.counts.tasks, diff.after.counts.tasks)),
            ("annotations", _annotations(diff)),
        ],
        "config": wording.config(diff.label_config, NARROW),
        "class_ids": wording.registry(diff.registry, NARROW),
        "classes": classes[:CLASSES],
        "more_classes": max(0, len(classes) - CLASSES),
        "tasks": tasks,
        "more": len(diff.tasks) - len(tasks),
        "command": command,
    }
    return document.part("diff.fragment.jinja", values).decode()


def of_tasks(title: str, count: int, tasks: Sequence[Task], config: LabelConfig) -> str:
    """The first tasks of a version that has `count` of them."""
    rows = [_row(task, config) for task in tasks[:TASKS]]
    labels = {label for row in rows for label, _ in row.labels}
    values = {
        "title": title,
        "count": count,
        "rows": rows,
        "more": max(0, count - len(rows)),
        "colors": LabelColors(config, labels),
    }
    return document.part("tasks.fragment.jinja", values).decode()


def of_task(scene: TaskScene, thumbnails: Thumbnails, config: LabelConfig, about: str) -> str:
    """One task, drawn: images and recordings with regions, texts with spans, answers.

    `about` says which version that is. Of what changed, before is dashed.
    """
    colors = LabelColors(config, _labels(scene))
    values = {
        "scene": scene,
        "about": about,
        "images": [
            _drawn(
                drawings.image(each, thumbnails.get(each.file.md5 if each.file else ""), colors),
                each.name,
                each.address,
            )
            for each in scene.images
        ],
        "timelines": [
            _drawn(drawings.timeline(each, colors), each.name, each.address)
            for each in scene.timelines[:OBJECTS]
        ],
        "colors": colors,
        "is_change": bool(scene.kinds),
        "counts": Counter(line.label_after for line in scene.lines).most_common(),
        "limit": LINES,
        "runs": RUNS,
        "objects": OBJECTS,
    }
    return document.part("task.fragment.jinja", values).decode()


def line_of_task(scene: TaskScene, about: str) -> str:
    """Such as `task 7 (street-07.png) in v2: Car 3, Person 1`, for a console."""
    counts = Counter(line.label_after for line in scene.lines)
    labels = [f"{plain(label or 'no label')} {count:,}" for label, count in counts.items()]
    answers = [f"{plain(each.control)}: {plain(each.after)}" for each in scene.answers]
    words = ", ".join(scene.kinds or [*labels, *answers][:LINES]) or "nothing labeled"
    named = f" ({plain(scene.title)})" if scene.title else ""
    return f"task {scene.task}{named} {plain(about)}: {words}"


def _drawn(drawing: SvgDrawing, name: str, address: str) -> DrawnObject:
    return DrawnObject(drawing, drawings.address_of(drawing), cut(name, 80), cut(address, 200))


def _labels(scene: TaskScene) -> set[str]:
    lines = {label for line in scene.lines for label in (line.label_before, line.label_after)}
    return {*scene.labels, *lines} - {""}


def _row(task: Task, config: LabelConfig) -> ListedTask:
    annotations = task.get("annotations", [])
    regions = (region for each in annotations for region in each.get("result", ()))
    labels = Counter(label for region in regions for label in labels_of(region))
    shown = list(islice(labels.most_common(), 6))
    name = task_name(task, config)
    return ListedTask(task["id"], name, len(annotations), shown, len(labels) - len(shown))


def _annotations(diff: LabelDiff) -> str:
    return wording.step(diff.before.counts.annotations, diff.after.counts.annotations)
