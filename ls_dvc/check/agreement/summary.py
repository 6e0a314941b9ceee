"""The agreement of a data set by measure, control and who is compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ls_dvc.check.agreed import ALL, SCALE, AgreementRow, AgreementRows, AgreementValue, Rater
from ls_dvc.check.agreement import alpha
from ls_dvc.check.agreement.answers import NUMBERS, ORDERED, SETS
from ls_dvc.check.agreement.intervals import interval

MEASURES = (
    "f1",
    "f1_blind",
    "f1_exact",
    "iou",
    SETS,
    "equal",
    ORDERED,
    NUMBERS,
    "similarity",
    "oks",
)
_COEFFICIENTS = (SETS, ORDERED, NUMBERS)


def values(rows: AgreementRows, least_tasks: int, *, people: bool) -> Iterator[AgreementValue]:
    """The agreement of all annotators, with ground truth and with models; of `people`, too."""
    for control in sorted({control for controls in rows.values() for control in controls}):
        for measure in MEASURES:
            found = rows.get(measure, {}).get(control, ())
            for who, some in sorted(_by_annotators(found, people=people).items()):
                yield _value(control, measure, who, some, least_tasks)


def _by_annotators(
    rows: Sequence[AgreementRow], *, people: bool
) -> Mapping[str, Sequence[AgreementRow]]:
    found = dict[str, list[AgreementRow]]()
    for row in rows:
        one, other = row[1], row[2]
        found.setdefault(ALL if isinstance(other, int) else other, []).append(row)
        if people and isinstance(one, int):
            found.setdefault(f"{one} and {other}", []).append(row)
    return found


def _value(
    control: str, measure: str, who: str, rows: Sequence[AgreementRow], least_tasks: int
) -> AgreementValue:
    tasks, pairs = len({row[0] for row in rows}), len({(row[0], row[1], row[2]) for row in rows})
    nothing = AgreementValue(control, measure, who, tasks, pairs, None, None, None)
    if tasks < least_tasks:
        return nothing
    read = _coefficient if measure in _COEFFICIENTS else _share
    found = read(measure, sorted(rows, key=_order))
    return (
        nothing if found is None else nothing._replace(value=found[0], low=found[1], high=found[2])
    )


Found = tuple[Fraction, Fraction | None, Fraction | None]


def _share(measure: str, rows: Sequence[AgreementRow]) -> Found | None:  # noqa: ARG001
    tasks = _by_task((row[0], row[3], row[4]) for row in rows)
    part, whole = (sum(each) for each in zip(*tasks, strict=True))
    return (Fraction(part, whole), *(interval(tasks) or (None, None))) if whole else None


def _coefficient(measure: str, rows: Sequence[AgreementRow]) -> Found | None:
    """Krippendorff resamples what differs within tasks; what chance gives stays as it is."""
    units = [*_units(rows)]
    within, by_chance = alpha.differences([answers for _, answers in units], measure)
    if not by_chance:
        return None  # all answer the same always: nothing says that they would not by chance
    size = sum(len(answers) for _, answers in units)
    value = 1 - sum(within, Fraction(0)) / size / by_chance
    tasks = _by_task(
        (task, round(each / by_chance * SCALE), len(answers) * SCALE)
        for (task, answers), each in zip(units, within, strict=True)
    )
    ends = interval(tasks)
    return (value, 1 - ends[1], 1 - ends[0]) if ends else (value, None, None)


def _units(rows: Sequence[AgreementRow]) -> Iterator[tuple[int, Sequence[alpha.Answer]]]:
    """The answers about one thing, of all annotators together; else of one and the other."""
    annotators = dict[tuple[int, str], dict[Rater, alpha.Answer]]()
    for task, one, other, first, second, about in rows:
        answers = _answer(first), _answer(second)
        if isinstance(other, int):
            annotators.setdefault((task, about), {}).update({one: answers[0], other: answers[1]})
        else:
            yield task, answers
    for (task, _), given in annotators.items():
        yield task, [*given.values()]


def _answer(given: Any) -> alpha.Answer:
    return tuple(given) if isinstance(given, list) else float(given)


def _by_task(shares: Any) -> list[tuple[int, int]]:
    found = dict[int, tuple[int, int]]()
    for task, part, whole in shares:
        before = found.get(task, (0, 0))
        found[task] = before[0] + part, before[1] + whole
    return [*found.values()]


def _order(row: AgreementRow) -> tuple[Any, ...]:
    """By task, then by who is compared."""
    return row[0], str(row[1]), str(row[2])
