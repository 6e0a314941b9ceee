"""Exports that go on in the background: waited for, given up, made anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.background import Background
from support.live_project import LiveProject, live, named, spread
from support.proxy import Proxy, Reply, Request, proxied
from support.workspace import make

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import ServerError
from ls_dvc.server.admin import Admin
from ls_dvc.server.snapshots import PollSettings

CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="kind" toName="text">'
    '<Choice value="A"/><Choice value="B"/></Choices></View>'
)
Forward = Callable[[Request], Reply]
QUICK = PollSettings(answer=20, ready=1.5, lookup=5, first_wait=0.02, attempts=3)


@pytest.fixture(scope="module")
def project(admin: Admin) -> int:
    number, *_ = spread(admin, CONFIG, 3 * [{"data": {"text": "t"}}])
    return number


@pytest.fixture
def proxy(studio: LocalServer) -> Iterator[Proxy]:
    with proxied(studio.url) as running:
        yield running


@pytest.fixture
def talk(studio: LocalServer, proxy: Proxy, project: int, tmp_path: Path) -> Iterator[LiveProject]:
    """With nothing on the server, neither before nor after."""
    with live(studio, project, tmp_path / "cache", url=proxy.url, polling=QUICK) as found:
        assert found.snapshots() == []
        yield found
        proxy.fault = lambda request, forward: forward(request)
        for each in found.snapshots():
            found.server.client.delete(f"api/projects/{project}/exports/{each}")


def test_an_export_in_the_background_is_waited_for(talk: LiveProject, proxy: Proxy) -> None:
    proxy.fault = background = Background()
    pin = talk.update()
    assert pin.tasks == len(talk.tasks(pin)) == talk.server.state().probe.tasks
    assert list(background.made) == talk.snapshots() == named(pin)
    assert {background.seen[each.id] for each in pin.snapshots} == {background.asked + 1}
    assert talk.views() == []


def test_one_whose_answer_is_lost_is_found_while_it_is_at_work(
    talk: LiveProject, proxy: Proxy
) -> None:
    background = Background()

    def lose(request: Request, forward: Forward) -> Reply:
        reply = background(request, forward)
        if request.method == "POST" and "/exports/" in request.path:
            raise ConnectionAbortedError
        return reply

    proxy.fault = lose
    pin = talk.update()
    assert list(background.made) == talk.snapshots() == named(pin)


def test_one_that_is_stuck_is_given_up_and_all_removed(talk: LiveProject, proxy: Proxy) -> None:
    proxy.fault = background = Background(("completed", "stuck"))
    with pytest.raises(ServerError, match=r"did not finish snapshot \d+ of project \d+ in 2 s"):
        talk.update()
    assert len(background.made) == 2, "more time was not given"
    assert talk.snapshots() == list(background.made)[:1], "the range that landed"
    assert talk.views() == []


def test_one_that_failed_is_made_anew(talk: LiveProject, proxy: Proxy) -> None:
    proxy.fault = background = Background(("completed", "failed", "completed"))
    pin = talk.update()
    completed = [each for each, outcome in background.made.items() if outcome == "completed"]
    assert completed == talk.snapshots() == named(pin)
    assert len(background.made) == 3


def test_one_that_fails_every_time_ends_the_update(talk: LiveProject, proxy: Proxy) -> None:
    proxy.fault = background = Background(("completed", "failed"))
    with pytest.raises(ServerError, match="failed to export project") as caught:
        talk.update()
    assert "log" in caught.value.hint
    assert len(background.made) == 1 + QUICK.attempts
    assert talk.snapshots() == list(background.made)[:1], "the range that landed"
    assert talk.views() == []


def test_a_failed_update_leaves_the_pin_as_it_was(
    talk: LiveProject, proxy: Proxy, studio: LocalServer, admin: Admin, project: int, tmp_path: Path
) -> None:
    space = make(tmp_path / "repo", proxy.url, studio.api_key, project, "JSON")
    space.ls("update")
    pinned, kept = space.read("labels.lock"), talk.snapshots()
    space.commit("pinned")
    admin.import_tasks(project, [{"data": {"text": "new"}}])
    proxy.fault = Background(("failed",))
    ran = space.ls("update", code=1)
    assert f"{proxy.url} failed to export project {project}" in ran.err
    assert "Traceback" not in ran.told
    assert space.read("labels.lock") == pinned
    assert space.git("status", "--porcelain").out == ""
    assert talk.snapshots() == kept
