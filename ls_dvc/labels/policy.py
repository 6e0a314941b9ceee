"""Which annotations count, as settings; and what was selected of a task. Values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple

from ls_dvc.labels.canonical import Annotation, Region, Task


class TaskState(str, Enum):
    """What annotators made of a task; different things, kept apart everywhere."""

    LABELED = "labeled"
    EMPTY = "empty"  # looked at, and nothing there to label
    SKIPPED = "skipped"  # looked at, and refused
    UNLABELED = "unlabeled"  # never looked at
    PREDICTED = "predicted"  # never looked at, but a model was, and that was asked for


class ExclusionReason(str, Enum):
    """Why something does not count. The names are those of the ledger's reasons."""

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
    """Which tasks and regions are wanted; empty means all.

    `tasks`: labeled (with regions), finished (looked at, not skipped), ground_truth. `keep` and
    `drop` are labels of regions; a region is wanted when all of its labels are. `data` has
    the value that a key of the task's data must have.
    """

    tasks: str | None = None
    keep: frozenset[str] = frozenset()
    drop: frozenset[str] = frozenset()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Split:
    """Names and shares (they make 1) in order; by the value of a data key, else by task id."""

    shares: tuple[tuple[str, float], ...]
    by: str | None = None


@dataclass(frozen=True)
class Policy:
    """Which annotations count.

    `fallback`: where a task has no ground truth, its latest annotation counts. `skipped`: skipped
    annotations count like others. `predictions`: where nobody annotated, the prediction with the
    highest score does.
    """

    annotations: str = "latest"
    fallback: bool = True
    skipped: bool = False
    predictions: bool = False
    filter: Filter = field(default_factory=Filter)
    split: Split | None = None

    @cached_property
    def is_plain(self) -> bool:
        """Whether an annotation that nobody skipped counts, if it is the task's only one."""
        return self.annotations in ("latest", "first", "all") and self.filter == Filter()


LATEST = Policy()


class ExcludedRegion(NamedTuple):
    """A region that does not count: its annotation, its place in `result`, itself, and why."""

    annotation: int
    place: int
    region: Region
    why: ExclusionReason


class Selection(NamedTuple):
    """A task and what of it counts.

    `annotations` hold only the regions that count. `why` is None unless the task as a whole
    does not count. `filtered` are regions with unwanted labels, of any annotation; `others` are
    left by the policy. `apart` says that each annotation stands for itself. `thinned` are the
    places that `regions` have in their whole results, if some of those were left out.
    """

    task: Task
    state: TaskState
    annotations: tuple[Annotation, ...] = ()
    why: ExclusionReason | None = None
    filtered: tuple[ExcludedRegion, ...] = ()
    others: tuple[ExcludedRegion, ...] = ()
    apart: bool = False
    thinned: tuple[int, ...] = ()

    @property
    def annotation(self) -> Annotation | None:
        """The annotation that counts, or of several the latest."""
        return self.annotations[-1] if self.annotations else None

    @property
    def regions(self) -> list[Region]:
        """The regions that count, of all annotations that do."""
        if len(self.annotations) == 1:
            found: list[Region] = self.annotations[0]["result"]
            return found
        return [region for each in self.annotations for region in each["result"]]

    @property
    def origins(self) -> list[int]:
        """The annotation of each of `regions`."""
        return [each.get("id", 0) for each in self.annotations for _ in each["result"]]
