"""The generated parts of docs/rules.md: every rule, from the docstring of its module."""

from __future__ import annotations

import typing

import msgspec

from ls_dvc.check import families
from ls_dvc.check.interface import TaskRule
from ls_dvc.check.registry import RULES, names
from support.markdown import anchor, table

HUNDREDS = {
    "1": "Boxes and ellipses",
    "2": "Polygons and masks",
    "3": "Key points",
    "4": "Spans",
    "5": "Relations",
    "6": "Answers",
    "7": "Time: audio, series, video",
    "8": "The data set",
    "9": "People and predictions",
}


def rules_page() -> dict[str, str]:
    """The parts of docs/rules.md."""
    rows = [["rule", "level", "what is wrong"], *(_row(number) for number in RULES)]
    parts, hundred = list[str](), ""
    for number in RULES:
        if number[2] != hundred:
            hundred = number[2]
            parts.append(f"## {HUNDREDS[hundred]}")
        parts.append(section(number))
    return {"table": table(rows), "rules": "\n\n".join(parts)}


def title(number: str) -> str:
    """The heading of a rule."""
    return f"{number} {names()[number]}"


def _row(number: str) -> list[str]:
    first = (RULES[number].__doc__ or "").partition("\n\n")[0]
    link = f"[{title(number)}](#{anchor(title(number))})"
    return [link, RULES[number].LEVEL.value, " ".join(first.split())]


def section(number: str) -> str:
    """A rule: what it finds, why that matters, its options."""
    rule = RULES[number]
    looks = ", ".join(family for family in rule.LOOKS_AT if family != families.TASK)
    kind = "A task at a time" if isinstance(rule, TaskRule) else "The whole data set"
    about = [f"Level: {rule.LEVEL.value}", f"Looks at: {looks or 'tasks'}", kind]
    lines = [f"### {title(number)}", (rule.__doc__ or "").strip(), " · ".join(about)]
    options = msgspec.structs.fields(rule.OPTIONS)
    if options:
        lines.append(table([["option", "type", "default", "meaning"], *_options(number)]))
    return "\n\n".join(lines)


def _options(number: str) -> list[list[str]]:
    from support import reference  # which makes this page

    kind = RULES[number].OPTIONS
    hints = typing.get_type_hints(kind, include_extras=True)
    told = reference.meanings(kind)
    return [
        [
            f"`{each.name}`",
            reference.words(hints[each.name]),
            reference.default(each, number),
            told[each.name],
        ]
        for each in msgspec.structs.fields(kind)
    ]
