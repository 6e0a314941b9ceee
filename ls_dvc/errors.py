"""Errors that the user can fix, and bugs of ls-dvc; packages add subclasses of their own.

LsDvcError                       the user can fix it
├── ServerError                  Label Studio
│   ├── ServerUnavailableError   not reachable at the moment
│   ├── SnapshotGoneError        a pinned export snapshot was deleted
│   ├── SnapshotMismatchError    an export snapshot has other content than requested
│   └── ConversionError          a conversion on the server failed
├── LabelsChangingError          labels kept changing during the export
├── UnreadableInputError         a file is not here, or not the one that is meant
└── RemoteError                  the DVC remote cannot be read
BugError                         a bug of ls-dvc
"""

from __future__ import annotations

from typing import Literal


class LsDvcError(Exception):
    """An error that the user can fix. The message says what and where, `hint` what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ServerError(LsDvcError):
    """Label Studio could not be reached, refused the request, or sent an invalid answer."""


class ServerUnavailableError(ServerError):
    """Label Studio cannot be reached at the moment, for example while it restarts."""


class SnapshotGoneError(ServerError):
    """A pinned export snapshot was deleted on the server."""


class SnapshotMismatchError(ServerError):
    """An export snapshot has other content than was requested."""


class ConversionError(ServerError):
    """The server did not convert a snapshot: it `failed`, or was `stuck` (`why`)."""

    def __init__(self, message: str, hint: str, why: Literal["failed", "stuck"]) -> None:
        super().__init__(message, hint)
        self.why = why


class LabelsChangingError(LsDvcError):
    """The labels kept changing during the export."""


class UnreadableInputError(LsDvcError):
    """A file to work on is not on this machine, or not the one that is meant."""


class DvcStoreError(LsDvcError):
    """DVC's cache cannot be read, so what it holds is not known."""


class RemoteError(DvcStoreError):
    """The DVC remote cannot be read, so its content is not known."""


class BugError(Exception):
    """A bug of ls-dvc: an invariant does not hold."""
