"""One row for each labeled task: what JSON_MIN, CSV and TSV have in common."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ls_dvc.formats.interface import Encoded, FormatContext
from ls_dvc.formats.outcomes import Outcome, Reason, all_for, outcome_of_unwritten
from ls_dvc.formats.records.answers import (
    ANSWER_KEYS,
    SIMPLE,
    drawn_types,
    has_shape,
    id_of,
    is_about_region,
    single,
)
from ls_dvc.formats.records.fast_rows import FastRowTask
from ls_dvc.labels.canonical import Annotation, Region, Task
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.regions import control_of

FIXED = ("id", "annotation_id", "annotator", "created_at", "lead_time")


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """Rows: mappings from column to value. What a task has nothing for is missing.

    A row holds all that counts of a task; one annotation of it where each stands for itself.
    """
    data = selection.task.get("data", {})
    reason = outcome_of_unwritten(selection)
    if not reason and not isinstance(data, Mapping):
        reason = Reason.MALFORMED
    if reason or selection.annotation is None:
        return Encoded(None, reason, all_for(selection, reason))
    outcomes = [_outcome(region) for region in selection.regions]
    if selection.per_annotation:
        sources = [(annotation, annotation["result"]) for annotation in selection.annotations]
    else:
        sources = [(selection.annotation, selection.regions)]
    if any(outcomes):
        sources = [
            (annotation, [region for region in regions if _outcome(region) is None])
            for annotation, regions in sources
        ]
    rows = [_row(selection.task, annotation, regions, context) for annotation, regions in sources]
    return Encoded(rows, None, outcomes)


def _row(
    task: Task, annotation: Annotation, regions: list[Region], context: FormatContext
) -> dict[str, Any]:
    by_key, by_control = _column_names(context.columns, context.controls)
    row = _fixed(task, annotation)
    for key, value in task.get("data", {}).items():
        row[by_key[key]] = value
    for name, value in _by_control(regions).items():
        row[by_control[name]] = value
    return row


def of_fast_task(task: FastRowTask, context: FormatContext) -> dict[str, Any] | None:
    """The row of a task with one annotation; None where only `encode` knows, or drops something."""
    by_key, by_control = _column_names(context.columns, context.controls)
    annotation = task.annotations[0]
    row = {
        "id": task.id,
        "annotation_id": annotation.id,
        "annotator": annotation.completed_by,
        "created_at": annotation.created_at,
        "lead_time": annotation.lead_time,
    }
    for key, value in task.data.items():
        row[by_key[key]] = value
    by_name, simple = dict[str, list[Any]](), set[str]()
    for region in annotation.result:
        name, kind = region.from_name, region.type
        if kind == "relation" or not name:
            return None
        values = by_name.setdefault(name, [])
        if kind not in ANSWER_KEYS:
            values.append(region.sized())
        elif has_shape(region.value):
            return None
        elif kind in SIMPLE:
            simple.add(name)
            values += single(kind, region.value) or [region.sized()]
        else:
            values.append(region.sized())
    for name, values in by_name.items():
        row[by_control[name]] = values[0] if name in simple and len(values) == 1 else values
    return row


def column_types(context: FormatContext, other: str) -> dict[str, str]:
    """The types of all columns for `load_dataset`; `other` is that of data and controls."""
    types = ("int64", "int64", "int64", "string", "float64")
    return {**dict.fromkeys(columns(context), other), **dict(zip(FIXED, types, strict=True))}


def columns(context: FormatContext) -> list[str]:
    """The columns of the whole table: those of ls-dvc, of the data, of the controls."""
    by_key, by_control = _column_names(context.columns, context.controls)
    return [*FIXED, *by_key.values(), *by_control.values()]


def _fixed(task: Task, annotation: Annotation) -> dict[str, Any]:
    """Values for all of FIXED."""
    return {
        "id": task["id"],
        "annotation_id": annotation.get("id"),
        "annotator": annotation.get("completed_by"),
        "created_at": annotation.get("created_at"),
        "lead_time": annotation.get("lead_time"),
    }


@lru_cache(maxsize=8)
def _column_names(
    data: tuple[str, ...], controls: tuple[str, ...]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The column of each data key and of each control: its own name, as long as that is free.

    Those of ls-dvc come first, then the controls (`control.id`), then the data (`data.id`).
    """
    taken = set(FIXED)
    by_control = {name: _free(name, "control.", taken, {*controls}) for name in controls}
    by_key = {key: _free(key, "data.", taken, {*data}) for key in data}
    return by_key, by_control


def _free(name: str, prefix: str, taken: set[str], siblings: set[str]) -> str:
    """`name`, or with the prefix put before it until it is nobody's; then it is taken."""
    column = name
    while column in taken or (column != name and column in siblings):
        column = prefix + column
    taken.add(column)
    return column


def _outcome(region: Region) -> Outcome:
    if not isinstance(region, dict):
        return Reason.MALFORMED
    if region.get("type") == "relation":
        return Reason.RELATION
    is_value = isinstance(region.get("value"), dict) and control_of(region)
    return None if is_value else Reason.MALFORMED


def _by_control(regions: list[Region]) -> dict[str, Any]:
    """The values of each control: a list, or one choice or text about the task as it is."""
    drawn = drawn_types(regions)
    answered = {id_of(region) for region in regions if is_about_region(region)} - {""}
    values, bare = dict[str, list[Any]](), dict[str, bool]()
    for region in regions:
        name, kind = region["from_name"], str(region.get("type"))
        is_about = is_about_region(region)
        bare.setdefault(name, kind in SIMPLE and not is_about)
        only = [] if is_about else single(kind, region["value"])
        named = _named(region, drawn) if is_about or id_of(region) in answered else {}
        values.setdefault(name, []).append(only[0] if only else {**_sized(region), **named})
    return {
        name: listed[0] if len(listed) == 1 and bare[name] else listed
        for name, listed in values.items()
    }


def _sized(region: Region) -> dict[str, Any]:
    """The value of a region, with the size of its image."""
    sizes = {key: region[key] for key in ("original_width", "original_height") if key in region}
    return {**region["value"], **sizes}


def _named(region: Region, drawn: Mapping[str, str]) -> dict[str, str]:
    """The id by which a region and the answers about it find each other; of these the type, too."""
    region_id = id_of(region)
    is_answer = str(region.get("type")) in ANSWER_KEYS
    kind = {"region_type": drawn[region_id]} if is_answer and region_id in drawn else {}
    return {"region": region_id, **kind} if region_id else {}
