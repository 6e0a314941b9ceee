"""What cannot be read or asked is an error that says so, never "there is nothing"."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import canary, offline
from support.locks import data_set, fill_side_cache
from support.workspace import Workspace

from ls_dvc.errors import DvcStoreError, LsDvcError
from ls_dvc.pin import lockfile
from ls_dvc.repo import dvc_lock, pipeline
from ls_dvc.repo.dvc import DvcStore
from ls_dvc.settings import params

NOWHERE = "http://127.0.0.1:9"
TRUST = {"GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
TASK = 5  # a task of the pin


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A commit with a pin; its data is nowhere on this machine."""
    made = data_set(tmp_path / "repo", "delta.lock", cached=False)
    made.env = {"LABEL_STUDIO_URL": NOWHERE, "LABEL_STUDIO_API_KEY": "key"}
    made.git("config", "core.autocrlf", "false")
    (made.path / "dvc.yaml").write_text("stages: {export: {cmd: ls-dvc export}}\n")
    (made.path / "dvc.lock").write_text(DVC_LOCK)
    made.commit("labels")
    return made


DVC_LOCK = """schema: '2.0'
stages:
  export:
    cmd: ls-dvc export
    outs:
    - path: data/snapshot
      hash: md5
      md5: 0123456789abcdef0123456789abcdef.dir
      size: 10
      nfiles: 1
"""


def test_blame_does_not_deny_a_task_of_data_that_it_cannot_read(space: Workspace) -> None:
    err = space.ls("blame", str(TASK), code=1).err
    assert f"it is not known which versions have a task {TASK}" in err
    assert "the data of 1 of them is not available" in err
    assert "hint: run `dvc pull" in err
    assert "no version has a task" not in err


def test_blame_does_not_take_the_end_of_a_shallow_clone_for_the_beginning(
    space: Workspace, tmp_path: Path
) -> None:
    space.git("commit", "-q", "--allow-empty", "-m", "later")
    space.run("git", "clone", "-q", "--depth", "1", space.path.as_uri(), str(tmp_path / "clone"))
    clone = Workspace(tmp_path / "clone", space.env)
    fill_side_cache(clone)
    assert "the history of this shallow clone ends here" in clone.ls("blame", str(TASK)).out
    err = clone.ls("blame", "99", code=1).err
    assert "no version in this clone has a task 99" in err
    assert "git fetch --unshallow" in err
    for command in (("log",), ("verify", "--all")):
        assert "older versions are missing: run `git fetch --unshallow`" in clone.ls(*command).err
    clone.git("fetch", "-q", "--unshallow")
    assert "shallow" not in clone.ls("verify", "--all").err
    assert "added" in clone.ls("blame", str(TASK), "--json").out
    assert "no version has a task 99" in clone.ls("blame", "99", code=1).err


def web_remote(space: Workspace, url: str) -> None:
    """A default remote on a web server."""
    (space.path / ".dvc/config").write_text(
        f"[core]\n    remote = store\n['remote \"store\"']\n    url = {url}/store\n"
    )


def test_a_remote_that_cannot_be_asked_is_told(space: Workspace) -> None:
    web_remote(space, NOWHERE)
    for command in (("blame", str(TASK)), ("diff", "HEAD"), ("get", "HEAD", "out")):
        err = space.ls(*command, code=1).err
        assert "DVC's cache and remote: DVC's remote cannot be asked" in err, command
    assert not (space.path / "out").exists()
    for command in (("verify", "--all"), ("show", "HEAD")):
        assert "DVC's remote cannot be asked" in space.ls(*command, code=1).err, command


