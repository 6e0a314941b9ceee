"""Which addresses of media a task shows, by what the objects of the label config show of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import LabelConfig, LabeledObject
from ls_dvc.labels.media import MediaReference
from ls_dvc.labels.shown_objects import ShownObject, shown_objects
from ls_dvc.labels.value_expression import ValueExpression, steps
from ls_dvc.settings.media import MediaSettings

# Objects whose value is always an address.
_ALWAYS = frozenset({"Audio", "AudioPlus", "Image", "Pdf", "Video"})
# Objects whose value is an address with this `valueType`; "" is the one of a tag that has none.
_BY_VALUE_TYPE = {
    **dict.fromkeys(("HyperText", "Paragraphs", "Table", "Text"), ("url",)),
    "TimeSeries": ("url", ""),
}
# Objects whose value is, or holds, HTML that the editor shows.
_HTML = frozenset({"HyperText", "List"})

_LINK = re.compile(
    r"(?<![\w:-])(data|href|poster|src)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))",
    re.IGNORECASE,
)
_WEB = re.compile(r"https?://", re.IGNORECASE)
# Addresses that Label Studio answers, or puts some of its own in the place of.
_SERVED = re.compile(
    r"(?:s3|gs|azure-blob)://|(?:https?://[^/?#]+)?/(?:[^?#]*/)?data/(?:upload|local-files)/"
)


def references(
    task: Task, config: LabelConfig, settings: MediaSettings
) -> Iterator[MediaReference]:
    """The addresses of media that a task names, in the order in which the config shows them.

    An address is given as it is in the data, and once for each item of an object. Values that are
    blank or no text are none. Of HTML these are whole addresses of what it embeds, and of its links
    those that Label Studio answers itself: other pages that a text links to are no media.

    With `tasks: labeled` an annotation counts that was not skipped, also an empty one: there is
    nothing on the image, and a trainer needs it. Predictions do not count: those of all tasks are
    replaced at once by another model, and what is pinned must not follow; where predictions are
    used as labels, `tasks: all` is the setting.
    """
    if not _is_wanted(task, settings):
        return
    seen = set[tuple[str, int | None, str]]()
    for shown in shown_objects(_showing_media(config), task.get("data")):
        if settings.keys and not _names(shown.declared, shown.name) & set(settings.keys):
            continue
        for item, address in _addresses(shown):
            key = (shown.name, item, address)
            if key not in seen:
                seen.add(key)
                yield MediaReference(task["id"], *key, shown.declared.tag)


def unknown_keys(config: LabelConfig, settings: MediaSettings) -> list[str]:
    """Those of `settings.keys` that no object with media has, in their order.

    What a Repeater makes can be named as in the config (`page_{{idx}}`) or one by one (`page_0`).
    """
    objects = _showing_media(config).objects.values()
    known = set[str]().union(*(_names(each, each.name) for each in objects))
    declared = {key: config.object_named(key) for key in settings.keys if key not in known}
    return [key for key, found in declared.items() if not found or found.name not in known]


def _is_wanted(task: Task, settings: MediaSettings) -> bool:
    if settings.tasks == "labeled":
        return any(not each.get("was_cancelled") for each in task["annotations"])
    return settings.tasks == "all"


def _showing_media(config: LabelConfig) -> LabelConfig:
    """The objects of a config that can show media; the recording of a dialogue is an Audio."""
    objects = list[LabeledObject]()
    for each in config.objects.values():
        if _shows_address(each) or each.tag in _HTML:
            objects.append(each)
        if each.audio:
            objects.append(replace(each, tag="Audio", value=each.audio, is_list=False))
    return LabelConfig({}, {str(number): each for number, each in enumerate(objects)})


def _shows_address(declared: LabeledObject) -> bool:
    return declared.tag in _ALWAYS or declared.value_type in _BY_VALUE_TYPE.get(declared.tag, ())


def _names(declared: LabeledObject, name: str) -> set[str]:
    """What an object can be called in the settings: by its names, or by the data that it shows."""
    paths = ValueExpression(declared.value).references()
    return {declared.name, name, *paths, *(steps(path)[0] for path in paths)}


def _addresses(shown: ShownObject) -> Iterator[tuple[int | None, str]]:
    items = [(None, layer) for layer in shown.layers] if shown.layers else shown.items
    for item, value in items:
        found = [value] if _shows_address(shown.declared) else _embedded(value)
        for address in found:
            if isinstance(address, str) and address.strip():
                yield item, address


def _embedded(value: Any) -> Iterator[str]:
    """The addresses in HTML, or in the `html` of the items of a List."""
    if isinstance(value, list):
        for each in value:
            yield from _embedded(each.get("html") if isinstance(each, dict) else None)
    elif isinstance(value, str):
        for attribute, *values in _LINK.findall(value):
            address = html.unescape("".join(values)).strip()
            is_embedded = attribute.lower() != "href" and _WEB.match(address)
            if is_embedded or _SERVED.match(address):
                yield address
