"""watch: the machine by a clock of its own; the command with a real server, repository, signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest
from support.clients import at
from support.new_project import TEXT
from support.proxy import Proxy, Reply, Request, proxied
from support.workspace import BIN, Workspace, clean_environment, interruptible, make

from ls_dvc.commands.watch import (
    ActionFinished,
    ActionStarted,
    Event,
    Observation,
    UpdateDue,
    WatchInterrupted,
    WatchIntervals,
    WatchResumed,
    watch,
)
from ls_dvc.demo import label_studio
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import LsDvcError, ServerError, ServerUnavailableError
from ls_dvc.pin.pin import Probe
from ls_dvc.progress import Silent
from ls_dvc.server.admin import Admin
from ls_dvc.update import UpdateReason

PACE = WatchIntervals(every=10, quiet=25, longest=100)
Forward = Callable[[Request], Reply]


CHANGED = (UpdateReason("labels-changed", "labels changed since the pin"),)


def look(number: int, reasons: tuple[UpdateReason, ...] = CHANGED) -> Observation:
    probe = Probe(1, number, 0, str(number), "config", "summary")
    return Observation(1, probe, "pinned", reasons)


IDLE = look(0, ())
AWAY = ServerUnavailableError("cannot reach it")


@dataclass
class World:
    """What each look sees, and how each act ends; the last of each stays. `at` is a clock."""

    looks: list[Observation | LsDvcError]
    codes: list[int] = field(default_factory=lambda: [0])
    at: float = 0.0
    looked: list[float] = field(default_factory=list)
    acted: list[float] = field(default_factory=list)

    def look(self) -> Observation:
        self.looked.append(self.at)
        seen = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(seen, LsDvcError):
            raise seen
        return seen

    def act(self) -> int:
        self.acted.append(self.at)
        return self.codes.pop(0) if len(self.codes) > 1 else self.codes[0]

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.at += seconds
        if self.at > 1000:
            raise TimeIsUpError

    def run(self, intervals: WatchIntervals = PACE) -> list[Event]:
        told: list[Event] = []
        with suppress(TimeIsUpError):
            for event in watch(self.look, self.act, intervals, lambda: self.at, self.sleep):
                told.append(event)  # noqa: PERF402  (what was told before the end counts)
        return told


class TimeIsUpError(Exception):
    pass


def test_nothing_moves() -> None:
    world = World([IDLE])
    assert world.run() == []
    assert world.looked[:4] == [0, 10, 20, 30]


def test_it_acts_when_labels_have_rested_and_only_once() -> None:
    world = World([IDLE, look(1), look(2), look(2)])
    assert world.run() == [UpdateDue(CHANGED), ActionStarted(), ActionFinished(0)]
    assert world.acted == [20 + 25], "looked once more right when the time was over"


def test_a_short_rest_needs_no_whole_round() -> None:
    world = World([look(1)])
    world.run(WatchIntervals(every=60, quiet=5))
    assert world.acted == [5]
    world = World([look(1)])
    world.run(WatchIntervals(every=60, quiet=0))
    assert world.acted == [0]


def test_labels_that_never_rest() -> None:
    world = World([look(number) for number in range(200)])
    assert world.run() == [UpdateDue(CHANGED)], "told once, not at each look"
    assert world.acted == []


def test_labels_that_went_back_to_what_is_pinned() -> None:
    world = World([look(1), IDLE])
    assert world.run() == [UpdateDue(CHANGED)]


def test_a_failure_is_tried_again_less_and_less_often() -> None:
    world = World([look(1)], codes=[3])
    told = world.run()
    gaps = [later - earlier for earlier, later in zip(world.acted, world.acted[1:], strict=False)]
    assert gaps[:6] == [10, 20, 40, 80, 100, 100]
    assert [each.again_in for each in told if isinstance(each, ActionFinished)][:3] == [10, 20, 40]
    assert world.looked[1] - world.looked[0] == 10, "it goes on looking"


def test_labels_that_move_again_end_the_pause_of_a_failure() -> None:
    world = World([look(1)] * 12 + [look(2)], codes=[1, 1, 1, 0])
    world.run()
    assert world.acted == [25, 35, 55, 95, *world.acted[4:]]
    assert len(world.acted) == 5, "the new labels are done once, and none is tried again"


def test_a_command_that_moves_no_pin_is_not_run_for_ever() -> None:
    world = World([look(1)] * 20 + [look(2)])
    world.run()
    assert len(world.acted) == 2


def test_an_outage_is_told_once_and_asked_less_and_less_often() -> None:
    world = World([IDLE, *[AWAY] * 6, IDLE, AWAY, IDLE])
    assert world.run() == [
        WatchInterrupted(AWAY),
        WatchResumed(),
        WatchInterrupted(AWAY),
        WatchResumed(),
    ]
    gaps = [later - before for before, later in zip(world.looked, world.looked[1:], strict=False)]
    assert gaps[:9] == [10, 10, 20, 40, 80, 100, 100, 10, 10]


def test_an_outage_breaks_no_rest_and_is_no_moment_to_act() -> None:
    world = World([look(1), AWAY, AWAY, look(1)])
    told = world.run(WatchIntervals(every=10, quiet=15))
    assert told == [
        UpdateDue(CHANGED),
        WatchInterrupted(AWAY),
        WatchResumed(),
        ActionStarted(),
        ActionFinished(0),
    ]
    assert world.acted == [40]


@pytest.mark.parametrize("first", [True, False])
def test_what_only_the_user_can_mend_ends_it(first: bool) -> None:
    world = World([*([] if first else [IDLE, AWAY]), ServerError("the key is refused")])
    with pytest.raises(ServerError, match="refused"):
        list(watch(world.look, world.act, PACE, lambda: world.at, world.sleep))


def test_files_that_git_is_changing() -> None:
    """A params.yaml that cannot be read is an error at first, and passes later."""
    broken = LsDvcError("params.yaml: not valid YAML")
    with pytest.raises(LsDvcError, match="YAML"):
        World([broken]).run()
    assert World([IDLE, broken, IDLE]).run() == [WatchInterrupted(broken), WatchResumed()]


def test_a_pause_never_overflows() -> None:
    assert PACE.grown(5000) == 100
    assert WatchIntervals(every=3600, quiet=0).grown(9) == 3600


# --- the command


@pytest.fixture
def project(make_project: Callable[..., int]) -> int:
    return make_project(tasks=[{"data": {"text": "a"}}])


@pytest.fixture
def proxy(studio: LocalServer) -> Iterator[Proxy]:
    with proxied(studio.url) as running:
        yield running


@pytest.fixture
def space(tmp_path: Path, studio: LocalServer, proxy: Proxy, project: int) -> Workspace:
    made = make(tmp_path / "repo", proxy.url, studio.api_key, project, "CSV")
    made.commit("scaffold")
    return made


@dataclass
class Watching:
    """A running `ls-dvc watch`. Its words are read as they come."""

    process: subprocess.Popen[str]
    heard: list[str] = field(default_factory=list)

    def hears(self, words: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.heard.append(line)
            if words in line:
                return line
        raise AssertionError(f"never heard {words!r}, but {self.heard}")

    def end(self, signum: int = signal.SIGTERM) -> int:
        self.process.send_signal(signum)
        return self.process.wait(60)

    def rest(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.read()


@contextmanager
def watching(space: Workspace, *arguments: str, **env: str) -> Iterator[Watching]:
    process = subprocess.Popen(
        [str(BIN / "ls-dvc"), *arguments],
        cwd=space.path,
        env={**clean_environment(), **space.env, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=interruptible,
    )
    deadline = threading.Timer(DEADLINE, process.kill)  # of a test that waits in vain
    deadline.start()
    try:
        yield Watching(process)
    finally:
        deadline.cancel()
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


DEADLINE = 120.0
NOBODY = "http://127.0.0.1:9"
FAST = ("watch", "--every", "0.2", "--quiet", "0.4")


def annotate(admin: Admin, project: int) -> None:
    task = admin.call("GET", "/api/tasks/", project=project)["tasks"][0]["id"]
    chosen = {"from_name": "kind", "to_name": "text", "type": "choices"}
    admin.create_annotation(task, [{**chosen, "value": {"choices": ["A"]}}])


def commits(space: Workspace) -> list[str]:
    return space.git("log", "--format=%s").out.splitlines()


def test_labels_become_commits(space: Workspace, admin: Admin, project: int) -> None:
    with watching(space, *FAST) as ran:
        ran.hears("ended with exit code 0")
        assert len(commits(space)) == 2, "there was no pin yet"
        annotate(admin, project)
        ran.hears("labels changed")
        ran.hears("ended with exit code 0")
        assert len(commits(space)) == 3
        assert ran.end() == 130
    assert space.git("status", "--porcelain").out == ""
    assert space.ls("verify").out.startswith("all as pinned")


def test_once(space: Workspace) -> None:
    done = space.ls(*FAST, "--once")
    assert "Labels of" in done.out
    assert len(commits(space)) == 2


def test_a_command_instead(space: Workspace) -> None:
    script = "import os, sys; print(sys.argv[1:], os.getcwd()); sys.exit(7)"
    run = ("--once", "--", sys.executable, "-c", script, "a b", "$HOME", "--push")
    ran = space.ls("-C", str(space.path), *FAST, *run, code=1)
    assert f"['a b', '$HOME', '--push'] {space.path}" in ran.out
    assert "ended with exit code 7" in ran.err
    missing = space.ls("watch", "--", "no-such-program", code=1)
    assert "there is no command 'no-such-program'" in missing.err
    killed = (*FAST, "--once", "--", sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert "ended by signal 9" in space.ls(*killed, code=1).err


def test_the_program_that_runs_is_found_though_its_environment_is_not_active(
    space: Workspace,
) -> None:
    ran = space.ls(*FAST, "--once", "--", "ls-dvc", "--version", PATH="/usr/bin:/bin")
    assert ran.out.startswith("ls-dvc ")


def test_a_failing_command_does_not_end_the_watch(
    space: Workspace, admin: Admin, project: int
) -> None:
    space.edit("params.yaml", "formats: [CSV]", "formats: [CSV, TSV]")
    with watching(space, *FAST) as ran:
        ran.hears("has changes that are not committed")
        assert "exit code 1; again when labels change, or in" in ran.hears("ended with exit code")
        space.commit("settings")
        ran.hears("ended with exit code 0")
        assert ran.end() == 130
    assert len(commits(space)) == 3


def html(request: Request, forward: Forward) -> Reply:
    return Reply(200, [("Content-Type", "text/html")], b"<form>log in</form>")


def gateway(status: int, body: bytes = b"<h1>no</h1>", **headers: str) -> Callable[..., Reply]:
    return lambda request, forward: Reply(status, list(headers.items()), body)


def cut(request: Request, forward: Forward) -> Reply:
    raise ConnectionAbortedError


OUTAGES = {
    "login page": html,
    "500": gateway(500),
    "500 in JSON": gateway(500, b'{"detail": "database is locked"}'),
    "502": gateway(502),
    "503": gateway(503),
    "404 of an ingress": gateway(404),
    "redirect for now": gateway(302, b"", Location="/user/login"),
    "cut": cut,
}


@pytest.mark.parametrize("fault", OUTAGES)
def test_an_answer_that_is_none(
    studio: LocalServer, proxy: Proxy, project: int, fault: str
) -> None:
    proxy.fault = OUTAGES[fault]
    with pytest.raises(ServerUnavailableError):
        at(proxy.url, studio, project).state()


def test_what_is_no_outage(studio: LocalServer, proxy: Proxy, project: int) -> None:
    def refused(server_url: str, project_id: int, key: str = "") -> ServerError:
        with pytest.raises(ServerError) as found:
            at(server_url, studio, project_id, key).state()
        return found.value

    assert not isinstance(refused(proxy.url, project, "0" * 40), ServerUnavailableError)
    assert not isinstance(refused(proxy.url, 99999), ServerUnavailableError)
    proxy.fault = gateway(301, b"", Location="https://elsewhere.example.com")
    assert not isinstance(refused(proxy.url, project), ServerUnavailableError)


def test_a_personal_access_token_that_a_gateway_answers(
    studio: LocalServer, admin: Admin, proxy: Proxy, project: int
) -> None:
    both = {"api_tokens_enabled": True, "legacy_api_tokens_enabled": True}
    admin.call("POST", "/api/jwt/settings", both)
    token = admin.call("POST", "/api/token/", {})["token"]
    proxy.fault = gateway(502)
    with pytest.raises(ServerUnavailableError):
        at(proxy.url, studio, project, token).state()
    proxy.fault = gateway(502, b'{"detail": "Bad Gateway"}')
    with pytest.raises(ServerUnavailableError):
        at(proxy.url, studio, project, token).state()
    admin.call("POST", "/api/token/blacklist/", {"refresh": token})
    proxy.fault = lambda request, forward: forward(request)
    with pytest.raises(ServerError, match="refuses the API key"):
        at(proxy.url, studio, project, token).state()


def test_an_outage_is_survived_and_told_once(
    space: Workspace, admin: Admin, proxy: Proxy, project: int
) -> None:
    space.ls("refresh")
    with watching(space, *FAST) as ran:
        ran.hears("watching")
        proxy.fault = html
        ran.hears("does not answer like a Label Studio server")
        looks = len(proxy.seen)
        _until(lambda: len(proxy.seen) > looks + 3)
        annotate(admin, project)
        proxy.fault = lambda request, forward: forward(request)
        ran.hears("can be read again")
        ran.hears("ended with exit code 0")
        assert ran.end() == 130
    assert sum("does not answer like" in line for line in ran.heard) == 1
    assert len(commits(space)) == 3


@contextmanager
def serving(folder: Path, port: int | None = None) -> Iterator[tuple[LocalServer, Admin]]:
    """A server of the test's own, which it can stop and start again."""
    with label_studio.running(folder, report=Silent(), port=port) as studio:
        admin = Admin(studio.url, studio.api_key)
        yield studio, admin
        admin.close()


