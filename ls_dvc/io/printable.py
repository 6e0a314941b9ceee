"""Text from labels, tags and servers, made harmless for terminals and commit messages.

API keys and access tokens are cut out of it."""

from __future__ import annotations

import re

from ls_dvc.io.secrets import without_secrets

_LONGEST = 60  # characters of a name in the subject of a commit


def printable_lines(text: str) -> str:
    """Text whose lines are each made printable."""
    return "\n".join(map(printable, text.split("\n")))


def printable(text: str) -> str:
    """Text on one line: control characters, line ends and marks of direction as `\\x1b`."""
    text = without_secrets(text)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def without_references(line: str) -> str:
    """No mention and no `closes #1`, on which a git server would act: U+200B follows @, #, !."""
    return re.sub("[@#!]", "\\g<0>\u200b", line)


def in_subject(name: str) -> str:
    """A name for the subject of a commit: on one line, nothing that a git server or CI acts on.

    `[skip ci]` and its like are directives in brackets, so there are none.
    """
    plain = printable(" ".join(name.split())).translate(_NO_BRACKETS)
    cut = plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
    return without_references(cut)


_NO_BRACKETS = str.maketrans({"[": "(", "]": ")", "<": "(", ">": ")"})
