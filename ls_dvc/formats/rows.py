"""One row for each labeled task: what JSON_MIN, CSV and TSV have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ls_dvc.canonical import Region
from ls_dvc.formats.base import Encoded, Project
from ls_dvc.label_config import control_of
from ls_dvc.ledger import Fate, Reason, all_for, fate_of_unwritten
from ls_dvc.select import Labels

FIXED = ("id", "annotation_id", "annotator", "created_at", "lead_time")


def encode(labels: Labels, project: Project) -> Encoded:
    """A mapping from column to value; a column whose task has nothing for it is missing."""
    reason = fate_of_unwritten(labels)
    if reason or labels.annotation is None:
        return Encoded(None, reason, all_for(labels, reason))
    fates = [_fate(region) for region in labels.regions]
    written = [r for r, fate in zip(labels.regions, fates, strict=True) if fate is None]
    row: dict[str, Any] = {
        "id": labels.task["id"],
        "annotation_id": labels.annotation.get("id"),
        "annotator": labels.annotation.get("completed_by"),
        "created_at": labels.annotation.get("created_at"),
        "lead_time": labels.annotation.get("lead_time"),
    }
    data = labels.task.get("data")
    for key, value in data.items() if isinstance(data, Mapping) else ():
        row[data_column(key, project)] = value
    return Encoded({**row, **_by_control(written)}, None, fates)


def columns(project: Project) -> list[str]:
    """The columns of the whole table: ours, the data's, the controls'."""
    data = [data_column(each, project) for each in project.columns]
    return [*FIXED, *data, *_controls(project)]


def data_column(key: str, project: Project) -> str:
    """The column of a data key: its own name, or `data.` before it where that is another's."""
    others = {*FIXED, *_controls(project)}
    while key in others:
        key = f"data.{key}"
        others |= set(project.columns)
    return key


def _controls(project: Project) -> list[str]:
    return sorted({*project.config.controls, *project.controls})


def _fate(region: Region) -> Fate:
    if not isinstance(region, Mapping):
        return Reason.MALFORMED
    if region.get("type") == "relation":
        return Reason.RELATION
    fits = isinstance(region.get("value"), Mapping) and control_of(region)
    return None if fits else Reason.MALFORMED


def _by_control(regions: list[Region]) -> dict[str, Any]:
    found: dict[str, list[Region]] = {}
    for region in regions:
        found.setdefault(region["from_name"], []).append(region)
    return {name: _pretty([_plain(each) for each in some], some) for name, some in found.items()}


def _plain(region: Region) -> Any:
    """The value of one region; a single choice or text as it is."""
    value, kind = region["value"], region.get("type")
    for simple, key in (("choices", "choices"), ("textarea", "text")):
        only = value.get(key)
        if kind == simple and isinstance(only, list) and len(only) == 1:
            return only[0]
    sizes = ("original_width", "original_height")
    return {**value, **{key: region[key] for key in sizes if key in region}}


def _pretty(values: list[Any], regions: list[Region]) -> Any:
    kinds = {region.get("type") for region in regions}
    return values[0] if len(values) == 1 and kinds <= {"choices", "textarea"} else values


def in_order(row: Mapping[str, Any], names: list[str]) -> Iterator[Any]:
    """The values of a row in the order of the columns; None where it has none."""
    return (row.get(name) for name in names)
