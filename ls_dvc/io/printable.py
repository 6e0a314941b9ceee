"""Text from labels, tags and servers, made harmless for a terminal."""

from __future__ import annotations


def printable_lines(text: str) -> str:
    """Text whose lines are each made printable."""
    return "\n".join(map(printable, text.split("\n")))


def printable(text: str) -> str:
    """Text on one line: control characters, line ends and marks of direction as `\\x1b`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
