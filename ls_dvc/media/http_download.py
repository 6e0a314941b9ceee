"""A file over HTTP, complete: in as many ranges as it takes, all of them of the same content.

The first request asks for `bytes=0-`: only then Label Studio says how long an upload is, and a body
without a length that is cut looks whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ls_dvc.errors import ServerUnavailableError
from ls_dvc.media.arrival import Arrival
from ls_dvc.media.limits import Budget, Patience
from ls_dvc.media.redirects import HttpFile, drain
from ls_dvc.media.results import InterruptedMediaError, MissingMediaError
from ls_dvc.server.interface import MediaResponse

_REASONS = {401: "forbidden", 403: "forbidden", 404: "not-found", 410: "not-found"}
_NOT_NOW = (408, 429, 502, 503, 504)
_RESTARTS = 3
_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")
_LENGTH = re.compile(r"[0-9]{1,15}")
# Of a proxied file: the number of the user, whether he is active, and the ETag of the bucket.
_PROXIED = re.compile(r'"\d+[01]([0-9a-f]{32}(?:-\d+)?)"')


class _OtherContentError(Exception):
    """What is at the address now is not the file whose beginning arrived."""


class _Http500Error(Exception):
    """The answer is HTTP 500."""


@dataclass
class HttpDownload:
    """The download of one file into `arrival`; used once."""

    source: HttpFile
    arrival: Arrival
    budget: Budget
    patience: Patience
    total: int | None = None
    validator: str = ""
    _failures: int = 0
    _restarts: int = 0
    _has_begun: bool = False

    def run(self) -> str:
        """Get all of the file; its validator.

        `MissingMediaError` when that cannot be had, `ServerUnavailableError` when the server is
        gone, other errors of ls-dvc when no file can be had any more.
        """
        while True:
            before = self.arrival.size
            try:
                if self._attempt():
                    return _lasting(self.validator)
                error: Exception = InterruptedMediaError("it ends too early")
            except (InterruptedMediaError, ServerUnavailableError, _Http500Error) as failure:
                error = failure
            except _OtherContentError:
                self._restart()
                continue
            self._failures = 1 if self.arrival.size > before else self._failures + 1
            if self._failures >= self.patience.tries:
                raise self._given_up(error) from None
            self.budget.wait(self.patience.pause(self._failures))

    def _attempt(self) -> bool:
        """Ask for what is missing; whether the file is complete then."""
        self._has_begun = False
        with self.source.open(self._headers()) as (response, is_of_server):
            if response.status not in (200, 206):
                drain(response)
                return self._is_empty(response, is_of_server=is_of_server)
            self._has_begun = True
            self._require_plain(response)
            first, total = _extent(response)
            self._require_same(response, first, total)
            for chunk in response.chunks:
                self.arrival.write(chunk)
        if self.total is not None and self.arrival.size > self.total:
            raise _OtherContentError
        return self.total is None or self.arrival.size == self.total

    def _headers(self) -> Mapping[str, str]:
        asked = {"Range": f"bytes={self.arrival.size}-", "Accept-Encoding": "identity"}
        if self.arrival.size and self.validator and not self.validator.startswith("W/"):
            asked["If-Range"] = self.validator
        return asked

    def _require_plain(self, response: MediaResponse) -> None:
        coding = response.headers.get("content-encoding", "identity")
        if coding != "identity":
            raise MissingMediaError("encoded", f"it is sent as {coding[:20]}, not as it is")

    def _require_same(self, response: MediaResponse, first: int, total: int | None) -> None:
        """The answer goes on where the file ends; else what arrived is forgotten."""
        validator = response.headers.get("etag", "")
        if self.arrival.size:
            if (total, validator) != (self.total, self.validator) or first > self.arrival.size:
                raise _OtherContentError
            if first < self.arrival.size:
                self.arrival.restart()
        elif first:
            raise _OtherContentError
        self.total, self.validator = total, validator
        if total is not None:
            self.arrival.expect(total)
        elif "chunked" not in response.headers.get("transfer-encoding", ""):
            raise MissingMediaError(
                "no-length", "its length is not sent, so it may be cut without a sign"
            )

    def _restart(self) -> None:
        self._restarts += 1
        if self._restarts > _RESTARTS:
            raise MissingMediaError("changing", "it is another file at each try")
        self.arrival.restart()
        self.total, self.validator = None, ""

    def _is_empty(self, response: MediaResponse, *, is_of_server: bool) -> bool:
        """Whether the answer means that the file has no bytes; most others raise what they mean."""
        status = response.status
        if status == 416:
            if response.headers.get("content-range", "").endswith("*/0"):
                return True
            raise _OtherContentError
        if status == 500:
            raise _Http500Error
        if status in _NOT_NOW:
            if is_of_server:
                origin = self.source.server.origin
                raise ServerUnavailableError(f"{origin}: HTTP {status}", "try again later")
            raise InterruptedMediaError(f"HTTP {status}")
        if status == 404 and is_of_server and self.source.is_stored:
            raise MissingMediaError("no-storage", "no storage of the project has its bucket")
        raise MissingMediaError(_REASONS.get(status, f"http-{status}"), f"HTTP {status}")

    def _given_up(self, error: Exception) -> Exception:
        if isinstance(error, _Http500Error):
            why = " (mostly an upload that was deleted)" if self.source.is_served else ""
            return MissingMediaError("server-error", f"HTTP 500{why}")
        if self._has_begun:
            return MissingMediaError("cut", f"{error}, {self.patience.tries} times")
        if isinstance(error, ServerUnavailableError):
            return error
        return MissingMediaError("no-answer", str(error))


def validator_of(source: HttpFile) -> str:
    """What the source says about its content now; empty when it says nothing, or no file comes.

    It is asked for the first byte, as few servers answer otherwise.
    """
    try:
        headers = {"Range": "bytes=0-0", "Accept-Encoding": "identity"}
        with source.open(headers) as (response, _):
            found = response.headers.get("etag", "") if response.status in (200, 206) else ""
            if response.status != 200:
                drain(response)
    except (InterruptedMediaError, MissingMediaError):
        return ""
    return _lasting(found)


def _lasting(validator: str) -> str:
    return _PROXIED.sub(r'"\1"', validator)


def _extent(response: MediaResponse) -> tuple[int, int | None]:
    """Where the body begins, and the length of the whole file, in bytes; None: it is not said."""
    if response.status == 206:
        match = _RANGE.fullmatch(response.headers.get("content-range", ""))
        if match is None:
            raise MissingMediaError("no-length", "its answer to a range does not say which it is")
        return int(match[1]), int(match[3])
    length = response.headers.get("content-length", "")
    return 0, int(length) if _LENGTH.fullmatch(length) else None
