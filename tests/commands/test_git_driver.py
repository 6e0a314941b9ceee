"""`git diff` and `git log -p` of labels.lock in words, and what git does with them."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from support.offline import data_set, pin, server
from support.terminal import on_terminal
from support.workspace import Ran, Workspace

from ls_dvc.commands import init_git_driver
from ls_dvc.errors import LsDvcError
from ls_dvc.repo import git_driver
from ls_dvc.repo.changed_file import ChangedFile

FOLDER = 'my "labels" é'
LOCK = "labels.lock"
ADDED = "  + task 3  new\n"
CHANGED = "  ~ task 2  other\n      data: text changed\n"
HASHES = re.compile(r"^[-+]fingerprint: ", re.MULTILINE)


def versions(path: Path, subfolder: str = ".") -> Workspace:
    """Two commits, tagged one and two, and a third pin that is not committed. No data is made."""
    space, labels = data_set(path, subfolder), server(1, 2)
    git_driver.configure(space.path)
    for tag, text in (("one", ""), ("two", "other")):
        if text:
            labels.put(2, text=text)
            labels.put(3, text="new")
        pin(space, labels, f"2026-01-0{len(text) + 1}T00:00:00Z")
        space.commit(f"labels {tag}")
        space.git("tag", tag)
    labels.remove(1)
    pin(space, labels, "2026-01-09T00:00:00Z")
    return space


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return versions(tmp_path_factory.mktemp("git-driver") / "repo")


@pytest.fixture
def repo(story: Workspace, tmp_path: Path) -> Workspace:
    """A copy to spoil."""
    shutil.copytree(story.path, tmp_path / "repo", symlinks=True)
    return Workspace(tmp_path / "repo", dict(story.env))


def shown(space: Workspace, *arguments: str, **env: str) -> str:
    """What a command of git prints, which prints nothing else."""
    ran: Ran = space.run("git", *arguments, **env)
    assert ran.err == ""
    return ran.out


def without_ls_dvc() -> str:
    """A PATH that has git."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(each for each in folders if not (Path(each) / "ls-dvc").exists())


def tree(folder: Path) -> dict[str, int]:
    """When each file and folder was changed, in ns; git itself refreshes its index."""
    found = (path for path in folder.rglob("*") if path.name not in ("index", ".git"))
    return {str(path): path.lstat().st_mtime_ns for path in found}


# --- what is shown


def test_git_diff_tells_tasks(story: Workspace) -> None:
    before = tree(story.path)
    words = shown(story, "diff", "one", "two")
    assert CHANGED in words
    assert ADDED in words
    first, second = (story.git("rev-parse", tag).out[:7] for tag in ("one", "two"))
    assert f"changed pin: {LOCK}\nlabels {first} -> {second}\ntasks 2 -> 3 (+1)" in words
    now = shown(story, "diff")
    assert f"labels {second} -> workspace\n" in now
    assert "  - task 1  t\n" in now
    assert f"labels workspace -> {second}\n" in shown(story, "diff", "-R")
    assert tree(story.path) == before, "nothing is written"


def test_the_index(repo: Workspace) -> None:
    repo.git("add", LOCK)
    words = shown(repo, "diff", "--cached")
    assert " -> index\n" in words
    assert "  - task 1  t\n" in words


def test_log_and_show_tell_what_the_pin_knows(story: Workspace) -> None:
    for command in (["log", "-p", "-1", "two"], ["show", "two"]):
        text = shown(story, *command)
        assert "-tasks 2\n" in text
        assert "+tasks 3\n" in text
        assert re.search(r"^\+since [0-9a-f]{12}: 1 tasks added, 1 changed, 0 removed$", text, re.M)
        assert not HASHES.search(text)
        assert "md5" not in text
    assert ADDED in shown(story, "log", "-p", "-1", "--ext-diff", "two")


def test_a_first_pin_and_none_any_more(repo: Workspace) -> None:
    repo.git("rm", "-q", "--cached", LOCK)
    assert "no pin any more: 3 tasks, 0 annotations" in shown(repo, "diff", "--cached")
    first = shown(repo, "diff", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "one", "--", LOCK)
    assert "labels nothing -> " in first
    assert "first pin: 2 tasks, 0 annotations" in first


def test_the_same_labels_pinned_again(repo: Workspace) -> None:
    repo.git("checkout", "-q", "two", "--", LOCK)
    repo.edit(LOCK, "pinned_at: '", "pinned_at: '2026-05-05 or ")
    assert "-> workspace: no labels changed\n" in shown(repo, "diff")


