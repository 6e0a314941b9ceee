"""The account of a conversion: every task and every region is written, or listed with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ls_dvc.errors import BugError
from ls_dvc.select import Labels, State


class Reason(str, Enum):
    """Why something was not written. The list is closed: nothing is dropped for another reason."""

    UNLABELED = "unlabeled"  # nobody has looked at the task
    SKIPPED = "skipped"  # the annotator skipped the task
    OTHER_ANNOTATION = "other-annotation"  # another annotation of the task counts
    NO_MEDIA = "no-media"  # the task names no image that the region could lie on
    NOTHING_LEFT = "nothing-left"  # every region was dropped; written, it would say "empty"
    UNKNOWN_LABEL = "unknown-label"  # no version of the label config had this label
    NO_LABEL = "no-label"  # a region without a class
    UNSUPPORTED_TYPE = "unsupported-type"  # the format has no place for this kind of region
    RELATION = "relation"  # an arrow between regions, which only JSON holds
    NO_IMAGE_SIZE = "no-image-size"  # pixels are needed and no region says how many there are
    BAD_GEOMETRY = "bad-geometry"  # coordinates are missing, no numbers, or enclose nothing
    OUTSIDE_IMAGE = "outside-image"  # no part of the region lies on the image
    MALFORMED = "malformed"  # not what Label Studio calls a region


Fate = Reason | None  # None: written


@dataclass(frozen=True)
class Drop:
    """One thing that was not written: a whole task, or one region of one annotation."""

    task: int
    reason: Reason
    annotation: int | None = None
    region: str | None = None
    detail: str = ""

    def document(self) -> dict[str, Any]:
        """The JSON of this entry; keys that say nothing are left out."""
        entry = {**vars(self), "reason": self.reason.value}
        return {key: value for key, value in entry.items() if value not in (None, "")}


@dataclass
class Ledger:
    """The account of one format. Entries come in the order of the tasks."""

    tasks: int = 0
    regions: int = 0
    tasks_written: int = 0
    regions_written: int = 0
    drops: list[Drop] = field(default_factory=list)

    def record(self, labels: Labels, task: Fate, regions: Sequence[Fate]) -> None:
        """Enter what became of a task and of each region of the annotation that counts.

        The regions of its other annotations are entered as such. `BugError` when the format
        did not say what became of every region.
        """
        if len(regions) != len(labels.regions):
            raise BugError(
                f"task {labels.task['id']}: {len(labels.regions)} regions came in, "
                f"{len(regions)} were accounted for"
            )
        self.tasks += 1
        self.tasks_written += task is None
        if task is not None:
            self.drops.append(Drop(labels.task["id"], task))
        self._counting(labels, regions)
        for each in labels.others:
            self._other(labels.task["id"], each)

    def record_whole(self, labels: Labels) -> None:
        """Enter a task that is written whole: every annotation with every region."""
        self.tasks += 1
        self.tasks_written += 1
        regions = sum(len(each["result"]) for each in labels.task["annotations"])
        self.regions += regions
        self.regions_written += regions

    def totals(self) -> dict[str, Any]:
        """Counts for `reports/labels.json`."""
        regions = Counter(each.reason.value for each in self.drops if each.annotation is not None)
        tasks = Counter(each.reason.value for each in self.drops if each.annotation is None)
        return {
            "tasks": self.tasks,
            "tasks_written": self.tasks_written,
            "tasks_dropped": dict(sorted(tasks.items())),
            "regions": self.regions,
            "regions_written": self.regions_written,
            "regions_dropped": dict(sorted(regions.items())),
        }

    def check(self) -> None:
        """`BugError` unless written and listed make up the whole."""
        for what, total, written, listed in (
            ("tasks", self.tasks, self.tasks_written, self._listed(regions=False)),
            ("regions", self.regions, self.regions_written, self._listed(regions=True)),
        ):
            if total != written + listed:
                raise BugError(f"{total} {what} came in, {written} written and {listed} listed")

    def _listed(self, *, regions: bool) -> int:
        return sum(1 for each in self.drops if (each.annotation is not None) == regions)

    def _counting(self, labels: Labels, fates: Sequence[Fate]) -> None:
        for index, (region, fate) in enumerate(zip(labels.regions, fates, strict=True)):
            self.regions += 1
            self.regions_written += fate is None
            if fate is not None and labels.annotation is not None:
                annotation = labels.annotation["id"]
                self.drops.append(_drop(labels.task["id"], annotation, index, region, fate))

    def _other(self, task: int, annotation: dict[str, Any]) -> None:
        skipped = annotation.get("was_cancelled")
        reason = Reason.SKIPPED if skipped else Reason.OTHER_ANNOTATION
        for index, region in enumerate(annotation["result"]):
            self.regions += 1
            self.drops.append(_drop(task, annotation["id"], index, region, reason))


def fate_of_unwritten(labels: Labels) -> Reason | None:
    """Why a task has no annotation that counts; None when it has one."""
    reasons = {State.UNLABELED: Reason.UNLABELED, State.SKIPPED: Reason.SKIPPED}
    return reasons.get(labels.state)


def all_for(labels: Labels, reason: Fate) -> list[Fate]:
    """The same fate for every region of the annotation that counts."""
    return [reason] * len(labels.regions)


def _drop(task: int, annotation: int, index: int, region: object, reason: Reason) -> Drop:
    """A region is named by its id; a relation, which has none, by its place in `result`."""
    name = region.get("id") if isinstance(region, dict) else None
    kind = region.get("type") if isinstance(region, dict) else None
    return Drop(task, reason, annotation, str(name or f"#{index}"), str(kind or ""))
