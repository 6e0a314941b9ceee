"""A task's data in which every object of a label config finds something to show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.value_expression import ValueExpression, steps

LONGEST = 1000  # of a list that is made to have an item where an index leads


def sample_data(config: LabelConfig, values: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a task with `values` by the tags of objects; lists of a Repeater have one item.

    What two objects want in one place is there under a key that is spelled like the path.
    """
    data: dict[str, Any] = {}
    for shown in config.objects.values():
        first = (0,) * len(shown.repetition.lists)
        for repeated in shown.repetition.lists:
            _put_list(data, ValueExpression(repeated.expression(first)))
        value = values.get(shown.tag, "something")
        expression = ValueExpression(shown.repetition.fill(shown.value, first))
        _put_value(data, expression, [value] if shown.is_list else value)
    return data


def _put_value(data: dict[str, Any], expression: ValueExpression, value: Any) -> None:
    references = expression.references()
    if expression.key:
        data[expression.key] = value
    elif expression.text in [f"${reference}" for reference in references]:
        _put(data, references[0], value)
    else:
        for reference in references:
            _put(data, reference, "something")


def _put_list(data: dict[str, Any], expression: ValueExpression) -> None:
    if not isinstance(expression.resolve(data), list):
        _put_value(data, expression, [None])


def _put(data: dict[str, Any], reference: str, value: Any) -> None:
    """Put a value where a reference leads, lists and mappings on the way made as needed."""
    held: Any = data
    *way, last = steps(reference) or (reference,)
    for step, following in zip(way, [*way[1:], last], strict=True):
        inside = _at(held, step)
        if not isinstance(inside, dict | list):
            if inside is not None:
                data[reference] = value
                return
            inside = [] if following.isdecimal() else {}
            _set(held, step, inside)
        held = inside
    if _at(held, last) is None:
        _set(held, last, value)
    elif _at(held, last) != value:
        data[reference] = value


def _at(held: Any, step: str) -> Any:
    if isinstance(held, list):
        return held[int(step)] if step.isdecimal() and int(step) < len(held) else None
    return held.get(step)


def _set(held: Any, step: str, value: Any) -> None:
    if isinstance(held, list) and step.isdecimal() and int(step) < LONGEST:
        held += [None] * (int(step) + 1 - len(held))
        held[int(step)] = value
    elif isinstance(held, dict):
        held[step] = value
