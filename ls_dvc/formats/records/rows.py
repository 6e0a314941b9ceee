"""One row for each labeled task: what JSON_MIN, CSV and TSV have in common."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ls_dvc.formats.interface import Encoded, FormatContext
from ls_dvc.formats.outcomes import Outcome, Reason, all_for, outcome_of_unwritten
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
    fates = [_fate(region) for region in selection.regions]
    if selection.apart:
        sources = [(each, each["result"]) for each in selection.annotations]
    else:
        sources = [(selection.annotation, selection.regions)]
    if any(fates):
        sources = [(each, [r for r in some if _fate(r) is None]) for each, some in sources]
    rows = [_row(selection.task, each, regions, context) for each, regions in sources]
    return Encoded(rows, None, fates)


def _row(
    task: Task, annotation: Annotation, regions: list[Region], context: FormatContext
) -> dict[str, Any]:
    by_key, by_control = _naming(context.columns, context.controls)
    row = _fixed(task, annotation)
    for key, value in task.get("data", {}).items():
        row[by_key[key]] = value
    for name, value in _by_control(regions).items():
        row[by_control[name]] = value
    return row


def of_plain(task: FastRowTask, context: FormatContext) -> dict[str, Any] | None:
    """The row of a task whose only annotation counts; None unless all of that is written."""
    by_key, by_control = _naming(context.columns, context.controls)
    made = task.annotations[0]
    row = {
        "id": task.id,
        "annotation_id": made.id,
        "annotator": made.completed_by,
        "created_at": made.created_at,
        "lead_time": made.lead_time,
    }
    for key, value in task.data.items():
        row[by_key[key]] = value
    found, simple = dict[str, list[Any]](), set[str]()
    for each in made.result:
        name, kind = each.from_name, each.type
        if kind == "relation" or not name:
            return None
        values = found.setdefault(name, [])
        if kind in _SIMPLE:
            simple.add(name)
            values += _only(kind, each.value) or [each.sized()]
        else:
            values.append(each.sized())
    for name, values in found.items():
        row[by_control[name]] = values[0] if name in simple and len(values) == 1 else values
    return row


def columns(context: FormatContext) -> list[str]:
    """The columns of the whole table: ours, the data's, the controls'."""
    by_key, by_control = _naming(context.columns, context.controls)
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
def _naming(
    data: tuple[str, ...], controls: tuple[str, ...]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The column of each data key and of each control: its own name, as long as that is free.

    Ours come first, then the controls (`control.id`), then the data (`data.id`).
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


def _fate(region: Region) -> Outcome:
    if not isinstance(region, dict):
        return Reason.MALFORMED
    if region.get("type") == "relation":
        return Reason.RELATION
    fits = isinstance(region.get("value"), dict) and control_of(region)
    return None if fits else Reason.MALFORMED


def _by_control(regions: list[Region]) -> dict[str, Any]:
    found: dict[str, list[Region]] = {}
    for region in regions:
        found.setdefault(region["from_name"], []).append(region)
    return {name: _pretty([_plain(each) for each in some], some) for name, some in found.items()}


def _plain(region: Region) -> Any:
    """The value of one region; a single choice or text as it is."""
    value = region["value"]
    if only := _only(str(region.get("type")), value):
        return only[0]
    plain = dict(value)
    for key in ("original_width", "original_height"):
        if key in region:
            plain[key] = region[key]
    return plain


def _only(kind: str, value: Mapping[str, Any]) -> list[Any]:
    """The single choice or text in the value of such a region; empty where there is none."""
    held = value.get(_SIMPLE[kind]) if kind in _SIMPLE else None
    return held if isinstance(held, list) and len(held) == 1 else []


def _pretty(values: list[Any], regions: list[Region]) -> Any:
    single = len(values) == 1 and str(regions[0].get("type")) in _SIMPLE
    return values[0] if single else values


_SIMPLE = {"choices": "choices", "textarea": "text"}  # kinds of regions, and where they have it
