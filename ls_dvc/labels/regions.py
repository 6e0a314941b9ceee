"""The control and the labels of a region."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ls_dvc.labels.canonical import Region

ANSWERS = frozenset(
    [
        *("choices", "taxonomy", "rating", "number", "datetime", "textarea"),
        *("pairwise", "ranker", "chatmessage"),
    ]
)  # the types of entries that answer a question, about a region or the whole task


def control_of(region: Region) -> str:
    """The name of the control that made a region; empty for relations and the like."""
    name = region.get("from_name") if isinstance(region, dict) else None
    return name if isinstance(name, str) else ""


def is_drawn(kind: object) -> bool:
    """Whether a region of this type marks something: it is no answer, and no relation."""
    return not isinstance(kind, str) or (kind not in ANSWERS and kind != "relation")


def value_of(region: Region) -> Mapping[str, Any]:
    """The value of a region; empty when it has none."""
    value = region.get("value") if isinstance(region, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def labels_of(region: Region) -> list[str]:
    """The labels of a region: its classes, or the choices."""
    try:
        return labels_in(region["type"], region["value"])
    except (LookupError, TypeError, AttributeError):
        return []


def labels_in(kind: str, value: Mapping[str, Any]) -> list[str]:
    """The labels in the value of a region of this type."""
    key = _label_key(kind)
    labels = value.get(key) if key else None
    if not isinstance(labels, list):
        return []
    if len(labels) == 1 and isinstance(labels[0], str):
        return labels  # the common case, without a copy
    return [label for label in labels if isinstance(label, str)]


def key_of_labels(kind: str) -> str:
    """The key of the labels in the value of a region of this type, if it has labels."""
    return "labels" if kind.startswith("video") else kind


@lru_cache(maxsize=64)
def _label_key(kind: str) -> str | None:
    key = key_of_labels(kind)
    return key if key.endswith("labels") or key == "choices" else None


def named_labels(region: Region) -> list[tuple[str, str]]:
    """The (control, label) pairs of a region."""
    labels = labels_of(region)
    control = control_of(region) if labels else ""
    return [(control, label) for label in labels]
