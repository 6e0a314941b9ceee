"""The canonical form of a task: what counts as a label, in one order, written one way.

A server adds bookkeeping to a task (counters, drafts, last editors) that moves without any
label moving. Only the fields named here are kept, so equal labels are equal bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

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

    Annotations and predictions are ordered by id. The order of `result` is kept: it is the
    annotator's (of two overlapping masks, the later one lies on top). Geometry stays as Label
    Studio stores it: percent of the image, xywh, rotation clockwise in degrees.
    """
    return {
        **_keep(raw, TASK_FIELDS),
        "annotations": _by_id(_annotation(each) for each in raw.get("annotations") or ()),
        "predictions": _by_id(
            _keep(each, PREDICTION_FIELDS)
            for each in raw.get("predictions") or ()
            if isinstance(each, Mapping)
        ),
    }


def text(value: Any) -> str:
    """`value` as canonical JSON: sorted keys, no spaces, Unicode as it is."""
    written = _as_json(value)
    return written if _encodable(written) else _as_ascii_json(value)


def parse(line: bytes) -> Any:
    """The value of a line of JSON, as `json.loads` gives it; faster where nothing in it is odd."""
    try:
        return _decode(line)
    except msgspec.MsgspecError:  # NaN, an infinity, a lone surrogate, or broken
        return json.loads(line)


def line(value: Any) -> bytes:
    """`value` as one line of UTF-8 JSON, LF at its end."""
    return text(value).encode() + b"\n"


def document(value: Any) -> bytes:
    """`value` as a JSON file for people: two spaces of indentation, sorted keys."""
    written = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2)
    if not _encodable(written):
        written = json.dumps(value, sort_keys=True, ensure_ascii=True, indent=2)
    return written.encode() + b"\n"


def digest(content: bytes) -> str:
    """SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


_as_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
_as_ascii_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_decode = msgspec.json.Decoder().decode


def _annotation(raw: Mapping[str, Any]) -> Annotation:
    kept = _keep(raw, ANNOTATION_FIELDS)
    author = kept.get("completed_by")
    if isinstance(author, Mapping):  # some servers expand the user, e-mail and all
        kept["completed_by"] = author.get("id")
    result = kept.get("result") or []
    return {**kept, "result": result if isinstance(result, list) else [result]}


def _keep(raw: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: raw[name] for name in fields if raw.get(name) is not None}


def _by_id(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(items, key=lambda each: (each.get("id", 0), text(each)))


def _encodable(written: str) -> bool:
    """False for lone surrogates, which JSON can hold and UTF-8 cannot."""
    if written.isascii():
        return True
    try:
        written.encode()
    except UnicodeEncodeError:
        return False
    return True
