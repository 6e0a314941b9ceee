"""Symbolic links that git brought: a pull request could lead writing out of the repository."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.repo import paths
from ls_dvc.repo.git_command import Repository, find_repository

_IN_DVC = ("", "config", "cache", "tmp", "tmp/ls-dvc")
_PRIVATE = (".git", ".dvc")  # inside the repository, and none the less no place for data
_LINK = "120000"  # as git calls it in its index


def require_none(folder: Path, names: Iterable[str]) -> None:
    """`LsDvcError` if git tracks a link that leads files of a data set elsewhere.

    `names` are paths below `folder`; links of users, which git does not track, are their own.
    """
    repository = find_repository(folder)
    if repository is None:
        return
    inside = [folder / name for name in names]
    inside += [paths.dvc_root(folder) / ".dvc" / name for name in _IN_DVC]
    for path in {each for whole in inside for each in _steps(whole, repository.root)}:
        if path.is_symlink() and _is_tracked(repository, path) and leads_out(repository.root, path):
            raise LsDvcError(
                f"git brought the link {path}, which leads out of the repository's files",
                "check out another commit, or remove it; ls-dvc writes nothing through it",
            )


def _steps(path: Path, root: Path) -> Iterable[Path]:
    """The path and the folders above it, below the root."""
    return (each for each in (path, *path.parents) if each != root and each.is_relative_to(root))


def _is_tracked(repository: Repository, path: Path) -> bool:
    name = str(path.relative_to(repository.root))
    return repository.text("ls-files", "--stage", "--", name).startswith(_LINK)


def leads_out(root: Path, path: Path) -> bool:
    """Whether a path ends, through links, outside of a repository's files, or in git's or DVC's."""
    root, target = root.resolve(), path.resolve()
    if not target.is_relative_to(root):
        return True
    return any(part in _PRIVATE for part in target.relative_to(root).parts)
