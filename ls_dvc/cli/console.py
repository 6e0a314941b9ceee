"""What the library reports while it works: lines and progress bars on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ls_dvc.io.printable import printable_lines
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
            print(f"{self.title}: {self.done}/{self.total}", file=sys.stderr, flush=True)  # noqa: T201


@dataclass
class _ProgressBar:
    """Progress on a terminal."""

    advance: Callable[[int], None]


class Console:
    """A reporter that prints on stderr; it draws bars on a terminal only."""

    def say(self, message: str) -> None:
        """One line."""
        print(printable_lines(message), file=sys.stderr, flush=True)  # noqa: T201

    @contextmanager
    def bar(self, title: str, total: int) -> Iterator[Progress]:
        """A bar on a terminal, plain lines elsewhere."""
        if not sys.stderr.isatty():
            yield _ProgressLines(title, total)
            return
        from rich.console import Console as Terminal
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Live

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Live(*columns, TimeRemainingColumn(), console=Terminal(stderr=True)) as live:
            task = live.add_task(title, total=total)
            yield _ProgressBar(lambda amount: live.advance(task, amount))


def reporter(*, quiet: bool) -> Console | Silent:
    """The reporter of a command."""
    return Silent() if quiet else Console()
