"""What can go wrong, in the two kinds that matter: the user can mend it, or it is our fault."""

from __future__ import annotations

from typing import Literal


class LsDvcError(Exception):
    """Something that the user can mend. Says what and where; `hint` says what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ServerError(LsDvcError):
    """Label Studio could not be reached, refused us, or answered nonsense."""


class ServerUnavailableError(ServerError):
    """Label Studio is not there just now, as while it restarts; asking again later may help."""


class SnapshotGoneError(ServerError):
    """A pinned snapshot is not on the server any more."""


class SnapshotMismatchError(ServerError):
    """A snapshot does not hold what was asked for."""


class ConversionError(ServerError):
    """The server did not convert a snapshot: `why` says that it `failed`, or was `stuck`."""

    def __init__(self, message: str, hint: str, why: Literal["failed", "stuck"]) -> None:
        super().__init__(message, hint)
        self.why = why


class LabelsChangingError(LsDvcError):
    """The labels kept changing while we exported them."""


class RemoteError(LsDvcError):
    """DVC's remote cannot be asked, so what it holds is not known."""


class BugError(Exception):
    """An invariant of ours does not hold. Never the user's fault."""
