"""Damaged content: documents with values of other types, bytes that are cut or doubled."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

DEEP = "[" * 3000 + "]" * 3000
ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    2**70,
    0.5,
    float("nan"),
    "",
    "x",
    "../../x",
    "/x",
    "\0",
    "\ud800",
    "2026-13-45T99:00:00Z",
    "a" * 300,
    [],
    [[]],
    [None],
    {},
    {"": None},
]


def document(good: Any, random: Random) -> Any:
    """`good` with one to three values that are gone, doubled, or odd."""
    made = [copy.deepcopy(good)]
    for _ in range(random.randint(1, 3)):
        holder, key = random.choice(_places(made))
        deed = random.choice(["odd", "odd", "odd", "gone", "swapped"])
        if deed == "gone" and holder is not made:
            del holder[key]
        elif deed == "swapped":
            other, place = random.choice(_places(made))
            holder[key] = copy.deepcopy(other[place])
        else:
            holder[key] = copy.deepcopy(random.choice(ODD))
    return made[0]


def _places(value: Any) -> list[tuple[Any, Any]]:
    keys: Any = range(len(value)) if isinstance(value, list) else value
    here = [(value, key) for key in keys] if isinstance(value, list | dict) else []
    return [*here, *(place for holder, key in here for place in _places(holder[key]))]


def content(good: bytes, random: Random) -> bytes:
    """`good`, cut, or with a piece that is odd, doubled or gone."""
    start = random.randint(0, len(good))
    end = min(len(good), start + random.choice([0, 1, 2, 8, 100]))
    odd = [b"", b"\0", b"\xff", b"{", b"]", b"9" * 5000, DEEP.encode(), good[start:end] * 2]
    if random.random() < 0.2:
        return good[:start]
    return good[:start] + random.choice(odd) + good[end:]


def text(good: bytes, random: Random) -> bytes:
    """JSON that is damaged as a document, or as bytes."""
    if random.random() < 0.3:
        return content(good, random)
    try:
        made = json.dumps(document(json.loads(good), random))
    except ValueError:
        return content(good, random)
    return made.replace('"deep"', DEEP).encode("utf-8", "surrogatepass")
