"""The server as an attacker meets it, and as a player and a slow client do."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support import browsed
from support.browsed import data_set
from support.workspace import Workspace

from ls_dvc.browse import server
from ls_dvc.browse.site import SiteAnswer


class Reply:
    """What came back."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status, self.body = answer.status, answer.read()
        self.headers = {name.lower(): value for name, value in answer.getheaders()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(address: str, path: str = "", method: str = "GET", **headers: str) -> Reply:
    """The reply to a request behind the token; a path with a slash in front is the whole path."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    target = path if path.startswith("/") else parts.path + path
    connection.request(method, target, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        return Reply(connection.getresponse())
    finally:
        connection.close()


def indexed(address: str) -> Any:
    """The summary once every task is in the index."""
    deadline = time.monotonic() + 20
    while not (found := ask(address, "summary").json)["done"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_the_page_and_its_headers(address: str) -> None:
    found = ask(address)
    assert found.status == 200
    assert b"<title>Labels workspace</title>" in found.body
    assert "default-src 'none'" in found.headers["content-security-policy"]
    assert "unsafe" not in found.headers["content-security-policy"]
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["referrer-policy"] == "no-referrer"
    assert found.headers["cache-control"] == "no-store"
    assert "python" not in found.headers["server"].lower()


def test_head_has_no_body(address: str) -> None:
    whole, head = ask(address, "browse.css"), ask(address, "browse.css", "HEAD")
    assert head.body == b""
    assert head.headers["content-length"] == str(len(whole.body)) != "0"


@pytest.mark.parametrize(
    "path",
    [
        *("../", "..%2f..%2fparams.yaml", "%2e%2e/params.yaml", "./summary", "/etc/passwd"),
        *("params.yaml", "data/media/x", "small/../file/1/0", "small//etc/passwd/0", "file/1"),
        *("small/1/9999", "small/99999999/0", "small/-1/0", "large/1/0/x", "small/1/0%00"),
        *("templates/browse.js", "page.js", "browse.js/", "tiles/"),
    ],
)
def test_no_path_leads_elsewhere(address: str, path: str) -> None:
    found = ask(address, path)
    assert found.status in (400, 404)
    assert b"root:" not in found.body
    assert b"label_studio" not in found.body


def test_strangers_are_refused(address: str) -> None:
    host = urlsplit(address).netloc
    port = host.partition(":")[2]
    assert ask(address, Host=f"localhost:{port}").status == 200
    for name in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port}0"):
        assert ask(address, "summary", Host=name).status == 403
    assert ask(address, "/" + "A" * 32 + "/summary").status == 404
    assert ask(address, "/summary").status == 404
    assert ask(address, "summary", Origin="https://evil.example").status == 403
    assert ask(address, "summary", Sec_Fetch_Site="cross-site").status == 403
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"):
        found = ask(address, "summary", method)
        assert (found.status, found.headers["allow"]) == (405, "GET, HEAD")
    assert ask(address, "tiles?q=" + "x" * 5000).status == 414
    assert ask(address, "tiles?q=" + "x" * 70_000).status == 414


def test_it_listens_on_loopback_alone(address: str) -> None:
    port = urlsplit(address).port
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {line[1] for line in lines if line[3] == "0A" and line[1].endswith(f":{port:04X}")}
    assert listening == {f"0100007F:{port:04X}"}


@pytest.mark.parametrize("query", ["from=x", "from=" + "9" * 60, "from=-5", "from=" + "9" * 5000])
def test_odd_numbers(address: str, query: str) -> None:
    assert ask(address, f"tiles?{query}").status in (200, 400, 414)


def test_tasks_come_in_windows(address: str) -> None:
    assert indexed(address)["tasks"] == 511
    first, last = ask(address, "tiles").json, ask(address, "tiles?from=480").json
    assert (first["total"], len(first["tiles"]), len(last["tiles"])) == (511, 48, 31)
    assert first["tiles"][0]["image"]["problem"] == ""
    found = ask(address, "task?id=7&q=street").json
    assert (found["position"], found["previous"], found["next"], found["total"]) == (6, 5, 0, 6)
    assert found["regions"][0][2] == "Car"
    assert ask(address, "task?id=7&q=call.wav").json["position"] == 0
    assert ask(address, "task?id=6").status == 404
    assert ask(address, "task?id=").status == 400


def test_pictures_are_never_the_bytes_of_the_file(address: str) -> None:
    found = ask(address, "small/1/0")
    assert found.headers["content-type"] == "image/jpeg"
    assert found.body.startswith(b"\xff\xd8\xff")
    assert ask(address, "large/50/0").status == 404
    script = ask(address, "file/50/0")
    assert (script.status, script.headers["content-type"][:10]) == (404, "text/plain")
    assert b"script>" not in script.body
    assert "svg" in ask(address, "why/50/0").json["reason"]
    assert "dvc pull" in ask(address, "why/5000/0").json["reason"]
    assert ask(address, "why/1/0").json["reason"] == ""


def test_players_get_parts_of_recordings(address: str) -> None:
    whole = ask(address, "file/30/0")
    assert (whole.status, whole.headers["content-type"]) == (200, "audio/wav")
    assert whole.body == browsed.silence()
    part = ask(address, "file/30/0", Range="bytes=8-11")
    assert (part.status, part.body) == (206, b"WAVE")
    assert part.headers["content-range"] == f"bytes 8-11/{len(whole.body)}"
    assert ask(address, "file/30/0", Range="bytes=999999-").status == 416
    assert ask(address, "file/1/0").status == 404  # a picture is no recording


def test_many_ask_at_once(address: str) -> None:
    paths = ["tiles", "small/1/0", "large/2/0", "task?id=3", "summary"] * 10
    with ThreadPoolExecutor(50) as pool:
        assert {each.status for each in pool.map(lambda path: ask(address, path), paths)} == {200}


def test_whatever_is_sent_ends_nothing(address: str) -> None:
    parts = urlsplit(address)
    for sent in (b"\0" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"A" * 70_000, b"\r\n"):
        with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            assert b"Traceback" not in connection.recv(1000)
    assert ask(address, "summary").status == 200


def test_a_request_that_does_not_come_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ASKING", 0.3)
    monkeypatch.setattr(server, "CONNECTIONS", 3)
    with server.listening(0, lambda *_: SiteAnswer(200, "text/plain", b"here")) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        place = ("127.0.0.1", running.access.port)
        slow = [socket.create_connection(place) for _ in range(4)]
        for each in slow:
            each.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        started = time.monotonic()
        while time.monotonic() < started + 1:
            for each in slow:
                try:
                    each.sendall(b"x")
                except OSError:
                    break
            time.sleep(0.1)
        assert [each.recv(10) for each in slow[:3]] == [b"", b"", b""]
        assert ask(running.access.address).body == b"here"
        for each in slow:
            each.close()
        running.shutdown()
        thread.join()


def test_a_port_that_is_taken(browsed_set: Workspace, address: str) -> None:
    port = str(urlsplit(address).port)
    ran = browsed_set.ls("browse", "--port", port, code=1)
    assert f"cannot listen on 127.0.0.1:{port}" in ran.err
    assert "choose another --port" in ran.err


def test_labels_that_are_not_here(tmp_path: Path) -> None:
    space = data_set(tmp_path)
    (space.path / "data/snapshot/manifest.json").unlink()
    ran = space.ls("browse", code=1)
    assert "the labels" in ran.err
    assert ran.err.count("hint: ") == 1
    assert ran.out == ""


def test_a_folder_that_changes_under_it_is_reported(tmp_path: Path) -> None:
    space = data_set(tmp_path)
    with browsed.browsed(space) as address:
        indexed(address)
        for shard in (space.path / "data/snapshot/tasks").iterdir():
            shard.write_bytes(b"{}\n")
        found = ask(address, "tiles")
        assert (found.status, b"was changed since" in found.body) == (404, True)


def test_links_out_of_the_media_folder_lead_nowhere(tmp_path: Path) -> None:
    """A file is served for its MD5, whatever its place says: other bytes are not."""
    space = data_set(tmp_path / "set")
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"\x89PNG\r\n\x1a\nsecret")
    (picture,) = (space.path / "data/media").glob("*/*.wav")
    picture.unlink()
    picture.symlink_to(secret)
    with browsed.browsed(space) as address:
        found = ask(address, "file/30/0")
        assert (found.status, b"secret" in found.body) == (404, False)
        assert b"is not here" in found.body


def test_the_browser_is_opened_where_asked(browsed_set: Workspace, tmp_path: Path) -> None:
    program = tmp_path / "browser"
    program.write_text('#!/bin/sh\ncd "${0%/*}" && printf %s "$1" > new && mv new opened\n')
    program.chmod(0o755)
    space = Workspace(browsed_set.path, {**browsed_set.env, "BROWSER": str(program)})
    with browsed.browsed(space, "--open") as address:
        deadline = time.monotonic() + 20
        while not (tmp_path / "opened").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert (tmp_path / "opened").read_text() == address


def test_a_line_that_cannot_be_indexed_is_told(tmp_path: Path) -> None:
    """What is in the index by then can be searched, and the page says that it is not all."""
    space = data_set(tmp_path, more=10)
    (space.path / "data/snapshot/tasks/0000001000.jsonl").write_bytes(b"{}\n")
    with browsed.browsed(space) as address:
        summary = indexed(address)
        assert summary["indexed"] < summary["tasks"]
        assert "not every task can be searched" in summary["problem"]
        assert "dvc checkout" in summary["problem"]
        assert ask(address, "tiles?q=street-04").json["total"] == 1
