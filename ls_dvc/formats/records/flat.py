"""One flat record for each region: what JSONL and PARQUET have in common.

A record has every column, None where it has nothing for it, and a column has one type in all
records. What of a region's value fits no column is in the column `value` as JSON text, so columns
and `value` together are the whole value. A looked-at thing without a region has one record too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

from ls_dvc.formats.interface import Encoded, FormatContext
from ls_dvc.formats.outcomes import Outcome, Reason, all_for, outcome_of_unwritten
from ls_dvc.formats.records.columns import (
    BLANK,
    Columns,
    _one,
    _only_text,
    _points,
    number,
    text,
    texts,
    whole,
)
from ls_dvc.io import canonical_json
from ls_dvc.labels import geometry, region_values
from ls_dvc.labels.canonical import Annotation, Region, Task
from ls_dvc.labels.geometry import Size
from ls_dvc.labels.image_sizes import disagree, image_sizes, with_other_size
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.policy import Selection, TaskState
from ls_dvc.labels.shown_objects import shown_objects

LabeledItem = tuple[
    str | None, int | None
]  # an object's name, and the place in its list if it has one


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The records of a task: a region each, in the order of the annotations and their results."""
    reason = outcome_of_unwritten(selection)
    if reason:
        return Encoded(None, reason, all_for(selection, reason))
    outcomes = [_outcome(region) for region in selection.regions]
    if outcomes and None not in outcomes:
        return Encoded(None, Reason.NOTHING_LEFT, outcomes)
    annotations = selection.annotations
    groups = [(each,) for each in annotations] if selection.per_annotation else [annotations]
    sizes, in_part = _sizes(selection, context.config)
    records = [record for group in groups for record in _records(group, selection, context, sizes)]
    return Encoded(records, None, outcomes, in_part=in_part)


Sizes = Mapping[LabeledItem, Size]


def _sizes(selection: Selection, config: LabelConfig) -> tuple[Sizes, Sequence[tuple[int, Reason]]]:
    """The sizes of images where regions disagree; and the regions that have another one."""

    def item_of(region: Region) -> LabeledItem | None:
        return _thing(region, config) if _outcome(region) is None else None

    if not disagree(selection.regions):
        return {}, ()
    items = {item for item in map(item_of, selection.regions) if item is not None}
    sizes = image_sizes(selection, item_of, items)
    indices = with_other_size(selection, item_of, sizes)
    return sizes, [(index, Reason.SIZE_DIFFERS) for index in indices]


def _outcome(region: Region) -> Outcome:
    if not isinstance(region, Mapping) or not isinstance(region.get("type"), str):
        return Reason.MALFORMED
    fits = region["type"] == "relation" or isinstance(region.get("value"), Mapping)
    return None if fits else Reason.MALFORMED


def _records(
    some: Sequence[Annotation], selection: Selection, context: FormatContext, sizes: Sizes
) -> Iterator[Columns]:
    """The records of annotations that stand together: first regions, then things without one.

    Where a region was dropped nobody knows what it lay on, so no thing is said to have none.
    """
    config, shown = context.config, _shown(selection.task, context.config)
    about = {**BLANK, "task": whole(selection.task["id"]), "state": _state(some, selection)}
    regions = [region for each in some for region in each["result"]]
    for each in some:
        for position, region in enumerate(each["result"]):
            if _outcome(region) is None:
                thing = _thing(region, config)
                on = {"position": position, "item": thing[1], "source": shown.get(thing)}
                yield {**about, **_origin(each), **_region(region, sizes.get(thing)), **on}
    if all(_outcome(region) is None for region in regions):
        for name, item in _bare(shown, regions, config):
            on = {"object": name, "item": item, "source": shown.get((name, item))}
            yield {**about, **_origin(some[-1]), **on}


def _state(some: Sequence[Annotation], selection: Selection) -> str:
    """That of the task; annotations that stand for themselves have their own."""
    if not selection.per_annotation:
        return selection.state.value
    state = TaskState.LABELED if any(each["result"] for each in some) else TaskState.EMPTY
    return state.value


def _origin(annotation: Annotation) -> Columns:
    true = annotation.get("ground_truth")
    return {
        "annotation": whole(annotation.get("id")),
        "annotator": whole(annotation.get("completed_by")),
        "created_at": text(annotation.get("created_at")),
        "lead_time": number(annotation.get("lead_time")),
        "ground_truth": true if isinstance(true, bool) else None,
    }


# --- what is labeled


def _shown(task: Task, config: LabelConfig) -> dict[LabeledItem, str]:
    """What each object of the config shows, pictures of a list one by one; nothings left out."""
    return {
        (shown.name, index): source
        for shown in shown_objects(config, task.get("data"))
        for index, value in shown.items
        if (source := text(value)) is not None
    }


