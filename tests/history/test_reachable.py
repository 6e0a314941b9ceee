"""Every content of a file that git can reach, against a walk through all commits."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.workspace import Workspace

from ls_dvc.errors import LsDvcError
from ls_dvc.repo import reachable

NAME = "labels.lock"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path / "repo")
    made.path.mkdir()
    made.git("init", "-q", "-b", "main")
    return made


def write(space: Workspace, text: str, name: str = NAME) -> None:
    path = space.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def commit(space: Workspace, text: str, name: str = NAME) -> str:
    write(space, text, name)
    return space.commit(text)


def found(space: Workspace, *tips: str) -> set[str]:
    return {each.strip() for each in reachable.contents(space.path, NAME, tips)}


def walked(space: Workspace) -> set[str]:
    """What `found` must have at least, by looking at every tree."""
    texts = set()
    for rev in space.git("rev-list", "--all").out.split():
        for path in space.git("ls-tree", "-r", "--name-only", rev).out.splitlines():
            if path.rpartition("/")[2] == NAME:
                texts.add(space.git("show", f"{rev}:{path}").out.strip())
    return texts


def test_branches_merges_renames_and_tags(space: Workspace) -> None:
    commit(space, "first")
    commit(space, "in a folder", "sets/[cats]/labels.lock")
    (space.path / "copy").write_text("in a folder\n")
    space.commit("the same content under a name of its own")
    space.git("mv", "sets/[cats]", "sets/dogs")
    commit(space, "renamed and changed", "sets/dogs/labels.lock")
    space.git("checkout", "-qb", "side", "HEAD~1")
    commit(space, "side, later dropped by the merge")
    commit(space, "side")
    space.git("checkout", "-q", "main")
    commit(space, "main")
    space.git("merge", "-q", "-s", "ours", "--no-commit", "side")
    commit(space, "of the merge alone")
    space.git("branch", "-qD", "side")
    space.git("checkout", "-qb", "ignored")
    commit(space, "in the past of a merge that brought nothing")
    space.git("checkout", "-q", "main")
    commit(space, "meanwhile")
    space.git("merge", "-q", "-s", "ours", "-m", "nothing", "ignored")
    space.git("branch", "-qD", "ignored")
    space.git("checkout", "-q", "--detach")
    commit(space, "only a tag has it")
    space.git("tag", "-am", "kept", "kept")
    space.git("checkout", "-q", "--orphan", "root")
    commit(space, "a root of its own")
    space.git("update-ref", "refs/exps/aa/bb/name", commit(space, "an experiment"))
    space.git("rm", "-q", NAME)
    space.git("commit", "-qm", "gone")
    space.git("checkout", "-q", "main")
    assert "only a tag has it" in walked(space)
    assert found(space) == walked(space)
    assert len(walked(space)) == 12


def test_what_no_ref_reaches_is_not_found_unless_asked_for(space: Workspace) -> None:
    commit(space, "first")
    lost = commit(space, "lost")
    space.git("reset", "-q", "--hard", "HEAD~1")
    assert found(space) == {"first"}
    assert found(space, lost) == {"first", "lost"}


def test_every_stash(space: Workspace) -> None:
    commit(space, "first")
    for number in range(3):
        write(space, f"stashed {number}")
        write(space, f"untracked {number}", "new/labels.lock")
        space.git("stash", "-q", "-u")
    assert found(space) == {
        "first",
        *(f"{how} {number}" for how in ("stashed", "untracked") for number in range(3)),
    }
    space.git("update-ref", "--create-reflog", "refs/exps/stash", "stash@{0}")
    space.git("update-ref", "--create-reflog", "refs/exps/stash", "stash@{2}")
    space.git("stash", "clear")
    assert found(space) == {"first", "stashed 0", "untracked 0", "stashed 2", "untracked 2"}


def test_indexes_and_work_trees(space: Workspace) -> None:
    commit(space, "first")
    other = Workspace(space.path.parent / "other tree")
    space.git("worktree", "add", "-q", "--detach", str(other.path))
    commit(other, "a detached head")
    write(other, "staged")
    other.git("add", NAME)
    write(other, "lying")
    write(other, "untracked", "new/labels.lock")
    gone = Workspace(space.path.parent / "gone")
    space.git("worktree", "add", "-q", "--detach", str(gone.path))
    commit(gone, "the head of a tree that is away")
    gone.path.rename(gone.path.with_name("moved"))
    expected = {"first", "a detached head", "staged", "lying", "untracked"}
    assert found(space) == {*expected, "the head of a tree that is away"}
    assert found(other) == found(space)


def test_both_sides_of_a_conflict(space: Workspace) -> None:
    commit(space, "base")
    space.git("checkout", "-qb", "side")
    commit(space, "theirs")
    space.git("checkout", "-q", "main")
    commit(space, "ours")
    space.git("merge", "side", code=1)
    space.git("branch", "-D", "side")
    assert {"base", "ours", "theirs"} < found(space)


def test_a_repository_without_a_commit(space: Workspace) -> None:
    assert found(space) == set()
    write(space, "lying")
    assert found(space) == {"lying"}


def test_a_lost_object_is_an_error_and_no_content_less(space: Workspace) -> None:
    commit(space, "first")
    commit(space, "second")
    blob = space.git("rev-parse", f"HEAD~1:{NAME}").out.strip()
    (space.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(LsDvcError, match=blob):
        found(space)
    tree = space.git("rev-parse", "HEAD~1^{tree}").out.strip()
    (space.path / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(LsDvcError):
        found(space)


def test_what_the_remotes_have(space: Workspace, tmp_path: Path) -> None:
    first = commit(space, "first")
    assert reachable.remote_tips(space.path) == []
    clone = space.clone(tmp_path / "clone")
    assert reachable.remote_tips(clone.path) == [first]
    space.git("checkout", "-qb", "side")
    commit(space, "pushed by another")
    with pytest.raises(LsDvcError, match="origin has commits") as told:
        reachable.remote_tips(clone.path)
    clone.run("sh", "-c", told.value.hint.split("`")[1])
    assert "pushed by another" in found(clone)
    clone.git("update-ref", "-d", "refs/remotes/origin/side")
    assert "pushed by another" in found(clone, *reachable.remote_tips(clone.path))
    clone.git("remote", "set-url", "origin", str(tmp_path / "nowhere"))
    with pytest.raises(LsDvcError, match="ls-remote"):
        reachable.remote_tips(clone.path)
