"""Gates: conditions of the settings under which `convert` stops instead of writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

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


def check(
    gates: GateSettings, ledgers: Mapping[str, Ledger], pin: Pin | None, link: TaskLink
) -> None:
    """`LsDvcError` names the first gate that fails, and the first tasks that made it fail.

    `pin` says how many tasks the version before had.
    """
    for name, ledger in ledgers.items():
        for problem in _problems(gates, name, ledger):
            raise _failed(*problem, link)
    for words in _shrunk(gates, pin):
        raise _failed("max_shrink", words, (), link)


def _problems(
    gates: GateSettings, name: str, ledger: Ledger
) -> Iterator[tuple[str, str, Sequence[LedgerEntry]]]:
    lost = [entry for entry in ledger.entries if entry.is_region and _is_loss(entry)]
    share = len(lost) / max(len(lost) + ledger.regions_written, 1)
    if gates.max_dropped is not None and share > gates.max_dropped:
        words = f"{name} leaves out {len(lost)} regions, {share:.1%} of those selected"
        yield "max_dropped", words, lost
    if gates.min_tasks is not None and ledger.tasks_written < gates.min_tasks:
        yield "min_tasks", f"{name} has {ledger.tasks_written} tasks", ()
    unknown = [entry for entry in ledger.entries if entry.reason is Reason.UNKNOWN_LABEL]
    if gates.unknown_labels == "fail" and unknown:
        words = f"{len(unknown)} regions have labels that the label config never had"
        yield "unknown_labels", words, unknown


def _is_loss(entry: LedgerEntry) -> bool:
    return entry.reason not in _ON_PURPOSE


def _shrunk(gates: GateSettings, pin: Pin | None) -> Iterator[str]:
    if gates.max_shrink is None or pin is None or pin.changes is None:
        return
    before = pin.tasks - pin.changes.added + pin.changes.removed
    if before and (before - pin.tasks) / before > gates.max_shrink:
        yield f"the version before had {before} tasks, this one has {pin.tasks}"


def _failed(gate: str, words: str, entries: Sequence[LedgerEntry], link: TaskLink) -> LsDvcError:
    tasks = list(dict.fromkeys(entry.task for entry in entries))
    lines = [f"  {each.reason.value}: {link(each.task)}" for each in _first_of_each_task(entries)]
    more = [f"  … and {len(tasks) - SHOWN} more tasks"] if len(tasks) > SHOWN else []
    return LsDvcError(
        "\n".join([f"the gate {gate} fails: {words}", *lines, *more]),
        f"correct the labels and run `ls-dvc update`, or change label_studio.gates.{gate} in "
        "params.yaml",
    )


def _first_of_each_task(entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    first: dict[int, LedgerEntry] = {}
    for entry in entries:
        first.setdefault(entry.task, entry)
        if len(first) == SHOWN:
            break
    return list(first.values())