def test_a_server_that_is_stopped_and_started_again(space: Workspace, tmp_path: Path) -> None:
    with ExitStack() as stack:
        with serving(tmp_path / "studio") as (studio, admin):
            project = admin.create_project("Restarted", TEXT)
            admin.import_tasks(project, [{"data": {"text": "a"}}])
            space.env["LABEL_STUDIO_URL"] = studio.url
            space.edit("params.yaml", "project_id: ", f"project_id: {project}  # ")
            before = space.commit("another project")
            ran = stack.enter_context(watching(space, *FAST))
            ran.hears("ended with exit code 0")
        ran.hears("cannot reach")
        with serving(tmp_path / "studio", studio.port) as (_, admin):
            ran.hears("can be read again")
            annotate(admin, project)
            ran.hears("ended with exit code 0")
            assert ran.end() == 130
    made = space.git("log", "--format=%s", f"{before}..").out.splitlines()
    assert len(made) == 2
    assert sum("cannot reach" in line for line in ran.heard) < 3
    assert space.git("status", "--porcelain").out == ""


def test_a_server_that_is_not_there_yet(space: Workspace) -> None:
    with watching(space, *FAST, LABEL_STUDIO_URL=NOBODY) as ran:
        ran.hears("cannot reach")
        assert ran.end() == 130


