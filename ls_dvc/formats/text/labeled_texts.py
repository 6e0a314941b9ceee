"""The texts of a task that are labeled: which objects show them, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from ls_dvc.formats.interface import FormatContext
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.label_config import LabelConfig, LabeledObject
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.shown_objects import shown_objects

# A Text with valueType="url" holds an address: the text itself is elsewhere.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://|/data/)\S+")


@lru_cache(maxsize=8)
def text_objects(context: FormatContext, tags: tuple[str, ...]) -> Mapping[str, LabeledObject]:
    """The Text objects that controls with these tags label, in the order of the config."""
    labeled = context.config.labeled_by(tags)
    return {each.name: each for each in context.config.objects_of("Text") if each.name in labeled}


def texts_of(
    selection: Selection, objects: Mapping[str, LabeledObject], config: LabelConfig
) -> Iterator[tuple[str, str]]:
    """The texts by object; not what is blank, or an address that nobody read as text."""
    for shown in shown_objects(config, selection.task.get("data"), "Text"):
        text = shown.items[0][1] if shown.items and shown.declared.name in objects else None
        if not isinstance(text, str) or not text.strip():
            continue
        if not _ADDRESS.fullmatch(text.strip()) or _is_quoted(text, selection.regions):
            yield shown.name, text


def _is_quoted(text: str, regions: Sequence[Region]) -> bool:
    values = (region.get("value") for region in regions if isinstance(region, Mapping))
    quotes = (value.get("text") for value in values if isinstance(value, Mapping))
    return any(isinstance(quote, str) and quote.strip() and quote in text for quote in quotes)
