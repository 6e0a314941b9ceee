"""Repositories in which commands are killed, made once and copied; and what must hold in them."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ls_dvc.pin import lockfile
from support import kills
from support.kills.world import Project
from support.media_pins import with_media
from support.offline import pin
from support.workspace import Workspace

STAGES = ("export", "media", "convert")
FOLDERS = ("data/snapshot", "data/media", "data/dataset")
Files = dict[str, str]


@dataclass(frozen=True)
class Version:
    """A state of the labels: fingerprint, files by folder, and what the side cache has."""

    fingerprint: str
    files: dict[str, Files]
    cached: frozenset[str]


def fingerprint(space: Workspace) -> str:
    return lockfile.read(space.path / lockfile.NAME).fingerprint


def files(space: Workspace) -> dict[str, Files]:
    """But for the reports of `check`, which is no stage that is killed here."""
    found = {folder: space.hashes(folder) for folder in (*FOLDERS, "reports")}
    for name in ("faults.jsonl", "check.json", "agreement.csv"):
        found["reports"].pop(f"reports/{name}", None)
    return found


def cached(space: Workspace) -> frozenset[str]:
    """The files of the side cache by name, but lock files, which stay."""
    root = space.path / ".dvc/tmp/ls-dvc"
    found = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return frozenset(name for name in found if not name.endswith(".lock"))


def version_of(space: Workspace) -> Version:
    return Version(fingerprint(space), files(space), cached(space))


def leftovers(space: Workspace, known: frozenset[str]) -> list[str]:
    """What a command that was killed left, and the next one should have taken away."""
    temporary = [str(path) for path in space.path.rglob(".ls-dvc-tmp-*")]
    locks = [str(path) for path in (space.path / ".git").rglob("*.lock")]
    users = space.path / ".dvc/tmp/rwlock"
    listed = json.loads(users.read_text()) if users.exists() else {}
    noted = [str(each) for each in listed.values() if each]
    kept = {name for name in cached(space) if name.startswith(("media/files/", "parts/"))}
    return [*temporary, *locks, *noted, *sorted(cached(space) - kept - known)]


def run(space: Workspace, *command: str, state: int = 2) -> kills.Killed:
    done = kills.run(space, *command, state=state)
    assert done.code == 0, f"{command}: {done.told}"
    return done


@cache
def _made() -> tuple[tempfile.TemporaryDirectory[str], dict[str, Version]]:
    """`first` is committed and pushed with its tag; in the others one more command has run."""
    folder = tempfile.TemporaryDirectory(prefix="ls-dvc-kills-")
    top = Path(folder.name)
    space = _first(top / "first")
    versions = {"first": version_of(space)}
    before = "first"
    for name in ("update", *STAGES):
        space = Workspace(_copy(top / before, top / name) / "repo")
        if name == "update":
            pin(space, Project(2))
        else:
            space.ls(name)
        before = name
    versions["second"] = version_of(space)
    pruned = Workspace(_copy(top / "update", top / "pruned") / "repo")
    pruned.git("checkout", "-q", "labels.lock")
    return folder, versions


def _first(folder: Path) -> Workspace:
    (folder / "remote").mkdir(parents=True)
    space = with_media(folder / "repo", "CSV", "COCO")
    space.run("git", "init", "-q", "--bare", "-b", "main", str(folder / "origin.git"))
    space.git("remote", "add", "origin", "../origin.git")
    space.store(Path("../../remote"))
    (space.path / ".env").write_text("LABEL_STUDIO_API_KEY=0123456789abcdef0123\n")
    (space.path / ".gitignore").write_text("/.env\n")
    pin(space, Project(1))
    space.dvc("repro", "-q")
    space.dvc("push", "-q")
    space.commit("labels")
    space.git("tag", "-am", "labels", "labels/v1")
    space.git("push", "-q", "origin", "main", "labels/v1")
    return space


def first() -> Version:
    return _made()[1]["first"]


def second() -> Version:
    return _made()[1]["second"]


def after(command: str, to: Path) -> Workspace:
    """A copy of the repository in which `command` was the last that ran."""
    _copy(Path(_made()[0].name) / command, to)
    return Workspace(to / "repo", {"LABEL_STUDIO_URL": "http://127.0.0.1:9"})


def _copy(source: Path, to: Path) -> Path:
    """With its hardlinks and times."""
    subprocess.run(["cp", "-a", str(source), str(to)], check=True)
    return to
