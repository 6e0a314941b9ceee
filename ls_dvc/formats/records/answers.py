"""Answers: choices, texts, ratings and the like, about a whole task or (perRegion) about a region.

An answer about a region has the region's id, and the editor copies the region's shape into its
value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ls_dvc.labels.canonical import Region

# The types of regions that are answers, and the key of their value that has the answer.
ANSWER_KEYS: Mapping[str, str] = {
    "choices": "choices",
    "textarea": "text",
    "rating": "rating",
    "number": "number",
    "datetime": "datetime",
    "taxonomy": "taxonomy",
}
SIMPLE = ("choices", "textarea")  # one choice or text is written as it is, without a list


def drawn_types(regions: Iterable[Region]) -> dict[str, str]:
    """The types of the regions that are no answers, by id."""
    types = dict[str, str]()
    for region in regions:
        region_id, kind = id_of(region), str(region.get("type"))
        if region_id and kind not in ANSWER_KEYS:
            types.setdefault(region_id, kind)
    return types


def is_about_region(region: Region) -> bool:
    """Whether a region is an answer about another one, whose shape is in its value."""
    return str(region.get("type")) in ANSWER_KEYS and has_shape(region["value"])


def id_of(region: Region) -> str:
    """The id of a region; "" where it has none."""
    region_id = region.get("id")
    return region_id if isinstance(region_id, str) else ""


def has_shape(value: Mapping[str, Any]) -> bool:
    """Whether the value of an answer holds more than the answer: the shape of a region."""
    return len(value) > 1


def single(kind: str, value: Mapping[str, Any]) -> list[Any]:
    """The only choice or text in the value of such a region; empty where there is none."""
    answers = value.get(ANSWER_KEYS[kind]) if kind in SIMPLE else None
    return answers if isinstance(answers, list) and len(answers) == 1 else []
