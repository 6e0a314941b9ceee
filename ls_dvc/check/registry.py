"""The rules by number; a module is imported when its rule is first used.

The names of the modules say which rules there are, so no list has to be kept.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from ls_dvc.check.interface import AnyRule

_PACKAGE = "ls_dvc.check.rules"
_MODULE = re.compile(r"ld(\d{3})_(\w+)")


@cache
def names() -> Mapping[str, str]:
    """The name of each rule by its number, in the order of the numbers."""
    folders = import_module(_PACKAGE).__path__
    found = (_MODULE.fullmatch(module.name) for module in pkgutil.iter_modules(folders))
    return {
        f"LD{match[1]}": match[2].replace("_", "-")
        for match in sorted(filter(None, found), key=lambda match: match[1])
    }


def number_of(text: str) -> str | None:
    """The number of the rule with this number or name, in any case; None when there is none."""
    if text.upper() in names():
        return text.upper()
    return next((number for number, name in names().items() if name == text.lower()), None)


class _Rules(Mapping[str, "AnyRule"]):
    """Imports a rule when it is looked up; numbers and names need no import."""

    def __getitem__(self, number: str) -> AnyRule:
        module = f"{number.lower()}_{names()[number].replace('-', '_')}"
        return cast("AnyRule", import_module(f"{_PACKAGE}.{module}"))

    def __iter__(self) -> Iterator[str]:
        return iter(names())

    def __len__(self) -> int:
        return len(names())

    def __contains__(self, number: object) -> bool:
        return number in names()


RULES: Mapping[str, AnyRule] = _Rules()
