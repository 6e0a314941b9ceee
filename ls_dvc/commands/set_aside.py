"""Folders that DVC links to its cache, out of its sight until the stage that replaces them runs.

DVC unlinks a `persist` out before its stage: it copies every file that is a link, all media at each
change. A folder that is not there costs nothing, so the stage before renames it. The stage that
writes it has it back before it looks at anything, as has any other command after a run that broke.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ls_dvc.commands import foreign_files
from ls_dvc.commands.own_files import names_in
from ls_dvc.errors import LsDvcError
from ls_dvc.io import replacing, temporary
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


def _set_aside(folder: Path, require_none: Callable[[], None]) -> None:
    if folder.is_symlink() or not _is_linked(folder):
        return
    with suppress(LsDvcError):
        require_none()
        temporary.discard(replacing.aside(folder))
        folder.replace(replacing.aside(folder))


def _is_linked(folder: Path) -> bool:
    return any((folder / name).stat().st_nlink > 1 for name in islice(names_in(folder), _LOOKED_AT))
