"""Findings and checks, as values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from ls_dvc.commands.doctor.patient import Patient


class Status(str, Enum):
    """How bad a finding is."""

    OK = "ok"
    NOTE = "note"  # to know; nothing needs to be done
    WARNING = "warning"  # something is not as it should be, and commands still work
    FAILURE = "failure"  # some command would fail, or a key is in the open


@dataclass(frozen=True)
class Finding:
    """What a check found: a sentence, and what to run or change if something should be fixed."""

    status: Status
    words: str
    fix: str = ""


@dataclass(frozen=True)
class Check:
    """A question about the surroundings; `name` is stable, its group comes before the dot.

    An `LsDvcError` or `OSError` of `look` is a failure found. It is left out where a check that it
    `needs` failed or was left out; with `--offline` also if it `asks` the server or a remote.
    """

    name: str
    look: Callable[[Patient], Iterable[Finding]]
    needs: tuple[str, ...] = ()
    asks: bool = False


def ok(words: str) -> Finding:
    """All is well."""
    return Finding(Status.OK, words)


def note(words: str, fix: str = "") -> Finding:
    """To know."""
    return Finding(Status.NOTE, words, fix)


def warning(words: str, fix: str = "") -> Finding:
    """Not as it should be."""
    return Finding(Status.WARNING, words, fix)


def failure(words: str, fix: str = "") -> Finding:
    """Some command would fail."""
    return Finding(Status.FAILURE, words, fix)