def test_a_key_that_is_wrong_ends_it(space: Workspace, proxy: Proxy) -> None:
    assert "refuses the API key" in space.ls("watch", code=1, LABEL_STUDIO_API_KEY="0" * 40).err
    with watching(space, *FAST, "--quiet", "9999") as ran:
        ran.hears("no labels are pinned")
        space.edit("params.yaml", "project_id: ", "project_id: 99999  # ")
        assert ran.process.wait(60) == 1
        assert "project 99999 not found" in ran.rest()


def test_git_changes_the_files_under_it(space: Workspace, proxy: Proxy, project: int) -> None:
    space.ls("refresh")
    whole = space.read("params.yaml")
    proxy.seen.clear()
    with watching(space, *FAST, "--", "ls-dvc", "status") as ran:
        _until(lambda: len(proxy.asked("GET", "/summary/")) > 1)
        (space.path / "params.yaml").write_text("<<<<<<< HEAD\n")
        ran.hears("params.yaml")
        (space.path / "params.yaml").write_text(whole)
        ran.hears("can be read again")
        space.git("checkout", "-q", "HEAD~1", "--", "labels.lock")
        ran.hears("no labels are pinned")
        ran.hears("no labels are pinned")
        assert ran.end() == 130


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_signals_between_two_looks(space: Workspace, signum: int) -> None:
    with watching(space, "watch", "--every", "600", "--quiet", "600") as ran:
        ran.hears("no labels are pinned")
        assert ran.end(signum) == 130
        assert "interrupted" in ran.rest()


