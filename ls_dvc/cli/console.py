"""What the library reports while it works: lines and progress bars on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from ls_dvc.cli import streams
from ls_dvc.io.printable import printable, printable_lines
from ls_dvc.io.standard_error import tell
from ls_dvc.progress import Progress, Silent


@dataclass
class _ProgressLines:
    """Progress where there is no terminal: a line at every quarter."""

    title: str
    total: int
    done: int = 0
    printed_quarters: int = 0

    def advance(self, amount: int) -> None:
        self.done += amount
        quarter = 4 * self.done // max(self.total, 1)
        if quarter > self.printed_quarters:
            self.printed_quarters = quarter
            tell(f"{self.title}: {self.done}/{self.total}")


@dataclass
class _ProgressBar:
    """Progress on a terminal."""

    advance: Callable[[int], None]


def tell_error(message: str, hint: str) -> None:
    """What went wrong, and what to do about it."""
    tell(message)
    if hint:
        tell(f"hint: {hint}")


def ask(question: str, *, default: bool = False) -> bool:
    """Yes or no, from whoever sits at the terminal."""
    return click.confirm(printable_lines(question), default=default, err=True)


class Console:
    """A reporter that prints on stderr; it draws bars on a terminal only."""

    def say(self, message: str) -> None:
        """One line."""
        tell(message)

    @contextmanager
    def bar(self, title: str, total: int) -> Iterator[Progress]:
        """A bar on a terminal, plain lines elsewhere."""
        if not sys.stderr.isatty():
            yield _ProgressLines(printable(title), total)
            return
        from rich.console import Console as Terminal
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Live

        title_column = TextColumn("{task.description}", markup=False)
        columns = (title_column, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        terminal = Terminal(file=streams.for_drawing(sys.stderr), emoji=False, highlight=False)
        with Live(*columns, console=terminal) as live:
            streams.guard()  # rich has put streams of its own there, until the end
            task = live.add_task(printable(title), total=total)
            yield _ProgressBar(lambda amount: live.advance(task, amount))


def reporter(*, quiet: bool) -> Console | Silent:
    """The reporter of a command."""
    return Silent() if quiet else Console()
