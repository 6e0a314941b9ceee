"""Where the data of a version is: in the workspace, in DVC's cache, in its remote."""

from __future__ import annotations

from dataclasses import dataclass

from ls_dvc.history.version import Version
from ls_dvc.repo import dvc_lock
from ls_dvc.repo.dvc import DvcStore
from ls_dvc.repo.dvc_lock import DvcOut
from ls_dvc.workspace import Workspace


@dataclass(frozen=True)
class Availability:
    """An out of a version and who has it whole. `size` in bytes; `remote` None: there is none."""

    path: str
    size: int
    files: int
    workspace: bool
    cache: bool
    remote: bool | None


def of(workspace: Workspace, version: Version, store: DvcStore) -> list[Availability]:
    """The holdings of everything that the data set's stages made of a version."""
    here = _in_workspace(workspace)
    return [_holding(each, store, here=here) for each in version.outs.values()]


def _in_workspace(workspace: Workspace) -> dict[str, str]:
    """The MD5 that DVC recorded for what lies here, by path."""
    if not workspace.dvc_lock.is_file():
        return {}
    recorded = dvc_lock.outs(
        workspace.dvc_lock.read_text(encoding="utf-8"), str(workspace.dvc_lock)
    )
    return {each.path: each.md5 for each in recorded if (workspace.folder / each.path).exists()}


def _holding(out: DvcOut, store: DvcStore, *, here: dict[str, str]) -> Availability:
    workspace = here.get(out.path) == out.md5
    objects = _objects(out, store)
    if objects is None:
        remote = False if store.has_remote else None
        return Availability(out.path, out.size, out.files, workspace, cache=False, remote=remote)
    cache = store.in_cache(objects) == objects
    remote = store.in_remote(objects) == objects if store.has_remote else None
    return Availability(out.path, out.size, out.files, workspace, cache, remote)


def _objects(out: DvcOut, store: DvcStore) -> set[str] | None:
    """Every object that an out is made of; None when nobody has the list of them."""
    try:
        return {out.md5, *store.listing(out.md5).values()}
    except FileNotFoundError:
        return None
