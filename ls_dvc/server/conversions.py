"""Conversions of a snapshot by the server: started, awaited with a deadline, downloaded.

The community edition converts inside the request. One that fails there stays `in_progress` for
ever, and a second request for it says that it was started already; so nothing is waited for
without a deadline, and an answer that says that the server broke is taken at its word.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import httpx
from tenacity import (
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    stop_after_delay,
)

from ls_dvc.errors import ConversionError, ServerError, SnapshotGoneError
from ls_dvc.server.answers import ExportAnswer, Ignored, OfferedFormat
from ls_dvc.server.client import Client
from ls_dvc.server.download import extent
from ls_dvc.server.refusals import NoResponseError, RefusedError
from ls_dvc.server.retries import retrying

ATTEMPTS = 3  # of the download; each starts from the first byte, as the server may convert again
_UNFINISHED = ("created", "in_progress")


class _BrokenError(ServerError):
    """The body ended before its length."""


def offered_formats(client: Client, project_id: int) -> dict[str, bool]:
    """The formats that the server can write; False where the label config has no use for one."""
    entries = client.get(f"api/projects/{project_id}/export/formats", list[OfferedFormat])
    return {entry.name: not entry.disabled for entry in entries}


@dataclass(frozen=True)
class Conversion:
    """One snapshot of a project in one format; the server has `seconds` for it."""

    client: Client
    project_id: int
    snapshot: int
    name: str
    seconds: float
    first_wait: float = 0.2

    def fetch(self, part: Path) -> str:
        """Let the server convert, unless it has, and put the result into `part`; its suffix.

        `ConversionError` when it failed or was not finished in time, `SnapshotGoneError` when the
        server does not have the snapshot any more.
        """
        ends = time.monotonic() + self.seconds
        if self._status() != "completed":
            self._begin()
            self._wait(ends)
        return self._download(part)

    @property
    def _path(self) -> str:
        return f"api/projects/{self.project_id}/exports/{self.snapshot}"

    def _status(self) -> str:
        """What has become of it; empty when nobody asked for it, or it failed."""
        try:
            snapshot = self.client.get(self._path, ExportAnswer)
        except RefusedError as error:
            if error.status != 404:
                raise
            raise SnapshotGoneError(
                f"snapshot {self.snapshot} of project {self.project_id} is not on "
                f"{self.client.url} any more"
            ) from None
        conversions = snapshot.converted_formats or []
        states = [each.status for each in conversions if each.export_type == self.name]
        if "completed" in states:
            return "completed"
        return next((state for state in states if state in _UNFINISHED), "")

    def _begin(self) -> None:
        """Ask for it. Without an answer the server may be at work, as after one given earlier."""
        body = {"export_type": self.name, "download_resources": False}
        try:
            self.client.post(f"{self._path}/convert", body, Ignored, timeout=self.seconds)
        except NoResponseError:
            return
        except RefusedError as error:
            if error.status == 400 and "already started" in str(error):
                return
            if error.status in (401, 403):
                raise
            raise self._failed(f" (HTTP {error.status})") from error

    def _wait(self, ends: float) -> None:
        waiting = retrying(
            self.client.deadline,
            retry_if_result(lambda state: state in _UNFINISHED)
            | retry_if_exception_type(NoResponseError),
            stop_after_delay(max(0.0, ends - time.monotonic())),
            first=self.first_wait,
            last=lambda _: "stuck",
        )
        status = waiting(self._status)
        if status == "stuck":
            raise ConversionError(
                f"{self.client.url} did not convert snapshot {self.snapshot} of project "
                f"{self.project_id} to {self.name} in {self.seconds:.0f} s",
                "see the log of the server, or raise label_studio.update.conversion_seconds in "
                "params.yaml",
                "stuck",
            )
        if status != "completed":
            raise self._failed("")

    def _download(self, part: Path) -> str:
        trying = retrying(
            self.client.deadline,
            retry_if_exception_type((NoResponseError, _BrokenError)),
            stop_after_attempt(ATTEMPTS) | stop_after_delay(self.seconds),
            first=self.first_wait,
            longest=5,
        )
        try:
            return str(trying(self._attempt, part))
        except (NoResponseError, _BrokenError) as error:
            raise ConversionError(
                f"{self.client.url} did not send snapshot {self.snapshot} of project "
                f"{self.project_id} as {self.name}: {error}",
                "check the timeouts of gateways before the server: it may convert again "
                "to send the result, which takes as long",
                "stuck",
            ) from error
        except RefusedError as error:
            if error.status in (401, 403):
                raise
            raise self._failed(f" (HTTP {error.status} at the download)") from error

    def _attempt(self, part: Path) -> str:
        with self.client.stream(
            f"{self._path}/download", first_byte=0, timeout=self.seconds, exportType=self.name
        ) as response:
            first, length = extent(response)
            with part.open("wb") as out:
                for chunk in response.iter_bytes():
                    out.write(chunk)
                if first or out.tell() != length:
                    raise _BrokenError(
                        f"{out.tell()} of {length or 'an unknown number of'} bytes came", ""
                    )
            return _ending(response)

    def _failed(self, how: str) -> ConversionError:
        return ConversionError(
            f"{self.client.url} failed to convert snapshot {self.snapshot} of project "
            f"{self.project_id} to {self.name}{how}",
            "see the log of the server",
            "failed",
        )


def _ending(response: httpx.Response) -> str:
    """That of the file's name, as `.zip`; empty when the server does not send the name."""
    name = response.headers.get("filename") or response.headers.get("content-disposition", "")
    return Path(name.rstrip('"').rpartition("/")[2]).suffix
