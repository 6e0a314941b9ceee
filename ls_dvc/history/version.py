"""The labels of a commit, or of the workspace: which pin, and the snapshot folder it stands for."""

from __future__ import annotations

import posixpath
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from ls_dvc.errors import LsDvcError, RemoteError
from ls_dvc.io import yaml_files
from ls_dvc.io.files import TEMPORARY
from ls_dvc.pin import lockfile
from ls_dvc.pin.lockfile import Pin
from ls_dvc.repo import dvc_lock, git, paths
from ls_dvc.repo.dvc import DvcStore, StoredSnapshot
from ls_dvc.repo.dvc_lock import DvcOut
from ls_dvc.settings import params
from ls_dvc.snapshot import folder as shards
from ls_dvc.snapshot import replay, server_formats
from ls_dvc.snapshot.folder import SnapshotFolder
from ls_dvc.workspace import Workspace

WORKSPACE = "workspace"
NOTHING = SnapshotFolder(
    shards.FolderOnDisk(Path("nothing")), shards.Manifest({})
)  # what a first version is against


class UnpinnedError(LsDvcError):
    """A commit that exists pins no labels."""


@dataclass(frozen=True)
class Version:
    """One version of a data set. `rev` is the full hash of a commit, empty for the workspace.

    `name` is what the user called it; `data` and `reports` are the folders of its settings;
    `outs` is what DVC made of it, by its path.
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
    def dataset(self) -> DvcOut | None:
        """data/dataset, likewise."""
        return self.outs.get(f"{self.data}/dataset")


def at(place: Workspace, rev: str | None) -> Version:
    """The version of a commit, or of the workspace for None; `LsDvcError` when it pins nothing."""
    return workspace(place) if rev is None else committed(place, rev)


def workspace(place: Workspace) -> Version:
    """What the files here say, committed or not."""
    settings = place.params.plain()
    recorded = yaml_files.read_text(place.dvc_lock) if place.dvc_lock.is_file() else ""
    pin = lockfile.find(place.pin)
    if pin is None:
        raise UnpinnedError(f"{place.pin} pins nothing yet", "`dvc repro` or `ls-dvc update` does")
    return _version(WORKSPACE, "", pin, settings, recorded)


def committed(place: Workspace, rev: str) -> Version:
    """What a commit says, wherever its folder was then."""
    full = git.resolve(place.folder, rev)
    folder = git.folder_at(place.folder, full, place.pin)
    if folder is not None:
        (found,) = of_commits(place, [(rev, full, folder)])
        if found is not None:
            return found
    raise UnpinnedError(
        f"{rev} pins no labels in {place.folder}", "`ls-dvc log` lists the versions there are"
    )


def of_commits(place: Workspace, commits: Sequence[tuple[str, str, str]]) -> list[Version | None]:
    """The versions of many commits by one process of git; None where nothing is pinned.

    A commit is what to call it, its full hash, and the data set's folder in it, relative to the
    root of the git repository.
    """
    names = (lockfile.NAME, params.NAME, dvc_lock.NAME)
    states = [(full, posixpath.join(folder, name)) for _, full, folder in commits for name in names]
    texts = iter(git.contents(place.folder, states))
    return [
        _of_texts(name, full, pinned or "", settings or "", recorded or "")
        for (name, full, _), pinned, settings, recorded in zip(
            commits, texts, texts, texts, strict=True
        )
    ]


def _of_texts(name: str, rev: str, pinned: str, settings: str, recorded: str) -> Version | None:
    where = f"{lockfile.NAME} in {name}"
    if not pinned or lockfile.is_empty(pinned, where):
        return None
    document = yaml_files.parse(settings, f"{params.NAME} in {name}")
    block = document.get(params.BLOCK) if isinstance(document, Mapping) else None
    found = dict(block) if isinstance(block, Mapping) else {}
    return _version(name, rev, lockfile.parse(pinned, where), found, recorded)


def _version(name: str, rev: str, pin: Pin, settings: dict[str, Any], recorded: str) -> Version:
    outs = dvc_lock.outs(recorded, f"{dvc_lock.NAME} in {name}") if recorded else []
    return Version(
        name=name,
        rev=rev,
        pin=pin,
        data=str(settings.get("data", "data")),
        reports=str(settings.get("reports", "reports")),
        settings=settings,
        outs={each.path: each for each in outs},
    )


def store(place: Workspace) -> DvcStore:
    """DVC's cache and remote for a data set."""
    return DvcStore(paths.dvc_root(place.folder))


@contextmanager
def opened(place: Workspace, version: Version) -> Iterator[SnapshotFolder]:
    """The snapshot folder of a version, from the nearest place that has it; no server is asked.

    That is the workspace, then DVC's cache and remote, then the raw snapshots in the side cache.
    `LsDvcError` says how to get it when it is in none of them.
    """
    found = ready(place, version)
    if found is not None:
        yield found
    elif _is_in_cache(place, version.pin):
        place.cache.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=place.cache.root) as name:
            yield _replayed(place, version.pin, Path(name))
    else:
        raise LsDvcError(
            f"the labels {version.pin.fingerprint[:12]} of {version.name} are not in the "
            "workspace, nor in DVC's cache or remote, nor in the side cache",
            _ways_out(version),
        )


def ready(place: Workspace, version: Version) -> SnapshotFolder | None:
    """The snapshot folder in the workspace, else in DVC's cache or remote; None if in neither."""
    return _in_workspace(place, version) or stored(place, version)


def stored(place: Workspace, version: Version) -> SnapshotFolder | None:
    """The snapshot folder in DVC's cache or remote, if it is there and fits the pin."""
    if version.snapshot is None:
        return None
    name = f"{version.snapshot.path} of {version.name}"
    return _fitting(StoredSnapshot(store(place), version.snapshot.md5, name), version)


def _ways_out(version: Version) -> str:
    if not version.rev:
        return "run `dvc repro`, which downloads what is pinned"
    if not version.pin.is_repeatable:
        return "no server can send them again; whoever has the data can `dvc push --all-commits` it"
    short = version.rev[:7]
    return (
        f"`git checkout {short} && dvc repro` downloads the pinned snapshots while the server has "
        "them; whoever has the data can `dvc push --all-commits` it to a remote"
    )


def _in_workspace(place: Workspace, version: Version) -> SnapshotFolder | None:
    return _fitting(shards.FolderOnDisk(place.snapshot), version)


def _fitting(source: shards.SnapshotSource, version: Version) -> SnapshotFolder | None:
    try:
        found = shards.read(source)
    except RemoteError:
        raise
    except LsDvcError:
        return None
    return found if found.fingerprint == version.pin.fingerprint else None


def _is_in_cache(place: Workspace, pin: Pin) -> bool:
    archives = [each.sha256 for each in pin.converted if each.sha256]
    held = place.cache.holds_archive
    return all(map(place.cache.holds, pin.snapshots)) and all(map(held, archives))


def _replayed(place: Workspace, pin: Pin, folder: Path) -> SnapshotFolder:
    tasks = replay.tasks(pin.snapshots, place.cache.path)
    beside = shards.companions(pin.label_config, pin.classes)
    written = server_formats.files(
        pin.converted, lambda each: place.cache.archive(each.sha256).read_bytes()
    )
    shards.write(folder, chain(replay.files(tasks), beside, written))
    return shards.read(folder)
