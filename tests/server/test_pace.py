"""Answers that drip, swell or ask to wait: an end after the time and the bytes that are allowed."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from threading import Thread

import httpx
import pytest

from ls_dvc.errors import ServerError
from ls_dvc.media import redirects
from ls_dvc.media.addresses import AddressRules
from ls_dvc.media.hosts import HostRules
from ls_dvc.media.redirects import HttpFile
from ls_dvc.media.results import InterruptedMediaError
from ls_dvc.media.web import WebDownloads
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server import client as client_module
from ls_dvc.server import download
from ls_dvc.server.answers import Ignored
from ls_dvc.server.bodies import MOST
from ls_dvc.server.client import Client
from ls_dvc.server.media import MediaDownloads
from ls_dvc.server.pace import Deadline, DeadlineError
from ls_dvc.server.refusals import AnswerError, NoResponseError
from ls_dvc.server.retry_after import LONGEST_PAUSE, seconds_in
from ls_dvc.settings.connection import Connection
from ls_dvc.settings.media import MediaSettings

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LONG = HEAD + b"Content-Length: 100000\r\n\r\n"
KEY = "0" * 40
GRACE = 0.4


@contextmanager
def dripping(begin: bytes, drip: bytes) -> Iterator[str]:
    """A server that sends `begin`, and then a drip each 50 ms for as long as anybody listens."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(begin)
            for _ in range(200):
                connection.sendall(drip)
                time.sleep(0.05)

    def accept() -> None:
        with suppress(OSError):
            while True:
                Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "ATTEMPTS", 1)
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    monkeypatch.setattr(redirects, "GRACE_SECONDS", GRACE)
    monkeypatch.setattr(client_module, "READ_SECONDS", GRACE)


def posted(client: Client, _: Path) -> None:
    client.post("api/dm/views/", {}, Ignored, timeout=GRACE)


def downloaded(client: Client, folder: Path) -> None:
    with client.stream("api/x", first_byte=0, timeout=GRACE) as response:
        (folder / "part").write_bytes(b"".join(response.iter_bytes()))


def fetched(client: Client, _: Path) -> None:
    with closing(MediaDownloads(client)) as server:
        rules = HostRules(AddressRules.of(client.url, MediaSettings()), lambda *_: [])
        file = HttpFile(server, WebDownloads(rules), path="/data/upload/a.png")
        with file.open({}) as (response, _is_of_server):
            assert b"".join(response.chunks)


def fetched_elsewhere(client: Client, _: Path) -> None:
    settings = MediaSettings(hosts=["127.0.0.1"])
    rules = HostRules(AddressRules.of("http://other.example", settings), lambda *_: ["127.0.0.1"])
    with closing(MediaDownloads(client)) as server, closing(WebDownloads(rules)) as web:
        file = HttpFile(server, web, url=f"{client.url}/a.png")
        with file.open({}) as (response, _is_of_server):
            assert b"".join(response.chunks)


@pytest.mark.parametrize("ask", [posted, downloaded, fetched, fetched_elsewhere])
@pytest.mark.parametrize(
    ("begin", "drip"),
    [(b"", b"H"), (HEAD + b"X-Slow: ", b"x"), (LONG, b" ")],
    ids=["status", "headers", "body"],
)
@pytest.mark.usefixtures("hasty")
def test_drips_come_to_an_end(
    ask: Callable[[Client, Path], None], begin: bytes, drip: bytes, tmp_path: Path
) -> None:
    with dripping(begin, drip) as url, closing(Client(Connection(url, KEY))) as client:
        begun = time.monotonic()
        with pytest.raises((NoResponseError, InterruptedMediaError), match="connection broke"):
            ask(client, tmp_path)
        assert time.monotonic() - begun < 10 * GRACE


@pytest.mark.usefixtures("hasty")
def test_an_answer_that_keeps_the_pace_may_take_longer(tmp_path: Path) -> None:
    body = LONG.replace(b"100000", b"7000")
    with dripping(body, b"x" * 350) as url, closing(Client(Connection(url, KEY))) as client:
        begun = time.monotonic()
        downloaded(client, tmp_path)
        assert time.monotonic() - begun > 2 * GRACE
    assert (tmp_path / "part").read_bytes() == b"x" * 7000


