"""All that a page shows of a task in one version: every region of every annotation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from ls_dvc.io.printable import cut
from ls_dvc.labeldiff.answers import answer
from ls_dvc.labeldiff.region_place import place_of
from ls_dvc.labels.canonical import Annotation, Region, Task
from ls_dvc.labels.media import TaskMedia
from ls_dvc.labels.task_names import task_name
from ls_dvc.pages import relations, words
from ls_dvc.pages.images import image_scenes
from ls_dvc.pages.region_pairs import RegionPair
from ls_dvc.pages.relations import Regions
from ls_dvc.pages.scenes import ImageScene, TextScene, TimelineScene
from ls_dvc.pages.task_scenes import ScenePlan
from ls_dvc.pages.texts import text_scenes
from ls_dvc.pages.timelines import timeline_scenes

LONGEST = 2000  # characters of a value of the task's data
VALUES = 200  # of the data and the meta of a task


class ResultScene(NamedTuple):
    """An annotation or a prediction: who made it, what is known of it, how many regions it has."""

    author: str
    facts: tuple[str, ...]
    regions: int
    is_prediction: bool


class RegionScene(NamedTuple):
    """A region in words. `pair` is its number in the task, `result` that of its annotation."""

    pair: int
    result: int
    label: str
    words: str
    id: str


class AnswerScene(NamedTuple):
    """What was answered to a control; `result` is the number of the annotation."""

    control: str
    answer: str
    result: int


class VersionScene(NamedTuple):
    """A task with everything in it. `owners`: the number of the result that has each region."""

    task: int
    title: str
    split: str
    results: tuple[ResultScene, ...]
    owners: tuple[int, ...]
    images: tuple[ImageScene, ...]
    texts: tuple[TextScene, ...]
    timelines: tuple[TimelineScene, ...]
    regions: tuple[RegionScene, ...]
    answers: tuple[AnswerScene, ...]
    data: tuple[tuple[str, str], ...]


def version_scene(task: Task, media: TaskMedia, plan: ScenePlan) -> VersionScene:
    """The scene of a task: annotations first, then predictions."""
    results = [*_results(task)]
    owned = [(number, region) for number, each in enumerate(results) for region in each[1]]
    pairs = [RegionPair(None, region, results[number][0].author, None) for number, region in owned]
    return VersionScene(
        task=task["id"],
        title=task_name(task, plan.config),
        split=plan.split_of(task),
        results=tuple(scene for scene, _ in results),
        owners=tuple(number for number, _ in owned),
        images=tuple(image_scenes(task, plan.config, pairs, media, all_images=True)),
        texts=tuple(text_scenes(None, task, plan.config, pairs, all_texts=True)),
        timelines=tuple(timeline_scenes(task, plan.config, pairs, all_recordings=True)),
        regions=tuple(_regions(pairs, [number for number, _ in owned])),
        answers=tuple(
            AnswerScene(_control(pair.known), answer(pair.known), number)
            for pair, (number, _) in zip(pairs, owned, strict=True)
            if pair.is_answer
        ),
        data=tuple(islice(_data(task), VALUES)),
    )


def _results(task: Task) -> Iterator[tuple[ResultScene, Sequence[Region]]]:
    for each in task.get("annotations", ()):
        user = each.get("completed_by")
        author = "somebody" if user is None else f"user {user}"
        yield _result(each, author, is_prediction=False)
    for each in task.get("predictions", ()):
        yield _result(each, f"model {each.get('model_version', '')}".strip(), is_prediction=True)


def _result(
    result: Annotation, author: str, *, is_prediction: bool
) -> tuple[ResultScene, Sequence[Region]]:
    regions = result.get("result")
    listed: Sequence[Region] = regions if isinstance(regions, list) else ()
    facts = tuple(_facts(result))
    return ResultScene(author, facts, len(listed), is_prediction), listed


def _facts(result: Annotation) -> Iterator[str]:
    if result.get("was_cancelled"):
        yield "skipped"
    if result.get("ground_truth"):
        yield "ground truth"
    if isinstance(created := result.get("created_at"), str):
        yield created[:10]
    if isinstance(seconds := result.get("lead_time"), int | float):
        yield f"{seconds:.0f} s"
    if isinstance(score := result.get("score"), int | float):
        yield f"score {score:.2f}"


def _regions(pairs: Sequence[RegionPair], owners: Sequence[int]) -> Iterator[RegionScene]:
    known = relations.regions_by_side(pairs)["after"]
    for number, (pair, owner) in enumerate(zip(pairs, owners, strict=True)):
        region = pair.known
        if pair.is_answer:
            continue
        about = _about(pair, known)
        text = " ".join(filter(None, [words.noun(region), about]))
        name = region.get("id", "") if isinstance(region, Mapping) else ""
        yield RegionScene(number, owner, words.label_of(region), text, str(name))


def _about(pair: RegionPair, known: Regions) -> str:
    """The words of a span, the ends of a relation, where anything else is."""
    region = pair.known
    if relations.is_relation(region):
        return words.relation(region, known)
    quoted = words.quoted(region)
    return f"“{quoted}”" if quoted else place_of(region)


def _control(region: Region) -> str:
    return str(region.get("from_name", "")) if isinstance(region, Mapping) else ""


def _data(task: Task) -> Iterator[tuple[str, str]]:
    """The task's data and its meta, a value in one text each."""
    for part in ("data", "meta"):
        values = task.get(part)
        for key, value in values.items() if isinstance(values, Mapping) else ():
            yield key if part == "data" else f"{part}.{key}", cut(_text(value), LONGEST)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
