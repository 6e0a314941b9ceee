"""A host on loopback that plays whatever a host of media may do, and keeps what it was asked.

A route is a path; its play answers a request, with ranges and validators as a good server does, or
with the fault that is asked for. It also plays a Label Studio: the key is in the requests it saw.
"""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ls_dvc.media.fetch import Fetched, Fetcher, NotFetched
from ls_dvc.media.hosts import look_up
from ls_dvc.media.limits import Budget, Patience
from ls_dvc.media.store import MediaStore
from ls_dvc.server.client import Client
from ls_dvc.server.project import LabelStudioProject
from ls_dvc.settings.connection import Connection
from ls_dvc.settings.media import MediaSettings

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
PAGE = b"<!DOCTYPE html><html><body>Log in</body></html>"
KEY = "canarykey"
QUICK = Patience(grace=2.0, rate=1000.0, tries=3, pauses=(0.0,))


@dataclass
class Asked:
    """A request: headers by names in lower case."""

    path: str
    headers: dict[str, str]

    @property
    def first(self) -> int:
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        return int(match[1]) if match else 0


@dataclass
class Play:
    """An answer; `cut` closes the connection after so many bytes of the body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    seconds_a_byte: float = 0.0


Player = Callable[[Asked], Play]
Asking = Callable[..., list[Fetched | NotFetched]]


def whole(
    content: bytes, *, etag: str = "", cut: int | None = None, at_most: int | None = None
) -> Player:
    """A good server, which may cut each body after `cut` bytes, or send `at_most` of a range."""

    def play(asked: Asked) -> Play:
        headers = {"ETag": etag} if etag else {}
        if "range" not in asked.headers:
            return Play(200, {**headers, "Content-Length": str(len(content))}, content, cut)
        first, end = asked.first, len(content)
        if at_most is not None and first:
            end = min(end, first + at_most)
        span = f"bytes {first}-{end - 1}/{len(content)}"
        body = content[first:end]
        headers |= {"Content-Range": span, "Content-Length": str(len(body))}
        return Play(206, headers, body, cut)

    return play


def without_length(content: bytes, cut: int | None = None) -> Player:
    """A server that knows no ranges and ends a body by closing the connection."""
    return lambda _: Play(200, {}, content, cut)


def chunked(content: bytes, cut: int | None = None) -> Player:
    """A server that knows no ranges and sends a body in chunks."""
    half = len(content) // 2
    parts = (content[:half], content[half:], b"")
    body = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in parts)
    return lambda _: Play(200, {"Transfer-Encoding": "chunked"}, body, cut)


def redirect(location: str, status: int = 302) -> Player:
    return lambda _: Play(status, {"Location": location, "Content-Length": "0"})


def status(number: int, body: bytes = b"{}") -> Player:
    return lambda _: Play(number, {"Content-Length": str(len(body))}, body)


def in_turn(*players: Player) -> Player:
    """One player for each request; the last one plays on."""
    left = list(players)
    return lambda asked: (left.pop(0) if len(left) > 1 else left[0])(asked)


@dataclass
class Canary:
    """`url` is on 127.0.0.1; `port` serves every name that leads there."""

    port: int = 0
    routes: dict[str, Player] = field(default_factory=dict)
    seen: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [each.path for each in self.seen]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        asked = Asked(self.path, {k.lower(): v for k, v in self.headers.items()})
        routes = self.server.played.routes
        self.server.played.seen.append(asked)
        play = (routes.get(self.path) or routes.get("*") or status(404))(asked)
        self.send_response(play.status)
        for name, value in play.headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):
            self._write(play)
        if play.cut is not None or "Content-Length" not in play.headers:
            self.close_connection = True

    do_POST = do_GET

    def _write(self, play: Play) -> None:
        if not play.seconds_a_byte:
            self.wfile.write(play.body[: play.cut])
            return
        for number in range(len(play.body)):
            self.wfile.write(play.body[number : number + 1])
            time.sleep(play.seconds_a_byte)

    def log_message(self, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: str, played: Canary) -> None:
        super().__init__((address, 0), _Handler)
        self.played = played

    def handle_error(self, *_: object) -> None:
        """A client that went away, or does not take our certificate."""


@contextmanager
def canary(address: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> Iterator[Canary]:
    """Listens on an address of loopback; with a `context` it speaks TLS."""
    played = Canary()
    server = _Server(address, played)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    played.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield played
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def fetcher_for(
    url: str,
    folder: Path,
    *,
    key: str = KEY,
    project_id: int = 1,
    budget: Budget | None = None,
    patience: Patience = QUICK,
    look_up: Callable[[str, int], list[str]] = look_up,
    **settings: object,
) -> Iterator[Fetcher]:
    """A fetcher for the server at `url`, with the store in `folder`."""
    client = Client(Connection(url, key))
    try:
        yield Fetcher(
            LabelStudioProject(client, project_id),
            MediaSettings(**settings),
            folder,
            project_id,
            MediaStore(folder / "store"),
            patience,
            budget,
            look_up,
        )
    finally:
        client.close()
