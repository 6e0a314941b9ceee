"""Text from outside (labels, titles, tags, file names, servers, git and DVC), made harmless.

There are three targets: a terminal, a commit message, and Markdown. API keys and access tokens are
cut out for each of them.
"""

from __future__ import annotations

import re

from ls_dvc.io.secrets import without_secrets

_LONGEST = 60  # characters of a name in the subject of a commit


def printable_lines(text: str) -> str:
    """Text for a terminal whose lines are each made printable; tabs become spaces."""
    return "\n".join(map(printable, text.expandtabs().split("\n")))


def printable(text: str) -> str:
    """Text for a terminal on one line: control characters, line ends and marks of direction as
    `\\x1b`, and nothing that the log of a CI job would take for a command.
    """
    text = _COMMANDS.sub(_escaped, without_secrets(text))
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


# GitHub obeys `::name::` at the start of a line and `##[name]` anywhere, others `##vso[name]`.
_COMMANDS = re.compile(r"(?<=#)#(?=\w*\[)|^\s*:(?=:)")


def _escaped(match: re.Match[str]) -> str:
    return f"{match[0][:-1]}\\x{ord(match[0][-1]):02x}"


def cut(text: str, longest: int) -> str:
    """The text in no more than `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def in_commit(text: object, longest: int = 80) -> str:
    """Text in a commit message: on one line, nothing that a git server or CI acts on.

    `[skip ci]` and its like are directives in brackets, so there are none. U+200B stands behind
    what makes mentions, references and `***NO_CI***`, and in words like `closes`.
    """
    plain = printable(" ".join(str(text).split())).translate(_NO_BRACKETS)
    return _ACTED_ON.sub("\\g<0>\u200b", cut(plain, longest))


def in_subject(name: str) -> str:
    """A name for the subject of a commit."""
    return in_commit(name, _LONGEST)


_NO_BRACKETS = str.maketrans({"[": "(", "]": ")", "<": "(", ">": ")"})
_ACTED_ON = re.compile(
    r"[@#!*]|\b(?:clos|fix|resolv|implement)(?=(?:e|s|es|ed|d|ing)?\b)", re.IGNORECASE
)


def in_markdown(text: object, longest: int = 80) -> str:
    """Text that Markdown shows as it is: no markup, no cell border, no mention, no reference."""
    marked = _MARKS.sub(_entity, cut(printable(str(text)), longest))
    return _ISSUES.sub("\\g<0>&#8203;", marked)


_MARKS = re.compile(r"[^\w\s,;→…-]|_", re.ASCII)
_REFERENCES = "@#!~%$&"  # people, issues, merge requests, labels, milestones, snippets, epics
_ISSUES = re.compile(r"GH-(?=\d)", re.IGNORECASE)


def _entity(match: re.Match[str]) -> str:
    """U+200B behind marks of references: they are looked for when the entities are resolved."""
    mark = match[0]
    if not mark.isascii():
        return mark
    return f"&#{ord(mark)};" + ("&#8203;" if mark in _REFERENCES else "")
