"""What git cannot say is not taken for nothing: refusals, damage, and history that is cut off."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.workspace import Workspace

from ls_dvc.errors import LsDvcError
from ls_dvc.history import log
from ls_dvc.repo import commits, git, reachable
from ls_dvc.repo.git_command import open_repository
from ls_dvc.repo.git_objects import read_paths


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Two commits: a file in a folder, and one beside it."""
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "A")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "a@example.com")
    space = Workspace(tmp_path / "repo")
    (space.path / "a/b").mkdir(parents=True)
    space.git("init", "-q", "-b", "main")
    (space.path / "a/b/one").write_text("1\n")
    space.commit("first")
    (space.path / "two").write_text("2\n")
    space.commit("second")
    return space


Ask = Callable[[Path], object]

ASK: dict[str, Ask] = {
    "root": git.root,
    "require": git.require,
    "resolve": lambda at: git.resolve(at, "HEAD"),
    "head": git.head,
    "folder_at": lambda at: git.folder_at(at, "HEAD", at / "two"),
    "committed_text": lambda at: git.committed_text(at / "two"),
    "absent text": lambda at: git.committed_text(at / "none"),
    "history": lambda at: git.history(at, at / "two"),
    "contents": lambda at: git.contents(at, [("HEAD", "two")]),
    "tags": git.tags,
    "is_shallow": git.is_shallow,
    "tracked": lambda at: git.tracked(at, "two"),
    "log": log.log,
    "changed": lambda at: commits.changed(at, [at / "two"]),
    "commit": lambda at: commits.commit(at, "x", [at / "two"]),
    "target": lambda at: commits.target(at, None),
    "is_merging": commits.is_merging,
    "sides": lambda at: commits.sides(at, at / "two"),
    "ancestor": lambda at: commits.ancestor(at, at / "two"),
    "tag_names": commits.tag_names,
    "unstage": lambda at: commits.unstage(at, [at / "two"]),
    "reachable": lambda at: list(reachable.contents(at, "two")),
    "remote_tips": reachable.remote_tips,
}


@pytest.mark.parametrize("name", ASK)
def test_a_repository_of_another_user_is_not_empty(
    name: str, repo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in CI's containers, where the files belong to another user than the process."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    with pytest.raises(LsDvcError, match=r"git .*(dubious ownership|unsafe repository)") as caught:
        ASK[name](repo.path)
    assert "git config --global --add safe.directory" in caught.value.hint


def lose(repo: Workspace, name: str) -> None:
    """Remove a loose object, as a disk that fails does."""
    rev = repo.git("rev-parse", name).out.strip()
    (repo.path / ".git/objects" / rev[:2] / rev[2:]).unlink()


@pytest.mark.parametrize("lost", ["HEAD:a/b/one", "HEAD:a/b", "HEAD:a", "HEAD^{tree}", "HEAD"])
def test_what_git_has_lost_is_not_absent(lost: str, repo: Workspace) -> None:
    head = repo.git("rev-parse", "HEAD").out.strip()
    lose(repo, lost)
    with pytest.raises(LsDvcError, match="git has lost") as caught:
        git.contents(repo.path, [(head, "a/b/one")])
    assert "git fsck" in caught.value.hint
    with pytest.raises(LsDvcError, match="git has lost"):
        git.committed_text(repo.path / "a/b/one")


def test_a_damaged_object_is_not_absent(repo: Workspace) -> None:
    rev = repo.git("rev-parse", "HEAD:two").out.strip()
    path = repo.path / ".git/objects" / rev[:2] / rev[2:]
    path.chmod(0o644)
    path.write_bytes(b"no object")
    with pytest.raises(LsDvcError, match="git has lost"):
        git.committed_text(repo.path / "two")


def test_a_lost_commit_is_no_unknown_revision(repo: Workspace) -> None:
    for rev in ("nowhere", "HEAD:two", "main..main"):
        with pytest.raises(LsDvcError, match=f"there is no revision '{rev}'"):
            git.resolve(repo.path, rev)
    lose(repo, "HEAD")
    with pytest.raises(LsDvcError, match="git has lost"):
        git.resolve(repo.path, "HEAD")


def test_a_broken_branch_is_not_one_without_a_commit(repo: Workspace) -> None:
    (repo.path / ".git/refs/heads/main").write_text("garbage\n")
    for ask in ("head", "resolve", "committed_text", "history", "log", "unstage"):
        with pytest.raises(LsDvcError, match="git symbolic-ref: "):
            ASK[ask](repo.path)


def test_what_a_revision_does_not_have_is_absent(repo: Workspace) -> None:
    places = [
        ("HEAD", "none"),
        ("HEAD", "a/none"),
        ("HEAD", "none/a/b"),
        ("HEAD", "a/b/one/deeper"),
        ("HEAD~1", "two"),
        ("HEAD~1^", "two"),  # the first commit has no parent
        ("HEAD", "two"),
    ]
    assert read_paths(open_repository(repo.path), places) == [None] * 6 + ["2\n"]
    assert git.committed_text(repo.path / "none") is None
    assert git.head(repo.path.parent) is None
    assert git.committed_text(repo.path.parent / "two") is None
    assert commits.sides(repo.path, repo.path / "two") is None


def test_a_repository_without_a_commit_has_no_history(repo: Workspace, tmp_path: Path) -> None:
    empty = Workspace(tmp_path / "empty")
    empty.path.mkdir()
    empty.git("init", "-q")
    assert git.head(empty.path) is None
    with pytest.raises(LsDvcError, match="has no commit yet"):
        git.resolve(empty.path, "HEAD")
    commits.unstage(empty.path, [empty.path / "two"])
    assert git.history(empty.path, empty.path / "two") == []
    shutil.copy(repo.path / "two", empty.path)
    assert git.committed_text(empty.path / "two") is None
    assert commits.changed(empty.path, [empty.path / "two"]) == [empty.path / "two"]


def test_a_shallow_clone_says_what_it_lacks(repo: Workspace, tmp_path: Path) -> None:
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.path}", str(tmp_path / "clone"))
    clone = tmp_path / "clone"
    assert len(git.history(clone, clone / "two")) == 1
    with pytest.raises(LsDvcError, match="no revision") as caught:
        git.resolve(clone, "HEAD~1")
    assert "git fetch --unshallow" in caught.value.hint


