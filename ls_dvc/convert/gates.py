"""Gates: conditions of the settings under which `convert` stops instead of writing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ls_dvc.convert.ledger import Ledger, LedgerEntry
from ls_dvc.errors import LsDvcError
from ls_dvc.formats.outcomes import Reason
from ls_dvc.pin.pin import Pin
from ls_dvc.settings.params import GateSettings

SHOWN = 5

# Left out by the settings on purpose; gates are about what a format could not hold.
_ON_PURPOSE = {
    Reason.UNLABELED,
    Reason.SKIPPED,
    Reason.OTHER_ANNOTATION,
    Reason.OUTVOTED,
    Reason.NO_GROUND_TRUTH,
    Reason.FILTERED,
}

TaskLink = Callable[[int], str]


class _Listed:
    """Some entries of a ledger, of which only numbers and the first are kept.

    `tasks` is how many they are of, `first` the first entry of each of the first tasks.
    """

    def __init__(self, ledger: Ledger, concerns: Callable[[LedgerEntry], bool]) -> None:
        self.reasons, self.tasks, last = Counter[Reason](), 0, None
        self.first: list[LedgerEntry] = []
        for entry in filter(concerns, ledger.entries):
            self.reasons[entry.reason] += 1
            if entry.task != last:  # entries are in the order of the tasks
                self.tasks, last = self.tasks + 1, entry.task
                self.first += [entry] if len(self.first) < SHOWN else []

    @property
    def count(self) -> int:
        """How many entries there are."""
        return self.reasons.total()


class _Failure(NamedTuple):
    """A gate that fails: its name in the settings, why, and the entries that made it fail."""

    gate: str
    why: str
    listed: _Listed | None = None


def check(
    gates: GateSettings, ledgers: Mapping[str, Ledger], pin: Pin | None, link: TaskLink
) -> None:
    """`LsDvcError` names the first gate that fails, and the first tasks that made it fail.

    `pin` says how many tasks the version before had.
    """
    for name, ledger in ledgers.items():
        for failure in _failures(gates, name, ledger):
            raise _error(failure, link)
    for failure in _shrunk(gates, pin):
        raise _error(failure, link)


def _failures(gates: GateSettings, name: str, ledger: Ledger) -> Iterator[_Failure]:
    lost = _Listed(ledger, lambda entry: entry.is_region and _is_loss(entry))
    if lost.count and not ledger.regions_written and not gates.allows_empty(name):
        why = f"{name} would have none of the {lost.count} regions selected; {_commonest(lost)}"
        yield _Failure("allow_empty", why, lost)
    share = lost.count / max(lost.count + ledger.regions_written, 1)
    if gates.max_dropped is not None and share > gates.max_dropped:
        why = f"{name} leaves out {lost.count} regions, {share:.1%} of those selected"
        yield _Failure("max_dropped", why, lost)
    if gates.min_tasks is not None and ledger.tasks_written < gates.min_tasks:
        yield _Failure("min_tasks", f"{name} has {ledger.tasks_written} tasks")
    if gates.unknown_labels == "fail":
        unknown = _Listed(ledger, lambda entry: entry.reason is Reason.UNKNOWN_LABEL)
        if unknown.count:
            why = f"{unknown.count} regions have labels that the label config never had"
            yield _Failure("unknown_labels", why, unknown)


def _is_loss(entry: LedgerEntry) -> bool:
    return entry.reason not in _ON_PURPOSE


def _commonest(lost: _Listed) -> str:
    """The reason that most have; of two with equally many the one that comes first."""
    ((reason, count),) = lost.reasons.most_common(1)
    return f"{count} of them are left out as {reason.value}"


def _shrunk(gates: GateSettings, pin: Pin | None) -> Iterator[_Failure]:
    if gates.max_shrink is None or pin is None or pin.changes is None:
        return
    before = pin.tasks - pin.changes.added + pin.changes.removed
    if before and (before - pin.tasks) / before > gates.max_shrink:
        why = f"the version before had {before} tasks, this one has {pin.tasks}"
        yield _Failure("max_shrink", why)


def _error(failure: _Failure, link: TaskLink) -> LsDvcError:
    gate, why, listed = failure
    first = listed.first if listed else []
    lines = [f"  {entry.reason.value}: {link(entry.task)}" for entry in first]
    more = listed.tasks - SHOWN if listed else 0
    lines += [f"  … and {more} more tasks"] if more > 0 else []
    return LsDvcError(
        "\n".join([f"the gate {gate} fails: {why}", *lines]),
        _HINTS.get(gate, _HINT).format(gate=gate),
    )


_HINT = "correct the labels and run `ls-dvc update`, or change label_studio.gates.{gate}"
_HINTS = {
    "allow_empty": "`ls-dvc formats` says what each format can hold: choose others in "
    "label_studio.formats, or name this one in label_studio.gates.allow_empty",
}
