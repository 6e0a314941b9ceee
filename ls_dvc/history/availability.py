"""Where the data of a version is: in the workspace, in DVC's cache, in its remote."""

from __future__ import annotations

from dataclasses import dataclass

from ls_dvc.history.version import Version
from ls_dvc.io import yaml_files
from ls_dvc.io.files import is_there
from ls_dvc.repo import dvc_lock
from ls_dvc.repo.dvc import DvcStore
from ls_dvc.repo.dvc_lock import DvcOut
from ls_dvc.workspace import Workspace


@dataclass(frozen=True)
class Availability:
    """An out of a version and which places have all of it. `size` in bytes.

    `remote` is None where no remote is configured.
    """

    path: str
    size: int
    files: int
    workspace: bool
    cache: bool
    remote: bool | None


def of(workspace: Workspace, version: Version, store: DvcStore) -> list[Availability]:
    """The availability of everything that the data set's stages made for a version.

    `RemoteError` when the remote cannot be asked.
    """
    present = _in_workspace(workspace)
    return [_availability(out, store, present) for out in version.outs.values()]


def _in_workspace(workspace: Workspace) -> dict[str, str]:
    """The MD5 that DVC recorded for each out that is in the workspace, by path."""
    if not is_there(workspace.dvc_lock):
        return {}
    text = yaml_files.read_text(workspace.dvc_lock)
    outs = dvc_lock.outs(text, str(workspace.dvc_lock))
    return {out.path: out.md5 for out in outs if (workspace.folder / out.path).exists()}


def _availability(out: DvcOut, store: DvcStore, present: dict[str, str]) -> Availability:
    workspace = present.get(out.path) == out.md5
    objects = _objects(out, store)
    if objects is None:
        remote = False if store.has_remote else None
        return Availability(out.path, out.size, out.files, workspace, cache=False, remote=remote)
    cache = store.in_cache(objects) == objects
    remote = store.in_remote(objects) == objects if store.has_remote else None
    return Availability(out.path, out.size, out.files, workspace, cache, remote)


def _objects(out: DvcOut, store: DvcStore) -> set[str] | None:
    """Every object that an out consists of; None when the list of them is in no place."""
    try:
        return {out.md5, *store.listing(out.md5).values()}
    except FileNotFoundError:
        return None
