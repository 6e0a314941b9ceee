"""What was answered to a question about a region or a whole task, in one line."""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from ls_dvc.io.printable import cut
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.regions import value_of

LONGEST = 200  # characters of an answer
_BEFORE = 12  # characters in front of the first that differs, of answers that begin alike
_KEYS = (
    *("choices", "taxonomy", "text", "rating", "number"),
    *("datetime", "selected", "ranker", "chatmessage"),
)


def answer(region: Region | None, longest: int = LONGEST) -> str:
    """What was answered, in at most `longest` characters; empty without an answer."""
    return cut(_answer(region), longest)


def answers(before: Region | None, after: Region | None, longest: int) -> tuple[str, str]:
    """Two answers, each in at most `longest` characters; of long ones the part that differs."""
    old, new = _answer(before), _answer(after)
    same = sum(1 for _ in takewhile(bool, map(operator.eq, old, new)))
    if old and new and same > longest // 2 and max(len(old), len(new)) > longest:
        old, new = (f"…{each[same - _BEFORE :]}" for each in (old, new))
    return cut(old, longest), cut(new, longest)


def _answer(region: Region | None) -> str:
    value = value_of(region)
    known = next((key for key in _KEYS if key in value), None)
    if known is not None:
        return " ".join(_words(value[known]).split())
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""


def _words(value: Any) -> str:
    """Items of a list with commas; those of a list in a list, which are a path, with slashes."""
    if isinstance(value, list):
        return ", ".join(
            " / ".join(map(str, each)) if isinstance(each, list) else _words(each) for each in value
        )
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_words(each)}" for key, each in value.items())
    return str(value)
