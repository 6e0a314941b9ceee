"""The account of a conversion: every task and every region is written, or listed with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ls_dvc.errors import BugError
from ls_dvc.labels.selection import ExcludedRegion, Selection


class Reason(str, Enum):
    """Why something was not written. The list is closed: nothing is dropped for another reason."""

    UNLABELED = "unlabeled"  # nobody has looked at the task
    SKIPPED = "skipped"  # the annotator skipped the task
    OTHER_ANNOTATION = "other-annotation"  # another annotation of the task counts
    OUTVOTED = "outvoted"  # more annotators made another choice
    NO_GROUND_TRUTH = "no-ground-truth"  # only ground truth counts, and the task has none
    FILTERED = "filtered"  # the settings leave it out
    NO_MEDIA = "no-media"  # the task has no image, text or audio for the region
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
    NO_TRANSCRIPT = "no-transcript"  # nothing was typed for the audio, or for this part of it
    NO_PARENT = "no-parent"  # a key point of no written box, and the format has it with its box
    NO_JOINT = "no-joint"  # a key point whose label is no key point label of the label config
    DUPLICATE = "duplicate"  # the object has a key point with this label already
    MALFORMED = "malformed"  # not what Label Studio calls a region


Outcome = Reason | None  # None: written


@dataclass(frozen=True)
class LedgerEntry:
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
    drops: list[LedgerEntry] = field(default_factory=list)

    def record(self, labels: Selection, task: Outcome, regions: Sequence[Outcome]) -> None:
        """Enter what became of a task and of each region that counts.

        So are the regions that do not count. `BugError` when the format did not say what
        became of every region that does.
        """
        come = len(labels.regions)
        if len(regions) != come:
            raise BugError(
                f"task {labels.task['id']}: {come} regions came in, "
                f"{len(regions)} were accounted for"
            )
        self.tasks += 1
        self.tasks_written += task is None
        if task is not None:
            self.drops.append(LedgerEntry(labels.task["id"], task))
        self._counting(labels, regions)
        if labels.others or labels.filtered:
            self._left(labels.task["id"], labels.others)
            self._left(labels.task["id"], labels.filtered)

    def record_all(self, tasks: int, regions: int, written: int) -> None:
        """Enter tasks of which everything is written: so many regions, if as many came."""
        self.tasks += tasks
        self.tasks_written += tasks
        self.regions += regions
        self.regions_written += written

    def record_whole(self, labels: Selection) -> None:
        """Enter a task that is written whole: every annotation with every region."""
        regions = sum(len(each["result"]) for each in labels.task["annotations"])
        self.record_all(1, regions, regions)
        self._left(labels.task["id"], labels.filtered)

    def add(self, other: Ledger) -> None:
        """Enter all that another ledger has; its tasks come behind ours."""
        self.tasks += other.tasks
        self.regions += other.regions
        self.tasks_written += other.tasks_written
        self.regions_written += other.regions_written
        self.drops += other.drops

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

    def _counting(self, labels: Selection, fates: Sequence[Outcome]) -> None:
        written = fates.count(None)
        self.regions += len(fates)
        self.regions_written += written
        if written == len(fates):
            return
        places = (
            (each.get("id", 0), place, region)
            for each in labels.annotations
            for place, region in enumerate(each["result"])
        )
        for number, (annotation, place, region) in enumerate(places):
            fate = fates[number]
            if fate is not None:
                index = labels.thinned[number] if labels.thinned else place
                self.drops.append(_drop(labels.task["id"], annotation, index, region, fate))

    def _left(self, task: int, left: Sequence[ExcludedRegion]) -> None:
        self.regions += len(left)
        for each in left:
            reason = Reason(each.why.value)
            self.drops.append(_drop(task, each.annotation, each.place, each.region, reason))


def outcome_of_unwritten(labels: Selection) -> Reason | None:
    """Why nothing of a task counts; None when something does."""
    return Reason(labels.why.value) if labels.why else None


def all_for(labels: Selection, reason: Outcome) -> list[Outcome]:
    """The same fate for every region of the annotation that counts."""
    return [reason] * len(labels.regions)


def _drop(task: int, annotation: int, index: int, region: object, reason: Reason) -> LedgerEntry:
    """A region is named by its id; a relation, which has none, by its place in `result`."""
    name = region.get("id") if isinstance(region, dict) else None
    kind = region.get("type") if isinstance(region, dict) else None
    return LedgerEntry(task, reason, annotation, str(name or f"#{index}"), str(kind or ""))