def answered(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx.Request], httpx.Response]
) -> list[float]:
    """Answers all requests; the pauses that were made."""
    pauses: list[float] = []
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda _, request: answer(request))
    monkeypatch.setattr(Deadline, "sleep", lambda _, seconds: pauses.append(seconds))
    return pauses


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("told", "waited"), [("7", 7), ("99999", LONGEST_PAUSE), ("soon", 0.2)])
def test_a_busy_server_is_left_alone_for_as_long_as_it_says(
    monkeypatch: pytest.MonkeyPatch, status: int, told: str, waited: float
) -> None:
    replies = [httpx.Response(status, headers={"Retry-After": told}), httpx.Response(200, json={})]
    pauses = answered(monkeypatch, lambda _: replies.pop(0))
    with closing(Client(Connection("http://studio.example", KEY))) as client:
        client.get("api/version", Ignored)
    assert pauses == [waited]


def test_a_date_to_wait_for() -> None:
    at = datetime.now(timezone.utc) + timedelta(seconds=60)
    assert 50 < seconds_in(format_datetime(at, usegmt=True)) <= 60
    assert seconds_in("Mon, 01 Jan 2001 00:00:00 GMT") == 0
    assert seconds_in("Mon, 99 Foo 99999 00:00:00 GMT") == 0


def test_a_run_ends_in_the_midst_of_its_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    deadline = Deadline(100)
    pauses = answered(monkeypatch, lambda _: httpx.Response(503, headers={"Retry-After": "60"}))
    passed = deadline.begun
    monkeypatch.setattr(time, "monotonic", lambda: passed + sum(pauses))
    with (
        closing(Client(Connection("http://studio.example", KEY), deadline)) as client,
        pytest.raises(DeadlineError, match="lasted 100 s"),
    ):
        client.get("api/version", Ignored)
    assert sum(pauses) < 180


def test_a_pause_ends_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    Deadline(5).sleep(60)
    assert 4 < slept[0] <= 5


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_huge_answer_takes_little_memory(
    monkeypatch: pytest.MonkeyPatch, *, is_packed: bool
) -> None:
    huge = gzip.compress(b" " * 100_000_000, 1) if is_packed else b""
    monkeypatch.setattr(client_module, "ATTEMPTS", 1)

    def answer(_: httpx.Request) -> httpx.Response:
        stream = Chunks(huge[at : at + 65536] for at in range(0, len(huge), 65536))
        plain = Chunks(b" " * 65536 for _ in range(8000))
        headers = {"Content-Encoding": "gzip"} if is_packed else {}
        return httpx.Response(200, headers=headers, stream=stream if is_packed else plain)

    answered(monkeypatch, answer)
    tracemalloc.start()
    try:
        with (
            closing(Client(Connection("http://studio.example", KEY))) as client,
            pytest.raises(AnswerError, match="more than 32,000,000 bytes"),
        ):
            client.get("api/version", Ignored)
        assert tracemalloc.get_traced_memory()[1] < 3 * MOST
    finally:
        tracemalloc.stop()


class Chunks(httpx.SyncByteStream):
    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return self.parts


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Range": "bytes x-9/10"},
        {"Content-Range": f"bytes {'9' * 5000}-9/10"},
        {"Content-Range": f"bytes {10**14}-{10**14}/{10**14 + 1}"},
        {"Content-Range": "bytes 0-9/-1"},
        {},
    ],
)
def test_headers_of_a_part_that_say_nonsense(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, headers: dict[str, str]
) -> None:
    answered(monkeypatch, lambda _: httpx.Response(206, headers=headers, content=b"0123456789"))
    snapshot, part = ExportSnapshot(1, "range", "0" * 32, 1), tmp_path / "part"
    with (
        closing(Client(Connection("http://studio.example", KEY))) as client,
        pytest.raises(ServerError),
    ):
        download.snapshot(client, 1, snapshot, part)
    assert not part.exists()


def test_more_than_the_length_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sent: list[int] = []

    def endless() -> Iterator[bytes]:
        for number in range(1000):
            sent.append(number)
            yield b"x" * 10

    headers = {"Content-Length": "25"}
    answered(monkeypatch, lambda _: httpx.Response(200, headers=headers, stream=Chunks(endless())))
    snapshot = ExportSnapshot(1, "range", "0" * 32, 1)
    with (
        closing(Client(Connection("http://studio.example", KEY))) as client,
        pytest.raises(ServerError),
    ):
        download.snapshot(client, 1, snapshot, tmp_path / "part")
    assert len(sent) < 20
