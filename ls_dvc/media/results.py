"""What is asked of the fetcher, and what it answers."""

from __future__ import annotations

from typing import NamedTuple

from ls_dvc.errors import LsDvcError
from ls_dvc.labels.media import MediaFile


class Fetched(NamedTuple):
    """The file of an address is in the media store.

    `validator` is what its source says about this content (an ETag); empty when it says nothing.
    """

    address: str
    file: MediaFile
    validator: str


class MediaRequest(NamedTuple):
    """An address whose file is wanted, and the kind of the object that shows it (`Image`).

    `known` is what it led to before: if its source says that this is still so, that is the result,
    and nothing is fetched.
    """

    address: str
    tag: str
    known: Fetched | None = None


class NotFetched(NamedTuple):
    """The file of an address cannot be had. `reason` is one of:

    `not-found`, `forbidden` (its source refuses), `no-storage` (no storage of the project knows
    the bucket), `server-error` (mostly an upload that was deleted), `no-answer`, `cut` (ends too
    early, again and again), `changing` (another file at each try), `no-length` (a cut would not be
    seen), `encoded` (sent compressed), `too-large`, `too-slow`, `not-media` (such as a login
    page), `refused-host` (a redirect or a name that leads to an address that is not allowed),
    `too-many-redirects`, `undecodable`, `empty`, `elsewhere` (no setting allows it),
    `http-<status>`.
    """

    address: str
    reason: str
    message: str


class MissingMediaError(LsDvcError):
    """The file of one address cannot be had; the others may be. `reason` as in `NotFetched`."""

    def __init__(self, reason: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.reason = reason


class InterruptedMediaError(LsDvcError):
    """The run ended, or the connection broke, while a file came; another try may bring it."""


class RunStoppedError(LsDvcError):
    """The run was stopped by another file, or by the user."""
