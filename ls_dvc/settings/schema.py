"""Settings of declared types, and nothing else: what does not fit is named with its key, and why.

A setting is declared as a field of `Settings`: `str`, `int`, `float`, `bool`, `Any`, a `Literal`, a
list or a mapping of these, or `Settings` again; with `| None` where it may be null, and
`Annotated` with rules. A rule takes the value and gives it back, or raises `ValueError` that says
what it must be.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Values by the names of fields. To be built by `build`, which checks their types."""

    def plain(self) -> dict[str, Any]:
        """As people write it, with all defaults; `build` makes the same of it again."""
        return {name: _plain(value) for name, value in msgspec.structs.asdict(self).items()}


Made = TypeVar("Made", bound=Settings)


class InvalidSettingError(ValueError):
    """A value that does not fit. `known` are the names that its key could be, if it has none."""

    def __init__(self, key: str, why: str, known: Iterable[str] = ()) -> None:
        super().__init__(f"{key}: {why}")
        self.key, self.why, self.known = key, why, tuple(known)


def names(kind: type[Settings]) -> tuple[str, ...]:
    """The names of its settings, in the order in which they are declared."""
    return kind.__struct_fields__


def build(kind: type[Made], given: Mapping[Any, Any], key: str) -> Made:
    """The settings that `given` holds; `InvalidSettingError` names the first that does not fit.

    `key` is the name of all of it: those in it are `key.name`, items of lists `key.name[0]`.
    """
    known = names(kind)
    for name in given:
        if name not in known:
            why = f"there is no such setting{nearest(str(name), known)}"
            raise InvalidSettingError(f"{key}.{name}", why, known)
    made = {}
    for field in msgspec.structs.fields(kind):
        inner = f"{key}.{field.name}"
        if field.name in given:
            made[field.name] = _fit(field.type, given[field.name], inner)
        elif field.required:
            raise InvalidSettingError(inner, "is not set")
    with _naming(key):
        return kind(**made)


def between(low: float, high: float = math.inf) -> Callable[[float], float]:
    """The rule that a number is at least `low` and at most `high`."""

    def rule(value: float) -> float:
        if low <= value <= high:
            return value
        words = f"at least {low}" if high == math.inf else f"from {low} to {high}"
        raise ValueError(f"must be {words}, not {value!r}")

    return rule


def nearest(name: str, known: Iterable[Any]) -> str:
    """A question after the name that was meant; nothing when none is like it."""
    by_lower = {str(each).lower(): str(each) for each in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f"; did you mean {by_lower[close[0]]!r}?" if close else ""


def _fit(kind: Any, value: Any, key: str) -> Any:
    if kind is Any:
        return value
    if shape := _SHAPES.get(get_origin(kind)):
        return shape(get_args(kind), value, key)
    if issubclass(kind, Settings):
        return build(kind, _of(dict, value, key), key)
    return _of(kind, value, key)


def _annotated(parts: tuple[Any, ...], value: Any, key: str) -> Any:
    fitted = _fit(parts[0], value, key)
    for rule in parts[1:]:
        with _naming(key):
            fitted = rule(fitted)
    return fitted


def _optional(parts: tuple[Any, ...], value: Any, key: str) -> Any:
    return None if value is None else _fit(parts[0], value, key)


def _one_of(allowed: tuple[Any, ...], value: Any, key: str) -> Any:
    if value in allowed:
        return value
    *others, last = map(repr, allowed)
    raise _unfit(key, f"{', '.join(others)} or {last}", value, nearest(str(value), allowed))


def _list(parts: tuple[Any, ...], value: Any, key: str) -> list[Any]:
    found = _of(list, value, key)
    return [_fit(parts[0], each, f"{key}[{at}]") for at, each in enumerate(found)]


def _dict(parts: tuple[Any, ...], value: Any, key: str) -> dict[str, Any]:
    found = _of(dict, value, key)
    for name in found:
        if not isinstance(name, str):
            raise InvalidSettingError(key, f"names must be text, not {name!r}: put it in quotes")
    return {name: _fit(parts[1], each, f"{key}.{name}") for name, each in found.items()}


_SHAPES: Mapping[Any, Callable[[tuple[Any, ...], Any, str], Any]] = {
    Annotated: _annotated,
    Union: _optional,
    UnionType: _optional,
    Literal: _one_of,
    list: _list,
    dict: _dict,
}

_KINDS: Mapping[type, tuple[str, tuple[type, ...]]] = {
    str: ("text", (str,)),
    int: ("a whole number", (int,)),
    float: ("a number", (int, float)),
    bool: ("true or false", (bool,)),
    list: ("a list", (list,)),
    dict: ("settings by name", (dict,)),
}


def _of(kind: type, value: Any, key: str) -> Any:
    words, types = _KINDS[kind]
    if isinstance(value, types) and (kind is bool or not isinstance(value, bool)):
        return value
    raise _unfit(key, words, value)


def _unfit(key: str, words: str, value: Any, more: str = "") -> InvalidSettingError:
    if value is None:
        return InvalidSettingError(key, "is not set")
    return InvalidSettingError(key, f"must be {words}, not {value!r}{more}")


@contextmanager
def _naming(key: str) -> Iterator[None]:
    """What is wrong with a value in here is wrong with that of `key`."""
    try:
        yield
    except ValueError as error:
        raise InvalidSettingError(key, str(error)) from None


def _plain(value: Any) -> Any:
    return value.plain() if isinstance(value, Settings) else value
