"""The agreement in one task, as rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ls_dvc.check.agreed import SCALE, AgreementRow
from ls_dvc.check.agreement import keypoints, marks, relations, texts
from ls_dvc.check.agreement.answers import SETS
from ls_dvc.check.agreement.compared import RatedWork, comparisons
from ls_dvc.check.agreement.marks import MarkedRegion, MarkPair
from ls_dvc.check.families import RELATION, SPAN
from ls_dvc.check.views import TaskView

RELATIONS = "relations"  # what stands for a control, as they have none


class Observed(NamedTuple):
    """What two people have of a control: two whole numbers, or what both answered."""

    measure: str
    control: str
    values: Sequence[Any]


def observed(task: TaskView) -> Iterator[tuple[str, str, AgreementRow]]:
    """The measure, the control and the row of each thing in which somebody can agree.

    Of a control with which neither of two did anything there is none: that they agree about.
    """
    for one, other in comparisons(task):
        for each in _compared(one, other):
            yield each.measure, each.control, [task.id, one.rater, other.rater, *each.values]


def _compared(one: RatedWork, other: RatedWork) -> Iterator[Observed]:
    for control in sorted({*one.marks, *other.marks}):
        yield from _marked(control, one.marks.get(control, ()), other.marks.get(control, ()))
    yield from _answered(one, other)
    yield from _key_points(one, other)
    yield from _related(one, other)


def _marked(
    control: str, ones: Sequence[MarkedRegion], others: Sequence[MarkedRegion]
) -> Iterator[Observed]:
    found, size = marks.pairs(ones, others), len(ones) + len(others)
    blind = [*marks.matched(found, lambda _: True)]
    yield Observed("f1", control, _twice(sum(1 for _ in marks.matched(found, _is_labeled)), size))
    yield Observed("f1_blind", control, _twice(len(blind), size))
    if any(mark.region.family == SPAN for mark in (*ones, *others)):
        exact = sum(1 for _ in marks.matched(found, _is_exact))
        yield Observed("f1_exact", control, _twice(exact, size))
    if blind:
        overlap = sum(round(pair.overlap * SCALE) for pair in blind)
        yield Observed("iou", control, (overlap, len(blind) * SCALE))


def _is_labeled(pair: MarkPair) -> bool:
    return pair.one.labels == pair.other.labels


def _is_exact(pair: MarkPair) -> bool:
    return _is_labeled(pair) and pair.one.extent == pair.other.extent


def _twice(same: int, size: int) -> tuple[int, int]:
    """F1 as a share: both have the same of these."""
    return 2 * same, size


def _answered(one: RatedWork, other: RatedWork) -> Iterator[Observed]:
    for question in sorted(one.answers.keys() & other.answers.keys()):
        answers = one.answers[question], other.answers[question]
        if question.measure == "similarity":
            yield Observed(question.measure, question.control, texts.alike(*answers))
            continue
        yield Observed(question.measure, question.control, (*answers, question.about))
        if question.measure == SETS:
            yield Observed("equal", question.control, (int(answers[0] == answers[1]), 1))


def _key_points(one: RatedWork, other: RatedWork) -> Iterator[Observed]:
    for control in sorted({*one.points, *other.points}):
        ones, others = one.points.get(control, ()), other.points.get(control, ())
        alike = sum(round(each * SCALE) for each in keypoints.similarities(ones, others))
        yield Observed("oks", control, _twice(alike, (len(ones) + len(others)) * SCALE))


def _related(one: RatedWork, other: RatedWork) -> Iterator[Observed]:
    ones, others = one.families.get(RELATION, ()), other.families.get(RELATION, ())
    if size := len(ones) + len(others):
        same, blind = relations.shared(ones, others, one.marks, other.marks)
        yield Observed("f1", RELATIONS, _twice(same, size))
        yield Observed("f1_blind", RELATIONS, _twice(blind, size))
