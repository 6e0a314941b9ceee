"""Gates: conditions of the settings under which `convert` stops instead of writing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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


class _Failure(NamedTuple):
    """A gate that fails: its name in the settings, why, and the entries that made it fail."""

    gate: str
    why: str
    entries: Sequence[LedgerEntry] = ()


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
    lost = [entry for entry in ledger.entries if entry.is_region and _is_loss(entry)]
    if lost and not ledger.regions_written and not gates.allows_empty(name):
        why = f"{name} would have none of the {len(lost)} regions selected; {_commonest(lost)}"
        yield _Failure("allow_empty", why, lost)
    share = len(lost) / max(len(lost) + ledger.regions_written, 1)
    if gates.max_dropped is not None and share > gates.max_dropped:
        why = f"{name} leaves out {len(lost)} regions, {share:.1%} of those selected"
        yield _Failure("max_dropped", why, lost)
    if gates.min_tasks is not None and ledger.tasks_written < gates.min_tasks:
        yield _Failure("min_tasks", f"{name} has {ledger.tasks_written} tasks")
    unknown = [entry for entry in ledger.entries if entry.reason is Reason.UNKNOWN_LABEL]
    if gates.unknown_labels == "fail" and unknown:
        why = f"{len(unknown)} regions have labels that the label config never had"
        yield _Failure("unknown_labels", why, unknown)


def _is_loss(entry: LedgerEntry) -> bool:
    return entry.reason not in _ON_PURPOSE


def _commonest(lost: Sequence[LedgerEntry]) -> str:
    """The reason that most have; of two with equally many the one that comes first."""
    ((reason, count),) = Counter(entry.reason for entry in lost).most_common(1)
    return f"{count} of them are left out as {reason.value}"


def _shrunk(gates: GateSettings, pin: Pin | None) -> Iterator[_Failure]:
    if gates.max_shrink is None or pin is None or pin.changes is None:
        return
    before = pin.tasks - pin.changes.added + pin.changes.removed
    if before and (before - pin.tasks) / before > gates.max_shrink:
        why = f"the version before had {before} tasks, this one has {pin.tasks}"
        yield _Failure("max_shrink", why)


def _error(failure: _Failure, link: TaskLink) -> LsDvcError:
    gate, why, entries = failure
    tasks = len({entry.task for entry in entries})
    lines = [f"  {entry.reason.value}: {link(entry.task)}" for entry in _first_of_tasks(entries)]
    more = [f"  … and {tasks - SHOWN} more tasks"] if tasks > SHOWN else []
    return LsDvcError(
        "\n".join([f"the gate {gate} fails: {why}", *lines, *more]),
        _HINTS.get(gate, _HINT).format(gate=gate),
    )


_HINT = "correct the labels and run `ls-dvc update`, or change label_studio.gates.{gate}"
_HINTS = {
    "allow_empty": "`ls-dvc formats` says what each format can hold: choose others in "
    "label_studio.formats, or name this one in label_studio.gates.allow_empty",
}


def _first_of_tasks(entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """The first entry of each of the first tasks."""
    first: dict[int, LedgerEntry] = {}
    for entry in entries:
        first.setdefault(entry.task, entry)
        if len(first) == SHOWN:
            break
    return list(first.values())
