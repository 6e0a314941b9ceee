"""Bodies of answers: unpacked within bounds, whatever the server says about them.

A few bytes of gzip can become gigabytes; a download, which goes to the disk, may be of any size.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import httpx

from ls_dvc.server.refusals import AnswerError

MOST = 32_000_000  # bytes of an answer that is kept in memory
_AUTOMATIC = zlib.MAX_WBITS | 32  # gzip or zlib, as its header says


def make_plain(response: httpx.Response) -> None:
    """Let the body come unpacked and bounded; a hook of httpx, before the body is read."""
    coding = response.headers.pop("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "deflate"):
        raise AnswerError(
            f"{_address(response)} answers packed as {coding[:20]!r}",
            "check the gateways before Label Studio: only gzip was asked for",
        )
    most = None if "range" in response.request.headers else MOST
    if isinstance(response.stream, httpx.SyncByteStream):
        response.stream = _PlainBody(response.stream, coding != "identity", most, response)


def in_memory(response: httpx.Response) -> bytes:
    """The body of an answer that is still to be read; `AnswerError` when it is too large."""
    body = b""
    for part in response.iter_bytes():
        body += part
        if len(body) > MOST:
            raise _too_large(response, MOST)
    return body


def _too_large(response: httpx.Response, most: int) -> AnswerError:
    return AnswerError(
        f"{_address(response)} answers with more than {most:,} bytes",
        "check the address, and the gateways before Label Studio",
    )


def _address(response: httpx.Response) -> str:
    return f"{response.url.copy_with(query=None)}"


class _PlainBody(httpx.SyncByteStream):
    """A body that is unpacked on its way; `most` bytes of it come at most."""

    def __init__(
        self,
        stream: httpx.SyncByteStream,
        is_packed: bool,
        most: int | None,
        response: httpx.Response,
    ) -> None:
        self._stream, self._most, self._response = stream, most, response
        self._unpacker = zlib.decompressobj(_AUTOMATIC) if is_packed else None

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for part in self._parts():
            size += len(part)
            if self._most is not None and size > self._most:
                raise _too_large(self._response, self._most)
            yield part

    def _parts(self) -> Iterator[bytes]:
        if self._unpacker is None:
            yield from self._stream
            return
        is_empty = True
        try:
            for chunk in self._stream:
                is_empty = False
                yield from self._unpacked(self._unpacker, chunk)
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from None
        if not (is_empty or self._unpacker.eof):
            raise httpx.DecodingError("the end is missing")

    @staticmethod
    def _unpacked(unpacker: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
        """In pieces, so that no small chunk becomes a large one."""
        while chunk:
            yield unpacker.decompress(chunk, 1 << 20)
            chunk = unpacker.unconsumed_tail

    def close(self) -> None:
        self._stream.close()
