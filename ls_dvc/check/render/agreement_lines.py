"""Agreement in lines of text: one for each control and who is compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ls_dvc.check.agreed import ALL, AgreedLabels, AgreementValue
from ls_dvc.io.printable import printable

_NAMES = {
    "f1": "F1@.5",
    "f1_blind": "whatever the label",
    "f1_exact": "exact",
    "iou": "IoU",
    "alpha": "alpha",
    "equal": "equal",
    "ordinal_alpha": "ordinal alpha",
    "interval_alpha": "interval alpha",
    "similarity": "1 - CER",
    "oks": "OKS",
}


def agreement_lines(agreed: AgreedLabels) -> Iterator[str]:
    """`agreement  tag  F1@.5 0.56 (0.53–0.59), exact 0.52 …  (1,318 pairs, 718 tasks)`."""
    for (control, who), some in groupby(sorted(agreed.values, key=_subject), key=_subject):
        values = [*some]
        compared = "" if who == ALL else f", {printable(who)}"
        heads = f"agreement  {printable(control)}{compared}"
        yield f"{heads}  {_measured(values)}  ({_size(values, agreed.least_tasks)})"


def _subject(value: AgreementValue) -> tuple[str, str]:
    return value.control, value.annotators


def _measured(values: Sequence[AgreementValue]) -> str:
    """The first measure with its interval."""
    first, *others = (f"{_NAMES[each.measure]} {_number(each)}" for each in values)
    low, high = values[0].low, values[0].high
    if low is not None and high is not None:
        first += f" ({float(low):.2f}–{float(high):.2f})"
    known = [
        words for words, each in zip(others, values[1:], strict=True) if each.value is not None
    ]
    return ", ".join([first, *known])


def _number(each: AgreementValue) -> str:
    return "–" if each.value is None else f"{float(each.value):.2f}"


def _size(values: Sequence[AgreementValue], least_tasks: int) -> str:
    pairs, tasks = max(each.pairs for each in values), max(each.tasks for each in values)
    needed = f"; {least_tasks:,} tasks needed" if tasks < least_tasks else ""
    words = f"{pairs:,} pair{'s' * (pairs != 1)} in {tasks:,} task{'s' * (tasks != 1)}"
    return f"{words}{needed}"
