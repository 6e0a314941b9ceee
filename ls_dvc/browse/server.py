"""The server: one request a connection, on loopback, with bounds on what it costs."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from ls_dvc.browse.access import HEADERS, Access, Refusal
from ls_dvc.browse.site import FilePart, SiteAnswer, in_words
from ls_dvc.errors import LsDvcError

CONNECTIONS = 64  # at the same time; those after them are closed
ASKING = 10.0  # seconds until a request must be there
SENDING = 30.0  # seconds in which a block must be taken
BLOCK = 256 << 10  # bytes
LOOKS = 0.2  # seconds between two looks at what is late

Answers = Callable[[str, str], SiteAnswer]
"""From what is behind the token, and the header `Range`."""


class BrowseServer(ThreadingMixIn, TCPServer):
    """Listens on 127.0.0.1 alone. `TCPServer` looks up no name of this machine."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, answers: Answers) -> None:
        """Port 0 is any that is free; `OSError` when it cannot be had."""
        super().__init__(("127.0.0.1", port), _Connection)
        self.answers = answers
        self.access = Access(self.server_address[1])
        self.waiting: dict[Any, float] = {}
        self._lock = threading.Lock()
        self._open = 0

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        """Whether there is room for one more connection."""
        with self._lock:
            has_room = self._open < CONNECTIONS
            self._open += has_room
            if has_room:
                self.waiting[request] = time.monotonic() + ASKING
        return has_room

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, and make room again."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.is_read(request)
            with self._lock:
                self._open -= 1

    def is_read(self, request: Any) -> None:
        """The request of a connection is there."""
        with self._lock:
            self.waiting.pop(request, None)

    def service_actions(self) -> None:
        """End connections whose request does not come."""
        now = time.monotonic()
        with self._lock:
            late = [each for each, deadline in self.waiting.items() if deadline < now]
        for each in late:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients go away: nobody has to know, and no log has their addresses."""


class _Connection(BaseHTTPRequestHandler):
    server: BrowseServer
    server_version, sys_version = "ls-dvc", ""
    protocol_version = "HTTP/1.1"
    timeout = SENDING

    def __getattr__(self, name: str) -> Any:
        """Every method of HTTP is answered alike: `Access` says which are allowed."""
        if name.startswith("do_"):
            return self._respond
        raise AttributeError(name)

    def log_message(self, *args: object) -> None:
        """Requests have the token in them, and are in no log."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What the parser of requests refuses, in words."""
        self._send(in_words(code, message or "this is no request"))

    def _respond(self) -> None:
        self.server.is_read(self.request)
        headers = {name.lower(): self.headers.get_all(name, []) for name in self.headers}
        path = self.server.access.path(self.command, self.path, headers)
        if isinstance(path, Refusal):
            self._send(in_words(path.status, path.reason))
            return
        try:
            answer = self.server.answers(path, self.headers.get("Range", ""))
        except Exception as error:  # noqa: BLE001  (one request must not end the others)
            answer = in_words(500, f"bug in ls-dvc: {type(error).__name__}: {error}")
        self._send(answer)

    def _send(self, answer: SiteAnswer) -> None:
        self.close_connection = True
        body = answer.body
        size = body.length if isinstance(body, FilePart) else len(body)
        self.send_response(answer.status)
        for name, value in _headers(answer, size):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            for block in [body] if isinstance(body, bytes) else _blocks(body):
                self.wfile.write(block)


def _headers(answer: SiteAnswer, size: int) -> Iterator[tuple[str, str]]:
    yield from HEADERS.items()
    yield "Content-Type", answer.type
    yield "Content-Length", str(size)
    yield "Cache-Control", "private, max-age=3600" if answer.may_be_kept else "no-store"
    yield "Connection", "close"
    if answer.span:
        yield "Content-Range", answer.span
    if isinstance(answer.body, FilePart):
        yield "Accept-Ranges", "bytes"
    if answer.status == 405:
        yield "Allow", "GET, HEAD"


def _blocks(part: FilePart) -> Iterator[bytes]:
    with part.content as content:
        content.seek(part.first, 1)
        left = part.length
        while left and (block := content.read(min(left, BLOCK))):
            left -= len(block)
            yield block


@contextmanager
def listening(port: int, answers: Answers) -> Iterator[BrowseServer]:
    """The server, closed in the end; `LsDvcError` when the port cannot be had."""
    try:
        server = BrowseServer(port, answers)
    except OSError as error:
        raise LsDvcError(
            f"cannot listen on 127.0.0.1:{port}: {error.strerror}",
            "choose another --port, or none: then any free one is taken",
        ) from error
    try:
        yield server
    finally:
        server.server_close()
