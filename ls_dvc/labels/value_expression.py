"""The `value` of a tag in a label config, read as the editor reads it.

    $image               the key `image` of the task's data
    $photo.url           a path: `url` in `photo` (https://github.com/HumanSignal/label-studio/pull/5611)
    $photos[1]           an item of a list; `$photos.1` is the same
    http://host/$name    a template: each reference is replaced by its text
    https://e.org/a.png  without a reference: the text itself, for every task

A key that is spelled like a path comes before the path
(https://github.com/HumanSignal/label-studio/issues/6492).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

_REFERENCE = re.compile(r"\$([\w\[\].{}]+)", re.ASCII)
_KEY = re.compile(r"\$([^.\[\]{}$]+)")
_STEP = re.compile(r"[^.\[\]]+|(?=(?:\.|\[\])(?:\.|\[\]|$))")  # `a..b` has an empty key in it
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


class Missing(Enum):
    """What an expression resolves to where the data has nothing for it."""

    VALUE = "missing"


MISSING: Final = Missing.VALUE


class ValueExpression:
    """One expression, taken apart once."""

    def __init__(self, text: str) -> None:
        reference = _REFERENCE.fullmatch(text)
        key = _KEY.fullmatch(text)
        self.text = text
        self.key = key[1] if key else ""  # of a plain `$key`, else empty
        self._literal = text[1:] if text.startswith("$") else None
        self._steps = steps(reference[1]) if reference else None

    def resolve(self, data: Any) -> Any:
        """What it stands for in a task's data: any JSON value, or MISSING."""
        if not isinstance(data, dict | Mapping):  # `dict` first: it is faster to tell
            return MISSING
        if self._literal is not None and self._literal in data:
            return data[self._literal]
        if self.key:
            return MISSING
        if self._steps is not None:
            return _follow(data, self._steps)
        return self._filled(data)

    def references(self) -> list[str]:
        """The paths that it refers to: one unless it is a template."""
        if self._literal is not None and self.key:
            return [self.key]
        return _REFERENCE.findall(self.text)

    def _filled(self, data: Mapping[str, Any]) -> Any:
        """The text of a template; MISSING where a reference is, or is no text and no number."""
        values = [_get(data, path) for path in _REFERENCE.findall(self.text)]
        if not all(isinstance(value, str | int | float) for value in values):
            return MISSING
        texts = iter([_text(value) for value in values])
        return _REFERENCE.sub(lambda _: next(texts), self.text)


def steps(path: str) -> tuple[str, ...]:
    """The keys and indices of a path: `pages[2].image` has three."""
    return ("", *_STEP.findall(path)) if path.startswith(".") else tuple(_STEP.findall(path))


def _get(data: Mapping[str, Any], path: str) -> Any:
    return data[path] if path in data else _follow(data, steps(path))


def _follow(data: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if isinstance(data, Mapping):
            data = data.get(step, MISSING)
        elif isinstance(data, list) and _INDEX.fullmatch(step) and int(step) < len(data):
            data = data[int(step)]
        else:
            return MISSING
    return data


def _text(value: str | float) -> str:
    """As JavaScript writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
