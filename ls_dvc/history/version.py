"""The version of a commit, or of the workspace: its pin, its settings, and its outs in DVC."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.io.files import is_there
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.repo import dvc_lock, git
from ls_dvc.repo.dvc_lock import DvcOut
from ls_dvc.settings import params
from ls_dvc.workspace import Workspace

WORKSPACE = "workspace"


class UnpinnedError(LsDvcError):
    """A commit pins no labels."""


@dataclass(frozen=True)
class Version:
    """One version of a data set. `rev` is the full hash of a commit, empty for the workspace.

    `name` is what the user called it; `data` and `reports` are the folders of its settings;
    `outs` are the outs that dvc.lock records for it, by path.
    """

    name: str
    rev: str
    pin: Pin
    data: str
    reports: str
    settings: dict[str, Any] = field(repr=False)
    outs: dict[str, DvcOut] = field(repr=False)

    @property
    def snapshot(self) -> DvcOut | None:
        """data/snapshot, if DVC holds it for this version."""
        return self.outs.get(f"{self.data}/snapshot")

    @property
    def media(self) -> DvcOut | None:
        """data/media, if DVC holds it for this version."""
        return self.outs.get(f"{self.data}/media")

    @property
    def dataset(self) -> DvcOut | None:
        """data/dataset, if DVC holds it for this version."""
        return self.outs.get(f"{self.data}/dataset")


def version_at(workspace: Workspace, rev: str | None) -> Version:
    """The version of a commit, or of the workspace for None; `LsDvcError` when it pins nothing."""
    return workspace_version(workspace) if rev is None else version_of_commit(workspace, rev)


def workspace_version(workspace: Workspace) -> Version:
    """The version of the files in the workspace, committed or not."""
    settings = workspace.params.plain()
    recorded = yaml_files.read_text(workspace.dvc_lock) if is_there(workspace.dvc_lock) else ""
    return _version(WORKSPACE, "", lockfile.require(workspace.pin), settings, recorded)


def version_of_commit(workspace: Workspace, rev: str) -> Version:
    """The version of a commit, wherever the data set's folder was then."""
    full = git.resolve(workspace.folder, rev)
    folder = git.folder_at(workspace.folder, full, workspace.pin)
    if folder is not None:
        (version,) = versions_of_commits(workspace, [(rev, full, folder)])
        if version is not None:
            return version
    raise UnpinnedError(
        f"{rev} pins no labels in {workspace.folder}", "run `ls-dvc log` to list the versions"
    )


def head_version(workspace: Workspace) -> Version | None:
    """The version of HEAD; None outside git, before the first commit, or where it pins nothing."""
    if git.head(workspace.folder) is None:
        return None
    try:
        return version_of_commit(workspace, "HEAD")
    except UnpinnedError:
        return None


def versions_of_commits(
    workspace: Workspace, commits: Sequence[tuple[str, str, str]]
) -> list[Version | None]:
    """The versions of many commits by one process of git; None where nothing is pinned.

    A commit is what to call it, its full hash, and the data set's folder in it, relative to the
    root of the git repository.
    """
    names = (lockfile.NAME, params.NAME, dvc_lock.NAME)
    states = [(full, posixpath.join(folder, name)) for _, full, folder in commits for name in names]
    texts = iter(git.contents(workspace.folder, states))
    return [
        version_of_texts(name, full, pinned or "", settings or "", recorded or "")
        for (name, full, _), pinned, settings, recorded in zip(
            commits, texts, texts, texts, strict=True
        )
    ]


def version_of_texts(
    name: str, rev: str, pinned: str, settings: str, recorded: str
) -> Version | None:
    """The version of the texts of labels.lock, params.yaml and dvc.lock; None if none is pinned."""
    where = f"{lockfile.NAME} in {name}"
    if not pinned or lockfile.is_empty(pinned, where):
        return None
    document = yaml_files.parse(settings, f"{params.NAME} in {name}")
    block = document.get(params.BLOCK) if isinstance(document, Mapping) else None
    values = dict(block) if isinstance(block, Mapping) else {}
    return _version(name, rev, lockfile.parse(pinned, where), values, recorded)


def _version(name: str, rev: str, pin: Pin, settings: dict[str, Any], recorded: str) -> Version:
    outs = dvc_lock.outs(recorded, f"{dvc_lock.NAME} in {name}") if recorded else []
    return Version(
        name=name,
        rev=rev,
        pin=pin,
        data=str(settings.get("data", "data")),
        reports=str(settings.get("reports", "reports")),
        settings=settings,
        outs={out.path: out for out in outs},
    )
