"""Kills at any step: the old state or the new one whole, and the next run needs no hand.

A seed draws the steps; `make soak` goes through the matrix, `make test` through a part of it.
"""

from __future__ import annotations

import json
import os
import random
import signal
from pathlib import Path

import pytest
from support import kills
from support.kills import Kill, Killed, repositories
from support.kills.repositories import FOLDERS, STAGES, after, first, second
from support.workspace import Workspace

from ls_dvc.commands.unfinished_refresh import FINGERPRINT, UnfinishedRefresh
from ls_dvc.workspace import open_workspace

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
PLACES = int(os.environ.get("KILLS", "4"))  # steps of a command that are drawn, for each signal
SEED = int(os.environ.get("KILLS_SEED", "1"))

# Commands of one process: what has run before, and how many steps there are at least.
COMMANDS = {
    "update": (("update",), "first", 80),
    "export": (("export",), "update", 36),
    "media": (("media",), "export", 34),
    "convert": (("convert",), "media", 52),
    "get": (("get", "labels/v1", "../out"), "first", 30),
    "restore": (("restore", "labels/v1", "--title", "Again"), "first", 14),
    "prune": (("prune", "--cache-only", "--older-than", "0"), "pruned", 14),
}


def drawn(name: str, most: int, places: int = PLACES) -> list[int]:
    """Different steps, the same for a seed."""
    return sorted(random.Random(f"{SEED} {name}").sample(range(1, most + 1), min(places, most)))


def kill(space: Workspace, name: str, at: int, signum: int) -> Killed:
    command = COMMANDS[name][0]
    done = kills.run(space, *command, kill=Kill(command[0], at, signum))
    expected = (-9,) if signum == signal.SIGKILL else (130, 0)
    assert done.code in expected, done.told
    return done


def require_whole(space: Workspace, signum: int) -> None:
    """Pin and folders are old or new; a folder may be away only when nobody could put it back."""
    assert repositories.fingerprint(space) in (first().fingerprint, second().fingerprint)
    for folder in FOLDERS:
        found = space.hashes(folder)
        whole = [first().files[folder], second().files[folder]]
        if signum == signal.SIGKILL:
            whole.append({})
        assert found in whole, f"{folder} is neither the old nor the new one: {sorted(found)}"


def require_second(space: Workspace) -> None:
    """The stages make the new version, and nothing is left of the run that was killed."""
    for stage in STAGES:
        space.ls(stage)
    assert repositories.files(space) == second().files
    assert repositories.leftovers(space, second().cached) == []


def check(path: Path, name: str, at: int, signum: int) -> None:
    command, before, _ = COMMANDS[name]
    space = after(before, path)
    kill(space, name, at, signum)
    if name in ("update", *STAGES):
        require_whole(space, signum)
        repositories.run(space, *command)
        require_second(space)
    elif name == "get":
        if not (path / "out").exists():
            repositories.run(space, *command)
        assert Workspace(path).hashes("out") == _as_copy(first().files["data/dataset"])
        repositories.run(space, "get", "labels/v1", "../again")
        assert repositories.leftovers(space, first().cached) == []
        assert not list(path.glob(".ls-dvc-tmp-*"))
    elif name == "restore":
        require_restored(path, at_least=0)
        repositories.run(space, *command)
        require_restored(path, at_least=1)
        titles = [each["title"] for each in json.loads((path / "projects").read_text())]
        assert set(titles) <= {"Again", ""}, "no project of the run that was killed"
        assert repositories.leftovers(space, first().cached) == []
    else:
        repositories.run(space, *command)
        undisturbed = after(before, path.with_name("undisturbed"))
        repositories.run(undisturbed, *command)
        assert repositories.cached(space) == repositories.cached(undisturbed)
        space.ls("export")
        assert space.hashes("data/snapshot") == first().files["data/snapshot"]
        assert repositories.leftovers(space, repositories.cached(undisturbed)) == []


def _as_copy(files: dict[str, str]) -> dict[str, str]:
    return {name.replace("data/dataset", "out", 1): digest for name, digest in files.items()}


def require_restored(path: Path, at_least: int) -> None:
    """Only whole projects have the title that was asked for."""
    noted = path / "projects"
    projects = json.loads(noted.read_text()) if noted.exists() else []
    whole = [each for each in projects if each["title"] == "Again"]
    assert len(whole) >= at_least
    assert all(len(each["tasks"]) == 4 for each in whole)


@pytest.mark.parametrize(
    ("name", "signum"),
    [("update", signal.SIGKILL), ("export", signal.SIGINT), ("convert", signal.SIGKILL)],
)
def test_a_kill(tmp_path: Path, name: str, signum: int) -> None:
    check(tmp_path / "copy", name, drawn(name, COMMANDS[name][2], 1)[0], signum)


@pytest.mark.soak
@pytest.mark.parametrize("signum", SIGNALS, ids=lambda signum: signum.name)
@pytest.mark.parametrize(
    ("name", "at"),
    [(name, at) for name, (_, _, most) in COMMANDS.items() for at in drawn(name, most)],
)
def test_the_matrix(tmp_path: Path, name: str, at: int, signum: int) -> None:
    check(tmp_path / "copy", name, at, signum)


