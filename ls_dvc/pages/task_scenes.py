"""From two versions of a task to all that a page shows of what changed in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ls_dvc.labeldiff.answers import answer
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.task_changes import AnnotationChange, TaskChange
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.media import TaskMedia
from ls_dvc.labels.regions import ANSWERS
from ls_dvc.labels.task_names import task_name
from ls_dvc.pages import relations, words
from ls_dvc.pages.images import image_scenes
from ls_dvc.pages.region_pairs import RegionPair, Side, region_pairs
from ls_dvc.pages.relations import Regions
from ls_dvc.pages.scenes import AnswerChange, RegionLine, TaskScene
from ls_dvc.pages.texts import text_scenes
from ls_dvc.pages.timelines import timeline_scenes


@dataclass(frozen=True)
class ScenePlan:
    """What scenes of tasks are made with: the config, and which split a task belongs to."""

    config: LabelConfig
    split_of: Callable[[Task], str]


def task_scene(
    change: TaskChange, old: Task | None, new: Task | None, media: TaskMedia, plan: ScenePlan
) -> TaskScene:
    """The scene of one task; at least one of `old` and `new` is there.

    Objects on which nothing differs are shown too where all that differs is an answer about them.
    """
    task: Task = new or old or {}
    pairs = list(region_pairs(old, new))
    whole = change.kind is not ChangeKind.CHANGED or bool(change.data or change.media)
    lines = tuple(_lines(pairs))
    answers = tuple(_answers(pairs))
    is_all_shown = whole or (bool(answers) and not lines)
    return TaskScene(
        task=change.task,
        title=task_name(task, plan.config),
        kinds=_kinds(change, pairs),
        labels=_labels(pairs),
        annotators=tuple(
            sorted({pair.annotator for pair in pairs if pair.annotator and pair.change})
        ),
        split=plan.split_of(task),
        weight=sum(pair.weight for pair in pairs) + 0.5 * whole,
        images=tuple(image_scenes(task, plan.config, pairs, media, all_images=is_all_shown)),
        texts=tuple(text_scenes(old, new, plan.config, pairs, all_texts=is_all_shown)),
        timelines=tuple(timeline_scenes(task, plan.config, pairs, all_recordings=is_all_shown)),
        answers=answers,
        lines=lines,
        notes=tuple(_notes(change)),
    )


def _kinds(change: TaskChange, pairs: Sequence[RegionPair]) -> tuple[str, ...]:
    kinds: dict[str, None] = dict.fromkeys(kind for pair in pairs for kind in pair.kinds)
    if change.kind is not ChangeKind.CHANGED:
        kinds = {f"task {change.kind.value}": None, **kinds}
    others = {
        "data": bool(change.data or change.meta or change.fields),
        "media": bool(change.media),
        "prediction": change.predictions_changed,
    }
    return (*kinds, *(name for name, is_there in others.items() if is_there))


def _labels(pairs: Sequence[RegionPair]) -> tuple[str, ...]:
    versions = [each for pair in pairs if pair.change for each in (pair.before, pair.after)]
    return tuple(sorted({words.label_of(region) for region in versions} - {""}))


def _lines(pairs: Sequence[RegionPair]) -> Iterator[RegionLine]:
    """A line for each region that differs."""
    regions = relations.regions_by_side(pairs)
    for number, pair in enumerate(pairs):
        if pair.change is None or pair.is_answer:
            continue
        before, after = words.label_of(pair.before), words.label_of(pair.after)
        text = f"{words.noun(pair.known)} {words.happened(pair)}{_about_region(pair, regions)}"
        yield RegionLine(number, pair.kinds, before, after, text, pair.annotator)


def _about_region(pair: RegionPair, regions: Mapping[Side, Regions]) -> str:
    """The words of a span, the ends of a relation, when a segment is."""
    if relations.is_relation(pair.known):
        side: Side = "before" if pair.after is None else "after"
        return f": {words.relation(pair.known, regions[side])}"
    quoted = words.quoted(pair.known)
    return f" “{quoted}”" if quoted else words.times(pair)


def _answers(pairs: Sequence[RegionPair]) -> Iterator[AnswerChange]:
    regions = relations.regions_by_side(pairs)
    for pair in pairs:
        if pair.change is not None and pair.is_answer:
            yield AnswerChange(
                control=pair.change.control,
                region=_about(pair, regions),
                before=answer(pair.before),
                after=answer(pair.after),
                annotator=pair.annotator,
            )


def _about(pair: RegionPair, regions: Mapping[Side, Regions]) -> str:
    """The region that an answer is about; empty when it is about the whole task."""
    side: Side = "before" if pair.after is None else "after"
    name = pair.known.get("id") if isinstance(pair.known, dict) else None
    region = regions[side].get(str(name))
    if region is None or region.get("type") in ANSWERS:
        return ""
    what = words.label_of(region) or words.noun(region)
    return " ".join(filter(None, [what, words.place(region)]))


def _notes(change: TaskChange) -> Iterator[str]:
    for what, keys in (("data", change.data), ("meta", change.meta), ("task", change.fields)):
        if keys:
            yield f"{what} changed: {', '.join(keys)}"
    if change.media:
        yield f"another file, or none, at the same address: {', '.join(change.media)}"
    if change.predictions_changed:
        yield "predictions changed"
    for each in change.annotations:
        yield from _annotation_notes(each)


def _annotation_notes(change: AnnotationChange) -> Iterator[str]:
    author = f" by user {change.annotator}" if change.annotator is not None else ""
    if change.kind is not ChangeKind.CHANGED:
        skipped = ", skipped" if change.skipped else ""
        yield f"annotation {change.annotation}{author} {change.kind.value}{skipped}"
    elif change.fields:
        yield f"annotation {change.annotation}{author}: {', '.join(change.fields)} changed"
    if change.reordered:
        yield f"annotation {change.annotation}: regions have another order"
