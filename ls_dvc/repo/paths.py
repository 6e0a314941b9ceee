"""Which folders matter: the DVC repository, the side cache, the lock of a data set."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ls_dvc.errors import LsDvcError


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
    raise LsDvcError(f"{folder} is not in a DVC repository", "run `git init` and `dvc init` first")