def test_from_the_cache_of_dvc_without_its_workspace(tmp_path: Path) -> None:
    space, labels = data_set(tmp_path), server(1, 2)
    git_driver.configure(space.path)
    for text in ("first", "second"):
        labels.put(1, text=text)
        pin(space, labels)
        space.dvc("repro", "export")
        space.commit(text)
    space.run("dvc", "cache", "dir", "--local", "elsewhere")
    shutil.move(tmp_path / ".dvc/cache", tmp_path / "elsewhere")
    shutil.rmtree(tmp_path / ".dvc/tmp")
    shutil.rmtree(tmp_path / "data/snapshot")
    assert "  ~ task 1  second\n" in shown(space, "diff", "HEAD~1", "HEAD", "--", LOCK)


def test_data_that_is_not_here(repo: Workspace) -> None:
    shutil.rmtree(repo.path / ".dvc/tmp")
    words = shown(repo, "diff", "one", "two")
    assert "tasks 2 -> 3 (+1), annotations 0 -> 0\n1 tasks added, 1 changed, 0 removed\n" in words
    assert re.search(r"not on this machine: `ls-dvc diff [0-9a-f]{7} [0-9a-f]{7}` asks", words)
    assert not (repo.path / ".dvc/tmp").exists()


def test_a_conflict(repo: Workspace) -> None:
    repo.git("checkout", "-q", "-f", "-b", "side", "one")
    labels = server(5)
    pin(repo, labels)
    repo.commit("side")
    repo.git("merge", "-q", "two", code=1)
    words = shown(repo, "diff", "--cached")
    assert f"* Unmerged path {LOCK}\n  ours  : 1 tasks, 0 annotations, pinned 2026-01-01" in words
    assert "  theirs: 3 tasks" in words
    assert "  to take one: `ls-dvc update --resolve newer`\n" in words
    assert "-> workspace\n" in shown(repo, "diff", "--theirs")


# --- on a terminal, in a pager, in a pipe


def test_a_terminal_shows_words_alone(story: Workspace) -> None:
    git = str(shutil.which("git"))
    for pager in ("", "cat"):
        text = on_terminal(story, "diff", "one", "two", program=git, GIT_PAGER=pager)
        assert "\x1b[33m  ~ task 2  other\x1b[0m" in text
        assert "diff --git" not in text
    plain = on_terminal(story, "diff", program=git, GIT_PAGER="cat", NO_COLOR="1")
    assert "task 1" in plain
    assert "\x1b" not in plain
    never = on_terminal(story, "-c", "color.ui=never", "diff", program=git, GIT_PAGER="cat")
    assert "\x1b" not in never


@pytest.mark.parametrize("subfolder", [".", FOLDER])
def test_a_diff_in_a_pipe_can_be_applied(tmp_path: Path, subfolder: str) -> None:
    space = versions(tmp_path / "repo", subfolder)
    (tmp_path / "words.patch").write_text(shown(space, "diff", "one", "two"))
    space.git("checkout", "-q", "-f", "one")
    top = Workspace(tmp_path / "repo")
    top.git("apply", "--index", str(tmp_path / "words.patch"))
    assert top.git("diff", "--cached", "--stat", "two").out == ""
    (tmp_path / "back.patch").write_text(shown(space, "diff", "-R", "HEAD"))
    (tmp_path / "removal.patch").write_text(_of_removal(top, subfolder))
    top.git("apply", "--check", "--cached", str(tmp_path / "removal.patch"))


def _of_removal(top: Workspace, subfolder: str) -> str:
    top.git("rm", "-q", "--cached", f"{subfolder}/{LOCK}")
    text = shown(top, "diff", "--cached", "HEAD")
    top.git("reset", "-q", "--hard")
    assert "deleted file mode 100644\n" in text
    return text


@pytest.mark.parametrize("answer", ["y", "n"])
def test_git_add_p_asks_for_hunks_of_the_file(repo: Workspace, answer: str) -> None:
    (repo.path / "answers").write_text(f"{answer}\n" * 9)
    repo.run("sh", "-c", f"git add -p {LOCK} < answers")
    staged = repo.git("diff", "--cached", "--name-only").out
    assert staged == (f"{LOCK}\n" if answer == "y" else "")


def test_other_diffs_are_as_they_were(story: Workspace) -> None:
    assert HASHES.search(shown(story, "diff", "--no-ext-diff", "--no-textconv", "one", "two"))
    assert HASHES.search(shown(story, "format-patch", "--stdout", "one..two"))
    assert "1 file changed" in shown(story, "diff", "--stat")
    story.git("diff", "--quiet", code=1)


# --- where it cannot be used


def test_without_ls_dvc_git_shows_its_own(repo: Workspace) -> None:
    path = without_ls_dvc()
    assert HASHES.search(shown(repo, "diff", PATH=path))
    assert HASHES.search(shown(repo, "log", "-p", "-1", PATH=path))
    clone = repo.clone(repo.path.parent / "clone")
    assert HASHES.search(shown(clone, "diff", "one", "two"))