@pytest.mark.parametrize(
    "command",
    [
        ("log",),
        ("show", "HEAD"),
        ("diff", "HEAD"),
        ("blame", str(TASK)),
        ("get", "HEAD", "out"),
        ("verify", "--all"),
        ("verify", "HEAD"),
        ("prune",),
        ("refresh",),
        ("update", "--resolve", "newer"),
        ("restore", "HEAD"),
    ],
    ids=" ".join,
)
def test_every_command_tells_the_refusal_of_git(command: tuple[str, ...], space: Workspace) -> None:
    """GitHub's `container:` jobs and GitLab's runners meet this."""
    ran = space.ls(*command, code=1, GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
    assert "dubious ownership" in ran.err
    assert "hint: run `git config --global --add safe.directory" in ran.err


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize(
    "command", [("diff", "HEAD"), ("refresh",), ("blame", str(TASK))], ids=" ".join
)
def test_files_of_another_user(command: tuple[str, ...], space: Workspace) -> None:
    space.run("chown", "-R", "1234", str(space.path))
    ran = space.ls(*command, code=1)
    assert "dubious ownership" in ran.err
    assert f"safe.directory {space.path}" in ran.err
    trusted = space.ls(*command, code=1, GIT_CONFIG_COUNT="1", **TRUST)
    assert "dubious ownership" not in trusted.err


def test_an_export_without_a_pin_asks_git_whether_it_was_lost(space: Workspace) -> None:
    for name in ("labels.lock", "dvc.lock"):
        (space.path / name).unlink()
    space.ls("init", "--url", NOWHERE, "--project", "3", code=None)
    ran = space.ls("export", code=1, GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
    assert "dubious ownership" in ran.err


def test_a_cache_that_cannot_be_read_is_not_empty(space: Workspace) -> None:
    store = DvcStore(space.path)
    md5 = "0123456789abcdef0123456789abcdef"
    assert store.in_cache([md5]) == set()
    with pytest.raises(FileNotFoundError):
        store.read(md5)
    folder = space.path / ".dvc/cache/files/md5"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / md5[:2]).write_text("no folder")
    for ask in (lambda: store.in_cache([md5]), lambda: store.read(md5)):
        with pytest.raises(DvcStoreError, match="DVC's cache cannot be read"):
            ask()


@pytest.mark.parametrize("text", ["stages: [export]", "- export", "just words"])
def test_a_damaged_dvc_lock_is_not_empty(text: str) -> None:
    with pytest.raises(LsDvcError, match=r"dvc\.lock is damaged"):
        dvc_lock.fingerprint(text, "dvc.lock")
    assert dvc_lock.outs("", "dvc.lock") == []


def test_a_report_that_is_not_json_is_not_empty(space: Workspace) -> None:
    (space.path / "reports").mkdir()
    (space.path / "reports/labels.json").write_text("<<<<<<< HEAD")
    space.commit("conflict")
    assert "labels.json of HEAD is not JSON" in space.ls("show", "HEAD", code=1).err


def test_an_update_without_a_pin_asks_git_whether_it_was_lost(tmp_path: Path) -> None:
    """A new pin would count the ids of classes from 0 again."""
    made = offline.data_set(tmp_path / "repo")
    server = offline.server(1, 2)
    offline.pin(made, server)
    pinned = made.read("labels.lock")
    made.commit("labels")
    lock = made.path / "labels.lock"
    for lose in (lock.unlink, lambda: lock.write_text(lockfile.EMPTY)):
        lose()
        before = lock.exists() and lock.read_text()
        with pytest.raises(LsDvcError, match=r"no labels are pinned in labels\.lock, but") as of:
            offline.pin(made, server)
        assert "git checkout -- labels.lock" in of.value.hint
        assert (lock.exists() and lock.read_text()) == before
    made.commit("on purpose")
    offline.pin(made, server, "2026-02-02T00:00:00Z")
    assert made.read("labels.lock") != pinned


@pytest.mark.parametrize("name", ["labels.lock", "params.yaml", "dvc.lock", "dvc.yaml"])
@pytest.mark.parametrize("target", ["itself", "an unmounted disk"])
def test_a_file_that_cannot_be_read_is_not_absent(name: str, target: str, space: Workspace) -> None:
    """Links stand for what `Path.exists` says of files in folders that may not be looked into."""
    path = space.path / name
    path.unlink()
    path.symlink_to(path if target == "itself" else "/nowhere/file")
    ask: dict[str, Callable[[], object]] = {
        "labels.lock": lambda: lockfile.find(path),
        "params.yaml": lambda: params.read(path),
        "dvc.lock": lambda: dvc_lock.fingerprint_in(path),
        "dvc.yaml": lambda: pipeline.stage_names(space.path),
    }
    with pytest.raises((LsDvcError, OSError)) as caught:
        ask[name]()
    assert name in str(caught.value)
    assert re.search("Too many levels of symbolic links|No such file", str(caught.value))


ASK = (
    "import sys; from pathlib import Path; from ls_dvc.repo.dvc import DvcStore; "
    "print(DvcStore(Path()).in_remote(['0123456789abcdef0123456789abcdef']))"
)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (canary.status(404), "set()"),
        (canary.status(403), "RemoteError: DVC's remote cannot be asked: 403"),
        (canary.whole(canary.PAGE), "RemoteError: DVC's remote answers as if it had everything"),
    ],
    ids=["404", "403", "login page"],
)
def test_a_remote_that_refuses_is_not_empty(
    answer: canary.Player, told: str, space: Workspace
) -> None:
    """DVC itself takes every refusal of a web server for an absent file, and a page for a file."""
    with canary.canary() as remote:
        remote.routes["*"] = answer
        web_remote(space, remote.url)
        assert told in space.run(sys.executable, "-c", ASK, code=None).told


def test_what_a_sparse_checkout_leaves_out_is_not_absent(space: Workspace, tmp_path: Path) -> None:
    space.run("git", "clone", "-q", space.path.as_uri(), str(tmp_path / "clone"))
    clone = Workspace(tmp_path / "clone", space.env)
    for patterns, missing in (
        (["/labels.lock"], ".dvc/config"),
        (["/labels.lock", "/.dvc/"], "params.yaml"),
    ):
        clone.git("sparse-checkout", "set", "--no-cone", *patterns)
        for command in ("status", "verify", "refresh", "export"):
            err = clone.ls(command, code=1).err
            assert missing in err
            assert "hint: git tracks it: run `git checkout -- " in err
            assert "init" not in err
    clone.git("sparse-checkout", "set", "--no-cone", "/labels.lock", "/.dvc/", "/params.yaml")
    with pytest.raises(LsDvcError, match="has no stages") as caught:
        pipeline.stage_names(clone.path)
    assert "git sparse-checkout disable" in caught.value.hint
