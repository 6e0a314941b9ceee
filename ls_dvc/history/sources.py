"""Sources: where data can be had, tried in order, each with its reason when it does not have it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ls_dvc.errors import DvcStoreError, LsDvcError, ServerError

Data = TypeVar("Data")


@dataclass(frozen=True)
class Source(Generic[Data]):
    """A place to get data from, as a user would call it.

    `get` gives the data, checked, or raises `LsDvcError` with the reason why it cannot.
    """

    name: str
    get: Callable[[], Data]


class AbsentError(LsDvcError):
    """A source was asked, and does not have the data."""


class UnavailableError(LsDvcError):
    """No source gave the data. The message has the reason of each."""


def first_available(what: str, sources: Iterable[Source[Data]], hint: str) -> Data:
    """The data `what` from the first source that has it; else `UnavailableError` with `hint`."""
    reasons = []
    for source in sources:
        try:
            return source.get()
        except (LsDvcError, OSError) as error:
            reasons.append(f"\n  {source.name}: {_reason(error)}")
    raise UnavailableError(f"{what} cannot be read from anywhere:{''.join(reasons)}", hint)


def _reason(error: LsDvcError | OSError) -> str:
    """With the hint of what has to be reached: an address or a key may be all that is missing."""
    hint = error.hint if isinstance(error, ServerError | DvcStoreError) else ""
    return f"{error} ({hint})" if hint else str(error)
