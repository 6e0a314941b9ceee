"""The account of a conversion: every task and every region is written, or listed with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ls_dvc.errors import BugError
from ls_dvc.formats.outcomes import Outcome, Reason
from ls_dvc.labels.policy import ExcludedRegion, Selection


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

    def record(self, selection: Selection, task: Outcome, regions: Sequence[Outcome]) -> None:
        """Enter what became of a task and of each region that counts.

        So are the regions that do not count. `BugError` when the format did not say what
        became of every region that does.
        """
        come = len(selection.regions)
        if len(regions) != come:
            raise BugError(
                f"task {selection.task['id']}: {come} regions came in, "
                f"{len(regions)} were accounted for"
            )
        self.tasks += 1
        self.tasks_written += task is None
        if task is not None:
            self.drops.append(LedgerEntry(selection.task["id"], task))
        self._counting(selection, regions)
        if selection.others or selection.filtered:
            self._left(selection.task["id"], selection.others)
            self._left(selection.task["id"], selection.filtered)

    def record_all(self, tasks: int, regions: int, written: int) -> None:
        """Enter tasks of which everything is written: so many regions, if as many came."""
        self.tasks += tasks
        self.tasks_written += tasks
        self.regions += regions
        self.regions_written += written

    def record_whole(self, selection: Selection) -> None:
        """Enter a task that is written whole: every annotation with every region."""
        regions = sum(len(each["result"]) for each in selection.task["annotations"])
        self.record_all(1, regions, regions)
        self._left(selection.task["id"], selection.filtered)

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

    def _counting(self, selection: Selection, fates: Sequence[Outcome]) -> None:
        written = fates.count(None)
        self.regions += len(fates)
        self.regions_written += written
        if written == len(fates):
            return
        places = (
            (each.get("id", 0), place, region)
            for each in selection.annotations
            for place, region in enumerate(each["result"])
        )
        for number, (annotation, place, region) in enumerate(places):
            fate = fates[number]
            if fate is not None:
                index = selection.thinned[number] if selection.thinned else place
                self.drops.append(_drop(selection.task["id"], annotation, index, region, fate))

    def _left(self, task: int, left: Sequence[ExcludedRegion]) -> None:
        self.regions += len(left)
        for each in left:
            reason = Reason(each.why.value)
            self.drops.append(_drop(task, each.annotation, each.place, each.region, reason))


def _drop(task: int, annotation: int, index: int, region: object, reason: Reason) -> LedgerEntry:
    """A region is named by its id; a relation, which has none, by its place in `result`."""
    name = region.get("id") if isinstance(region, dict) else None
    kind = region.get("type") if isinstance(region, dict) else None
    return LedgerEntry(task, reason, annotation, str(name or f"#{index}"), str(kind or ""))