def _bare(
    shown: Mapping[LabeledItem, str], regions: Sequence[Region], config: LabelConfig
) -> list[LabeledItem]:
    """The things to label that have no region; where there is neither, one that is nameless.

    A region on no known object (that of Pairwise lies on two) may lie on any of them.
    """
    taken = {_thing(each, config) for each in regions if each["type"] != "relation"}
    if any(config.object_named(name or "") is None for name, _ in taken):
        return []
    bare = [
        (name, item)
        for name, item in shown
        if (name, item) not in taken and _is_labeled(name or "", config)
    ]
    return bare or ([] if regions else [(None, None)])


def _is_labeled(name: str, config: LabelConfig) -> bool:
    shown = config.object_named(name)
    return shown is not None and shown.name in config.labeled_objects


def _thing(region: Region, config: LabelConfig) -> LabeledItem:
    """What a region lies on. A name that the config lost means its object, if it has but one."""
    name, objects = text(region.get("to_name")), list(config.objects.values())
    shown = config.object_named(name or "")
    if shown is None and len(objects) == 1 and not objects[0].repetition:
        shown, name = objects[0], objects[0].name
    is_list = shown is not None and shown.is_list
    return name, (whole(region.get("item_index")) or 0) if is_list else None


# --- a region


def _region(region: Region, image_size: Size | None) -> Columns:
    """The columns of a region; the geometry in percent as it is, and a box in pixels.

    The size of the image is that of the image, where the region has one of its own.
    """
    if region["type"] == "relation":
        return _relation(region)
    meta, size = region.get("meta"), region_values.image_size(region)
    size = image_size if size and image_size else size
    return {
        "region": text(region.get("id")),
        "control": text(region.get("from_name")),
        "object": text(region.get("to_name")),
        "type": text(region["type"]),
        "origin": text(region.get("origin")),
        "score": number(region.get("score")),
        "parent": text(region.get("parentID")),
        "meta": text(canonical_json.text(meta)) if meta else None,
        "image_width": float(size.width) if size else None,
        "image_height": float(size.height) if size else None,
        "bbox_pixels": _bbox(region["value"], size) if size else None,
        **_value(region["value"], region["type"]),
    }


def _relation(region: Region) -> Columns:
    labels = texts(region.get("labels"))
    listed = {"type", "from_id", "to_id", *(["labels"] if labels is not None else [])}
    return {
        "type": "relation",
        "from_region": text(region.get("from_id")),
        "to_region": text(region.get("to_id")),
        "labels": labels,
        "value": _rest(region, listed),
    }


def _bbox(value: Mapping[str, Any], size: Size) -> list[float] | None:
    """xywh in pixels of the upright box around a box, an ellipse or a polygon."""
    box, oval = region_values.box(value), region_values.ellipse(value)
    points = region_values.polygon(value)
    if box:
        around = box.in_pixels(size).upright()
    elif oval:
        around = geometry.bounding_box(oval.outline(size))
    elif points:
        around = geometry.bounding_box([geometry.pixels(each, size) for each in points])
    else:
        return None
    return [around.x, around.y, around.width, around.height]


def _value(value: Mapping[str, Any], kind: str) -> Columns:
    """A region's value by column; what a column holds as it is, is not in `value` once more."""
    names = kind if kind.endswith("labels") and kind in value else "labels"
    plain, held = dict[str, Any](), set[str]()
    for key, each in value.items():
        column, read = ("labels", texts) if key == names else _READERS.get(key, _NONE)
        found = read(each)
        if found is not None and column not in plain:
            plain[column] = found
            held.add(key)
    return {**_derived(value), **plain, "value": _rest(value, held)}


_KEPT_WHOLE = ("text", "taxonomy", "globalOffsets")


def _derived(value: Mapping[str, Any]) -> Columns:
    """What is a column for convenience, and whole in `value`."""
    if not value.keys() & _KEPT_WHOLE:
        return {}
    typed, paths, offsets = (value.get(key) for key in _KEPT_WHOLE)
    lines, found = texts(typed), offsets if isinstance(offsets, Mapping) else {}
    listed = [texts(each) for each in paths] if isinstance(paths, list) else []
    chosen = [" / ".join(each) for each in listed if each]
    return {
        "text": "\n".join(lines) if lines else None,
        "choices": chosen or None,
        "start": number(found.get("start")),
        "end": number(found.get("end")),
    }


def _rest(value: Mapping[str, Any], listed: Set[str]) -> str | None:
    rest = {key: each for key, each in value.items() if key not in listed}
    return text(canonical_json.text(rest)) if rest else None


# --- values of one type, or None


_NONE: tuple[str, Callable[[Any], Any]] = ("", lambda _: None)  # a key that is no column
_READERS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "x": ("x_percent", number),
    "y": ("y_percent", number),
    "width": ("width_percent", number),
    "height": ("height_percent", number),
    "radiusX": ("radius_x_percent", number),
    "radiusY": ("radius_y_percent", number),
    "rotation": ("rotation_degrees", number),
    "points": ("points_percent", _points),
    "start": ("start", number),
    "end": ("end", number),
    "text": ("text", _only_text),
    "datetime": ("text", _only_text),
    "choices": ("choices", texts),
    "selected": ("choices", _one),
    "number": ("number", number),
    "rating": ("number", number),
}
