"""What somebody finds who checks out a hostile pull request and looks at it, without `dvc repro`.

A reviewer has the API key in an ignored .env. Whatever the pull request commits: the key goes to
no server but that of the default branch, and nothing is written outside of the repository.
"""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest
from support import hostile_requests, offline
from support.hostile_requests import Target
from support.workspace import Workspace

KEY = "canary-of-the-reviewer-0123456789"
COMMANDS = (
    ("status",),
    ("update",),
    ("export",),
    ("media",),
    ("convert",),
    ("verify",),
    ("verify", "--pull"),
    ("verify", "--all"),
    ("show", "HEAD"),
    ("diff", "origin/main", "HEAD"),
    ("log",),
    ("get", "HEAD", "got"),
    ("restore", "HEAD", "--title", "x"),
    ("doctor",),
    ("prune", "--dry-run"),
    ("init", "--force"),
    ("init", "--ci", "github", "--force"),
)
# Each of these got through before there was a defence against it.
QUICK = (
    ("url", ("update",)),
    ("env with an address", ("update",)),
    ("linked data", ("verify", "--pull")),
    ("linked .dvc/tmp", ("update",)),
    ("linked .dvc/tmp", ("doctor",)),
    ("listing", ("verify", "--pull")),
)


class Listener(http.server.BaseHTTPRequestHandler):
    """Our server and the attacker's: they write down what they are told, and let nobody in."""

    heard: ClassVar[list[tuple[int, str]]] = []

    def do_GET(self) -> None:
        port = self.server.server_address[1]
        self.heard.append((int(port), f"{self.path} {self.headers}"))
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PUT = do_HEAD = do_GET

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def listening() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def evil() -> Iterator[str]:
    with listening() as url:
        yield url


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A repository with pinned labels, their data in a remote; and the server that it names."""
    top = tmp_path_factory.mktemp("hostile")
    with listening() as ours:
        space = offline.data_set(top / "origin", "labels")
        offline.pin(space, offline.server(1, 2))
        whole = Workspace(top / "origin")
        whole.store(top / "store")
        space.edit("params.yaml", "http://fake", ours)
        space.dvc("repro")
        whole.commit("base")
        whole.dvc("push")
        yield top / "origin", ours


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def look_at(
    base: tuple[Path, str], path: Path, evil: str, name: str, commands: tuple[tuple[str, ...], ...]
) -> None:
    """Run commands in a clone with the pull request, and hold them to both promises."""
    origin, ours = base
    outside = path / "outside"
    outside.mkdir()
    (outside / "victim").write_text("of somebody")
    author = Workspace(origin).clone(path / "author")
    author.git("switch", "-qc", "request")
    hostile_requests.ATTACKS[name](author, Target(ours, evil, outside))
    author.commit("hostile")
    clone = Workspace(origin).clone(path / "reviewer")
    (clone.path / ".env").write_text(f"LABEL_STUDIO_API_KEY={KEY}\n")
    clone.git("fetch", "-q", str(author.path), "request:request")
    clone.git("checkout", "-q", "request")
    before = files(outside), files(clone.path / ".git" / "hooks")
    Listener.heard.clear()
    for command in commands:
        ran = clone.ls("-C", "labels", *command, code=None, HOME=str(outside))
        assert ran.code in (0, 1, 2, 10), (command, ran)
        assert KEY not in ran.told
    assert (files(outside), files(clone.path / ".git" / "hooks")) == before
    told = {port for port, request in Listener.heard if KEY in request}
    assert told <= {int(ours.rpartition(":")[2])}


@pytest.mark.parametrize(("name", "command"), QUICK)
def test_a_checked_out_pull_request(
    base: tuple[Path, str], tmp_path: Path, evil: str, name: str, command: tuple[str, ...]
) -> None:
    look_at(base, tmp_path, evil, name, (command,))


@pytest.mark.soak
@pytest.mark.parametrize("name", hostile_requests.ATTACKS)
def test_every_attack_and_every_command(
    base: tuple[Path, str], tmp_path: Path, evil: str, name: str
) -> None:
    look_at(base, tmp_path, evil, name, COMMANDS)


def test_the_cache_and_the_remote_are_those_of_the_default_branch(
    base: tuple[Path, str], tmp_path: Path
) -> None:
    clone = Workspace(base[0]).clone(tmp_path / "reviewer")
    config = clone.path / ".dvc/config"
    config.write_text(f"{config.read_text()}[cache]\n    dir = {tmp_path / 'outside'}\n")
    ran = clone.ls("-C", "labels", "verify", "--pull", code=1)
    assert "is not that of origin/HEAD, so it may lead DVC anywhere" in ran.err
    assert not (tmp_path / "outside").exists()
    clone.git("checkout", "-q", ".dvc/config")
    assert "all as pinned" in clone.ls("-C", "labels", "verify", "--pull").out
