"""The only room that speaks with git and DVC."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ls_dvc import yamlfile
from ls_dvc.errors import UserError

if TYPE_CHECKING:
    from git import Repo

PIN = "labels.lock"
DVC_LOCK = "dvc.lock"


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
    for each in (folder, *folder.parents):
        if (each / ".dvc").is_dir():
            return each
    raise UserError(f"{folder} is not in a DVC repository", "run `git init` and `dvc init` first")


def require(folder: Path) -> None:
    """`UserError` unless `folder` lies in a repository of both git and DVC."""
    if _git(folder) is None:
        raise UserError(f"{folder} is not in a git repository", "run `git init` first")
    dvc_root(folder)


def recorded_fingerprint(folder: Path) -> str | None:
    """The fingerprint that dvc.lock says the data was made from, if it says so."""
    path = folder / DVC_LOCK
    if not path.is_file():
        return None
    document = yamlfile.load(path)
    stages = document.get("stages") if isinstance(document, Mapping) else None
    for stage in (stages or {}).values():
        found = _fingerprint_of(stage)
        if found:
            return found
    return None


def committed_text(path: Path) -> str | None:
    """What the file at `path` holds in the current commit; None when it is not in it."""
    repo = _git(path.parent)
    if repo is None or not repo.head.is_valid():
        return None
    relative = path.resolve().relative_to(Path(repo.working_dir).resolve()).as_posix()
    if not repo.git.ls_tree("HEAD", "--", relative):
        return None
    return str(repo.git.show(f"HEAD:{relative}"))


def _fingerprint_of(stage: Any) -> str | None:
    params = stage.get("params") if isinstance(stage, Mapping) else None
    pinned = params.get(PIN) if isinstance(params, Mapping) else None
    found = pinned.get("fingerprint") if isinstance(pinned, Mapping) else None
    return str(found) if found else None


def _git(folder: Path) -> Repo | None:
    from git import Repo
    from git.exc import InvalidGitRepositoryError, NoSuchPathError

    try:
        return Repo(folder, search_parent_directories=True)
    except (InvalidGitRepositoryError, NoSuchPathError):
        return None
