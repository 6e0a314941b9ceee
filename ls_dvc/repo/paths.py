"""Which folders matter: the DVC repository, the side cache, the lock of a data set."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.repo import git
from ls_dvc.repo.git_command import find_repository


def side_cache(folder: Path) -> Path:
    """Where raw snapshots lie: in the DVC repository around `folder`.

    `dvc exp run --temp` works in a copy inside .dvc/tmp; its stages share the cache of the
    repository they were started in, which DVC names in the environment.
    """
    return Path(os.environ.get("DVC_ROOT") or dvc_root(folder)) / ".dvc" / "tmp" / "ls-dvc"


def lock_file(folder: Path) -> Path:
    """The file to lock while writing in `folder`; each data set of a repository has its own."""
    root = dvc_root(folder)
    name = hashlib.sha256(folder.relative_to(root).as_posix().encode()).hexdigest()[:16]
    return root / ".dvc" / "tmp" / "ls-dvc" / f"{name}.lock"


def dvc_root(folder: Path) -> Path:
    """The DVC repository around `folder`."""
    for path in (folder, *folder.parents):
        if (path / ".dvc").is_dir():
            return path
    config = _tracked_config(folder)
    if config is not None:
        raise LsDvcError(f"{config} is not in this checkout", git.how_to_get(config, ""))
    raise LsDvcError(f"{folder} is not in a DVC repository", "run `git init` and `dvc init` first")


def _tracked_config(folder: Path) -> Path | None:
    """DVC's file that git tracks, and that is not there."""
    repository = find_repository(folder)
    if repository is None:
        return None
    places = [each / ".dvc" / "config" for each in (folder, *folder.parents)]
    inside = [path for path in places if path.is_relative_to(repository.root)]
    return next((path for path in inside if git.how_to_get(path, "")), None)
