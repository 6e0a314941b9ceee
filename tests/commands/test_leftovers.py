"""What killed commands leave in the side cache is swept by the next one, and by `prune`."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from support.calls_to_disk import at_call
from support.offline import data_set, pin, server
from support.workspace import Workspace

from ls_dvc.commands.get import get
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.version import workspace_version
from ls_dvc.progress import Silent
from ls_dvc.workspace import open_workspace


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """The labels are pinned, and only the side cache has them, as after `git checkout`."""
    made = data_set(tmp_path)
    pin(made, server(1, 2))
    return made


def read(folder: Path) -> None:
    """As `get`, `diff` and `restore` do it: a whole snapshot folder in the side cache."""
    workspace = open_workspace(folder)
    get(workspace, workspace_version(workspace), folder / "got", (), Silent())


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leftovers(space: Workspace) -> list[str]:
    return sorted(path.parent.name for path in space.path.rglob(".ls-dvc-tmp-*"))


def test_the_next_command_sweeps(space: Workspace) -> None:
    """Killed at every third call to the disk until one ends; each time the next one sweeps."""
    places = set[str]()
    for number in range(1, 400, 3):
        ended = at_call(number, kill, read, space.path)
        places.update(leftovers(space))
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        got = space.path / "got"
        assert not got.exists() or (got / "CSV/result.csv").exists()
        shutil.rmtree(got, ignore_errors=True)
        read(space.path)
        assert leftovers(space) == []
        assert (got / "CSV/result.csv").exists()
        shutil.rmtree(got)
    assert ended == 0
    assert {"ls-dvc", space.path.name} <= places, "there was something to sweep"


def killed(space: Workspace) -> Path:
    """What a command leaves in the side cache that is killed as soon as it has a folder there."""
    for number in range(1, 100):
        assert at_call(number, kill, read, space.path) != 0
        for left in (space.path / ".dvc/tmp/ls-dvc").glob(".ls-dvc-tmp-*/manifest.json"):
            return left.parent
    raise AssertionError("it has none")


def test_prune_sweeps_and_leaves_who_is_at_work(space: Workspace) -> None:
    workspace = open_workspace(space.path)
    space.commit("labels")
    before = killed(space)
    with open_snapshot(workspace, workspace_version(workspace)) as at_work:
        assert not before.exists(), "opening has swept"
        assert "0 files" in space.ls("prune", "--cache-only").out
        left = space.path / ".dvc/tmp/ls-dvc/.ls-dvc-tmp-new-0123456789ab-scratch"
        (left / "tasks").mkdir(parents=True)
        assert "1 files" in space.ls("prune", "--cache-only", "--dry-run").out
        assert left.exists()
        assert "1 files" in space.ls("prune", "--cache-only").out
        assert not left.exists()
        assert list(at_work.tasks())
    assert leftovers(space) == []
