"""git, through GitPython: history, what a commit holds, and new commits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ls_dvc.errors import UserError

if TYPE_CHECKING:
    from git import Repo


def require(folder: Path) -> None:
    """`UserError` unless `folder` lies in a git repository."""
    if find(folder) is None:
        raise UserError(f"{folder} is not in a git repository", "run `git init` first")


def committed_text(path: Path) -> str | None:
    """What the file at `path` holds in the current commit; None when it is not in it."""
    repo = find(path.parent)
    if repo is None or not repo.head.is_valid():
        return None
    relative = path.resolve().relative_to(Path(repo.working_dir).resolve()).as_posix()
    if not repo.git.ls_tree("HEAD", "--", relative):
        return None
    return str(repo.git.show(f"HEAD:{relative}"))


def find(folder: Path) -> Repo | None:
    """The repository around `folder`, if there is one."""
    from git import Repo
    from git.exc import InvalidGitRepositoryError, NoSuchPathError

    try:
        return Repo(folder, search_parent_directories=True)
    except (InvalidGitRepositoryError, NoSuchPathError):
        return None
