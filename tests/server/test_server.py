"""The server adapter against a real Label Studio; a proxy makes the faults it will not make."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from support.clients import CONFIG, OPEN, at, client_at
from support.proxy import Proxy, Reply, Request, pass_on, proxied

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import ServerError, SnapshotGoneError
from ls_dvc.io.files import md5
from ls_dvc.server import views
from ls_dvc.server.admin import Admin
from ls_dvc.server.interface import TaskRange
from ls_dvc.server.project import LabelStudioProject
from ls_dvc.server.snapshots import PollSettings

Forward = Callable[[Request], Reply]


@pytest.fixture
def project(make_project: Callable[..., int]) -> int:
    return make_project(label_config=CONFIG, tasks=[{"data": {"text": f"t{n}"}} for n in range(5)])


@pytest.fixture
def proxy(studio: LocalServer) -> Iterator[Proxy]:
    with proxied(studio.url) as running:
        yield running


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


def ids(server: LabelStudioProject) -> tuple[int, int]:
    return server.bounds()


def snapshots_on(admin: Admin, project: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = admin.call("GET", f"/api/projects/{project}/exports/")
    return found


def views_on(admin: Admin, project: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = admin.call("GET", "/api/dm/views/", project=project)
    return found


def test_state_and_counts(studio: LocalServer, project: int) -> None:
    server = at(studio.url, studio, project)
    state = server.state()
    assert state.probe.tasks == 5
    assert state.label_config == CONFIG
    assert server.state() == state
    first, last = server.bounds()
    assert server.count(TaskRange(first, last)) == 5
    assert server.count(TaskRange(first + 1, last - 1)) == 3


def test_a_range_holds_its_tasks_and_leaves_no_view(
    studio: LocalServer, admin: Admin, project: int, tmp_path: Path
) -> None:
    server = at(studio.url, studio, project)
    first, last = server.bounds()
    taken = server.take(TaskRange(first + 1, last))
    server.download(taken, tmp_path / "part", lambda _: None)
    got = json.loads((tmp_path / "part").read_bytes())
    assert sorted(each["id"] for each in got) == list(range(first + 1, last + 1))
    assert taken.tasks == 4
    assert md5(tmp_path / "part") == taken.md5
    assert views_on(admin, project) == []


def test_both_kinds_of_key(studio: LocalServer, admin: Admin, project: int) -> None:
    admin.call(
        "POST", "/api/jwt/settings", {"api_tokens_enabled": True, "legacy_api_tokens_enabled": True}
    )
    token = admin.call("POST", "/api/token/", {})["token"]
    server = at(studio.url, studio, project, token)
    assert server.state().probe.tasks == 5
    admin.call("POST", "/api/token/blacklist/", {"refresh": token})
    with pytest.raises(ServerError, match="refuses the API key") as caught:
        at(studio.url, studio, project, token).state()
    assert token not in f"{caught.value}{caught.value.hint}"


def test_an_access_token_that_runs_out_is_renewed(
    studio: LocalServer, admin: Admin, project: int, proxy: Proxy
) -> None:
    token = admin.call("POST", "/api/token/", {})["token"]
    server = at(proxy.url, studio, project, token)
    refused: list[Request] = []

    def expire_once(request: Request, forward: Forward) -> Reply:
        if "/api/tasks/" in request.path and not refused:
            refused.append(request)
            return Reply(401, [("Content-Type", "application/json")], b'{"detail": "expired"}')
        return forward(request)

    proxy.fault = expire_once
    assert server.state().probe.tasks == 5
    assert len(proxy.asked("POST", "/api/token/refresh/")) == 2
    admin.call("POST", "/api/token/blacklist/", {"refresh": token})  # one user, one token


def test_one_access_token_is_renewed_for_all_that_are_refused(
    studio: LocalServer, admin: Admin, project: int, proxy: Proxy
) -> None:
    token = admin.call("POST", "/api/token/", {})["token"]
    server, meeting = at(proxy.url, studio, project, token), Barrier(4, timeout=10)

    def expire(request: Request, forward: Forward) -> Reply:
        if request.method == "GET" and len(proxy.asked("POST", "/api/token/refresh/")) == 1:
            meeting.wait()
            return Reply(401, [("Content-Type", "application/json")], b'{"detail": "expired"}')
        return forward(request)

    proxy.fault = expire
    assert server.state().probe.tasks == 5
    assert len(proxy.asked("POST", "/api/token/refresh/")) == 2
    admin.call("POST", "/api/token/blacklist/", {"refresh": token})


@pytest.mark.parametrize("of_view", [False, True])
def test_a_state_is_asked_for_in_requests_at_once(
    studio: LocalServer, admin: Admin, project: int, proxy: Proxy, of_view: bool
) -> None:
    shown = {"project": project, "data": {"title": "Mine"}}
    view = admin.call("POST", "/api/dm/views/", shown)["id"] if of_view else None
    meeting = Barrier(6 if of_view else 4, timeout=10)

    def meet(request: Request, forward: Forward) -> Reply:
        meeting.wait()
        return forward(request)

    proxy.fault = meet
    server = LabelStudioProject(client_at(proxy.url, studio.api_key), project, view=view)
    assert server.state().probe.tasks == 5


QUESTIONS = ["/?include=title", "/api/tasks/", "/summary/", "/model-versions/"]


@pytest.mark.parametrize("failing", range(4))
def test_the_error_told_is_that_of_the_first_question(
    studio: LocalServer, project: int, proxy: Proxy, failing: int
) -> None:
    """Though it is the last one to be answered, and those after it fail as well."""
    told = Barrier(4 - failing, timeout=10)

    def refuse(request: Request, forward: Forward) -> Reply:
        (asked,) = (n for n, part in enumerate(QUESTIONS) if part in request.path)
        if asked < failing:
            return forward(request)
        told.wait()
        time.sleep(0.1 if asked == failing else 0)
        return Reply(403, [], json.dumps({"detail": f"no {asked}"}).encode())

    proxy.fault = refuse
    with pytest.raises(ServerError, match=f"no {failing}"):
        at(proxy.url, studio, project).state()


def test_a_wrong_key(studio: LocalServer, project: int) -> None:
    with pytest.raises(ServerError, match="refuses the API key in LABEL_STUDIO_API_KEY"):
        at(studio.url, studio, project, "0" * 40).state()


def test_no_such_project(studio: LocalServer) -> None:
    with pytest.raises(ServerError, match="project 999999 not found on http") as caught:
        at(studio.url, studio, 999999).state()
    assert "label_studio.project_id" in caught.value.hint


def test_a_busy_gateway_is_asked_again(studio: LocalServer, project: int, proxy: Proxy) -> None:
    def busy_once(request: Request, forward: Forward) -> Reply:
        again = [each.path for each in proxy.seen].count(request.path) > 1
        return forward(request) if again else Reply(503, [], b"")

    proxy.fault = busy_once
    assert at(proxy.url, studio, project).state().probe.tasks == 5


def test_nobody_listens(studio: LocalServer) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(ServerError, match=f"cannot reach {url}"):
            at(url, studio, 1).state()


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "text/html", b"<html>hello</html>"),
        (200, "application/json", b'{"hello": 1}'),
        (404, "text/html", b"nothing here"),
        (200, "application/json", b"[]"),
    ],
)
@pytest.mark.parametrize("key", ["0" * 40, "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTl9.c2ln"])
def test_not_a_label_studio(status: int, kind: str, body: bytes, key: str) -> None:
    with answering(status, kind, body) as url:
        server = LabelStudioProject(client_at(url, key), 1)
        with pytest.raises(ServerError, match=r"not answer like|unknown form|refuses the API key"):
            server.state()


def test_a_redirect_is_told_not_followed() -> None:
    with (
        answering(301, "text/html", b"", ("Location", "https://other/?secret=1")) as url,
        pytest.raises(ServerError, match=r"redirects to https://other/$"),
    ):
        LabelStudioProject(client_at(url, "0" * 40), 1).state()


@pytest.mark.parametrize("fault", ["drop", "bad gateway"])
def test_a_lost_answer_is_adopted(
    studio: LocalServer, admin: Admin, project: int, proxy: Proxy, fault: str
) -> None:
    def lose(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if request.method == "POST" and "/exports/" in request.path:
            if fault == "drop":
                raise ConnectionAbortedError
            return Reply(502, [("Content-Type", "text/html")], b"<h1>Bad gateway</h1>")
        return reply

    proxy.fault = lose
    server = at(proxy.url, studio, project)
    taken = server.take(TaskRange(*server.bounds()))
    assert [each["id"] for each in snapshots_on(admin, project)] == [taken.id]
    assert taken.tasks == 5
    assert len(proxy.asked("POST", "/exports/")) == 1, "a POST must never be repeated blindly"
    assert views_on(admin, project) == []


@pytest.mark.parametrize("arrives", [True, False])
def test_a_view_whose_answer_is_lost(
    studio: LocalServer, admin: Admin, project: int, proxy: Proxy, arrives: bool
) -> None:
    """It is taken if it was made; in no case is another one asked for, nor is one left."""

    def lose(request: Request, forward: Forward) -> Reply:
        if request.method == "POST" and "/views/" in request.path:
            if arrives:
                forward(request)
            raise ConnectionAbortedError
        return forward(request)

    proxy.fault = lose
    server = at(proxy.url, studio, project)
    first, last = server.bounds()
    if arrives:
        assert server.take(TaskRange(first + 1, last)).tasks == 4
    else:
        with pytest.raises(ServerError, match="the connection broke"):
            server.take(TaskRange(first + 1, last))
    assert len(proxy.asked("POST", "/views/")) == 1
    assert views_on(admin, project) == []


def test_a_request_that_never_arrived_is_made_again(
    studio: LocalServer, admin: Admin, project: int, proxy: Proxy
) -> None:
    def swallow_first(request: Request, forward: Forward) -> Reply:
        made = request.method == "POST" and "/exports/" in request.path
        if made and len(proxy.asked("POST", "/exports/")) == 1:
            raise ConnectionAbortedError
        return forward(request)

    polling = PollSettings(lookup=0.2, first_wait=0.02)
    server = LabelStudioProject(client_at(proxy.url, studio.api_key), project, polling)
    proxy.fault = swallow_first
    taken = server.take(TaskRange(*server.bounds()))
    assert [each["id"] for each in snapshots_on(admin, project)] == [taken.id]


def test_a_cut_download_is_taken_up_where_it_broke(
    studio: LocalServer, project: int, proxy: Proxy, tmp_path: Path
) -> None:
    server = at(proxy.url, studio, project)
    taken = server.take(TaskRange(*server.bounds()))

    def cut_twice(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if "/download" in request.path and len(proxy.asked("GET", "/download")) < 3:
            reply.cut = 100
        return reply

    proxy.fault = cut_twice
    heard: list[int] = []
    server.download(taken, tmp_path / "part", heard.append)
    asked = [each.headers["Range"] for each in proxy.asked("GET", "/download")]
    assert asked == ["bytes=0-", "bytes=100-", "bytes=200-"]
    assert md5(tmp_path / "part") == taken.md5
    assert sum(heard) == (tmp_path / "part").stat().st_size


def test_a_part_that_is_whole_already_or_too_long(
    studio: LocalServer, project: int, tmp_path: Path
) -> None:
    server = at(studio.url, studio, project)
    taken = server.take(TaskRange(*server.bounds()))
    part = tmp_path / "part"
    server.download(taken, part, lambda _: None)
    server.download(taken, part, lambda _: None)
    part.write_bytes(part.read_bytes() + b"  ")
    server.download(taken, part, lambda _: None)
    assert md5(part) == taken.md5


def test_changed_bytes_are_never_taken(
    studio: LocalServer, project: int, proxy: Proxy, tmp_path: Path
) -> None:
    server = at(proxy.url, studio, project)
    taken = server.take(TaskRange(*server.bounds()))

    def change(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if "/download" in request.path:
            reply.body = reply.body.replace(b"t3", b"t9")
        return reply

    proxy.fault = change
    with pytest.raises(ServerError, match="MD5"):
        server.download(taken, tmp_path / "part", lambda _: None)
    assert not (tmp_path / "part").exists()


def test_a_snapshot_that_is_gone(studio: LocalServer, project: int, tmp_path: Path) -> None:
    server = at(studio.url, studio, project)
    taken = server.take(TaskRange(*server.bounds()))
    server.discard(taken)
    server.discard(taken)
    with pytest.raises(SnapshotGoneError, match=f"snapshot {taken.id} of project {project}"):
        server.download(taken, tmp_path / "part", lambda _: None)


def test_which_snapshots_are_still_there(
    studio: LocalServer, admin: Admin, project: int, proxy: Proxy
) -> None:
    server = at(proxy.url, studio, project)
    first, gone, last = (server.take(TaskRange(*server.bounds())) for _ in range(3))
    server.discard(gone)
    proxy.seen.clear()
    assert server.still_available([last, gone, first]) == [last, first]
    assert len(proxy.seen) == 1
    assert server.still_available([replace(first, md5="0" * 32)]) == []

    def list_a_hundred(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if request.path.endswith("/exports/"):
            (newest,) = [each for each in json.loads(reply.body) if each["id"] == last.id]
            reply.body = json.dumps([newest] * 100).encode()
        return reply

    proxy.fault = list_a_hundred
    assert server.still_available([last, gone, first]) == [last, first], (
        "the list ends before the first"
    )
    proxy.fault = pass_on
    for each in (first, last):
        server.discard(each)
    assert server.still_available([first, last]) == []


def test_views_of_killed_runs_are_swept_and_others_stay(
    studio: LocalServer, admin: Admin, project: int
) -> None:
    client = client_at(studio.url, studio.api_key)
    for title in ("mine", f"{views.PREFIX}1000 dead", f"{views.PREFIX}9999999999 alive"):
        admin.call("POST", "/api/dm/views/", {"project": project, "data": {"title": title}})
    views.remove_leftovers(client, project)
    left = {each["data"]["title"] for each in views_on(admin, project)}
    assert left == {"mine", f"{views.PREFIX}9999999999 alive"}


def test_a_view_is_removed_when_the_block_fails(
    studio: LocalServer, admin: Admin, project: int
) -> None:
    client = client_at(studio.url, studio.api_key)
    with pytest.raises(KeyboardInterrupt), views.temporary(client, project, {}):
        raise KeyboardInterrupt
    assert views_on(admin, project) == []


class answering:  # noqa: N801
    """A server that gives one answer to everything."""

    def __init__(self, status: int, kind: str, body: bytes, *headers: tuple[str, str]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                self.send_response(status)
                for name, value in (("Content-Type", kind), *headers):
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
