"""Complete downloads: length and MD5 are checked, an interrupted one is resumed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
from tenacity import retry_if_exception_type, stop_after_attempt

from ls_dvc.errors import ServerError, SnapshotGoneError
from ls_dvc.io.files import md5
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server.client import Client
from ls_dvc.server.refusals import AnswerError, NoResponseError, RefusedError
from ls_dvc.server.retries import retrying

ATTEMPTS = 5
_LENGTH = re.compile(r"[0-9]{1,15}")
_RANGE = re.compile(r"bytes ([0-9]{1,15})-[0-9]{1,15}/([0-9]{1,15}|\*)")


class _BrokenError(ServerError):
    """The body is shorter than its length, or has another MD5."""


def snapshot(
    client: Client,
    project_id: int,
    wanted: ExportSnapshot,
    part: Path,
    arrived: Callable[[int], None] = lambda _: None,
) -> None:
    """Put the raw JSON of a snapshot into `part`; its content, if any, is the beginning.

    Without a length a cut answer looks complete, and only an answer to a Range request has one.
    `arrived` is called with the number of bytes of each chunk. `SnapshotGoneError` when the server
    does not have the snapshot any more.
    """
    path = f"api/projects/{project_id}/exports/{wanted.id}/download"
    broken = retry_if_exception_type((NoResponseError, _BrokenError))
    trying = retrying(client.deadline, broken, stop_after_attempt(ATTEMPTS), longest=5)
    try:
        trying(_attempt, client, path, wanted, part, arrived)
    except RefusedError as error:
        if error.status == 416:
            part.unlink()  # it is longer than the snapshot, so it is of another one
        if error.status != 404:
            raise
        raise SnapshotGoneError(
            f"snapshot {wanted.id} of project {project_id} is not on {client.url} any more"
        ) from None


def download_all(client: Client, project_id: int, part: Path, seconds: float) -> None:
    """Put the JSON of all tasks into `part`, which the server makes and sends in one request.

    It is not requested again, as it may take minutes: `seconds` until it begins. Whether it is
    complete shows where its JSON ends, as not every server tells its length.
    """
    asked = {"exportType": "JSON", "download_all_tasks": "true", "interpolate_key_frames": "false"}
    path = f"api/projects/{project_id}/export"
    try:
        with (
            client.stream(path, first_byte=0, timeout=seconds, **asked) as response,
            part.open("wb") as out,
        ):
            for chunk in response.iter_bytes():
                out.write(chunk)
    except NoResponseError as error:
        raise ServerError(
            f"{client.url} did not send all of project {project_id} in one request: {error}",
            "try again, or set label_studio.update.method to `snapshots` in params.yaml",
        ) from None


def _attempt(
    client: Client, path: str, wanted: ExportSnapshot, part: Path, arrived: Callable[[int], None]
) -> None:
    have = part.stat().st_size if part.exists() else 0
    with client.stream(path, first_byte=have, exportType="JSON") as response:
        first, length = extent(response)
        if first > have:
            raise _BrokenError(
                f"the download of snapshot {wanted.id} goes on elsewhere", "try again"
            )
        with part.open("r+b" if first else "wb") as out:
            out.seek(first)
            for chunk in response.iter_bytes():  # a chunk size would hold back what came of one
                out.write(chunk)
                arrived(len(chunk))
                if length is not None and out.tell() > length:
                    break
            is_complete = length is None or out.tell() == length
    if not is_complete:
        raise _BrokenError(f"the download of snapshot {wanted.id} broke off", "try again")
    if md5(part) != wanted.md5:
        part.unlink()
        raise _BrokenError(
            f"snapshot {wanted.id} from {client.url} does not have the MD5 that the pin names",
            "try again; if it stays so, run `ls-dvc update --full` for a new pin",
        )


def extent(response: httpx.Response) -> tuple[int, int | None]:
    """Where a body begins, in bytes, and the length of the whole file (None: unknown).

    `AnswerError` when the server sends a part and does not say which.
    """
    if response.status_code != 206:
        length = response.headers.get("content-length", "")
        return 0, int(length) if _LENGTH.fullmatch(length) else None
    found = _RANGE.fullmatch(response.headers.get("content-range", ""))
    if found is None:
        raise AnswerError(
            f"{response.url.copy_with(query=None)} sends a part without saying which",
            "check the gateways before Label Studio",
        )
    return int(found[1]), int(found[2]) if found[2] != "*" else None
