"""The ledger of a format: every task and every region is written, or listed with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ls_dvc.errors import BugError
from ls_dvc.formats.outcomes import Outcome, Reason
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.policy import ExcludedRegion, Selection
from ls_dvc.labels.shown_objects import shown_object, unresolved_expression


@dataclass(frozen=True)
class LedgerEntry:
    """A task or a region of an annotation that was not written, or with `written` not whole."""

    task: int
    reason: Reason
    annotation: int | None = None
    region: str | None = None
    detail: str = ""
    written: bool = False

    @property
    def is_region(self) -> bool:
        """Whether it is a region, not a whole task."""
        return self.annotation is not None

    def document(self) -> dict[str, Any]:
        """The JSON of this entry, without empty keys."""
        entry = {**vars(self), "reason": self.reason.value, "written": self.written or None}
        return {key: value for key, value in entry.items() if value or value == 0}


class Entries(Protocol):
    """The entries of a ledger: a list, or `SpooledEntries`."""

    def append(self, entry: LedgerEntry, /) -> None:
        """Add an entry."""

    def extend(self, entries: Iterable[LedgerEntry], /) -> None:
        """Add entries."""

    def __iter__(self) -> Iterator[LedgerEntry]:
        """The entries in their order."""

    def __len__(self) -> int:
        """How many there are."""


@dataclass
class Ledger:
    """What one format wrote and what it left out. Entries are in the order of the tasks.

    `in_part` are regions that are written, but for something that the reason names.
    `filled_splits` have a task that is written; "" is the one of a data set without splits.
    """

    tasks: int = 0
    regions: int = 0
    tasks_written: int = 0
    regions_written: int = 0
    entries: Entries = field(default_factory=list[LedgerEntry])
    in_part: Entries = field(default_factory=list[LedgerEntry])
    filled_splits: list[str] = field(default_factory=list)

    def record(
        self,
        selection: Selection,
        task: Outcome,
        regions: Sequence[Outcome],
        config: LabelConfig,
    ) -> None:
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
            entry = LedgerEntry(selection.task["id"], task)
            self.entries.append(_with_expression(entry, selection, config))
        self._record_selected(selection, regions, config)
        if selection.excluded_by_policy or selection.excluded_by_filter:
            self._record_excluded(selection.task["id"], selection.excluded_by_policy)
            self._record_excluded(selection.task["id"], selection.excluded_by_filter)

    def record_in_part(self, selection: Selection, regions: Iterable[tuple[int, Reason]]) -> None:
        """Record what is missing of regions that are written; numbers count selected regions."""
        reasons = dict(regions)
        for number, (annotation, index, region) in enumerate(_selected(selection)):
            if reason := reasons.get(number):
                entry = _region_entry(selection.task["id"], annotation, index, region, reason)
                self.in_part.append(replace(entry, written=True))

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
        self._record_excluded(selection.task["id"], selection.excluded_by_filter)

    def add(self, other: Ledger) -> None:
        """Append another ledger, whose tasks come after those of this one."""
        self.tasks += other.tasks
        self.regions += other.regions
        self.tasks_written += other.tasks_written
        self.regions_written += other.regions_written
        self.entries.extend(other.entries)
        self.in_part.extend(other.in_part)

    def totals(self) -> dict[str, Any]:
        """Counts for `reports/labels.json`."""
        regions = Counter(entry.reason.value for entry in self.entries if entry.is_region)
        tasks = Counter(entry.reason.value for entry in self.entries if not entry.is_region)
        in_part = Counter(entry.reason.value for entry in self.in_part)
        return {
            "tasks": self.tasks,
            "tasks_written": self.tasks_written,
            "tasks_dropped": dict(sorted(tasks.items())),
            "regions": self.regions,
            "regions_written": self.regions_written,
            "regions_dropped": dict(sorted(regions.items())),
            **({"regions_in_part": dict(sorted(in_part.items()))} if in_part else {}),
        }

    def region_reasons(self) -> list[tuple[str, int]]:
        """Why regions were left out, with their numbers, the commonest first."""
        counts = Counter(entry.reason.value for entry in self.entries if entry.is_region)
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

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

    def _record_selected(
        self, selection: Selection, outcomes: Sequence[Outcome], config: LabelConfig
    ) -> None:
        written = outcomes.count(None)
        self.regions += len(outcomes)
        self.regions_written += written
        if written == len(outcomes):
            return
        for number, (annotation, index, region) in enumerate(_selected(selection)):
            reason = outcomes[number]
            if reason is not None:
                task = selection.task["id"]
                entry = _region_entry(task, annotation, index, region, reason)
                self.entries.append(_with_expression(entry, selection, config, region))

    def _record_excluded(self, task: int, excluded: Sequence[ExcludedRegion]) -> None:
        self.regions += len(excluded)
        for each in excluded:
            reason = Reason(each.reason.value)
            entry = _region_entry(task, each.annotation, each.position, each.region, reason)
            self.entries.append(entry)


def _selected(selection: Selection) -> Iterator[tuple[int, int, Region]]:
    """Each selected region with the id of its annotation and its index in the whole result."""
    regions = (
        (annotation.get("id", 0), index, region)
        for annotation in selection.annotations
        for index, region in enumerate(annotation["result"])
    )
    for number, (annotation, index, region) in enumerate(regions):
        original = selection.original_indices[number] if selection.original_indices else index
        yield annotation, original, region


def _with_expression(
    entry: LedgerEntry, selection: Selection, config: LabelConfig, region: Region = None
) -> LedgerEntry:
    """The entry with its detail: the `value` that cannot be resolved, where that is the reason."""
    if entry.reason is not Reason.UNRESOLVED_VALUE:
        return entry
    data = selection.task.get("data")
    for each in selection.regions if region is None else [region]:
        name = each.get("to_name") if isinstance(each, dict) else None
        shown = shown_object(config, data, name) if isinstance(name, str) else None
        if shown and shown.unresolved:
            missing_list = shown.declared.repetition.missing_list(data) if region is None else ""
            return replace(entry, detail=missing_list or shown.expression)
    return replace(entry, detail=unresolved_expression(config, data))


def _region_entry(
    task: int, annotation: int, index: int, region: object, reason: Reason
) -> LedgerEntry:
    """A region is named by its id; a relation, which has none, by its index in `result`."""
    name = region.get("id") if isinstance(region, dict) else None
    kind = region.get("type") if isinstance(region, dict) else None
    return LedgerEntry(task, reason, annotation, str(name or f"#{index}"), str(kind or ""))
