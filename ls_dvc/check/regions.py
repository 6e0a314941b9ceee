"""A region as rules see it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ls_dvc.check.families import Family, family_of
from ls_dvc.check.faults import Quote, RuleFinding
from ls_dvc.io import canonical_json
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.regions import labels_in


class RegionView(NamedTuple):
    """A region of a live annotation.

    `id` is a digest of the region where it has none, or one that is no plain name. `value` is
    empty where the region holds something else. `position` is its index in the result.
    """

    task: int
    id: str
    family: Family
    control: str
    object: str
    kind: str
    value: Mapping[str, Any]
    labels: Sequence[str]
    position: int
    region: Mapping[str, Any]

    @property
    def picture(self) -> str:
        """Which image it is on: the object, and the number of the item where that is a list."""
        item = self.region.get("item_index")
        return f"{self.object} {item}" if item and type(item) is int else self.object

    def finding(self, *words: str | Quote, **at: float) -> RuleFinding:
        """That this region has a fault."""
        return RuleFinding(self.task, words, self.control, (self.id,), at)

    def finding_with(self, other: RegionView, *words: str | Quote, **at: float) -> RuleFinding:
        """That this region and another one have a fault together."""
        return RuleFinding(self.task, words, self.control, (self.id, other.id), at)


def region_view(
    task: int, position: int, region: Mapping[str, Any], config: LabelConfig
) -> RegionView:
    """A region of a task, at this index in the result of its annotation."""
    value, kind, name = region.get("value"), region.get("type"), region.get("id")
    if not isinstance(value, dict):
        value = {}
    if not isinstance(kind, str):
        kind = ""
    return RegionView(
        task,
        shown_id(region if name is None else name),
        family_of(region, config),
        str(region.get("from_name", "")),
        str(region.get("to_name", "")),
        kind,
        value,
        labels_in(kind, value),
        position,
        region,
    )


_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")


def shown_id(name: Any) -> str:
    """An id as faults have it: a digest of one that is no plain name and may hold anything."""
    if isinstance(name, str) and _PLAIN.fullmatch(name):
        return name
    return f"~{canonical_json.digest(canonical_json.line(name))[:12]}"
