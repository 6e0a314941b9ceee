"""Parts of a pin from plain values of a file: each comes back as a type, or it is a `ValueError`.

labels.lock holds them, and what an update notes in the side cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from ls_dvc.io import strict_values
from ls_dvc.io.strict_values import MD5, count, matching, moment, numbers, text
from ls_dvc.pin import id_ranges
from ls_dvc.pin.pin import ExportSnapshot, Probe, SnapshotKind


def probe(values: Any) -> Probe:
    """The state of a project; `KeyError` for what every probe has."""
    given = strict_values.mapping(values)
    if unknown := given.keys() - Probe.__annotations__.keys():
        raise ValueError(f"a probe with the unknown {min(unknown)!r}")
    view = given.get("view")
    return Probe(
        tasks=count(given["tasks"]),
        annotations=count(given["annotations"]),
        predictions=count(given["predictions"]),
        updated_at=moment(given["updated_at"]),
        label_config=text(given["label_config"]),
        summary=text(given["summary"]),
        newest=text(given.get("newest", "")),
        columns=numbers(given.get("columns", {})),
        view=None if view is None else count(view),
        counted=numbers(given.get("counted", {})),
        models=numbers(given.get("models", {})),
        predicted_at=text(given.get("predicted_at", "")),
    )


def export_snapshot(values: Any, first: str = "first", last: str = "last") -> ExportSnapshot:
    """An export snapshot; `first` and `last` are the names of the ids that bound its range."""
    given: Mapping[str, Any] = strict_values.mapping(values)
    if given["kind"] not in get_args(SnapshotKind):
        raise ValueError(f"a snapshot of the unknown kind {given['kind']!r}")
    return ExportSnapshot(
        id=count(given["id"]),
        kind=given["kind"],
        md5=matching(MD5, given["md5"]) if given["md5"] != "" else "",
        tasks=count(given["tasks"]),
        first=count(given.get(first, 0)),
        last=count(given.get(last, 0)),
        removed=id_ranges.unfolded(given.get("removed", ())),
    )
