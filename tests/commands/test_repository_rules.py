"""What `init` tells git and DVC about files: tried with git and DVC themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.fake_server import FakeServer
from support.offline import data_set, pin, server
from support.workspace import Workspace, clean_environment

from ls_dvc.commands import init, repository_rules
from ls_dvc.commands.init_settings import InitOptions
from ls_dvc.commands.refresh import RefreshOptions, RefreshResult, refresh
from ls_dvc.errors import LsDvcError
from ls_dvc.pin import lockfile
from ls_dvc.progress import Silent
from ls_dvc.update import UpdateOptions
from ls_dvc.workspace import open_workspace

SUBFOLDERS = [".", "labels"]
CLEAN = "up to date"


def status(space: Workspace) -> str:
    return space.dvc("status").out


def settings(space: Workspace, **folders: str) -> None:
    """The scaffold with other folders in its settings."""
    for name, folder in folders.items():
        space.edit("params.yaml", f"{name}: {name}", f"{name}: {folder}")
    (space.path / "dvc.yaml").unlink()
    init.init(space.path, InitOptions(), lambda question: True)


# --- ignored by git


@pytest.mark.parametrize("subfolder", SUBFOLDERS)
def test_nothing_of_the_labels_is_added_after_a_first_repro_that_fails(
    tmp_path: Path, subfolder: str
) -> None:
    space = data_set(tmp_path, subfolder)
    pin(space, server(1, 2))
    space.edit("dvc.yaml", "cmd: ls-dvc convert", "cmd: ls-dvc convert && false")
    space.dvc("repro", code=None)
    assert (space.path / "data/dataset/CSV").is_dir()
    assert (space.path / "reports/ledger.json").is_file()
    space.git("add", "-A")
    added = space.git("diff", "--cached", "--name-only", "--relative").out.split()
    assert [name for name in added if name.startswith("data/")] == ["data/.gitignore"]
    assert "reports/ledger.json" not in added
    assert "reports/labels.json" in added


def test_dvc_finds_its_lines_there(tmp_path: Path) -> None:
    space = data_set(tmp_path)
    before = space.read("data/.gitignore"), space.read("reports/.gitignore")
    assert before == ("/snapshot\n/dataset\n/media\n", "/ledger.json\n")
    pin(space, server(1))
    space.dvc("repro")
    assert (space.read("data/.gitignore"), space.read("reports/.gitignore")) == before
    space.commit("first")
    assert CLEAN in status(space)
    assert space.git("status", "--porcelain").out == ""


def test_lines_that_dvc_wrote_are_not_doubled(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/.gitignore").write_text("/mine\n/snapshot\n/dataset")
    (tmp_path / ".gitattributes").write_text("*.png binary\n")
    space = data_set(tmp_path)
    assert space.read("data/.gitignore") == "/mine\n/snapshot\n/dataset\n/media\n"
    assert space.read(".gitattributes").startswith("*.png binary\n/labels.lock")
    assert not any(each.changed for each in init.init(tmp_path, InitOptions(), bool))


@pytest.mark.parametrize(("data", "reports"), [("assets/a b", "out"), ("x", "x")])
def test_folders_of_the_settings(tmp_path: Path, data: str, reports: str) -> None:
    space = data_set(tmp_path)
    settings(space, data=data, reports=reports)
    inside = (f"{data}/snapshot/a", f"{data}/dataset/CSV/a", f"{data}/media/a")
    for name in (*inside, f"{reports}/ledger.json"):
        space.git("check-ignore", "-q", name)
    for name in (f"{data}/.gitignore", f"{reports}/labels.json"):
        space.git("check-ignore", "-q", name, code=1)


@pytest.mark.parametrize("folder", ["../elsewhere", "/elsewhere", "."])
def test_a_folder_that_is_not_below(tmp_path: Path, folder: str) -> None:
    (tmp_path / "params.yaml").write_text(f"label_studio: {{data: {folder}}}\n")
    with pytest.raises(LsDvcError, match=r"label_studio\.data .* must be a folder below"):
        init.init(tmp_path, InitOptions(), bool)
    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"], "all or nothing"


# --- bytes as they are


@pytest.mark.parametrize("reports", ["reports", "my reports [1]"])
@pytest.mark.parametrize("subfolder", SUBFOLDERS)
def test_a_clone_that_converts_line_ends_is_clean(
    tmp_path: Path, subfolder: str, reports: str
) -> None:
    space = data_set(tmp_path / "repo", subfolder)
    if reports != "reports":
        settings(space, reports=reports)
    pin(space, server(1, 2))
    space.dvc("repro")
    Workspace(tmp_path / "repo").store(tmp_path / "store")
    space.commit("first")
    space.dvc("push")
    clone = tmp_path / "clone"
    space.git("clone", "-q", "-c", "core.autocrlf=true", str(tmp_path / "repo"), str(clone))
    there = Workspace(clone / subfolder, space.env)
    there.dvc("pull")
    assert b"\r\n" in (there.path / "dvc.yaml").read_bytes(), "git converts what is not ours"
    for name in ("labels.lock", "dvc.lock", f"{reports}/labels.json", f"{reports}/classes.csv"):
        assert (there.path / name).read_bytes() == (space.path / name).read_bytes()
    assert CLEAN in status(there)
    there.ls("verify")


# --- merges


@pytest.mark.parametrize("subfolder", SUBFOLDERS)
def test_no_conflict_marks_tear_a_pin(tmp_path: Path, subfolder: str) -> None:
    space, labels = data_set(tmp_path, subfolder), server(1, 2)
    pin(space, labels)
    space.dvc("repro")
    space.commit("first")
    for branch, hour in (("main", "03"), ("other", "05")):
        space.git("checkout", "-q", *(["-b", branch, "HEAD~1"] if branch != "main" else [branch]))
        labels.put(1, text=branch)
        pin(space, labels, f"2026-01-01T{hour}:00:00Z")
        space.dvc("repro")
        space.commit(f"of {branch}")
    newer = space.read("labels.lock")
    space.git("checkout", "-q", "main")
    older, older_lock = space.read("labels.lock"), space.read("dvc.lock")
    space.dvc("checkout")

    space.git("merge", "other", code=1)
    assert space.git("diff", "--name-only", "--diff-filter=U", "--relative").out.split() == [
        "dvc.lock",
        "labels.lock",
    ]
    assert (space.read("labels.lock"), space.read("dvc.lock")) == (older, older_lock)
    lockfile.read(space.path / "labels.lock")

    space.ls("update", "--resolve", "newer")
    assert space.read("labels.lock") == newer
    space.dvc("repro")
    space.git("add", "-A")
    space.git("commit", "-qm", "merged")
    space.ls("verify")
    assert CLEAN in status(space)


# --- caches of training


@pytest.mark.parametrize("subfolder", SUBFOLDERS)
def test_caches_that_training_writes(tmp_path: Path, subfolder: str) -> None:
    space, labels = data_set(tmp_path, subfolder), server(1, 2)
    pin(space, labels)
    space.dvc("repro")
    space.commit("first")
    labels.put(2, text="other")
    pin(space, labels)
    space.dvc("repro")
    space.commit("second")
    cache = space.path / "data/dataset/CSV/labels.cache"
    cache.write_bytes(b"written by training")
    assert CLEAN in status(space)
    space.ls("verify")
    space.git("checkout", "-q", "HEAD~1")
    space.dvc("checkout")
    assert CLEAN in status(space)
    assert cache.read_bytes() == b"written by training"


def test_names_with_signs_of_patterns() -> None:
    lines = repository_rules.rules("a[1]*", 'b "c"')
    assert lines[".dvcignore"] == [r"/a\[1\]\*/dataset/**/*.cache"]
    assert lines[".gitattributes"][-1] == r'"/b \"c\"/**" -text'


# --- refresh


def refreshed(space: Workspace, labels: FakeServer, *, push: bool = False) -> RefreshResult:
    """`ls-dvc refresh` with a server that is a dict."""
    opened = open_workspace(space.path)
    how, what = UpdateOptions(opened.params.update), RefreshOptions(push=push)
    connect: Any = lambda: labels  # noqa: E731
    return refresh(opened, connect, how, what, Silent(), "2026-01-01T00:00:00Z")


def committed(space: Workspace) -> set[str]:
    return set(space.git("show", "--name-only", "--format=", "HEAD").out.split())


RULE_FILES = {".gitattributes", ".dvcignore", "data/.gitignore", "reports/.gitignore"}


def test_a_first_refresh_commits_the_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space, labels = data_set(tmp_path), server(1, 2)
    for name, value in clean_environment().items():
        monkeypatch.setenv(name, value)
    space.git("add", "dvc.yaml", "params.yaml", ".gitignore", ".dvc")
    space.git("commit", "-qm", "settings")
    refreshed(space, labels)
    assert committed(space) >= RULE_FILES
    assert space.git("status", "--porcelain").out == ""
    space.edit(".gitattributes", "/labels.lock", "*.jpg -text\n/labels.lock")
    labels.put(1, text="new")
    refreshed(space, labels)
    reports = {name for name in committed(space) if name.startswith("reports/")}
    assert committed(space) == {"labels.lock", "dvc.lock", *reports}, "the change is the user's"


def test_two_first_refreshes_at_once_keep_the_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space, labels = data_set(tmp_path / "one"), server(1, 2)
    for name, value in clean_environment().items():
        monkeypatch.setenv(name, value)
    space.store(tmp_path / "store")
    space.git("add", "dvc.yaml", "params.yaml", ".gitignore", ".dvc")
    space.git("commit", "-qm", "settings")
    space.git("clone", "-q", "--bare", ".", str(tmp_path / "remote.git"))
    space.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    space.git("push", "-qu", "origin", "main")
    other = Workspace(tmp_path / "two", space.env)
    space.git("clone", "-q", str(tmp_path / "remote.git"), str(other.path))
    init.init(other.path, InitOptions(), bool)
    refreshed(space, labels, push=True)
    labels.put(1, text="new")
    assert refreshed(other, labels, push=True).pushed
    assert not committed(other) & RULE_FILES, "they are those of the first"
    for name in RULE_FILES:
        assert other.read(name) == space.read(name)
    assert other.git("status", "--porcelain").out == ""
