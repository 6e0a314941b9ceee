"""What commands print on stdout: lines and tables.

In a pipe everything is printed in full and without colours, a row on a line, so that scripts can
rely on it. On a terminal cells are wrapped to its width, and what was added, removed or changed
has a colour (none with NO_COLOR). Text is never read as markup, and control characters are
escaped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import click

from ls_dvc.cli import streams
from ls_dvc.io.printable import printable, printable_lines
from ls_dvc.io.secrets import without_secrets

if TYPE_CHECKING:
    from rich.console import Console as Terminal
    from rich.table import Table as RichTable
    from rich.text import Text


GAP = "  "  # between two columns


class Mark(str, Enum):
    """What happened to something, or that it is a heading; the value is its colour or style."""

    ADDED = "green"
    REMOVED = "red"
    CHANGED = "yellow"
    HEADING = "bold"


@dataclass(frozen=True)
class Marked:
    """Text in pieces, some of which are marked."""

    pieces: tuple[tuple[str, Mark | None], ...]

    def __str__(self) -> str:
        return "".join(text for text, _ in self.pieces)


Cell = str | Marked


@dataclass(frozen=True)
class Table:
    """Rows of cells. Columns in `right` hold numbers, which are never wrapped; `fixed` neither."""

    rows: Sequence[Sequence[Cell]]
    head: Sequence[str] = ()
    right: Collection[int] = ()
    fixed: Collection[int] = ()
    indent: int = 0


def marked(text: str, mark: Mark | None) -> Marked:
    """The whole text with one mark."""
    return Marked(((text, mark),))


def write(*blocks: Cell | Table) -> None:
    """Print lines and tables."""
    if is_terminal():
        _draw(blocks)
        return
    for block in blocks:
        for line in _plain(block):
            click.echo(line)


def is_terminal() -> bool:
    """Whether stdout is a terminal."""
    return sys.stdout.isatty()


def is_read_by_people() -> bool:
    """Whether stdout is a terminal, or the pager that git has started."""
    return is_terminal() or bool(os.environ.get("GIT_PAGER_IN_USE"))


def write_as_git(*blocks: Cell | Table, colours: bool) -> None:
    """Print for a terminal or git's pager, for which git puts the width into COLUMNS."""
    _draw(blocks, colours=colours)


def write_bytes(content: bytes) -> None:
    """Write a patch as git would: whoever applies it needs each byte. Not to a terminal."""
    sys.stdout.flush()
    streams.for_drawing(sys.stdout).buffer.write(content)


def document(value: Any, indent: int | None = None) -> None:
    """Print JSON in ASCII, without keys; `##` is what a log may take for a command."""
    text = without_secrets(json.dumps(value, indent=indent))
    click.echo(text.replace("##", "#\\u0023"))


def write_json(text: str) -> None:
    """Print JSON that is a text already, as `document` does."""
    document(json.loads(text), indent=2)


def write_commands(text: str) -> None:
    """Print lines that a CI job obeys; whoever made them took care of what comes from outside."""
    click.echo(without_secrets(text), file=streams.for_drawing(sys.stdout))


def write_text(text: str) -> None:
    """Print a text as it is, on a terminal too: without colours, and nothing is wrapped."""
    click.echo(printable_lines(text))


def fits(table: Table) -> bool:
    """Whether no cell has to be wrapped. In a pipe every table fits."""
    columns = range(len(table.rows[0]))
    return not is_terminal() or _width(table, columns) <= shutil.get_terminal_size().columns


def _plain(block: Cell | Table) -> Iterator[str]:
    if not isinstance(block, Table):
        yield printable_lines(str(block))
        return
    rows = [[printable(str(cell)) for cell in row] for row in _with_head(block)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if index in block.right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield (" " * block.indent + GAP.join(cells)).rstrip()


def _with_head(table: Table) -> Iterable[Sequence[Cell]]:
    return [table.head, *table.rows] if table.head else table.rows


def _draw(blocks: Iterable[Cell | Table], *, colours: bool = True) -> None:
    """Print on a terminal, by rich."""
    from rich.console import Console
    from rich.padding import Padding

    console = Console(
        file=streams.for_drawing(sys.stdout),
        force_terminal=True,
        color_system="auto" if colours and not os.environ.get("NO_COLOR") else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for block in blocks:
        if isinstance(block, Table):
            drawn = _rich_table(block, console.width - block.indent)
            console.print(Padding(drawn, (0, 0, 0, block.indent), expand=False))
        else:
            console.print(_hanging(_text(block), console), overflow="fold")


def _hanging(text: Text, console: Terminal) -> Text:
    """Lines that are too long, wrapped: what goes on is indented below its beginning."""
    from rich.text import Text

    lines = list[Text]()
    for line in text.split("\n"):
        indent = len(line.plain) - len(line.plain.lstrip())
        room = console.width - indent - len(GAP)
        if line.cell_len <= console.width or room < _NARROWEST:
            lines.append(line)
            continue
        first, *more = line[indent:].wrap(console, room, overflow="fold")
        lines.append(Text(" " * indent) + first)
        lines += [Text(" " * indent + GAP) + each for each in more]
    return Text("\n").join(lines)


_NARROWEST = 20  # columns; what is narrower is not indented


def _width(table: Table, columns: Iterable[int]) -> int:
    """Characters that these columns need if nothing is wrapped."""
    rows = list(_with_head(table))
    return sum(max(len(str(row[index])) for row in rows) + len(GAP) for index in columns)


def _rich_table(table: Table, width: int) -> RichTable:
    from rich import table as rich_table

    unwrapped = {*table.right, *table.fixed}
    if _width(table, unwrapped) > width:
        unwrapped = set()
    drawn = rich_table.Table(
        box=None,
        show_header=bool(table.head),
        header_style="bold",
        pad_edge=False,
        padding=(0, len(GAP), 0, 0),
    )
    for index in range(len(table.rows[0]) if table.rows else len(table.head)):
        drawn.add_column(
            table.head[index] if table.head else "",
            justify="right" if index in table.right else "left",
            no_wrap=index in unwrapped,
            overflow="fold",
        )
    for row in table.rows:
        drawn.add_row(*map(_text, row))
    return drawn


def _wrappable(text: str) -> str:
    """Any word of a cell may come to stand at the start of a line, where CI obeys `::name::`."""
    return re.sub(r"(?<=\s):(?=:)", r"\\x3a", text)


def _text(cell: Cell) -> Text:
    from rich.text import Text

    if isinstance(cell, str):
        return Text(_wrappable(printable_lines(cell)))
    return Text.assemble(
        *((_wrappable(printable(text)), mark.value if mark else "") for text, mark in cell.pieces)
    )
