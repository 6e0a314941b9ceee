"""What a data lead should look at first in a version, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ls_dvc.pages.survey import Survey

NAMED = 8  # classes in a sentence
RARE = 10  # regions: a class with fewer is hard to learn
LOW = 0.5  # of IoU or kappa


class LedgerRow(NamedTuple):
    """Why a format left out regions or tasks: how many, and the first tasks."""

    format: str
    reason: str
    size: int
    tasks: tuple[int, ...]


class DuplicateGroup(NamedTuple):
    """Tasks that show the same file; `splits` are theirs, more than one is a leak."""

    name: str
    tasks: tuple[int, ...]
    splits: tuple[str, ...]


def findings(
    survey: Survey, ledger: Sequence[LedgerRow], duplicates: Sequence[DuplicateGroup]
) -> Iterator[str]:
    """Sentences; none of a version without anything of the kind."""
    leaks = [group for group in duplicates if len(group.splits) > 1]
    if leaks:
        yield f"{_files(len(leaks))} in more than one split: what is validated was trained on."
    totals = {key: counts.total() for key, counts in survey.labels.items()}
    if absent := [label for (_, label), total in totals.items() if not total]:
        yield f"{_classes(len(absent))} without a region: {_named(absent)}."
    if rare := [label for (_, label), total in totals.items() if 0 < total < RARE]:
        yield f"{_classes(len(rare))} with fewer than {RARE} regions: {_named(rare)}."
    yield from _missing_in_splits(survey)
    for each in survey.agreement.agreements():
        if each.value < LOW:
            who = " and ".join(each.annotators)
            yield f"Users {who} agree little about {each.control}: {each.measure} {each.value:.2f}."
            break
    if ledger:
        row = ledger[0]
        yield f"{row.format} left out {row.size:,} regions or tasks: {row.reason}."


def _missing_in_splits(survey: Survey) -> Iterator[str]:
    for split in sorted(survey.splits):
        counts = survey.labels.items()
        missing = [label for (_, label), found in counts if found.total() and not found[split]]
        if missing:
            yield f"{_classes(len(missing))} of which {split} has none: {_named(missing)}."


def _classes(count: int) -> str:
    return f"{count:,} class" if count == 1 else f"{count:,} classes"


def _files(count: int) -> str:
    return "1 file is" if count == 1 else f"{count:,} files are"


def _named(labels: Sequence[str]) -> str:
    shown = ", ".join(labels[:NAMED])
    return f"{shown} and {len(labels) - NAMED:,} more" if len(labels) > NAMED else shown
