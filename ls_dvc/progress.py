"""How the library tells what it is doing, without printing."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Progress(Protocol):
    """One running bar."""

    def advance(self, amount: int) -> None:
        """`amount` more units are done."""


class Reporter(Protocol):
    """Narration of a command; results are return values and never pass through here."""

    def say(self, message: str) -> None:
        """One line for the user."""

    def bar(self, title: str, total: int) -> AbstractContextManager[Progress]:
        """A bar of `total` units, drawn while the context is open."""


class Silent:
    """A reporter, and a bar, that says nothing."""

    def say(self, message: str) -> None:
        """Nothing."""

    def bar(self, title: str, total: int) -> AbstractContextManager[Progress]:  # noqa: ARG002
        """A bar that nobody sees."""
        return nullcontext(self)

    def advance(self, amount: int) -> None:
        """Nothing."""
