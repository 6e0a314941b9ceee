"""A data set without a server: one of the pins that are kept, with or without its side cache."""

from __future__ import annotations

import shutil
from pathlib import Path

from ls_dvc.pin import lockfile
from support.workspace import Workspace, repository

LOCKS = Path(__file__).parents[1] / "locks"


def data_set(folder: Path, lock: str, *, cached: bool) -> Workspace:
    space = repository(folder)
    pin = lockfile.read(LOCKS / lock)
    space.path.joinpath("params.yaml").write_text(
        f"label_studio: {{url: '{pin.url}', project_id: {pin.project_id}, formats: [JSON]}}\n"
    )
    shutil.copy(LOCKS / lock, space.path / "labels.lock")
    if cached:
        fill_side_cache(space)
    return space


def fill_side_cache(space: Workspace) -> None:
    """With the export snapshots and archives of all pins that are kept."""
    for name in ("snapshots", "converted"):
        shutil.copytree(LOCKS / name, space.path / ".dvc/tmp/ls-dvc" / name)
