"""What becomes of a task or a region in a format: written, or the reason why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from ls_dvc.labels.canonical import Region
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.shown_objects import shown_object, unresolved_expression


class Reason(str, Enum):
    """Why something was not written. The list is closed: nothing is dropped for another reason."""

    UNLABELED = "unlabeled"  # nobody has looked at the task
    SKIPPED = "skipped"  # the annotator skipped the task
    OTHER_ANNOTATION = "other-annotation"  # another annotation of the task counts
    OUTVOTED = "outvoted"  # more annotators made another choice
    NO_GROUND_TRUTH = "no-ground-truth"  # only ground truth counts, and the task has none
    FILTERED = "filtered"  # the settings leave it out
    NO_MEDIA = "no-media"  # the task has no image, text or audio for the region
    UNRESOLVED_VALUE = "unresolved-value"  # the task's data has nothing for a `value` of the config
    NOTHING_LEFT = "nothing-left"  # every region was dropped; written, it would say "empty"
    UNKNOWN_LABEL = "unknown-label"  # no version of the label config had this label
    NO_LABEL = "no-label"  # a region without a class
    UNSUPPORTED_TYPE = "unsupported-type"  # the format has no place for this kind of region
    RELATION = "relation"  # an arrow between regions, for which the format has no place
    NO_IMAGE_SIZE = "no-image-size"  # pixels are needed and no region says how many there are
    BAD_GEOMETRY = "bad-geometry"  # coordinates are missing, no numbers, or enclose nothing
    OUTSIDE_IMAGE = "outside-image"  # no part of the region lies on the image
    TEXT_DIFFERS = "text-differs"  # the text at the region's ends is not what it was drawn on
    OVERLAP = "overlap"  # one label a place, and another region, longer or before it, has that
    SEVERAL_LABELS = "several-labels"  # one label a place: the first is written, the rest is not
    NO_TRANSCRIPT = "no-transcript"  # nothing was typed for the audio, or for this part of it
    NO_PARENT = "no-parent"  # a key point of no written box, and the format has it with its box
    NO_JOINT = "no-joint"  # a key point whose label is no key point label of the label config
    DUPLICATE = "duplicate"  # the object has a key point with this label already
    MALFORMED = "malformed"  # not what Label Studio calls a region


Outcome = Reason | None  # None: written


def outcome_of_unwritten(selection: Selection) -> Reason | None:
    """Why nothing of a task counts; None when something does."""
    return Reason(selection.reason.value) if selection.reason else None


def all_for(selection: Selection, reason: Outcome) -> list[Outcome]:
    """The same fate for every region of the annotation that counts."""
    return [reason] * len(selection.regions)


def reason_without_media(selection: Selection, config: LabelConfig) -> Reason:
    """Why a format finds nothing that a task shows."""
    unresolved = unresolved_expression(config, selection.task.get("data"))
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
