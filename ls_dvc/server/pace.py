"""Deadlines: how slow an answer may be, and how long a run may take.

A timeout of httpx begins anew with each byte. So the network itself is watched: what is read and
written in a block `keeping(pace)`, headers included, has to keep that pace.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx

from ls_dvc.errors import ServerError

RATE = 4096.0  # bytes a second
RUN_SECONDS = 86_400.0
_SLICE = 1 << 16


class DeadlineError(ServerError):
    """A run took longer than it may."""


@dataclass(frozen=True)
class Deadline:
    """When a run ends, whatever it waits for: `seconds` after it began."""

    seconds: float = RUN_SECONDS
    begun: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """Seconds until the end."""
        return self.begun + self.seconds - time.monotonic()

    def require(self) -> None:
        """`DeadlineError` after the end."""
        if self.left() <= 0:
            raise DeadlineError(
                f"this run has lasted {self.seconds:,.0f} s, and is given up",
                "run the command again: what arrived is kept; or raise "
                "label_studio.update.deadline_seconds in params.yaml",
            )

    def sleep(self, seconds: float) -> None:
        """A pause, which ends with the run."""
        time.sleep(max(0.0, min(seconds, self.left())))


@dataclass
class RequestPace:
    """One request: it may take `grace` seconds and one more for each `rate` bytes."""

    grace: float
    deadline: Deadline = field(default_factory=Deadline)
    rate: float = RATE
    moved: int = 0
    begun: float = field(default_factory=time.monotonic)

    def wait(self, timeout: float | None) -> float:
        """Seconds that the next bytes may take; `httpcore.ReadTimeout` if none are left."""
        allowed = self.begun + self.grace + self.moved / self.rate - time.monotonic()
        left = min(allowed, self.deadline.left())
        if left <= 0:
            raise httpcore.ReadTimeout("too slow")
        return left if timeout is None else min(timeout, left)


_pace: ContextVar[RequestPace | None] = ContextVar("pace", default=None)


@contextmanager
def keeping(pace: RequestPace) -> Iterator[None]:
    """Requests of this thread in the block keep `pace`."""
    before = _pace.set(pace)
    try:
        yield
    finally:
        _pace.reset(before)


def watch(transports: Iterable[httpx.BaseTransport | None]) -> None:
    """Let the connections of these transports, none of which is open yet, keep the pace."""
    for transport in transports:
        if isinstance(transport, httpx.HTTPTransport):
            pool = transport._pool  # noqa: SLF001  (httpx has no public way to watch the network)
            pool._network_backend = _PacedNetwork(pool._network_backend)  # noqa: SLF001


class _PacedStream(httpcore.NetworkStream):
    """A connection that keeps the pace of the request which uses it."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        pace = _pace.get()
        if pace is None:
            return self._stream.read(max_bytes, timeout)
        data = self._stream.read(max_bytes, pace.wait(timeout))
        pace.moved += len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        pace = _pace.get()
        if pace is None:
            self._stream.write(buffer, timeout)
            return
        for start in range(0, len(buffer), _SLICE):
            part = buffer[start : start + _SLICE]
            self._stream.write(part, pace.wait(timeout))
            pace.moved += len(part)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _PacedStream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _PacedNetwork(httpcore.NetworkBackend):
    """Opens connections that keep the pace."""

    def __init__(self, network: httpcore.NetworkBackend) -> None:
        self._network = network

    def connect_tcp(self, *args: Any, **named: Any) -> httpcore.NetworkStream:
        return _PacedStream(self._network.connect_tcp(*args, **named))

    def connect_unix_socket(self, *args: Any, **named: Any) -> httpcore.NetworkStream:
        return _PacedStream(self._network.connect_unix_socket(*args, **named))

    def sleep(self, seconds: float) -> None:
        self._network.sleep(seconds)