@pytest.mark.parametrize(
    "content", ["", "not: a pin\n", "<<<<<<< ours\n", "version: 1\nfingerprint: !!python/x\n"]
)
def test_what_is_no_pin_is_left_to_git(repo: Workspace, content: str) -> None:
    (repo.path / LOCK).write_text(content)
    (repo.path / "other.txt").write_text("before\n")
    (repo.path / ".gitattributes").write_text("* diff=ls-dvc\n")
    repo.git("add", "other.txt")
    (repo.path / "other.txt").write_text("after\n")
    text = shown(repo, "diff")
    assert "-before\n+after\n" in text
    assert HASHES.search(text) is not None or "-fingerprint: " in text


def test_a_pin_that_became_a_link(repo: Workspace, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("version: 1\nsecret\n")
    (repo.path / LOCK).unlink()
    (repo.path / LOCK).symlink_to(tmp_path / "secret")
    text = shown(repo, "diff")
    assert "\nnew file mode 120000\n--- /dev/null\n+++ b/labels.lock\n" in text
    assert "\n+secret" not in text


def test_texts_from_a_pull_request_do_nothing(repo: Workspace) -> None:
    labels = server(1)
    hostile = "\x1b[2J\u202e $(touch ran) `touch ran`\ndiff --git a/x b/x\n--- a/x"
    labels.put(1, text=hostile)
    pin(repo, labels, full=True)
    repo.edit(LOCK, "title: Fake", 'title: "a\\e[2J\\ndiff --git a/x b/x $(touch ran)"')
    repo.commit(hostile.partition(" ")[2])
    for command in (["diff", "two", "HEAD"], ["log", "-p", "-1"]):
        text = shown(repo, *command)
        assert "$(touch ran)" in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert not (repo.path / "ran").exists()
        if command[0] == "diff":
            assert not re.search("^(diff --git a/x|--- a/x)", text, re.MULTILINE)


def test_hooks_and_other_work_trees(repo: Workspace) -> None:
    hook = repo.path / "hooks/pre-commit"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\ngit diff --cached > told\n")
    hook.chmod(0o755)
    repo.git("config", "core.hooksPath", "hooks")
    repo.git("commit", "-qam", "third")
    assert "  - task 1  t\n" in repo.read("told")
    repo.git("worktree", "add", "-q", "../other tree", "one")
    other = Workspace(repo.path.parent / "other tree", repo.env)
    words = shown(other, "diff", "one", "two")
    assert "tasks 2 -> 3 (+1)" in words


def test_arguments_that_git_does_not_give() -> None:
    with pytest.raises(LsDvcError, match="7 or 9"):
        ChangedFile.of(["a", "b"])


# --- setting up


def test_init_sets_it_up_once(repo: Workspace) -> None:
    config = repo.path / ".git/config"
    repo.git("config", "--remove-section", "diff.ls-dvc")
    config.write_text(f"# mine\n[user]\n\tname =  Me ; x\n{config.read_text()}")
    before = config.read_text()
    assert "wrote  .git/config" in repo.ls("init", "--offline").out
    after = config.read_text()
    assert after.startswith(before), "every byte that was there"
    assert "kept   .git/config" in repo.ls("init", "--offline").out
    assert config.read_text() == after
    assert repo.read(".gitattributes").count("diff=ls-dvc") == 1
    assert ADDED in shown(repo, "diff", "one", "two")


def test_init_without_it(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    space.git("init", "-q")
    space.dvc("init", "-q")
    space.ls("init", "--offline", "--no-git-driver")
    assert "ls-dvc" not in space.read(".git/config")
    assert "diff=" not in space.read(".gitattributes")
    assert "shows hashes" in space.ls("doctor", "--offline", code=None).out


def test_a_command_of_ones_own_stays(repo: Workspace) -> None:
    repo.git("config", "diff.ls-dvc.command", "mine")
    assert not init_git_driver.set_up_driver(repo.path, lambda _: False)
    assert git_driver.settings(repo.path)["command"] == "mine"
    assert "runs a command of your own" in repo.ls("doctor", "--offline", code=None).out
    assert init_git_driver.set_up_driver(repo.path, lambda _: True)
    assert git_driver.settings(repo.path) == git_driver.SETTINGS


def test_doctor_says_what_is_missing(repo: Workspace) -> None:
    def finding(**env: str) -> str:
        (line,) = re.findall(
            r"^  \w+ +diff +.*$", repo.ls("doctor", "--offline", code=None, **env).out, re.M
        )
        return line.strip()

    assert finding().startswith("ok ")
    repo.git("config", "diff.ls-dvc.command", "f() { ls-dvc git-diff of-old; }; f")
    assert finding().startswith("warning ")
    repo.git("config", "--remove-section", "diff.ls-dvc")
    assert finding().startswith("note ")
    assert "in this clone" in finding()
