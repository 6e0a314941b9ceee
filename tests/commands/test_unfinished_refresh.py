"""A refresh that was killed late is finished by the next one; others' commits are let alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.offline import data_set
from support.workspace import Workspace

from ls_dvc.commands.unfinished_refresh import FINGERPRINT, UnfinishedRefresh
from ls_dvc.workspace import open_workspace


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """With a version that has a tag, and an edit that is not committed."""
    made = data_set(tmp_path / "repo")
    made.commit("scaffold")
    made.git("tag", "labels/v1")
    made.edit("dvc.yaml", "stages:", "stages:  # edited")
    return made


def noted(space: Workspace) -> UnfinishedRefresh:
    return UnfinishedRefresh(open_workspace(space.path))


def test_a_tag_that_was_made_is_not_made_again(space: Workspace) -> None:
    noted(space).commits("labels/v{n}")
    space.git("commit", "-qam", f"Labels\n\n{FINGERPRINT}: …")
    space.git("tag", "-am", "labels", "labels/v2")
    found = noted(space).committed()
    assert found is not None
    assert found.tag == "labels/v2"
    assert space.git("tag").out == "labels/v1\nlabels/v2\n"


@pytest.mark.parametrize("times", [1, 2], ids=["no refresh made it", "it is not the next one"])
def test_commits_of_others_get_no_tag(space: Workspace, times: int) -> None:
    noted(space).commits("labels/v{n}")
    for _ in range(times):
        trailer = f"\n\n{FINGERPRINT}: …" if times == 2 else ""
        space.git("commit", "-q", "--allow-empty", "-m", f"labels{trailer}")
    assert noted(space).committed() is None
    assert space.git("tag").out == "labels/v1\n"


@pytest.mark.parametrize("is_ours", [True, False])
def test_only_the_rebase_of_a_refresh_is_ended(space: Workspace, is_ours: bool) -> None:
    space.git("stash", "-q")
    head = space.git("rev-parse", "HEAD").out
    space.git("commit", "-q", "--allow-empty", "-m", "of this clone")
    space.git("rebase", "-q", "--exec", "false", "HEAD~1", code=1)
    if is_ours:
        noted(space).follows()
    noted(space).clean_up()
    assert (space.path / ".git/rebase-merge").exists() is not is_ours
    if is_ours:
        assert space.git("rev-parse", "main~1").out == head
        assert space.git("symbolic-ref", "HEAD").out == "refs/heads/main\n"
