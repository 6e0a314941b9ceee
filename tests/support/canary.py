"""A host on loopback that plays whatever a host of media may do, and keeps what it was asked.

A route is a path; its play answers a request, with ranges and validators as a good server does, or
with the fault that is asked for. It also plays a Label Studio: the key is in the requests it saw.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ls_dvc.media.fetch import Fetcher
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


@contextmanager
def canary() -> Iterator[Canary]:
    played = Canary()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = Asked(self.path, {k.lower(): v for k, v in self.headers.items()})
            played.seen.append(asked)
            player = played.routes.get(self.path) or played.routes.get("*") or status(404)
            play = player(asked)
            self.send_response(play.status)
            for name, value in play.headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):
                self._write(play)
            if play.cut is not None or "Content-Length" not in play.headers:
                self.close_connection = True

        def _write(self, play: Play) -> None:
            if not play.seconds_a_byte:
                self.wfile.write(play.body[: play.cut])
                return
            for number in range(len(play.body)):
                self.wfile.write(play.body[number : number + 1])
                time.sleep(play.seconds_a_byte)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
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
        )
    finally:
        client.close()
