"""Which files in data/snapshot, data/media and data/dataset ls-dvc wrote, by their names.

The manifest of data/snapshot lists its files. data/media names them by their hash. The manifest of
data/dataset has one digest for each format, so names come from a list that `convert` leaves in the
side cache, from DVC's listing of the same data set, or from reading all of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ls_dvc.convert import dataset_folder
from ls_dvc.errors import LsDvcError
from ls_dvc.history import log
from ls_dvc.history.snapshot_sources import dvc_store
from ls_dvc.history.version import Version, version_of_commit
from ls_dvc.io import temporary, yaml_files
from ls_dvc.io.files import is_there, md5, write_atomically
from ls_dvc.io.strict_values import SHA256, matching, sequence, text
from ls_dvc.repo import dvc_lock, git
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.snapshot.manifest import MANIFEST
from ls_dvc.workspace import Workspace

BY_THE_WAY = (".DS_Store", "Thumbs.db", "desktop.ini")  # file managers leave these anywhere
_MEDIA = re.compile(r"[0-9a-f]{2}/[0-9a-f]{30}(\.\w+)?|\d{10}\.tar")
_VERSIONS = 3  # of the same labels, in which DVC's listing is looked for


def names_in(folder: Path) -> Iterator[str]:
    """The relative paths of files below `folder`, but for what trainers and file managers leave.

    A link is a file, whatever it leads to.
    """
    waiting = [""] if folder.is_dir() else []
    while waiting:
        below = waiting.pop()
        with os.scandir(folder / below) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{below}{entry.name}/")
                elif not entry.name.endswith(dataset_folder.CACHE) and entry.name not in BY_THE_WAY:
                    yield f"{below}{entry.name}"


def foreign_in_snapshot(workspace: Workspace) -> list[str]:
    """The names in data/snapshot that are not in its manifest, nor in the version of dvc.lock."""
    recorded = _Recorded(workspace, workspace.snapshot)
    return recorded.certain(_foreign_in_snapshot(workspace, recorded))


def _foreign_in_snapshot(workspace: Workspace, recorded: _Recorded) -> list[str]:
    found = set(names_in(workspace.snapshot))
    try:
        known = {MANIFEST, *snapshot_folder.read(workspace.snapshot).manifest.files}
    except LsDvcError:  # a run that was killed may have left a part of the folder
        return sorted(found - recorded.names.keys())
    return sorted(filter(recorded.is_other, found - known))


def foreign_in_media(workspace: Workspace) -> list[str]:
    """The names in data/media that are not those of media."""
    return sorted(name for name in names_in(workspace.media) if not _MEDIA.fullmatch(name))


def foreign_in_dataset(workspace: Workspace) -> list[str]:
    """The names in data/dataset that ls-dvc did not write.

    All that are in no list, or all at all, if the files are not those of the manifest and it is
    not known which were.
    """
    recorded = _Recorded(workspace, workspace.dataset)
    return recorded.certain(_foreign_in_dataset(workspace, recorded))


def _foreign_in_dataset(workspace: Workspace, recorded: _Recorded) -> list[str]:
    folder = workspace.dataset
    found = set(names_in(folder))
    if not found:
        return []
    written = _written(workspace)
    manifest = folder / dataset_folder.MANIFEST
    if not manifest.is_file():  # a run that was killed may have left a part of the folder
        return sorted(found - recorded.names.keys() - written.names)
    content = manifest.read_bytes()
    if written.manifest == _digest(content):
        return sorted(filter(recorded.is_other, found - written.names))
    listing = recorded.listing_with(content)
    if listing is not None:
        return sorted(filter(recorded.is_other, found - listing.keys()))
    if _is_whole(folder, found):
        return []
    return sorted(found - recorded.names.keys()) or sorted(found)


def is_recorded(workspace: Workspace, file: Path) -> bool:
    """Whether a file is the one that dvc.lock has by this name."""
    return md5(file) == _md5_in_lock(workspace, file)


def is_other_in_lock(workspace: Workspace, file: Path) -> bool:
    """Whether dvc.lock has another file by this name."""
    return _md5_in_lock(workspace, file) not in (None, md5(file))


def is_missing(workspace: Workspace, file: Path) -> bool:
    """Whether dvc.lock has a file by this name, and it is not there."""
    return not file.is_file() and _md5_in_lock(workspace, file) is not None


def remember(workspace: Workspace, dataset: Path) -> None:
    """Note the names in the new data set in the folder `dataset`, which is to become data/dataset.

    The list is of no use for another data set, and may be deleted at any time.
    """
    content = (dataset / dataset_folder.MANIFEST).read_bytes()
    document = {"manifest": _digest(content), "names": sorted(names_in(dataset))}
    temporary.sweep(_list_of(workspace).parent)
    write_atomically(_list_of(workspace), json.dumps(document).encode())


@dataclass(frozen=True)
class _Written:
    """The `names` in the data set whose manifest has this SHA-256."""

    manifest: str = ""
    names: frozenset[str] = frozenset()


def _written(workspace: Workspace) -> _Written:
    try:
        document = json.loads(_list_of(workspace).read_bytes())
        names = frozenset(map(text, sequence(document["names"])))
        return _Written(matching(SHA256, document["manifest"]), names)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return _Written()


def _list_of(workspace: Workspace) -> Path:
    return workspace.cache.root / "written" / f"{workspace.cache.owner}.json"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _is_whole(folder: Path, found: set[str]) -> bool:
    """Whether the files are those of the manifest, by reading every byte."""
    with suppress(LsDvcError):
        manifest = dataset_folder.read_manifest(folder)
        own = {dataset_folder.MANIFEST, *([dataset_folder.CARD] if manifest.card else [])}
        strange = {name for name in found if name.partition("/")[0] not in manifest.formats} - own
        return not strange and not dataset_folder.problems(folder, manifest.fingerprint)
    return False


def _md5_in_lock(workspace: Workspace, path: Path) -> str | None:
    lock, name = workspace.dvc_lock, path.relative_to(workspace.folder).as_posix()
    if not is_there(lock):
        return None
    outs = dvc_lock.outs(yaml_files.read_text(lock), str(lock))
    return next((out.md5 for out in outs if out.path == name), None)


class _Recorded:
    """What DVC recorded of a folder: its listing in the version of dvc.lock, and in others."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self._workspace, self._folder = workspace, folder
        self._unread: LsDvcError | None = None

    def certain(self, foreign: list[str]) -> list[str]:
        """The names that were found to be foreign; `LsDvcError` where a listing cannot be read."""
        if foreign and self._unread is not None:
            raise LsDvcError(
                f"{self._folder} has files that ls-dvc may not have written ({foreign[0]}, "
                f"{len(foreign)} in all), and it cannot be looked up: {self._unread}",
                self._unread.hint,
            )
        return foreign

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The MD5 by name in the version of dvc.lock; nothing where DVC has no listing."""
        digest = _md5_in_lock(self._workspace, self._folder)
        return self._listing(digest) if digest else {}

    def is_other(self, name: str) -> bool:
        """Whether this is not a file of that version; an interrupted checkout leaves such files."""
        path = self._folder / name
        return path.is_symlink() or name not in self.names or md5(path) != self.names[name]

    def listing_with(self, manifest: bytes) -> Mapping[str, str] | None:
        """The listing of the data set with this manifest."""
        wanted = hashlib.md5(manifest, usedforsecurity=False).hexdigest()
        for listing in self._listings(manifest):
            if listing.get(dataset_folder.MANIFEST) == wanted:
                return listing
        return None

    def _listings(self, manifest: bytes) -> Iterator[Mapping[str, str]]:
        yield self.names
        with suppress(LsDvcError):
            made_from = dataset_folder.parse_manifest(manifest, "").fingerprint
            for md5_of_listing in self._committed(made_from):
                yield self._listing(md5_of_listing)

    def _committed(self, made_from: str) -> list[str]:
        """The objects that are listings of data sets of these labels, by what git knows."""
        folder, versions = self._workspace.folder, list[Version]()
        try:
            entries = log.log(folder) if git.head(folder) is not None else []
            those = [entry for entry in entries if entry.fingerprint == made_from][:_VERSIONS]
            versions += [version_of_commit(self._workspace, entry.rev) for entry in those]
        except LsDvcError as error:
            self._unread = error
        return [version.dataset.md5 for version in versions if version.dataset is not None]

    def _listing(self, digest: str) -> Mapping[str, str]:
        """Nothing where DVC does not have it; what cannot be read, is remembered."""
        try:
            return dvc_store(self._workspace).listing(digest)
        except FileNotFoundError:
            return {}
        except LsDvcError as error:
            self._unread = error
            return {}
