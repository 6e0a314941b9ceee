"""The state of a git repository and of its clone: what could be in the way of a command."""

from __future__ import annotations

from pathlib import Path

from ls_dvc.io.files import is_there
from ls_dvc.repo.git_command import Repository, open_repository

_OPERATIONS = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}


def version() -> str:
    """The version of git, as it says it."""
    return Repository(Path.cwd()).text("--version").removeprefix("git version ")


def index_lock(folder: Path) -> Path | None:
    """The lock of the index, if some git holds it, or a killed one left it."""
    repository = open_repository(folder)
    path = _inside(repository, "index.lock")
    return path if is_there(path) else None


def operation(folder: Path) -> str:
    """What is in progress: a merge, rebase, cherry-pick or revert; empty if nothing is."""
    repository = open_repository(folder)
    names = (name for path, name in _OPERATIONS.items() if is_there(_inside(repository, path)))
    return next(names, "")


def is_partial(folder: Path) -> bool:
    """Whether this clone fetches objects only when they are needed."""
    promisors = ("--get-regexp", r"^(remote\..*\.promisor|extensions\.partialclone)$")
    return open_repository(folder).holds("config", *promisors)


def has_identity(folder: Path) -> bool:
    """Whether git knows who commits."""
    answer = open_repository(folder).run("var", "GIT_COMMITTER_IDENT", allowed=(0, 128))
    return answer.status == 0


def has_remote(folder: Path) -> bool:
    """Whether there is somewhere to push to."""
    return bool(open_repository(folder).lines("remote"))


def is_on_branch(folder: Path) -> bool:
    """Whether HEAD is on a branch."""
    return open_repository(folder).holds("symbolic-ref", "--quiet", "HEAD")


def tracked(folder: Path) -> list[str]:
    """All tracked files, relative to the root."""
    return [name for name in open_repository(folder).text("ls-files", "-z").split("\0") if name]


def is_in_history(folder: Path, name: str) -> bool:
    """Whether a commit that a ref can reach has, or had, a file called `name` in any folder."""
    paths = ("--", f":(glob)**/{name}")
    log = ("--all", "--full-history", "--format=%H", "-1")
    return bool(open_repository(folder).text("log", *log, *paths, globs=True))


def tracked_with(folder: Path, text: str) -> list[str]:
    """The tracked files that have `text` in them, relative to the root; no argument has it."""
    repository = open_repository(folder)
    form = ("--fixed-strings", "--files-with-matches", "--cached", "-I", "-z", "-f", "-")
    answer = repository.run("grep", *form, given=text.encode(), allowed=(0, 1))
    return [name for name in answer.text.split("\0") if name]


def _inside(repository: Repository, name: str) -> Path:
    return repository.root / repository.text("rev-parse", "--git-path", name)
