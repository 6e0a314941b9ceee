"""The outcome of a task or a region in a format: written, or the reason why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from ls_dvc.labels.canonical import Region
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.shown_objects import shown_object, unresolved_expression


class Reason(str, Enum):
    """Why a task or region is not written. The comments are shown to users in docs/formats.md."""

    UNLABELED = "unlabeled"  # the task has no annotation
    SKIPPED = "skipped"  # the annotator skipped the task
    OTHER_ANNOTATION = "other-annotation"  # another annotation of the task is used
    OUTVOTED = "outvoted"  # more annotators made another choice
    NO_GROUND_TRUTH = "no-ground-truth"  # the settings want ground truth, and the task has none
    FILTERED = "filtered"  # the filter in the settings leaves it out
    NO_MEDIA = "no-media"  # the task has no image, text or audio for the region
    MEDIA_MISSING = "media-missing"  # the file of it could not be fetched when it was pinned
    UNSUPPORTED_MEDIA = "unsupported-media"  # trainers of the format do not read this type of file
    UNRESOLVED_VALUE = "unresolved-value"  # the task has nothing at a `value` of the label config
    NOTHING_LEFT = "nothing-left"  # no region could be written; without any it would look empty
    UNKNOWN_LABEL = "unknown-label"  # no version of the label config had the label
    NO_LABEL = "no-label"  # the region has no label
    UNSUPPORTED_TYPE = "unsupported-type"  # the format cannot hold this type of region
    RELATION = "relation"  # the format cannot hold relations between regions
    NO_IMAGE_SIZE = "no-image-size"  # pixels are needed, and no region has the size
    BAD_GEOMETRY = "bad-geometry"  # coordinates are missing or no numbers, or the area is zero
    SIZE_DIFFERS = "size-differs"  # the size of the image is that of another region
    FILE_SIZE_DIFFERS = "file-size-differs"  # the size is that of the image file, not the region's
    HOLES_FILLED = "holes-filled"  # written, but a polygon has no holes as the mask has
    OUTSIDE_IMAGE = "outside-image"  # no part of the region is on the image
    TEXT_DIFFERS = "text-differs"  # the text at the offsets is not the text of the region
    OVERLAP = "overlap"  # a longer or earlier region has the same characters
    SEVERAL_LABELS = "several-labels"  # only the first label is written
    ROTATION = "rotation"  # written as the upright box around the rotated one
    NO_TRANSCRIPT = "no-transcript"  # nothing was transcribed for the audio or segment
    NO_PARENT = "no-parent"  # the key point belongs to no written box
    NO_JOINT = "no-joint"  # the label is no key point label of the label config
    DUPLICATE = "duplicate"  # the object has this key point, or the image this answer, already
    TOO_LARGE = "too-large"  # a mask of over 134,217,728 pixels, or too many lines that cross
    MALFORMED = "malformed"  # not in the form of a Label Studio region


Outcome = Reason | None  # None: written


def outcome_of_unwritten(selection: Selection) -> Reason | None:
    """The reason why nothing of a task is selected; None when something is."""
    return Reason(selection.reason.value) if selection.reason else None


def all_for(selection: Selection, reason: Outcome) -> list[Outcome]:
    """The same outcome for every selected region."""
    return [reason] * len(selection.regions)


def reason_without_media(selection: Selection, config: LabelConfig, *tags: str) -> Reason:
    """The reason where a task shows nothing that the format can use."""
    unresolved = unresolved_expression(config, selection.task.get("data"), *tags)
    return Reason.UNRESOLVED_VALUE if unresolved else Reason.NO_MEDIA


def with_unresolved(
    outcomes: list[Outcome], regions: Sequence[Region], selection: Selection, config: LabelConfig
) -> list[Outcome]:
    """The outcomes of regions, UNRESOLVED_VALUE where that is why there is no media for one."""
    if Reason.NO_MEDIA not in outcomes:
        return outcomes
    data = selection.task.get("data")
    return [
        Reason.UNRESOLVED_VALUE
        if outcome is Reason.NO_MEDIA and _is_unresolved(region, data, config)
        else outcome
        for outcome, region in zip(outcomes, regions, strict=True)
    ]


def _is_unresolved(region: Region, data: Any, config: LabelConfig) -> bool:
    name = region.get("to_name") if isinstance(region, Mapping) else None
    shown = shown_object(config, data, name) if isinstance(name, str) else None
    return shown is not None and shown.unresolved
