"""What came and what went: faults between two versions, for a comment and for pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ls_dvc.check.comparison import CheckResult, FaultState
from ls_dvc.check.fault_report import RecordedCheck, RecordedFault
from ls_dvc.check.faults import Fault


@dataclass(frozen=True)
class ListedFault:
    """A fault in a list; `words` say what is wrong, where that is known."""

    rule: str
    name: str
    task: int
    regions: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class FaultChanges:
    """The faults that are new and those that went, in order, and how many both versions have.

    `unchecked` are rules that one of the two did not run in this way: nothing of theirs is new.
    """

    new: Sequence[ListedFault]
    fixed: Sequence[ListedFault]
    known: int
    unchecked: tuple[str, ...] = ()

    def by_rule(self) -> list[tuple[str, str, int, int]]:
        """The number and name of each rule, and how many of its faults are new and went."""
        new = Counter((each.rule, each.name) for each in self.new)
        fixed = Counter((each.rule, each.name) for each in self.fixed)
        return [(*rule, new[rule], fixed[rule]) for rule in sorted({*new, *fixed})]


def of_check(result: CheckResult) -> FaultChanges:
    """What `check` found; its words quote labels."""
    return FaultChanges(
        [_listed(fault) for fault in result.faults(FaultState.NEW)],
        [_recorded(fault) for fault in result.fixed],
        result.counts["known"] + result.counts["accepted"],
        result.unchecked,
    )


def between(
    before: RecordedCheck, after: RecordedCheck, accepted: Collection[str] = ()
) -> FaultChanges:
    """What differs between two reports; an accepted fault is not new."""
    others = _differently(before, after)
    new = [
        fault
        for fault in after.faults.values()
        if not before.has(fault.fingerprint, fault.count) and fault.rule not in others
    ]
    fixed = [
        fault
        for fault in before.faults.values()
        if fault.fingerprint not in after.faults and fault.rule not in others
    ]
    listed = [fault for fault in new if fault.fingerprint not in accepted]
    return FaultChanges(
        [_recorded(fault) for fault in listed],
        [_recorded(fault) for fault in fixed],
        len(after.faults) - len(listed),
        tuple(sorted(others & {fault.rule for fault in after.faults.values()})),
    )


def _differently(before: RecordedCheck, after: RecordedCheck) -> frozenset[str]:
    """The rules that did not run in the same way for both reports, or found a habit in one."""
    habits = before.conventions | after.conventions
    if before.rules is None or after.rules is None:
        return habits
    numbers = {*before.rules, *after.rules}
    return habits | {rule for rule in numbers if before.rules.get(rule) != after.rules.get(rule)}


def _listed(fault: Fault) -> ListedFault:
    finding = fault.finding
    return ListedFault(fault.rule, fault.name, finding.task, finding.regions, fault.message())


def _recorded(fault: RecordedFault) -> ListedFault:
    return ListedFault(fault.rule, fault.name, fault.task, fault.regions)
