"""What texts and recordings ask of a region: its type, its labels, the object that it lies on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ls_dvc.formats.interface import FormatContext
from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.label_config import LabelConfig, LabeledObject
from ls_dvc.labels.regions import control_of, key_of_labels


def type_of(region: Region) -> str | Reason:
    """The type of a region that has a value; else the reason why it cannot be written."""
    kind = region.get("type") if isinstance(region, dict) else None
    if not isinstance(kind, str):
        return Reason.MALFORMED
    if kind == "relation":
        return Reason.RELATION
    return kind if isinstance(region.get("value"), dict) else Reason.MALFORMED


def known_labels(region: Region, context: FormatContext, space: str) -> tuple[str, ...] | Reason:
    """The labels of a region under their present names; a region with an unknown one has none."""
    labels = region["value"].get(key_of_labels(region["type"]))
    if not isinstance(labels, list) or not labels:
        return Reason.NO_LABEL
    texts = [label for label in labels if isinstance(label, str)]
    if len(texts) < len(labels):
        return Reason.MALFORMED
    present = _present_names(control_of(region), context, space)
    names = [present[label] for label in texts if label in present]
    return tuple(dict.fromkeys(names)) if len(names) == len(texts) else Reason.UNKNOWN_LABEL


@lru_cache(maxsize=256)
def _present_names(name: str, context: FormatContext, space: str) -> Mapping[str, str]:
    """Each label of a control's class space, former ones included, with its present name.

    Regions call the control `name`; the class space is `space` where the config lost the control.
    """
    control = context.config.control_named(name)
    space = (context.config.space_of(control) if control else "") or space
    names = context.classes.names(space)
    return {label: names[class_id] for label, class_id in context.classes.ids(space).items()}


def object_of(region: Region, config: LabelConfig, objects: Mapping[str, LabeledObject]) -> str:
    """Which of `objects` a region lies on, or "". A name that left the config is the only one's."""
    name = str(region.get("to_name"))
    if name in objects:
        return name
    declared = config.object_named(name)
    if declared is None:
        only = next(iter(objects.values())) if len(objects) == 1 else None
        return only.name if only and not only.repetition else ""
    return name if declared.name in objects else ""
