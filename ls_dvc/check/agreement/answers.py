"""What somebody answered about a task as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ls_dvc.check.families import CHOICES, NUMBER, TAXONOMY, TEXT
from ls_dvc.check.regions import RegionView
from ls_dvc.check.views import Families
from ls_dvc.io import canonical_json
from ls_dvc.labels import region_values
from ls_dvc.labels.label_config import LabelConfig

ANSWERED = (CHOICES, TAXONOMY, NUMBER, TEXT)
SETS, ORDERED, NUMBERS = "alpha", "ordinal_alpha", "interval_alpha"


class Question(NamedTuple):
    """What is asked: by a control, named as in the config, about the task or an item of it."""

    control: str
    about: str
    measure: str


Answers = Mapping[Question, Any]
"""A sorted list of choices, a number, or a text; measured as `Question.measure` says."""


def answers_of(families: Families, config: LabelConfig) -> Answers:
    """The answers of an annotation; those about a region are left out, and empty ones.

    An answer that is not there may mean that there was nothing to say: it is no value of its own.
    """
    marked = {
        region.id
        for family, regions in families.items()
        if family not in ANSWERED
        for region in regions
    }
    answers = dict[Question, Any]()
    for family in ANSWERED:
        for region in families.get(family, ()):
            if region.id in marked:
                continue
            control = config.declared_control(region.control)
            about = f"{region.control} {region.picture}" if control != region.control else ""
            for measure, answer in _READ[family](region):
                question = Question(control, about or _item(region), measure)
                is_list = isinstance(answer, list) and question in answers
                earlier = answers[question] if is_list else []
                answers[question] = sorted({*earlier, *answer}) if is_list else answer
    return answers


def _item(region: RegionView) -> str:
    return region.picture if region.picture != region.object else ""


def _choices(region: RegionView) -> Iterator[tuple[str, Any]]:
    if region.labels:
        yield SETS, sorted({*region.labels})


def _taxonomy(region: RegionView) -> Iterator[tuple[str, Any]]:
    listed = region.value.get("taxonomy")
    paths = listed if isinstance(listed, list) else ()
    if chosen := sorted({canonical_json.text(path) for path in paths}):
        yield SETS, chosen


def _number(region: RegionView) -> Iterator[tuple[str, Any]]:
    for name, measure in (("rating", ORDERED), ("number", NUMBERS)):
        number = region_values.number(region.value.get(name))
        if number is not None:
            yield measure, number


def _text(region: RegionView) -> Iterator[tuple[str, Any]]:
    given = region.value.get("text")
    lines: Sequence[Any] = given if isinstance(given, list) else [given]
    text = "\n".join(line for line in lines if isinstance(line, str))
    if text:
        yield "similarity", text


_READ = {CHOICES: _choices, TAXONOMY: _taxonomy, NUMBER: _number, TEXT: _text}
