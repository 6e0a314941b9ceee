"""The ledger of a format: every task and every region is written, or listed with a reason."""

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

    @property
    def is_region(self) -> bool:
        """Whether it is a region, not a whole task."""
        return self.annotation is not None

    def document(self) -> dict[str, Any]:
        """The JSON of this entry, without empty keys."""
        entry = {**vars(self), "reason": self.reason.value}
        return {key: value for key, value in entry.items() if value not in (None, "")}


@dataclass
class Ledger:
    """What one format wrote and what it left out. Entries are in the order of the tasks."""

    tasks: int = 0
    regions: int = 0
    tasks_written: int = 0
    regions_written: int = 0
    entries: list[LedgerEntry] = field(default_factory=list)

    def record(self, selection: Selection, task: Outcome, regions: Sequence[Outcome]) -> None:
        """Record the outcome of a task and of its selected regions, and the excluded regions.

        `BugError` unless there is one outcome for each selected region.
        """
        expected = len(selection.regions)
        if len(regions) != expected:
            raise BugError(
                f"task {selection.task['id']}: {expected} regions were selected, "
                f"the format has outcomes for {len(regions)}"
            )
        self.tasks += 1
        self.tasks_written += task is None
        if task is not None:
            self.entries.append(LedgerEntry(selection.task["id"], task))
        self._record_selected(selection, regions)
        if selection.others or selection.filtered:
            self._record_excluded(selection.task["id"], selection.others)
            self._record_excluded(selection.task["id"], selection.filtered)

    def record_all(self, tasks: int, regions: int, written: int) -> None:
        """Record tasks that were written whole; `check` fails unless `written` equals `regions`."""
        self.tasks += tasks
        self.tasks_written += tasks
        self.regions += regions
        self.regions_written += written

    def record_whole(self, selection: Selection) -> None:
        """Record a task that is written whole: every annotation with every region."""
        regions = sum(len(annotation["result"]) for annotation in selection.task["annotations"])
        self.record_all(1, regions, regions)
        self._record_excluded(selection.task["id"], selection.filtered)

    def add(self, other: Ledger) -> None:
        """Append another ledger, whose tasks come after those of this one."""
        self.tasks += other.tasks
        self.regions += other.regions
        self.tasks_written += other.tasks_written
        self.regions_written += other.regions_written
        self.entries += other.entries

    def totals(self) -> dict[str, Any]:
        """Counts for `reports/labels.json`."""
        regions = Counter(entry.reason.value for entry in self.entries if entry.is_region)
        tasks = Counter(entry.reason.value for entry in self.entries if not entry.is_region)
        return {
            "tasks": self.tasks,
            "tasks_written": self.tasks_written,
            "tasks_dropped": dict(sorted(tasks.items())),
            "regions": self.regions,
            "regions_written": self.regions_written,
            "regions_dropped": dict(sorted(regions.items())),
        }

    def check(self) -> None:
        """`BugError` unless everything is either written or listed."""
        for what, total, written, listed in (
            ("tasks", self.tasks, self.tasks_written, self._listed(regions=False)),
            ("regions", self.regions, self.regions_written, self._listed(regions=True)),
        ):
            if total != written + listed:
                raise BugError(f"of {total} {what} {written} are written and {listed} listed")

    def _listed(self, *, regions: bool) -> int:
        return sum(1 for entry in self.entries if entry.is_region == regions)

    def _record_selected(self, selection: Selection, outcomes: Sequence[Outcome]) -> None:
        written = outcomes.count(None)
        self.regions += len(outcomes)
        self.regions_written += written
        if written == len(outcomes):
            return
        regions = (
            (annotation.get("id", 0), index, region)
            for annotation in selection.annotations
            for index, region in enumerate(annotation["result"])
        )
        for number, (annotation, index, region) in enumerate(regions):
            reason = outcomes[number]
            if reason is not None:
                original = selection.thinned[number] if selection.thinned else index
                task = selection.task["id"]
                self.entries.append(_region_entry(task, annotation, original, region, reason))

    def _record_excluded(self, task: int, excluded: Sequence[ExcludedRegion]) -> None:
        self.regions += len(excluded)
        for each in excluded:
            reason = Reason(each.why.value)
            entry = _region_entry(task, each.annotation, each.place, each.region, reason)
            self.entries.append(entry)


def _region_entry(
    task: int, annotation: int, index: int, region: object, reason: Reason
) -> LedgerEntry:
    """A region is named by its id; a relation, which has none, by its index in `result`."""
    name = region.get("id") if isinstance(region, dict) else None
    kind = region.get("type") if isinstance(region, dict) else None
    return LedgerEntry(task, reason, annotation, str(name or f"#{index}"), str(kind or ""))
