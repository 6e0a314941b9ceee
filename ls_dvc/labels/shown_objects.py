"""What the objects of a label config show of one task: the answer that all formats share.

Addresses of media, texts, or whatever else the value of an object leads to in the task's data.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ls_dvc.labels.label_config import LabelConfig, LabeledObject
from ls_dvc.labels.repeater import RepeatedName
from ls_dvc.labels.value_expression import MISSING, ValueExpression

Item = tuple[int | None, Any]
"""The `item_index` of a region on it (None where the object shows one thing), and the value."""


class ShownObject(NamedTuple):
    """An object in one task.

    `name` is what regions call it (`to_name`), `declared` its entry in the config, `expression`
    its value, both with the indices of a Repeater put in. `items` are empty where the data has
    nothing. `unresolved`: the expression leads nowhere in the data.

    `layers` are the addresses of an Image with a list in place of one address: they are shown on
    top of each other, and what is drawn belongs to all of them. The first one is its item
    (https://github.com/HumanSignal/label-studio/issues/4783).
    """

    name: str
    declared: LabeledObject
    expression: str
    items: tuple[Item, ...] = ()
    unresolved: bool = False
    layers: tuple[Any, ...] = ()


def shown_objects(config: LabelConfig, data: Any, *tags: str) -> Iterator[ShownObject]:
    """The objects with one of `tags` that the editor makes for a task with this data.

    All objects where no tag is named; in the order of the config. What a Repeater makes comes
    item by item, and a Repeater over nothing makes nothing.
    """
    for declared in config.objects_with(tags):
        if declared.repetition.lists:
            yield from _repeated(declared, data)
        else:
            yield _resolved(declared.name, declared, declared.expression, data)


def _repeated(declared: LabeledObject, data: Any) -> Iterator[ShownObject]:
    """Each repetition of an object; of several with one name the first."""
    names = set[str]()
    for indices in declared.repetition.instances(data):
        name = declared.repetition.fill(declared.name, indices)
        if name not in names:
            names.add(name)
            value = declared.repetition.fill(declared.value, indices)
            yield _resolved(name, declared, ValueExpression(value), data)


def shown_object(config: LabelConfig, data: Any, name: str) -> ShownObject | None:
    """The object that regions call `name`; None when the config has no such object."""
    declared = config.object_named(name)
    if declared is None or not declared.repetition:
        return _resolved(name, declared, declared.expression, data) if declared else None
    indices = RepeatedName(declared.name, declared.repetition).indices(name) or ()
    value = declared.repetition.fill(declared.value, indices)
    return _resolved(name, declared, ValueExpression(value), data)


def unresolved_expression(config: LabelConfig, data: Any, *tags: str) -> str:
    """The first expression of objects with these tags that leads nowhere; empty if none does.

    Of a Repeater without its list it is that of the list.
    """
    for declared in config.objects_with(tags):
        if on := declared.repetition.missing_list(data):
            return on
    shown = shown_objects(config, data, *tags)
    return next((each.expression for each in shown if each.unresolved), "")


def _resolved(
    name: str, declared: LabeledObject, expression: ValueExpression, data: Any
) -> ShownObject:
    value = expression.resolve(data)
    if value is MISSING:
        is_plain = expression.key and not declared.repetition
        return ShownObject(name, declared, expression.text, unresolved=not is_plain)
    if declared.is_list:
        listed = value if isinstance(value, list) else [value]
        return ShownObject(name, declared, expression.text, tuple(enumerate(listed)))
    if isinstance(value, list) and declared.tag == "Image":
        items = ((None, value[0]),) if value else ()
        return ShownObject(name, declared, expression.text, items, layers=tuple(value))
    return ShownObject(name, declared, expression.text, ((None, value),))
