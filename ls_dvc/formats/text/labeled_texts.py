"""The texts of a task that are labeled: which objects show them, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from ls_dvc.labels.canonical import Region
from ls_dvc.labels.label_config import LabelConfig, LabeledObject
from ls_dvc.labels.policy import Selection

# A Text with valueType="url" holds an address: the text itself is elsewhere.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://|/data/)\S+")


def text_objects(config: LabelConfig, tags: Collection[str]) -> dict[str, LabeledObject]:
    """The Text objects that controls with these tags label, in the order of the config."""
    labeled = {
        name
        for control in config.controls.values()
        if control.tag in tags
        for name in control.objects
    }
    return {each.name: each for each in config.objects_of("Text") if each.name in labeled}


def texts_of(
    selection: Selection, objects: Mapping[str, LabeledObject]
) -> Iterator[tuple[str, str]]:
    """The texts by object; not what is blank, or an address that nobody read as text."""
    data = selection.task.get("data")
    for name, labeled_object in objects.items():
        text = data.get(labeled_object.key) if isinstance(data, Mapping) else None
        if not isinstance(text, str) or not text.strip():
            continue
        if not _ADDRESS.fullmatch(text.strip()) or _is_quoted(text, selection.regions):
            yield name, text


def _is_quoted(text: str, regions: Sequence[Region]) -> bool:
    values = (region.get("value") for region in regions if isinstance(region, Mapping))
    quotes = (value.get("text") for value in values if isinstance(value, Mapping))
    return any(isinstance(quote, str) and quote.strip() and quote in text for quote in quotes)
