"""The media of any version, in a folder for as long as they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ls_dvc.history.media_places import dvc_kinds
from ls_dvc.history.media_sources import MediaSources
from ls_dvc.io import temporary
from ls_dvc.media import layout
from ls_dvc.media.folder import MediaFolder
from ls_dvc.snapshot import media_map
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace


@contextmanager
def gathered(
    workspace: Workspace, folder: SnapshotFolder, sources: MediaSources
) -> Iterator[MediaFolder | None]:
    """The media of any version in a temporary folder; None if its labels come without media.

    `UnavailableError` names the first that no source has.
    """
    if not media_map.has_media(folder):
        yield None
        return
    with temporary.new_folder(workspace.media_store.root / "gathered") as media:
        layout.write(media, sources.located(lambda: media_map.entries(folder)), "loose")
        yield MediaFolder(media, workspace.media_store.verified, dvc_kinds(workspace))
