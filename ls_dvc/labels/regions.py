"""The labels and the control that a region names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ls_dvc.labels.canonical import Region


def control_of(region: Region) -> str:
    """The name of the control that made a region; empty for relations and the like."""
    name = region.get("from_name") if isinstance(region, dict) else None
    return name if isinstance(name, str) else ""


def labels_of(region: Region) -> list[str]:
    """What a region is labeled with: its classes, or the choices made."""
    try:
        return labels_in(region["type"], region["value"])
    except (LookupError, TypeError, AttributeError):
        return []  # none of these, or no region at all


def labels_in(kind: str, value: Mapping[str, Any]) -> list[str]:
    """The same of the value of a region of this type."""
    key = _label_key(kind)
    named = value.get(key) if key else None
    if isinstance(named, list) and len(named) == 1 and isinstance(named[0], str):
        return named  # as most are
    return [each for each in named if isinstance(each, str)] if isinstance(named, list) else []


def key_of_labels(kind: str) -> str:
    """Under which key of its value a region of this type has its labels, if it has any."""
    return "labels" if kind.startswith("video") else kind


@lru_cache(maxsize=64)
def _label_key(kind: str) -> str | None:
    key = key_of_labels(kind)
    return key if key.endswith("labels") or key == "choices" else None


def named_labels(region: Region) -> list[tuple[str, str]]:
    """The (control, label) pairs of a region."""
    labels = labels_of(region)
    control = control_of(region) if labels else ""
    return [(control, each) for each in labels]
