"""An answer, or a label next to another one, is missing where it is nearly always there.

Three things are compared: the questions that annotations answer, those that regions with a label
answer, and the labels that stand next to a label of the same control, as the rate of a tax next to
its amount. What a `share` of at least `cases` cases have was most often forgotten where it is
missing. A label that is common anyway has nothing to do with the one next to it, and is not asked
for; nor are key points, which have a rule of their own, and what the label config no longer has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

from ls_dvc.check.families import KEYPOINT, TASK
from ls_dvc.check.faults import Level, Quote, RuleFinding
from ls_dvc.check.interface import Groups, Observation
from ls_dvc.check.views import AnnotationView, CheckContext, TaskView
from ls_dvc.io import canonical_json
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.regions import ANSWERS
from ls_dvc.settings.schema import Settings, between

LEVEL = Level.WARNING
REVISION = 1
LOOKS_AT = (TASK,)

RARER = 4  # times: a label that belongs to another is missing so much less next to it

_ANNOTATION, _REGION, _LABELS = "annotation", "region", "labels"


class AnsweredOptions(Settings, frozen=True, kw_only=True):
    """What is nearly always there."""

    cases: Annotated[int, between(2)] = 40
    """How many cases there must be."""
    share: Annotated[float, between(0.5, 1)] = 0.95
    """The share of them that have it."""


OPTIONS = AnsweredOptions


class _Case(NamedTuple):
    """Places that have the same: answering controls, or labels.

    `places` are a task and a region each; the region is empty for an annotation.
    """

    has: frozenset[str]
    places: Sequence[Any]


class _Lack(NamedTuple):
    """What the places of a case lack, though `times` of `total` have it."""

    places: Sequence[Any]
    missing: str
    times: int
    total: int


def observe(task: TaskView, options: AnsweredOptions) -> Iterator[Observation]:  # noqa: ARG001
    """What each annotation and each labeled region has; the same under the same key."""
    config = task.context.config
    for annotation in task.annotations:
        if annotation.regions:
            yield from _labels_used(task.id, annotation, config)
            if config.asks_questions:
                yield from _answers(task.id, annotation, config)


def _labels_used(
    task: int, annotation: AnnotationView, config: LabelConfig
) -> Iterator[Observation]:
    used = dict[str, set[str]]()
    for region in annotation.regions:
        if region.labels and region.kind not in ANSWERS and region.family != KEYPOINT:
            used.setdefault(region.control, set()).update(region.labels)
    for control, labels in used.items():
        yield _key(_LABELS, config.declared_control(control), "", *sorted(labels)), [task, ""]


def _answers(task: int, annotation: AnnotationView, config: LabelConfig) -> Iterator[Observation]:
    answers, drawn = dict[str, set[str]](), set[str]()
    for region in annotation.regions:
        if region.kind in ANSWERS:
            answers.setdefault(region.id, set()).add(config.declared_control(region.control))
        else:
            drawn.add(region.id)
    whole = {control for name, by in answers.items() if name not in drawn for control in by}
    yield _key(_ANNOTATION, "", "", *sorted(whole)), [task, ""]
    for region in annotation.regions:
        if region.kind not in ANSWERS:
            control, has = config.declared_control(region.control), answers.get(region.id, ())
            for label in region.labels:
                yield _key(_REGION, control, label, *sorted(has)), [task, region.id]


@lru_cache(maxsize=4096)
def _key(kind: str, control: str, label: str, *has: str) -> str:
    return canonical_json.text([kind, control, label, *has])


def faults(
    groups: Groups, context: CheckContext, options: AnsweredOptions
) -> Iterator[RuleFinding]:
    """What is missing where it is nearly always there, if it can be given at all."""
    cases = dict[tuple[str, str, str], list[_Case]]()
    for key, places in groups.items():
        kind, control, label, *has = canonical_json.parse(key.encode())
        cases.setdefault((kind, control, label), []).append(_Case(frozenset(has), places))
    for (kind, control, label), alike in cases.items():
        if kind == _LABELS:
            yield from _missing_labels(control, alike, context.config, options)
        else:
            yield from _missing_answers(label, alike, context.config, options)


def _missing_answers(
    label: str, cases: Sequence[_Case], config: LabelConfig, options: AnsweredOptions
) -> Iterator[RuleFinding]:
    """Of annotations, or of regions with this label."""
    for lack in _lacking(cases, options):
        if lack.missing in config.controls:
            which: tuple[str | Quote, ...] = ("annotations",)
            if label:
                which = ("regions with the label ", Quote(label))
            counted = f", as {lack.times} of {lack.total} "
            words = ("has no answer to ", Quote(lack.missing), counted, *which, " have")
            for task, region in lack.places:
                yield RuleFinding(task, words, lack.missing, (region,) if region else ())


def _missing_labels(
    control: str, cases: Sequence[_Case], config: LabelConfig, options: AnsweredOptions
) -> Iterator[RuleFinding]:
    """Each label that a task lacks once, next to the label that speaks for it most."""
    offered = config.controls.get(control)
    strongest = dict[tuple[int, str], tuple[str, _Lack]]()
    counts = _counts(cases)
    total = sum(len(case.places) for case in cases)
    for label, lack in _lacking_next_to(cases, options):
        is_offered = offered and (offered.is_open or lack.missing in offered.label_set)
        if is_offered and _belongs(lack, counts[lack.missing], total, options):
            for task, _ in lack.places:
                known = strongest.setdefault((task, lack.missing), (label, lack))
                if lack.times / lack.total > known[1].times / known[1].total:
                    strongest[task, lack.missing] = label, lack
    for (task, missing), (label, lack) in sorted(strongest.items(), key=lambda item: item[0]):
        counted = f": {lack.times} of {lack.total} annotations with the one have both"
        words = ("has ", Quote(label), " and no ", Quote(missing), counted)
        yield RuleFinding(task, words, control, subject=missing)


def _belongs(lack: _Lack, times: int, total: int, options: AnsweredOptions) -> bool:
    """Whether the label is there nearly always, or next to this one far more than elsewhere."""
    missing, missing_anywhere = lack.total - lack.times, total - times
    is_rarer = RARER * missing * total <= missing_anywhere * lack.total
    return times >= options.share * total or is_rarer


def _counts(cases: Sequence[_Case]) -> Counter[str]:
    """In how many places each is."""
    counts = Counter[str]()
    for case in cases:
        for each in case.has:
            counts[each] += len(case.places)
    return counts


def _lacking_next_to(
    cases: Sequence[_Case], options: AnsweredOptions
) -> Iterator[tuple[str, _Lack]]:
    """Each label, and what the cases that have it lack."""
    with_label = dict[str, list[_Case]]()
    for case in cases:
        for label in case.has:
            with_label.setdefault(label, []).append(case)
    for label, alike in sorted(with_label.items()):
        for lack in _lacking(alike, options):
            yield label, lack


def _lacking(cases: Sequence[_Case], options: AnsweredOptions) -> Iterator[_Lack]:
    """What nearly all of these have and some do not."""
    total = sum(len(case.places) for case in cases)
    if total < options.cases:
        return
    counts = _counts(cases)
    usual = {each for each, times in counts.items() if options.share * total <= times < total}
    for case in cases if usual else ():
        for missing in sorted(usual - case.has):
            yield _Lack(case.places, missing, counts[missing], total)
