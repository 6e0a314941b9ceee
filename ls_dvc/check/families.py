"""What kinds of regions rules tell apart: a region's family follows from its type and its object.

Label Studio calls a span of a text and a segment of a recording `labels` alike, and calls so, too,
the label of a shape that another result draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ls_dvc.labels.label_config import LabelConfig

Family = str

TASK = "task"  # not a region: the task as a whole
BOX = "box"
ELLIPSE = "ellipse"
POLYGON = "polygon"
MASK = "mask"
KEYPOINT = "keypoint"
SPAN = "span"
SEGMENT = "segment"
TRACK = "track"
TIMELINE = "timeline"
CHOICES = "choices"
TAXONOMY = "taxonomy"
NUMBER = "number"
TEXT = "text"
RELATION = "relation"
LABEL = "label"  # of a shape that another result with the same id draws
OTHER = "other"

SHAPES = (BOX, ELLIPSE, POLYGON, MASK, KEYPOINT)

_BY_TYPE: Mapping[str, Family] = {
    "rectangle": BOX,
    "rectanglelabels": BOX,
    "ellipse": ELLIPSE,
    "ellipselabels": ELLIPSE,
    "polygon": POLYGON,
    "polygonlabels": POLYGON,
    "brush": MASK,
    "brushlabels": MASK,
    "magicwand": MASK,
    "bitmask": MASK,
    "bitmasklabels": MASK,
    "keypoint": KEYPOINT,
    "keypointlabels": KEYPOINT,
    "hypertextlabels": SPAN,
    "paragraphlabels": SPAN,
    "paragraphs": SPAN,
    "timeserieslabels": SEGMENT,
    "videorectangle": TRACK,
    "timelinelabels": TIMELINE,
    "choices": CHOICES,
    "taxonomy": TAXONOMY,
    "rating": NUMBER,
    "number": NUMBER,
    "textarea": TEXT,
    "relation": RELATION,
}

_LABELS_ON: Mapping[str, Family] = {
    "Text": SPAN,
    "HyperText": SPAN,
    "Paragraphs": SPAN,
    "Audio": SEGMENT,
    "AudioPlus": SEGMENT,
    "TimeSeries": SEGMENT,
}


def family_of(region: Mapping[str, Any], config: LabelConfig) -> Family:
    """The family of a region."""
    kind = region.get("type")
    if kind != "labels":
        return _BY_TYPE.get(kind, OTHER) if isinstance(kind, str) else OTHER
    shown = config.object_named(str(region.get("to_name")))
    return _of_labels(region.get("value")) if shown is None else _LABELS_ON.get(shown.tag, LABEL)


def _of_labels(value: Any) -> Family:
    """By the value alone, where the object has left the config."""
    if not isinstance(value, Mapping) or "start" not in value:
        return LABEL
    return SPAN if "text" in value else SEGMENT