def test_a_merge_without_common_past_is_no_error(repo: Workspace) -> None:
    """`merge-base` answers by its exit status, which is no refusal."""
    repository = open_repository(repo.path)
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit("other")
    assert not repository.holds("merge-base", "--is-ancestor", "main", "other")
    with pytest.raises(LsDvcError, match="git merge-base: "):
        repository.holds("merge-base", "--is-ancestor", "main", "nowhere")


@pytest.mark.parametrize(("name", "valid"), [("labels/v1", True), ("a..b", False), ("-", True)])
def test_names_of_tags(name: str, valid: bool, repo: Workspace) -> None:
    assert commits.is_tag_name(repo.path, name) is valid


def test_the_repository_of_a_hook_is_not_taken_for_another(
    repo: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git runs hooks with GIT_DIR, which decides before the folder does."""
    tree = tmp_path / "tree"
    repo.git("worktree", "add", "-q", str(tree))
    for folder, named in ((repo.path, ".git"), (tree, repo.path / ".git/worktrees/tree")):
        monkeypatch.setenv("GIT_DIR", str(named))
        assert git.committed_text(folder / "two") == "2\n"
        assert len(log.log(folder)) == 0
        assert git.head(folder / ".git" / "..") == git.head(folder)
    monkeypatch.setenv("GIT_DIR", str(repo.path / ".git"))
    for name in ASK:
        with pytest.raises(LsDvcError, match="GIT_DIR in the environment names another") as caught:
            ASK[name](tree)
        assert caught.value.hint == "unset GIT_DIR"


@pytest.mark.parametrize("lost", ["objects", "HEAD"])
def test_a_damaged_repository_is_no_folder_without_git(lost: str, repo: Workspace) -> None:
    (repo.path / ".git" / lost).rename(repo.path / "lost")
    with pytest.raises(LsDvcError, match=r"git rev-parse: .*not a git repository"):
        git.head(repo.path)


def test_git_that_is_not_installed_is_told(
    repo: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LsDvcError, match="git is not installed"):
        git.tags(repo.path)


def test_which_of_many_paths_differ(repo: Workspace, tmp_path: Path) -> None:
    """All are asked for at once, by names that git would quote, and through a link to the root."""
    at = tmp_path / "link"
    at.symlink_to(repo.path)
    names = ["two", "a/b/one", "gone", 'new/ä\n"b"', "new/[a]*", "staged", "a/b/link"]
    (repo.path / "gone").write_text("")
    repo.commit("third")
    (repo.path / "gone").unlink()
    (repo.path / "new").mkdir()
    for name in (*names[3:6], "two", "new/other"):
        (repo.path / name).write_text("new\n")
    (repo.path / "a/b/link").symlink_to("one")
    repo.git("add", "staged")
    paths = [at / name for name in (*names, "none")]
    assert commits.changed(at, paths) == [at / name for name in names if name != "a/b/one"]
    commits.commit(at, "all", commits.changed(at, paths))
    assert commits.changed(at, [*paths, at / "new/other"]) == [at / "new/other"]