@pytest.mark.parametrize(
    "signum", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.soak)]
)
def test_a_signal_in_the_middle_of_a_refresh_lets_it_clean_up(
    space: Workspace, admin: Admin, project: int, studio: LocalServer, proxy: Proxy, signum: int
) -> None:
    space.ls("refresh")
    before = space.hashes("data/dataset"), space.read("labels.lock"), space.read("dvc.lock")
    annotate(admin, project)
    space.edit(
        "dvc.yaml", "cmd: ls-dvc convert", "cmd: echo in the middle && sleep 600 && ls-dvc convert"
    )
    space.commit("a stage that takes its time")
    with watching(space, *FAST) as ran:
        ran.hears("in the middle")
        assert ran.end(signum) == 130
    after = space.hashes("data/dataset"), space.read("labels.lock"), space.read("dvc.lock")
    assert after == before
    assert space.git("status", "--porcelain").out == ""


def test_a_child_that_ignores_the_signal_is_ended_by_the_second(
    space: Workspace, tmp_path: Path
) -> None:
    script = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('pid', os.getpid(), flush=True); time.sleep(600)"
    )
    with watching(space, *FAST, "--", sys.executable, "-c", script) as ran:
        pid = int(ran.hears("pid ").split()[1])
        ran.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            ran.process.wait(1)
        assert ran.end(signal.SIGTERM) == 130
        _until(lambda: _is_dead(pid))


def _is_dead(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_quiet_tells_troubles_alone(space: Workspace) -> None:
    ran = space.ls("-q", *FAST, "--once", "--", sys.executable, "-c", "pass")
    assert ran.told == ""
    ran = space.ls("-q", *FAST, "--once", "--", sys.executable, "-c", "raise SystemExit(4)", code=1)
    assert "exit code 4" in ran.err


def test_the_first_events_of_a_watch_come_as_they_happen() -> None:
    world = World([look(1)])
    stream = watch(world.look, world.act, PACE, lambda: world.at, world.sleep)
    assert list(islice(stream, 1)) == [UpdateDue(CHANGED)]
    assert world.acted == []
