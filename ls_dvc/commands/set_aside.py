"""Folders that DVC links to its cache, out of its sight until the stage that replaces them runs.

DVC unlinks a `persist` out before its stage: it copies every file that is a link, all media at each
change. A folder that is not there costs nothing, so the stage before renames it, and the stage that
writes it has it back before it looks at anything.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ls_dvc.commands import foreign_files
from ls_dvc.commands.own_files import names_in
from ls_dvc.errors import LsDvcError
from ls_dvc.io.files import TEMPORARY
from ls_dvc.workspace import Workspace

_LOOKED_AT = 100  # files of a folder: DVC links all of them, or none


def for_next_stage(workspace: Workspace, *, with_media: bool) -> None:
    """Set aside what the next stage of the same `dvc repro` replaces: data/media or data/dataset.

    Only what DVC linked, and only where there is nothing that ls-dvc did not write.
    """
    if not os.environ.get("DVC_STAGE"):
        return
    if with_media:
        _set_aside(workspace.media, lambda: foreign_files.require_none_in_media(workspace))
    else:
        _set_aside(workspace.dataset, lambda: foreign_files.require_none_in_dataset(workspace))


def take_back(folder: Path) -> None:
    """Undo it. What lies there now stays: then somebody else has restored the folder."""
    aside = _aside(folder)
    if not aside.is_dir():
        return
    if folder.exists():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.replace(folder)


def _set_aside(folder: Path, require_none: Callable[[], None]) -> None:
    if folder.is_symlink() or not _is_linked(folder):
        return
    with suppress(LsDvcError):
        require_none()
        shutil.rmtree(_aside(folder), ignore_errors=True)
        folder.replace(_aside(folder))


def _is_linked(folder: Path) -> bool:
    return any((folder / name).stat().st_nlink > 1 for name in islice(names_in(folder), _LOOKED_AT))


def _aside(folder: Path) -> Path:
    return folder.with_name(f"{TEMPORARY}aside-{folder.name}")
