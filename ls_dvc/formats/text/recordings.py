"""The recordings of a task that have a TextArea: their addresses and how long they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ls_dvc.formats.text.region_reader import object_of
from ls_dvc.labels import region_values
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import Control, LabelConfig, LabeledObject
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.shown_objects import shown_objects

AUDIO = ("Audio", "AudioPlus")


def audio_objects(config: LabelConfig) -> dict[str, LabeledObject]:
    """The recordings that have a TextArea, in the order of the config."""
    transcribed = config.labeled_by(("TextArea",))
    return {
        name: each
        for name, each in config.objects.items()
        if each.tag in AUDIO and name in transcribed
    }


def text_areas(config: LabelConfig) -> list[Control]:
    """The TextAreas for recordings, in the order of the config."""
    audio = audio_objects(config)
    areas = [control for control in config.controls.values() if control.tag == "TextArea"]
    return [area for area in areas if any(_is_one_of(name, audio, config) for name in area.objects)]


def _is_one_of(name: str, objects: Mapping[str, LabeledObject], config: LabelConfig) -> bool:
    shown = config.object_named(name)
    return shown is not None and shown.name in objects


def addresses_of(
    task: Task, objects: Mapping[str, LabeledObject], config: LabelConfig
) -> Iterator[tuple[str, str]]:
    """The addresses of recordings by the name that regions call them."""
    for shown in shown_objects(config, task.get("data"), *AUDIO):
        address = shown.items[0][1] if shown.items and shown.declared.name in objects else None
        if isinstance(address, str) and address.strip():
            yield shown.name, address


def durations_of(
    selection: Selection, config: LabelConfig, addresses: Mapping[str, str]
) -> dict[str, float]:
    """Seconds of each recording, as the first region that has them says, else the data."""
    task, durations = selection.task, dict[str, float]()
    results = (each.get("result") for each in [*task["annotations"], *task["predictions"]])
    everywhere = [region for result in results if isinstance(result, list) for region in result]
    for region in [*selection.regions, *everywhere]:
        length = _seconds(region.get("original_length")) if isinstance(region, Mapping) else None
        if length:
            durations.setdefault(object_of(region, config, audio_objects(config)), length)
    in_data = _seconds(task["data"].get("duration"))
    if in_data and len(addresses) == 1:
        return {**dict.fromkeys(addresses, in_data), **durations}
    return durations


def _seconds(value: Any) -> float | None:
    number = region_values.number(value)
    return number if number is not None and number > 0 else None
