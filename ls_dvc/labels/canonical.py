"""The canonical form of a task: what counts as a label, in one order, written one way.

A server adds bookkeeping to a task (counters, drafts, last editors) that moves without any
label moving. Only the fields named here are kept, so equal labels are equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ls_dvc.io.canonical_json import parse as parse
from ls_dvc.io.canonical_json import text

Task = dict[str, Any]
Annotation = dict[str, Any]
Region = Any  # an entry of `result`: a dict unless some tool stored something else

TASK_FIELDS = ("id", "inner_id", "data", "meta", "created_at")
ANNOTATION_FIELDS = (
    "id",
    "completed_by",
    "created_at",
    "ground_truth",
    "lead_time",
    "result",
    "was_cancelled",
)
PREDICTION_FIELDS = ("id", "created_at", "model_version", "result", "score")


def task(raw: Mapping[str, Any]) -> Task:
    """The canonical form of one exported task.

    Annotations and predictions are ordered by id. `result` keeps its order, which is the
    annotator's (of two overlapping masks the later one is on top). Geometry stays as Label Studio
    stores it: percent of the image, xywh, rotation clockwise in degrees.
    """
    return {
        **_fields(raw, TASK_FIELDS),
        "annotations": _by_id(map(_annotation, raw.get("annotations") or ())),
        "predictions": _by_id(
            _fields(prediction, PREDICTION_FIELDS)
            for prediction in raw.get("predictions") or ()
            if isinstance(prediction, Mapping)
        ),
    }


def _annotation(raw: Mapping[str, Any]) -> Annotation:
    annotation = _fields(raw, ANNOTATION_FIELDS)
    if "completed_by" in annotation:
        annotation["completed_by"] = _user_id(annotation["completed_by"])
    result = annotation.get("result") or []
    return {**annotation, "result": result if isinstance(result, list) else [result]}


def _user_id(author: Any) -> int | float | None:
    """The number of a user. Some servers say more of them, or else: an e-mail address, a name.

    None where there is no number: who it was stays on the server.
    """
    if isinstance(author, Mapping):
        return _user_id(author.get("id"))
    if isinstance(author, str):
        return int(author) if author.isascii() and author.isdecimal() and len(author) < 19 else None
    return author if isinstance(author, int | float) else None


def _fields(raw: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: raw[name] for name in fields if raw.get(name) is not None}


def _by_id(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(items, key=lambda item: (item.get("id", 0), text(item)))
