"""Every command, with text from outside that wants to be more than text, in every place.

The commands and their options are found by looking at them, so a new one is tried as well.
"""

from __future__ import annotations

import itertools
import json
import logging
import re
import sys
import types
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import click
import pytest
from support import hostile, offline
from support.fake_server import FakeServer
from support.hostile import KEY, TEXT
from support.workspace import Workspace

from ls_dvc.cli import boundary, cli, streams
from ls_dvc.cli.console import reporter
from ls_dvc.errors import ServerError, ServerUnavailableError
from ls_dvc.server.interface import ServerSnapshot, ServerState

# A label config cannot hold control characters below U+0080, but for tabs and line ends.
IN_XML = "".join(char for char in TEXT if char >= " ")
CONFIG = f"""<View><Text name="text" value="$text"/>
<Labels name={quoteattr(IN_XML)} toName="text"><Label value={quoteattr(IN_XML)}/></Labels></View>"""
MAIL = "annotator@people.invalid"
UNTRIED = {"demo"}  # starts a Label Studio; its texts are its own
ENDLESS = {"watch"}
OFFLINE = {
    "blame",
    "browse",
    "convert",
    "diff",
    "formats",
    "get",
    "log",
    "report",
    "show",
    "verify",
}


class Refusing:
    """Whatever it is asked."""

    def close(self) -> None:
        """Nothing is open."""

    def __getattr__(self, _: str) -> Callable[..., Any]:
        return self._refuse

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise ServerError(f"http://fake: HTTP 400: {TEXT}", TEXT)


@dataclass
class HostileServer(FakeServer):
    label_config: str = CONFIG
    refuses: bool = False

    client = Refusing()

    def knowing(self, state: Any) -> Any:
        return self

    def state(self) -> ServerState:
        if self.refuses:
            raise ServerUnavailableError(f"http://fake: HTTP 400: {TEXT}", TEXT)
        there = super().state()
        return ServerState(there.project_id, TEXT, there.label_config, there.probe)

    def listed(self) -> list[ServerSnapshot]:
        title = f"ls-dvc {TEXT} ".replace("\n", " ") + "0" * 12 + "4" + "0" * 3 + "8" + "0" * 15
        old = datetime(2020, 1, 1, tzinfo=timezone.utc)
        return [ServerSnapshot(10_000, title, old, 1, finished=True, md5="0" * 32)]

    def remove(self, *_: Any) -> None:
        raise ServerError(TEXT, TEXT)

    def users(self) -> list[int]:
        raise ServerError(TEXT, TEXT)

    def find_snapshot(self, _: object) -> ServerSnapshot:
        return self.listed()[0]

    def label(self, task: int, label: str) -> None:
        value = {"start": 0, "end": 1, "text": TEXT, "labels": [label]}
        result = {"id": TEXT, "from_name": IN_XML, "to_name": "text", "type": "labels"}
        author = {"id": f"{TEXT} {MAIL}", "email": MAIL, "first_name": MAIL}
        annotation = {"id": task, "completed_by": author, "was_cancelled": False}
        self.put(task)
        self.tasks[task] |= {
            "data": {"text": TEXT, TEXT: TEXT},
            "meta": {TEXT: TEXT},
            "annotations": [{**annotation, "result": [{**result, "value": value}]}],
        }


@pytest.fixture(scope="module")
def server() -> HostileServer:
    return HostileServer()


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory, server: HostileServer) -> Workspace:
    """Two versions in git, by a hostile author, and the data of the newer one."""
    space = offline.data_set(tmp_path_factory.mktemp("hostile") / "\x1b[2J\u202edir")
    space.env |= {"GIT_AUTHOR_NAME": TEXT.replace("\n", " ").replace("<", "")}
    for number in (1, 2):
        server.label(number, TEXT if number == 2 else IN_XML)
        offline.pin(space, server)
        space.git("add", "-A")
        space.git("commit", "-qm", f"{number} {TEXT}")
        space.git("tag", f"v{number}/\u202e\x85\u2028")
    space.dvc("repro", "-q")
    space.commit("data")
    return space


