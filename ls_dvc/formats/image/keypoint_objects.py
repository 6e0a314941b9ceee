"""The objects that key points belong to: their classes, and key points without a shape as one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.image.shapes import SPACE
from ls_dvc.formats.interface import FormatContext
from ls_dvc.labels.label_config import Control

OBJECT = -1  # class id of an object in a project that has labels for key points alone
DEFAULT_NAME = "object"
_FEWEST = 2  # key points of an object; with one label, each key point is an object of its own


@lru_cache(maxsize=8)
def classes(context: FormatContext) -> Mapping[int, str]:
    """The classes that objects can have, by class id: the labels but for those of key points.

    A label that left the config is one of them.
    """
    if object_class(context) == OBJECT:
        return {OBJECT: context.keypoints.label or DEFAULT_NAME}
    names = enumerate(context.classes.names(SPACE))
    return {class_id: name for class_id, name in names if name not in _only_keypoints(context)}


@lru_cache(maxsize=8)
def object_class(context: FormatContext) -> int | None:
    """The class of the objects that key points without a shape are; None when they are none."""
    settings, labels = context.keypoints, _object_labels(context)
    keypoint_labels = _only_keypoints(context)
    if settings.object == "none" or not keypoint_labels:
        return None
    is_unclear = len(keypoint_labels) < _FEWEST or len(labels) > 1
    if settings.is_assumed and settings.label is None and is_unclear:
        return None
    if not labels:
        return OBJECT
    label = settings.label or next(iter(labels))
    return context.classes.ids(SPACE).get(label)


def check(context: FormatContext) -> None:
    """`LsDvcError` when the settings name a class or a control that the config does not have."""
    settings, labels = context.keypoints, _object_labels(context)
    if settings.object == "none" or not _only_keypoints(context):
        return
    if settings.group_by is not None and settings.group_by not in context.config.controls:
        raise LsDvcError(
            f"label_studio.keypoints.group_by is {settings.group_by}, which is no control of the "
            "label config",
            f"its controls are {', '.join(context.config.controls)}",
        )
    is_asked_for = settings.object == "image" or settings.group_by is not None
    if settings.label is None and is_asked_for and len(labels) > 1:
        raise LsDvcError(
            "key points without a shape are objects (label_studio.keypoints), but of which class?",
            f"set label_studio.keypoints.label in params.yaml to one of {', '.join(labels)}",
        )
    if settings.label is not None and labels and settings.label not in labels:
        raise LsDvcError(
            f"label_studio.keypoints.label is {settings.label}, which is no label of an object",
            f"the label config has {', '.join(labels)}",
        )


def _only_keypoints(context: FormatContext) -> frozenset[str]:
    """The labels of key points that label nothing else."""
    return context.config.joints - {*_object_labels(context)}


@lru_cache(maxsize=8)
def _object_labels(context: FormatContext) -> Mapping[str, None]:
    """The labels in the config of shapes on images, in its order."""
    controls = context.config.controls.values()
    drawn = [each for each in controls if context.config.space_of(each) == SPACE]
    tools = {each.tag for each in drawn if not each.tag.endswith("Labels")} & _TOOLS
    labeling = [each for each in drawn if _labels_objects(each, has_tools=bool(tools))]
    return dict.fromkeys(label for control in labeling for label in control.labels)


_TOOLS = {"Rectangle", "Polygon", "Ellipse", "Brush", "MagicWand", "Bitmask", "Vector"}


def _labels_objects(control: Control, *, has_tools: bool) -> bool:
    """Whether its labels are for other shapes than key points; `Labels` are for all tools."""
    if control.tag == "Labels":
        return has_tools
    return control.draws_regions and control.tag != "KeyPointLabels"
