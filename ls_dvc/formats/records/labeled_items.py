"""What is labeled in a task: its objects, picture by picture where one shows a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ls_dvc.formats.records.columns import text, whole
from ls_dvc.labels.canonical import Region, Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.shown_objects import shown_objects

LabeledItem = tuple[str | None, int | None]
"""An object's name, and the index of the picture where it shows a list."""


def shown_items(task: Task, config: LabelConfig) -> dict[LabeledItem, str]:
    """What each object of the config shows, pictures of a list one by one, as text."""
    return {
        (shown.name, index): source
        for shown in shown_objects(config, task.get("data"))
        for index, value in shown.items
        if (source := text(value)) is not None
    }


def unlabeled_items(
    shown: Mapping[LabeledItem, str], regions: Sequence[Region], config: LabelConfig
) -> list[LabeledItem]:
    """The items without a region; a nameless one where the task has neither items nor regions.

    A region on no known object (that of Pairwise lies on two) may lie on any of them.
    """
    labeled = {item_of(region, config) for region in regions if region["type"] != "relation"}
    if any(config.object_named(name or "") is None for name, _ in labeled):
        return []
    unlabeled = [
        (name, index)
        for name, index in shown
        if (name, index) not in labeled and _is_labeled(name or "", config)
    ]
    return unlabeled or ([] if regions else [(None, None)])


def _is_labeled(name: str, config: LabelConfig) -> bool:
    shown = config.object_named(name)
    return shown is not None and shown.name in config.labeled_objects


def item_of(region: Region, config: LabelConfig) -> LabeledItem:
    """What a region lies on. A name that left the config is that of its only object."""
    name, objects = text(region.get("to_name")), list(config.objects.values())
    shown = config.object_named(name or "")
    if shown is None and len(objects) == 1 and not objects[0].repetition:
        shown, name = objects[0], objects[0].name
    is_list = shown is not None and shown.is_list
    return name, (whole(region.get("item_index")) or 0) if is_list else None
