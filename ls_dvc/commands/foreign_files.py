"""Files in data/snapshot and data/dataset that ls-dvc did not write: no command deletes them.

People save images where data.yaml says that they belong. Both folders are replaced as a whole when
their stage runs, so commands look here first and refuse.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ls_dvc.convert import dataset_folder
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.repo import dvc_lock
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.snapshot.manifest import MANIFEST
from ls_dvc.workspace import Workspace

SHOWN = 10
CACHES = ".cache"  # trainers write these next to labels; they are of no use with other labels


def require_none_in_snapshot(workspace: Workspace) -> None:
    """`LsDvcError` names the first files in data/snapshot that ls-dvc did not write."""
    _require_none(workspace.snapshot, _in_snapshot(workspace))


def require_none_in_dataset(workspace: Workspace) -> None:
    """The same of data/dataset."""
    _require_none(workspace.dataset, _in_dataset(workspace))


def _require_none(folder: Path, foreign: Iterator[Path]) -> None:
    first = [path.relative_to(folder) for path in islice(foreign, SHOWN + 1)]
    if not first:
        return
    listed = [f"  {path}" for path in first[:SHOWN]] + ["  …"] * (len(first) > SHOWN)
    raise LsDvcError(
        "\n".join([f"{folder} has files that ls-dvc did not write and would delete:", *listed]),
        f"move them out of {folder}",
    )


def _in_snapshot(workspace: Workspace) -> Iterator[Path]:
    folder = workspace.snapshot
    try:
        known = {MANIFEST, *snapshot_folder.read(folder).manifest.files}
    except LsDvcError:  # a run that was killed may have left a part of the folder
        return _unlisted(workspace, folder, _files(folder))
    return (path for path in _files(folder) if path.relative_to(folder).as_posix() not in known)


def _in_dataset(workspace: Workspace) -> Iterator[Path]:
    """The manifest has the number of files of each format; which they are, DVC's listing has."""
    folder = workspace.dataset
    try:
        manifest = dataset_folder.read_manifest(folder)
    except LsDvcError:
        yield from _unlisted(workspace, folder, _files(folder))
        return
    own = {dataset_folder.MANIFEST, *([dataset_folder.CARD] if manifest.card else [])}
    for entry in sorted(folder.iterdir()):
        if entry.name in manifest.formats:
            files = list(_files(entry))
            if len(files) > manifest.formats[entry.name].files:
                yield from _unlisted(workspace, folder, files)
        elif entry.name not in own:
            yield from _files(entry) if entry.is_dir() else [entry]


def _unlisted(workspace: Workspace, folder: Path, files: Iterable[Path]) -> Iterator[Path]:
    """Those of `files` that are not in DVC's listing of `folder`; all where it has no listing."""
    known = _listing(workspace, folder.relative_to(workspace.folder).as_posix())
    return (path for path in files if path.relative_to(folder).as_posix() not in known)


def _listing(workspace: Workspace, path: str) -> Collection[str]:
    from ls_dvc.history.snapshot_sources import dvc_store

    if not workspace.dvc_lock.is_file():
        return ()
    outs = dvc_lock.outs(yaml_files.read_text(workspace.dvc_lock), str(workspace.dvc_lock))
    for out in outs:
        if out.path == path:
            with suppress(FileNotFoundError):
                return dvc_store(workspace).listing(out.md5)
    return ()


def _files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        if (path.is_symlink() or path.is_file()) and path.suffix != CACHES:
            yield path