@pytest.mark.soak
@pytest.mark.parametrize("at", drawn("server", 80, 2 * PLACES))
def test_the_server_is_killed(tmp_path: Path, at: int) -> None:
    space = after("first", tmp_path / "copy")
    done = kills.run(space, "update", kill=Kill("update", at, whom="server"))
    assert done.code in (0, 1), done.told
    require_whole(space, signal.SIGTERM)
    repositories.run(space, "update")
    require_second(space)


# --- refresh, with its dvc and its stages; and the watch that runs it

# Who counts, how many steps there are at least, and who is killed then.
REFRESH = {
    "refresh": ("refresh", 140, "self"),
    "dvc": ("dvc", 290, "self"),
    "dvc of a stage": ("export", 30, "dvc"),
    "refresh of a stage": ("convert", 50, "ours"),
    "refresh of dvc": ("dvc", 290, "ours"),
    "a stage": ("convert", 50, "self"),
    "watch": ("refresh", 140, "ours"),
    "watch of a stage": ("export", 30, "ours"),
}
REFRESHED = ("refresh", "--tag", "--push")
WATCH = ("watch", "--once", "--every", "0.1", "--quiet", "0", "--")


def check_refresh(path: Path, name: str, at: int, signum: int) -> None:
    role, _, whom = REFRESH[name]
    space = after("first", path)
    head = space.git("rev-parse", "HEAD").out
    command = (*WATCH, "ls-dvc", *REFRESHED) if "watch" in name else REFRESHED
    done = kills.run(space, *command, kill=Kill(role, at, signum, whom))
    check_after(space, done, head, is_watch="watch" in name)


def check_after(space: Workspace, done: Killed, head: str, *, is_watch: bool) -> None:
    """After a run that was killed, and after the next one."""
    is_moved = space.git("rev-parse", "HEAD").out != head
    if done.code not in (-9, 0) and not is_moved and not is_watch:
        require_as_it_was(space)
    require_whole(space, signal.SIGKILL)
    repositories.run(space, *REFRESHED)
    require_refreshed(space)


def require_as_it_was(space: Workspace) -> None:
    """Whoever could, has put everything back."""
    assert repositories.fingerprint(space) == first().fingerprint
    assert repositories.files(space) == first().files
    assert space.git("status", "--porcelain").out == ""


def require_refreshed(space: Workspace) -> None:
    """One new commit with its tag, here and where it was pushed to; its data is safe."""
    assert repositories.files(space) == second().files
    assert space.git("status", "--porcelain").out == ""
    assert len(space.git("log", "--format=%H", "labels/v1..HEAD").out.split()) == 1
    assert space.git("tag", "--points-at", "HEAD").out == "labels/v2\n"
    found = space.git("ls-remote", "origin", "refs/heads/main", "refs/tags/labels/v2^{}").out
    assert {line.split()[0] for line in found.splitlines()} == {
        space.git("rev-parse", "HEAD").out.strip()
    }
    verified = json.loads(space.ls("verify", "--all", "--json").out)
    assert {each["state"] for each in verified} == {"safe"}
    assert repositories.leftovers(space, second().cached) == []


def test_a_refresh_that_is_killed(tmp_path: Path) -> None:
    check_refresh(tmp_path / "copy", "refresh of a stage", 20, signal.SIGKILL)


def test_a_tag_and_a_push_that_did_not_come(tmp_path: Path) -> None:
    space = after("convert", tmp_path / "copy")
    UnfinishedRefresh(open_workspace(space.path)).commits("labels/v{n}")
    space.dvc("commit", "-q", "-f")
    space.git("commit", "-qam", f"Labels\n\n{FINGERPRINT}: {second().fingerprint}")
    ran = repositories.run(space, "refresh", "--push")
    assert "tagged labels/v2, pushed the commits of an earlier run" in ran.told
    require_refreshed(space)


@pytest.mark.soak
@pytest.mark.parametrize("signum", SIGNALS, ids=lambda signum: signum.name)
@pytest.mark.parametrize(
    ("name", "at"),
    [(name, at) for name, (_, most, _) in REFRESH.items() for at in drawn(name, most)],
)
def test_the_matrix_of_refresh(tmp_path: Path, name: str, at: int, signum: int) -> None:
    check_refresh(tmp_path / "copy", name, at, signum)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(3 * PLACES))
def test_random_moments(tmp_path: Path, number: int) -> None:
    """Also in mid-git, in an import, and between two stages."""
    random_ = random.Random(f"{SEED} moment {number}")
    role = random_.choice(["refresh", "refresh", "dvc", "export", "media", "convert"])
    seconds = random_.uniform(0, {"refresh": 16, "dvc": 9}.get(role, 2))
    signum = random_.choice(SIGNALS)
    space = after("first", tmp_path / "copy")
    head = space.git("rev-parse", "HEAD").out
    done = kills.run(space, *REFRESHED, kill=Kill(role, signal=signum, after=seconds))
    check_after(space, done, head, is_watch=False)
