"""Settings of declared types, and nothing else: an error names the key, the value and the reason.

A setting is declared as a field of `Settings`: `str`, `int`, `float`, `bool`, `Any`, a `Literal`, a
list or a mapping of these, or `Settings` again; a union of these, with `| None` where it may be
null, and `Annotated` with rules. A rule takes the value and returns it, or raises `ValueError` with
what it must be.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Values by the names of fields. To be built by `build`, which checks their types.

    A value that is no mapping is the field `SHORTHAND`, if the class has one. Names of the form
    `NUMBERED` are items of its field `options`, a mapping.
    """

    SHORTHAND: ClassVar[str] = ""
    NUMBERED: ClassVar[str] = ""

    def plain(self) -> dict[str, Any]:
        """As in params.yaml, with all defaults; `build` gives equal settings again."""
        return {name: _plain(value) for name, value in msgspec.structs.asdict(self).items()}

    def chosen(self) -> dict[str, Any]:
        """As `plain`, without what is the default: a new setting does not change it."""
        defaults = {each.name: _default(each) for each in msgspec.structs.fields(type(self))}
        found = {}
        for name, value in msgspec.structs.asdict(self).items():
            if value != defaults[name]:
                found[name] = value.chosen() if isinstance(value, Settings) else _plain(value)
        return found


Built = TypeVar("Built", bound=Settings)


class InvalidSettingError(ValueError):
    """A value that is not valid. `known` are the possible names if the key is unknown."""

    def __init__(self, key: str, why: str, known: Iterable[str] = ()) -> None:
        super().__init__(f"{key}: {why}")
        self.key, self.why, self.known = key, why, tuple(known)


def names(kind: type[Settings]) -> tuple[str, ...]:
    """The names of its settings, in the order in which they are declared."""
    return kind.__struct_fields__


def build(kind: type[Built], given: Mapping[Any, Any], key: str) -> Built:
    """The settings in `given`; `InvalidSettingError` names the first that is not valid.

    `key` is the name of the whole block: its settings are `key.name`, items of lists
    `key.name[0]`.
    """
    known = names(kind)
    given = _with_options(kind, given)
    for name in given:
        if name not in known:
            why = f"there is no such setting{nearest(str(name), known)}"
            raise InvalidSettingError(f"{key}.{name}", why, known)
    values = {}
    for field in msgspec.structs.fields(kind):
        inner = f"{key}.{field.name}"
        if field.name in given:
            values[field.name] = _fit(field.type, given[field.name], inner)
        elif field.required:
            raise InvalidSettingError(inner, "is not set")
    with _errors_named(key):
        return kind(**values)


def between(low: float, high: float = math.inf) -> Callable[[float], float]:
    """The rule that a number is at least `low` and at most `high`."""

    def rule(value: float) -> float:
        if low <= value <= high:
            return value
        words = f"at least {low}" if high == math.inf else f"from {low} to {high}"
        raise ValueError(f"must be {words}, not {value!r}")

    return rule


def nearest(name: str, known: Iterable[Any]) -> str:
    """`; did you mean 'COCO'?` with the most similar name; empty when none is similar."""
    by_lower = {str(one).lower(): str(one) for one in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f"; did you mean {by_lower[close[0]]!r}?" if close else ""


def _default(field: msgspec.structs.FieldInfo) -> Any:
    made = field.default_factory
    return field.default if made is msgspec.NODEFAULT else made()


def _with_options(kind: type[Settings], given: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """What is given, with the names of the form `NUMBERED` among its `options`."""
    is_numbered = re.compile(kind.NUMBERED or "(?!)").fullmatch
    numbered = {name: value for name, value in given.items() if is_numbered(str(name))}
    others = {name: value for name, value in given.items() if name not in numbered}
    written = others.get("options", {})
    if not numbered or not isinstance(written, Mapping):
        return given
    return {**others, "options": {**written, **numbered}}


def _fit(kind: Any, value: Any, key: str) -> Any:
    if kind is Any:
        return value
    if shape := _SHAPES.get(get_origin(kind)):
        return shape(get_args(kind), value, key)
    if not issubclass(kind, Settings):
        return _of(kind, value, key)
    if kind.SHORTHAND and value is not None and not isinstance(value, dict):
        return _from_shorthand(kind, value, key)
    return build(kind, _of(dict, value, key), key)


def _from_shorthand(kind: type[Built], value: Any, key: str) -> Built:
    """Settings of which only the field `SHORTHAND` is given; errors name `key` alone."""
    (field,) = (f for f in msgspec.structs.fields(kind) if f.name == kind.SHORTHAND)
    return kind(**{field.name: _fit(field.type, value, key)})


def _annotated(parts: tuple[Any, ...], value: Any, key: str) -> Any:
    fitted = _fit(parts[0], value, key)
    for rule in parts[1:]:
        with _errors_named(key):
            fitted = rule(fitted)
    return fitted


def _union(parts: tuple[Any, ...], value: Any, key: str) -> Any:
    if value is None and NoneType in parts:
        return None
    kinds = [kind for kind in parts if kind is not NoneType]
    if len(kinds) == 1:
        return _fit(kinds[0], value, key)
    for kind in kinds:
        if isinstance(value, get_origin(kind) or kind):
            return _fit(kind, value, key)
    words = ", or ".join(_KINDS[get_origin(kind) or kind][0] for kind in kinds)
    raise _invalid(key, words, value)


def _one_of(allowed: tuple[Any, ...], value: Any, key: str) -> Any:
    if value in allowed:
        return value
    *others, last = map(repr, allowed)
    words = f"{', '.join(others)} or {last}" if others else last
    raise _invalid(key, words, value, nearest(str(value), allowed))


def _list(parts: tuple[Any, ...], value: Any, key: str) -> list[Any]:
    items = _of(list, value, key)
    return [_fit(parts[0], item, f"{key}[{index}]") for index, item in enumerate(items)]


def _dict(parts: tuple[Any, ...], value: Any, key: str) -> dict[str, Any]:
    items = _of(dict, value, key)
    for name in items:
        if not isinstance(name, str):
            raise InvalidSettingError(key, f"names must be text, not {name!r}: put it in quotes")
    return {name: _fit(parts[1], item, f"{key}.{name}") for name, item in items.items()}


_SHAPES: Mapping[Any, Callable[[tuple[Any, ...], Any, str], Any]] = {
    Annotated: _annotated,
    Union: _union,
    UnionType: _union,
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
    raise _invalid(key, words, value)


def _invalid(key: str, words: str, value: Any, more: str = "") -> InvalidSettingError:
    if value is None:
        return InvalidSettingError(key, "is not set")
    return InvalidSettingError(key, f"must be {words}, not {value!r}{more}")


@contextmanager
def _errors_named(key: str) -> Iterator[None]:
    """A `ValueError` in this block becomes an `InvalidSettingError` of `key`."""
    try:
        yield
    except ValueError as error:
        raise InvalidSettingError(key, str(error)) from None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value.plain() if isinstance(value, Settings) else value
