"""What a killed git or dvc leaves is removed when its owner is surely gone, and only then."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.processes import SLEEPER, number_in
from support.workspace import Workspace, repository

from ls_dvc.repo import commits, dvc
from ls_dvc.repo.dvc_leftovers import repair_rwlock
from ls_dvc.repo.git_command import GitError, open_repository


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "A")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "a@example.com")
    made = repository(tmp_path)
    (tmp_path / "raw").write_text("one")
    (tmp_path / "dvc.yaml").write_text(
        "stages:\n  copy:\n    cmd: cp raw out\n    deps: [raw]\n    outs: [out]\n"
    )
    made.commit("a stage")
    return made


def rwlock(space: Workspace) -> Path:
    return space.path / ".dvc/tmp/rwlock"


def test_dvc_runs_after_a_killed_one(space: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    rwlock(space).write_text("")
    assert "rwlock" in space.dvc("repro", code=255).err, "DVC itself refuses"
    dvc.run(space.path, "repro")
    assert (space.path / "out").read_text() == "one"
    assert f"removed {rwlock(space)}, which a killed dvc" in capfd.readouterr().err


@pytest.mark.parametrize("content", ["", '{"write": {"/x": {"pi', "[]", '{"read": {"/x": 1}}'])
def test_a_list_of_users_that_dvc_cannot_read(tmp_path: Path, content: str) -> None:
    (tmp_path / ".dvc/tmp").mkdir(parents=True)
    listed = tmp_path / ".dvc/tmp/rwlock"
    listed.write_text(content)
    assert repair_rwlock(tmp_path)
    assert not listed.exists()


def test_a_number_that_another_process_has_got(space: Workspace) -> None:
    """As after a restart of a container, where low numbers come again."""
    entry = {"pid": os.getpid(), "cmd": "dvc repro"}
    rwlock(space).write_text(json.dumps({"write": {"/out": entry}, "read": {"/in": [entry]}}))
    os.utime(rwlock(space), (1, 1))
    assert repair_rwlock(space.path)
    assert json.loads(rwlock(space).read_text()) == {"write": {}, "read": {}}


def test_a_process_that_has_ended(space: Workspace) -> None:
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    gone, here = ({"pid": pid, "cmd": "dvc repro"} for pid in (ended.pid, os.getpid()))
    rwlock(space).write_text(json.dumps({"write": {"/out": gone}, "read": {"/in": [gone, here]}}))
    assert repair_rwlock(space.path)
    assert json.loads(rwlock(space).read_text()) == {"write": {}, "read": {"/in": [here]}}


def test_a_dvc_that_lives_is_respected(space: Workspace) -> None:
    entry = {"pid": os.getpid(), "cmd": "dvc repro"}
    listed = json.dumps({"write": {str(space.path / "out"): entry}})
    rwlock(space).write_text(listed)
    assert not repair_rwlock(space.path)
    assert rwlock(space).read_text() == listed


@pytest.mark.parametrize("name", ["index.lock", "HEAD.lock", "refs/heads/main.lock"])
def test_a_lock_of_a_killed_git(
    space: Workspace, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    lock = space.path / ".git" / name
    lock.write_text("")
    os.utime(lock, (1, 1))
    (space.path / "raw").write_text("two")
    commits.commit(space.path, "two", [space.path / "raw"])
    assert not lock.exists()
    assert f"removed {lock}, which a killed git had left" in capfd.readouterr().err
    assert space.git("show", "HEAD:raw").out == "two"


@pytest.mark.parametrize("who", ["a git that waits for a hook", "a program that writes"])
def test_a_lock_whose_owner_lives(space: Workspace, who: str, tmp_path: Path) -> None:
    lock = space.path / ".git/index.lock"
    (space.path / "raw").write_text("two")
    if "hook" in who:
        hook = space.path / ".git/hooks/pre-commit"
        hook.write_text(f"#!{sys.executable}\nimport sys; sys.argv[1:] = ['.git/pid']\n{SLEEPER}")
        hook.chmod(0o755)
        command = ["git", "commit", "--only", "-qm", "three", "--", "raw"]
    else:
        code = f"held = open('.git/index.lock', 'w')\n{SLEEPER}"
        command = [sys.executable, "-c", code, ".git/pid"]
    with subprocess.Popen(command, cwd=space.path) as owner:
        hook_or_owner = number_in(space.path / ".git/pid")
        try:
            with pytest.raises(GitError, match="is in the way") as error:
                open_repository(space.path).text("add", "raw")
            assert error.value.hint.endswith(f"run `rm '{lock}'`")
            assert lock.exists()
        finally:
            owner.kill()
            os.kill(hook_or_owner, 9)
