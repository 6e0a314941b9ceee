"""How the library reports what it is doing, without printing."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Progress(Protocol):
    """One progress bar."""

    def advance(self, amount: int) -> None:
        """`amount` more units are done."""


class Reporter(Protocol):
    """Receives messages and progress of a command; results are return values instead."""

    def say(self, message: str) -> None:
        """One line for the user."""

    def bar(self, title: str, total: int) -> AbstractContextManager[Progress]:
        """A bar of `total` units, drawn while the context is open."""


class Silent:
    """A reporter and a progress bar that print nothing."""

    def say(self, message: str) -> None:
        """Nothing."""

    def bar(self, title: str, total: int) -> AbstractContextManager[Progress]:  # noqa: ARG002
        """A bar that is not drawn."""
        return nullcontext(self)

    def advance(self, amount: int) -> None:
        """Nothing."""
