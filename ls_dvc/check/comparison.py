"""Which faults are new: those of now against those that an earlier version reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from ls_dvc.check.fault_report import RecordedCheck, RecordedFault
from ls_dvc.check.faults import WHOLE, Fault, Level
from ls_dvc.check.result import CheckedLabels


class FaultState(str, Enum):
    """What is known of a fault."""

    NEW = "new"
    KNOWN = "known"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class CheckResult:
    """The faults of the labels, compared with an earlier version: what all outputs are made of.

    `states` are by fingerprint. `fixed` are the faults of the base that are there no more.
    `base` is what the base is called, empty where there is none; `adopted` says that it has no
    report, so that all faults count as known. `unchecked` are rules that the base did not run in
    this way; what they find counts as known. `link` gives the address of a task in Label Studio.
    """

    checked: CheckedLabels
    states: Mapping[str, FaultState]
    fixed: tuple[RecordedFault, ...]
    base: str
    adopted: bool
    unchecked: tuple[str, ...]
    link: Callable[[int], str]

    def faults(self, *states: FaultState) -> list[Fault]:
        """The faults in these states, in order; all without any."""
        faults = self.checked.faults
        return [each for each in faults if not states or self.states[each.fingerprint] in states]

    def address(self, fault: Fault) -> str:
        """The address of its task; empty where the fault is of the data set as a whole."""
        task = fault.finding.task
        return "" if task == WHOLE else self.link(task)

    def failing(self, faults: str, level: Level) -> list[Fault]:
        """Those that fail a check of `new`, `all` or no faults (`none`) from this level on."""
        states = {
            "new": (FaultState.NEW,),
            "all": (FaultState.NEW, FaultState.KNOWN),
        }.get(faults)
        found = self.faults(*states) if states else []
        return [fault for fault in found if fault.level.is_at_least(level)]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many faults are new, known, accepted and fixed."""
        counts = Counter(self.states.values())
        return {**{state.value: counts[state] for state in FaultState}, "fixed": len(self.fixed)}


def compared(
    checked: CheckedLabels,
    base: RecordedCheck | None,
    base_name: str,
    accepted: Collection[str],
    link: Callable[[int], str],
) -> CheckResult:
    """The faults, each new, known or accepted. Without a base all are known.

    A rule that the base did not run, not in this revision, or that had found a habit there, finds
    nothing new: its faults were there before.
    """
    unchecked = _unchecked(checked, base)
    states = {
        fault.fingerprint: _state(fault, base, accepted, unchecked) for fault in checked.faults
    }
    fixed = _fixed(checked, base, unchecked) if base is not None else ()
    found = {fault.rule for fault in checked.faults}
    return CheckResult(
        checked,
        states,
        fixed,
        base_name,
        base is None,
        tuple(rule for rule in checked.rules if rule in unchecked & found),
        link,
    )


def _unchecked(checked: CheckedLabels, base: RecordedCheck | None) -> frozenset[str]:
    if base is None:
        return frozenset()
    ran = checked.rules.items()
    earlier = base.rules
    others = {rule for rule, revision in ran if earlier and earlier.get(rule) != revision}
    return base.conventions | others


def _state(
    fault: Fault,
    base: RecordedCheck | None,
    accepted: Collection[str],
    unchecked: Collection[str],
) -> FaultState:
    if fault.fingerprint in accepted:
        return FaultState.ACCEPTED
    if base is None or fault.rule in unchecked:
        return FaultState.KNOWN
    return FaultState.KNOWN if base.has(fault.fingerprint, fault.count) else FaultState.NEW


def _fixed(
    checked: CheckedLabels, base: RecordedCheck, unchecked: Collection[str]
) -> tuple[RecordedFault, ...]:
    """What the base reports and is there no more, of rules that ran in the same way."""
    now = {fault.fingerprint for fault in checked.faults}
    habits = {convention.rule for convention in checked.conventions}
    ran = checked.rules.keys() - habits - set(unchecked)
    return tuple(
        fault
        for fault in base.faults.values()
        if fault.fingerprint not in now and fault.rule in ran
    )
