"""Media with other bytes than their names say: a hardlinked file that a program wrote into."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ls_dvc.history.version import Version
from ls_dvc.media.folder import MediaFolder, problems
from ls_dvc.media.verified import VerifiedFiles
from ls_dvc.repo.dvc import DvcStore
from ls_dvc.snapshot import media_map
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace


def in_workspace(workspace: Workspace, snapshot: SnapshotFolder) -> Iterator[str]:
    """What is wrong with data/media, by reading every byte of it."""
    if not media_map.has_media(snapshot):
        return
    if not workspace.media.is_dir():
        yield f"{workspace.media} is missing"
        return
    settings = workspace.params.media
    layout = settings.layout if settings else "loose"
    yield from problems(MediaFolder(workspace.media), lambda: media_map.entries(snapshot), layout)


def in_cache(version: Version, store: DvcStore, verified: VerifiedFiles) -> Iterator[Path]:
    """The objects of a version with media, in DVC's cache, that were changed in place.

    Those that `verified` knows are not read.
    """
    if version.pin.media is None:
        return
    for out in (version.media, version.dataset):
        if out is None:
            continue
        with suppress(FileNotFoundError):
            for md5 in sorted(set(store.listing(out.md5).values())):
                path = store.cache_path(md5)
                if path.exists() and not verified.is_whole(path, md5):
                    yield path
