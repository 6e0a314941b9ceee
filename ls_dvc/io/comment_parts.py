"""Parts of a comment on a pull request, in Markdown: whole lines, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def folded(title: str, body: str, *, is_open: bool = False) -> str:
    """A body that is shown when its title, in HTML, is clicked."""
    state = " open" if is_open else ""
    return f"<details{state}><summary>{title}</summary>\n\n{body}\n\n</details>"


def counted(lines: Sequence[str], room: int) -> tuple[list[str], list[str]]:
    """The first lines, as many as fit into so many bytes, and how many there are more."""
    shown = fitting(lines, room)
    return shown, more(len(lines) - len(shown))


def more(hidden: int) -> list[str]:
    """A line that says how many are not shown."""
    return [f"… and {hidden:,} more"] if hidden else []


def fitting(lines: Iterable[str], room: int) -> list[str]:
    """The first lines, as many as fit into so many bytes."""
    shown = list[str]()
    for line in lines:
        room -= size_of(line)
        if room < 0:
            break
        shown.append(line)
    return shown


def size_of(line: str) -> int:
    """The bytes of a line with its end, which is two characters in a push option."""
    return len(line.encode("utf-8", "replace")) + 2
