"""The settings of what is selected of a task, and the selection itself, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple

from ls_dvc.labels.canonical import Annotation, Region, Task


class TaskState(str, Enum):
    """What annotators did with a task."""

    LABELED = "labeled"
    EMPTY = "empty"  # annotated, without a region
    SKIPPED = "skipped"  # skipped by every annotator
    UNLABELED = "unlabeled"  # without an annotation
    PREDICTED = "predicted"  # without an annotation; a prediction is used, as the settings ask


class ExclusionReason(str, Enum):
    """Why a task or region is not selected. The values are reasons of the ledger."""

    UNLABELED = "unlabeled"
    SKIPPED = "skipped"
    OTHER_ANNOTATION = "other-annotation"
    OUTVOTED = "outvoted"
    NO_GROUND_TRUTH = "no-ground-truth"
    FILTERED = "filtered"


POLICIES = ("latest", "first", "ground_truth", "all", "majority")
TASKS = ("labeled", "finished", "ground_truth")


@dataclass(frozen=True)
class Filter:
    """Which tasks and regions pass; empty lets all pass.

    `tasks`: labeled (with regions), finished (annotated, not skipped), ground_truth. `keep` and
    `drop` are labels; a region passes when all of its labels do. `data` are the values that keys
    of the task's data must have.
    """

    tasks: str | None = None
    keep: frozenset[str] = frozenset()
    drop: frozenset[str] = frozenset()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Split:
    """Names and shares (which add up to 1) in order; by a key of the task's data, or by task id."""

    shares: tuple[tuple[str, float], ...]
    by: str | None = None


@dataclass(frozen=True)
class KeypointSettings:
    """What key points without a shape are: the settings `label_studio.keypoints`.

    `object`: `image`: those of an image are one object; `none`: they belong to nothing; `auto`: as
    the label config has it. `label` is the class of such objects. With `group_by` those are one
    object about which this control has the same answer.
    """

    object: str = "auto"
    label: str | None = None
    group_by: str | None = None

    @property
    def is_assumed(self) -> bool:
        """Whether nobody said what they are."""
        return self.object == "auto" and self.group_by is None


@dataclass(frozen=True)
class Policy:
    """Which annotations are selected.

    `fallback`: the latest annotation where a task has no ground truth. `skipped`: skipped
    annotations too. `predictions`: the prediction with the highest score where there is no
    annotation. `transcripts`: the TextAreas whose texts are transcripts; empty means all.
    `keypoints`: what key points without a shape are.
    """

    annotations: str = "latest"
    fallback: bool = True
    skipped: bool = False
    predictions: bool = False
    filter: Filter = field(default_factory=Filter)
    split: Split | None = None
    transcripts: tuple[str, ...] = ()
    keypoints: KeypointSettings = field(default_factory=KeypointSettings)

    @cached_property
    def selects_single(self) -> bool:
        """Whether the only annotation of a task is selected whole, if it was not skipped."""
        return self.annotations in ("latest", "first", "all") and self.filter == Filter()


LATEST = Policy()


class ExcludedRegion(NamedTuple):
    """A region that is not selected; `position` is its index in the `result` of its annotation."""

    annotation: int
    position: int
    region: Region
    reason: ExclusionReason


class Selection(NamedTuple):
    """A task and what is selected of it.

    `annotations` hold the selected regions only. `reason` says why nothing of the task is selected;
    None when something is. `per_annotation`: write each annotation separately. `original_indices`:
    index of each region in the unfiltered `result`, set only when regions were filtered out.
    """

    task: Task
    state: TaskState
    annotations: tuple[Annotation, ...] = ()
    reason: ExclusionReason | None = None
    excluded_by_filter: tuple[ExcludedRegion, ...] = ()
    excluded_by_policy: tuple[ExcludedRegion, ...] = ()
    per_annotation: bool = False
    original_indices: tuple[int, ...] = ()

    @property
    def annotation(self) -> Annotation | None:
        """The selected annotation; of several the latest."""
        return self.annotations[-1] if self.annotations else None

    @property
    def regions(self) -> list[Region]:
        """The selected regions of all selected annotations."""
        if len(self.annotations) == 1:
            regions: list[Region] = self.annotations[0]["result"]
            return regions
        return [region for annotation in self.annotations for region in annotation["result"]]

    @property
    def annotation_ids(self) -> list[int]:
        """The id of the annotation of each of `regions`."""
        return [
            annotation.get("id", 0) for annotation in self.annotations for _ in annotation["result"]
        ]
