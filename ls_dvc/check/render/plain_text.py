"""A check for people: a line for each fault, habits, and a line of totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ls_dvc.check.comparison import CheckResult, FaultState
from ls_dvc.check.faults import WHOLE, Fault
from ls_dvc.check.render.agreement_lines import agreement_lines

LINKED = 20  # faults; of more, fingerprints and addresses are in the JSON


def text(result: CheckResult, faults: Sequence[Fault]) -> str:
    """The faults, habits and totals."""
    return "".join(f"{line}\n" for line in _lines(result, faults))


def statistics(result: CheckResult) -> str:
    """A line for each rule that found something, now or in the base."""
    columns = [Counter(fault.rule for fault in result.faults(state)) for state in FaultState]
    columns.append(Counter(fault.rule for fault in result.fixed))
    names = {fault.rule: fault.name for fault in result.fixed}
    names |= {fault.rule: fault.name for fault in result.faults()}
    heads = [*(state.value for state in FaultState), "fixed"]
    rows = [["rule", "", *heads]]
    rows += [
        [rule, name, *(str(column[rule]) for column in columns)]
        for rule, name in sorted(names.items())
    ]
    lines = [
        *_aligned(rows, right=len(heads)),
        *_habits(result),
        *agreement_lines(result.checked.agreed),
        totals(result),
    ]
    return "".join(f"{line}\n" for line in lines)


def totals(result: CheckResult) -> str:
    """How many faults are new, known, accepted and fixed, and of how much."""
    counts = result.counts
    words = [f"{counts['new']:,} new, {counts['known']:,} known"]
    words += [f"{counts['accepted']:,} accepted"] if counts["accepted"] else []
    if result.fixed:
        by_rule = sorted(Counter(fault.rule for fault in result.fixed).items())
        rules = ", ".join(f"{rule} ×{number:,}" for rule, number in by_rule)
        words.append(f"{len(result.fixed):,} fixed ({rules})")
    since = f" since {result.base}" if result.base and not result.adopted else ""
    checked = result.checked
    return f"{', '.join(words)}{since}; {checked.tasks:,} tasks, {checked.regions:,} regions"


def _lines(result: CheckResult, faults: Sequence[Fault]) -> Iterator[str]:
    rows = [_row(fault, result.states[fault.fingerprint]) for fault in faults]
    for line, fault in zip(_aligned(rows), faults, strict=True):
        yield line
        if len(faults) <= LINKED:
            yield f"      {fault.fingerprint}  {result.address(fault)}".rstrip()
    yield from _habits(result)
    yield from agreement_lines(result.checked.agreed)
    yield totals(result)


def _habits(result: CheckResult) -> Iterator[str]:
    for each in result.checked.conventions:
        yield (
            f"{each.rule} {each.name} is true of {each.found:,} of {each.cases:,} cases: "
            "a convention of this data set, not listed"
        )
    if result.unchecked:
        yield (
            f"{', '.join(result.unchecked)}: not checked in this way in {result.base}, so what "
            "is found counts as known"
        )


def _row(fault: Fault, state: FaultState) -> list[str]:
    finding = fault.finding
    where = " ".join(("region", *finding.regions)) if finding.regions else ""
    control = f"{finding.control}: " if finding.control else ""
    times = f" ×{fault.count}" if fault.count > 1 else ""
    message = f"{control}{fault.message()}{times}"
    task = "data set" if finding.task == WHOLE else f"task {finding.task}"
    return [f"{fault.rule} {fault.name}", task, where, message, state.value]


def _aligned(rows: Sequence[Sequence[str]], right: int = 0) -> Iterator[str]:
    """Rows with aligned columns, the last `right` of them to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    first = len(widths) - right
    for row in rows:
        cells = [
            cell.rjust(width) if index >= first else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
