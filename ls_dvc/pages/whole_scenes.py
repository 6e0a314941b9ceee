"""The scene of a task in one version, drawn as that of a change in which nothing differs."""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.media import TaskMedia
from ls_dvc.pages.scenes import AnswerChange, RegionLine, TaskScene
from ls_dvc.pages.task_scenes import ScenePlan
from ls_dvc.pages.version_scenes import ResultScene, VersionScene, version_scene


def whole_scene(task: Task, config: LabelConfig, media: TaskMedia) -> TaskScene:
    """The scene of a task as it is, of its annotations alone; answers are `after`."""
    alone = {**task, "predictions": []}
    scene = version_scene(alone, media, ScenePlan(config, lambda _: ""))
    return TaskScene(
        task=scene.task,
        title=scene.title,
        kinds=(),
        labels=tuple(sorted({each.label for each in scene.regions} - {""})),
        annotators=(),
        split=scene.split,
        weight=0.0,
        images=scene.images,
        texts=scene.texts,
        timelines=scene.timelines,
        answers=tuple(AnswerChange(e.control, "", "", e.answer, "") for e in scene.answers),
        lines=tuple(_lines(scene)),
        notes=tuple(_notes(scene.results)),
    )


def _lines(scene: VersionScene) -> Iterator[RegionLine]:
    for each in scene.regions:
        yield RegionLine(each.pair, (), each.label, each.label, each.words, "")


def _notes(results: tuple[ResultScene, ...]) -> Iterator[str]:
    if not results:
        yield "no annotations"
    for each in results:
        if "skipped" in each.facts:
            yield f"skipped by {each.author}"