@pytest.fixture
def command_line(
    space: Workspace, server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    for name, value in {**space.env, "LABEL_STUDIO_API_KEY": KEY}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("ls_dvc.server.project.connect", lambda *_: server)
    monkeypatch.setattr("ls_dvc.server.new_project.connect", lambda *_: server)
    monkeypatch.setattr("socketserver.BaseServer.serve_forever", lambda *_, **__: None)
    monkeypatch.setattr("webbrowser.open", lambda _: True)
    yield
    server.refuses = False


def invocations(command: click.Command) -> Iterator[list[str]]:
    """The command as it is meant, with each of its options, and with hostile values."""
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    meant = {"rev": "HEAD~1", "a": "HEAD~2", "b": "HEAD~1", "task": "2", "folder": "new"}
    needed = [meant.get(str(each.name), "") for each in arguments if each.required]
    yield needed
    yield [meant[str(each.name)] for each in arguments if str(each.name) in meant]
    for each in command.params:
        if isinstance(each, click.Argument):
            yield [TEXT.replace("\0", "") for _ in arguments]
        elif isinstance(each, click.Option) and each.is_flag and each.name != "help":
            yield [each.opts[0], *needed]
        elif isinstance(each, click.Option):
            yield [each.opts[0], TEXT, *needed]
    yield [f"--{TEXT}"]


@pytest.mark.parametrize(("refuses", "terminal"), [(False, False), (False, True), (True, False)])
@pytest.mark.usefixtures("command_line")
@pytest.mark.parametrize("name", sorted(set(cli.commands) - UNTRIED - ENDLESS))
def test_commands(
    name: str, refuses: bool, terminal: bool, space: Workspace, server: HostileServer
) -> None:
    if refuses and name in OFFLINE:
        return
    server.refuses = refuses
    for arguments in invocations(cli.commands[name]):
        debug = ["--debug"] * refuses
        written = hostile.run(*debug, "-C", str(space.path), name, *arguments, terminal=terminal)
        written.require_inert()
        assert written.code != boundary.BUG, written.err.decode()
        if "--json" in arguments and written.code == 0:
            json.loads(written.out)


@pytest.mark.usefixtures("command_line")
@pytest.mark.parametrize(
    "command",
    [
        *("show", "show --json", "diff HEAD~2 HEAD~1", "diff HEAD~2 HEAD~1 --stat", "blame 2"),
        *("diff HEAD~2 HEAD~1 --markdown", "log", "log --oneline", "update", "prune --dry-run"),
        *("formats", "export", "doctor"),
    ],
)
def test_hostile_text_is_shown(command: str, space: Workspace) -> None:
    """So that the tests above are about something."""
    space.git("checkout", "-qf", "HEAD")
    written = hostile.run("-C", str(space.path), *command.split())
    assert b"Eve" in written.out + written.err


@pytest.mark.usefixtures("command_line")
def test_a_refresh(
    space: Workspace, server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It commits what the server sent, and hands on what DVC and git print."""
    space.git("checkout", "-qf", "HEAD")
    space.edit(
        "dvc.yaml", "cmd: ls-dvc convert", "cmd: printf '%b' '\\033]52;c;a\\007' && ls-dvc convert"
    )
    space.commit("a stage that prints")
    seen = space.path / ".git/seen"
    hook = space.path / ".git/hooks/pre-commit"
    hook.write_text(
        f"#!/bin/sh\n{{ env; cat /proc/[0-9]*/cmdline; }} > '{seen}' 2> /dev/null; true\n"
    )
    hook.chmod(0o755)
    server.label(3, TEXT)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "A")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "a@example.com")
    written = hostile.run("-C", str(space.path), "refresh", "--tag")
    written.require_inert()
    assert written.code == 0, written.err
    assert b"\n3 annotations do not say the number of their annotator" in b"\n" + written.err
    assert b"\\x1b]52;c;a\\x07" in written.err, "what the stage printed"
    assert b"LABEL_STUDIO_URL" in seen.read_bytes()
    assert KEY.encode() not in seen.read_bytes(), "git needs no key, nor does a command line"
    assert MAIL.encode() not in hostile.git_objects(space.path)
    assert not people_in(space.path)
    for what in (["log", "-1", "--format=%B"], ["tag", "-l", "--format=%(contents)", "labels/v1"]):
        message = space.git(*what).out
        assert "Eve" in message
        assert not [char for char in message if not char.isprintable() and char not in "\n\u200b"]
        assert not re.search(r"[@#!*](?!\u200b)|[][<>]|\bfixes\b", message.replace("->", ""))
        assert KEY not in message
    trailers = space.git("log", "-1", "--format=%(trailers:only,unfold)").out.splitlines()
    assert [each.partition(":")[0] for each in trailers if each] == [
        *("Labels-Fingerprint", "Label-Studio-Project", "Label-Studio-Snapshot")
    ]


@pytest.mark.usefixtures("command_line")
@pytest.mark.parametrize("refuses", [False, True])
def test_a_watch(
    refuses: bool, space: Workspace, server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.label(9, TEXT)
    server.refuses = refuses
    clock = itertools.count(0, 1000)
    time = types.SimpleNamespace(monotonic=lambda: next(clock), sleep=lambda _: next(looks))
    looks = iter(range(3))
    monkeypatch.setattr("ls_dvc.cli.watch.time", time)
    monkeypatch.setattr("ls_dvc.execution.child_process.run", lambda *_: 1)
    written = hostile.run("--debug", "-C", str(space.path), "watch", "--", "true", TEXT)
    written.require_inert()
    assert b"StopIteration" in written.err, "it would have gone on"
    assert b"watching" in written.err


def people_in(folder: Path) -> list[Path]:
    """Files that name an annotator, but for what the server sent, in the side cache."""
    files = [each for each in folder.rglob("*") if each.is_file()]
    kept = [each for each in files if not each.is_relative_to(folder / ".dvc/tmp/ls-dvc")]
    assert len(kept) < len(files)
    return [each for each in kept if MAIL.encode() in each.read_bytes()]


@pytest.mark.usefixtures("command_line")
@pytest.mark.parametrize("command", ["report", "diff HEAD~2 HEAD~1"])
def test_pages(command: str, space: Workspace) -> None:
    page = space.path / "page.html"
    written = hostile.run("-C", str(space.path), *command.split(), "--html", page.name)
    assert written.code == 0, written.err
    html = page.read_text()
    page.unlink()
    assert not {char for char in html if unicodedata.category(char) == "Cc"} - {"\n"}
    assert not {"\u202e", "\u2028"} & set(html)
    assert "Eve" in html
    assert KEY not in html
    assert MAIL not in html
    without_labels = re.sub(r' (?:value|data-[a-z]+)="[^"]*"', "", html)  # what filters look for
    assert not re.search(r"<[^>]*evil", without_labels)


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_whatever_is_written(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By code that knows nothing of all this."""
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", KEY)
    monkeypatch.setattr(cli, "main", lambda **_: getattr(sys, name).writelines([TEXT, TEXT]))
    written = hostile.run()
    written.require_inert()
    assert b"Eve" in written.out + written.err


@pytest.mark.usefixtures("command_line")
@pytest.mark.parametrize("terminal", [False, True])
def test_bars(terminal: bool) -> None:
    """And what libraries say meanwhile."""

    def act() -> None:
        streams.guard()
        with reporter(quiet=False).bar(TEXT, 3) as bar:
            for _ in range(3):
                bar.advance(1)
                reporter(quiet=False).say(TEXT)
                sys.stderr.write(warnings.formatwarning(TEXT, UserWarning, TEXT, 1))
                assert logging.lastResort is not None
                logging.lastResort.handle(logging.makeLogRecord({"msg": TEXT, "levelno": 40}))
                print(TEXT)

    written = hostile.written(act, terminal=terminal)
    written.require_inert()
    assert b"[red]x[/red]" in written.err
