"""Running git: the one place that does, and that looks at how every command ended."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.execution import child_process
from ls_dvc.execution.lifeline import NOT_FOUND, lifeline
from ls_dvc.io.files import is_there
from ls_dvc.io.secrets import KEY
from ls_dvc.repo import git_leftovers

# What users may have set for their own eyes would change what is read here.
_SETTINGS = ("log.showSignature=false", "column.ui=never", "status.showUntrackedFiles=normal")


class GitError(LsDvcError):
    """git refused a command; the message has its own words."""


@dataclass(frozen=True)
class GitAnswer:
    """How a command of git ended: its exit status, and what it printed."""

    status: int
    output: bytes
    errors: str

    @property
    def text(self) -> str:
        """The output without the end of its last line; bytes that are not UTF-8 are escaped."""
        return self.output.decode("utf-8", "surrogateescape").removesuffix("\n")


@dataclass(frozen=True)
class Repository:
    """A git repository; `root` is the folder of its work tree."""

    root: Path

    def text(self, command: str, *arguments: str, given: bytes = b"", globs: bool = False) -> str:
        """What a command prints; `GitError` unless it succeeds."""
        return self.run(command, *arguments, given=given, globs=globs).text

    def lines(self, command: str, *arguments: str) -> list[str]:
        """The lines that a command prints."""
        return [line for line in self.text(command, *arguments).split("\n") if line]

    def holds(self, command: str, *arguments: str) -> bool:
        """Whether a command that answers by its exit status says yes (0) or no (1)."""
        return self.text_if(command, *arguments) is not None

    def text_if(self, command: str, *arguments: str) -> str | None:
        """What a command prints that ends with yes (0); None if it says no (1)."""
        answer = self.run(command, *arguments, allowed=(0, 1))
        if answer.status and answer.errors:
            raise self._refusal(command, answer)
        return None if answer.status else answer.text

    def run(
        self,
        command: str,
        *arguments: str,
        given: bytes = b"",
        globs: bool = False,
        allowed: Collection[int] = (0,),
    ) -> GitAnswer:
        """Run a command that reads `given`; `GitError` unless its exit status is `allowed`.

        Paths are taken literally; with `globs`, as git's pathspecs.
        """
        answer = self._start([command, *arguments], given, globs=globs)
        if answer.status not in allowed and self._is_free_again(answer):
            answer = self._start([command, *arguments], given, globs=globs)
        if answer.status not in allowed:
            raise self._refusal(command, answer)
        return answer

    def _start(self, arguments: list[str], given: bytes, *, globs: bool = False) -> GitAnswer:
        os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # a missing git is an error below
        from git import Git  # runs git with LC_ALL=C: messages are looked at

        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        with (
            tempfile.TemporaryFile() as stdin,
            lifeline(["git", *settings, *arguments], "process") as line,
        ):
            stdin.write(given)
            stdin.seek(0)
            git: Any = Git(self.root).execute(
                line.command,
                istream=stdin,
                env={"GIT_LITERAL_PATHSPECS": "0" if globs else "1", KEY: ""},
                as_process=True,
                pass_fds=line.pass_fds,
            )
            status, output, errors = child_process.answer(git.proc)
        if status == NOT_FOUND:
            raise LsDvcError("git is not installed, or not on the PATH", "install git")
        return GitAnswer(status, output, errors.decode("utf-8", "replace").strip())

    def _is_free_again(self, answer: GitAnswer) -> bool:
        """Whether a lock of this repository was in the way, and is not any more."""
        lock = git_leftovers.lock_in(answer.errors)
        if lock is None or not self._is_inside(lock):
            return False
        return git_leftovers.remove_lock(lock, self.root)

    def _is_inside(self, lock: Path) -> bool:
        """Whether a lock is in our git folder: a push locks another one."""
        folder = self._start(["rev-parse", "--git-common-dir"], b"")
        return lock.resolve().is_relative_to((self.root / folder.text).resolve())

    def _refusal(self, command: str, answer: GitAnswer) -> GitError:
        trust = re.search(r"git config --global --add safe\.directory .+", answer.errors)
        if trust:
            words = answer.errors.partition("\n")[0]
            return GitError(f"git {command}: {words}", f"run `{trust[0]}` if you trust it")
        lock = git_leftovers.lock_in(answer.errors)
        if lock is not None:
            return GitError(f"git {command}: {lock} is in the way", git_leftovers.hint(lock))
        words = answer.errors or f"failed with exit status {answer.status}"
        return GitError(f"git {command}: {words}", self.shallow_hint())

    def shallow_hint(self) -> str:
        """What to do where history is cut off; empty where it is not, or git does not say."""
        answer = self._start(["rev-parse", "--is-shallow-repository"], b"")
        shallow = answer.status == 0 and answer.text == "true"
        return "run `git fetch --unshallow`: this clone is shallow" if shallow else ""


def find_repository(folder: Path) -> Repository | None:
    """The repository around `folder`; None when there is none.

    A damaged one is found, too: what is wrong with it, git says when it is asked.
    """
    for path in (folder, *folder.parents):
        own = path / ".git"
        if any(map(is_there, (own / "objects", own / "HEAD"))) or (is_there(own) and own.is_file()):
            _require_no_other(own)
            return Repository(path)
    return None


def _require_no_other(own: Path) -> None:
    """git takes the repository of GIT_DIR, which hooks set, for that of every folder."""
    named = os.environ.get("GIT_DIR")
    if not named:
        return
    root = own.parent
    if own.is_file():
        text = own.read_text(encoding="utf-8", errors="surrogateescape")
        own = own.parent / text.removeprefix("gitdir:").strip()
    if (root / named).resolve() != own.resolve():  # git is run in the root
        raise LsDvcError(
            f"GIT_DIR in the environment names another repository than {own}", "unset GIT_DIR"
        )


def open_repository(folder: Path) -> Repository:
    """The repository around `folder`; `LsDvcError` when there is none."""
    repository = find_repository(folder.absolute())
    if repository is None:
        raise LsDvcError(f"{folder} is not in a git repository", "run `git init` first")
    return repository
