"""The media that convert puts into formats, and what that costs on this disk."""

from __future__ import annotations

from ls_dvc.errors import LsDvcError
from ls_dvc.history.snapshot_sources import dvc_store
from ls_dvc.io.byte_sizes import in_units
from ls_dvc.media.folder import MediaFolder
from ls_dvc.progress import Reporter
from ls_dvc.repo import dvc
from ls_dvc.snapshot import media_map
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace


def of_snapshot(workspace: Workspace, folder: SnapshotFolder) -> MediaFolder | None:
    """data/media, if the labels in `folder` come with media; `LsDvcError` when it is not there."""
    if not media_map.has_media(folder):
        return None
    if not workspace.media.is_dir():
        raise LsDvcError(
            f"{workspace.media} is missing, and these labels come with media",
            "run `dvc repro`, which runs `ls-dvc media` first (`ls-dvc init` adds that stage)",
        )
    return MediaFolder(workspace.media, workspace.media_store.verified)


def say_what_is_double(workspace: Workspace, media: MediaFolder, report: Reporter) -> None:
    """One line if the disk has the same bytes more than once, with the setting that changes that.

    Where files are links, DVC replaces them by copies unless its `cache.type` has hardlinks.
    """
    size = media.placed["copy"]
    if media.placed["hardlink"]:
        kinds = dvc.cache_type(workspace.folder).split(",")
        size += 0 if {"hardlink", "symlink"} & {*kinds} else media.placed["hardlink"]
    if size == 0:
        return
    why = (
        "data/media holds archives (label_studio.media.layout: tar)"
        if media.layout == "tar"
        else "this disk has no reflinks, and DVC copies files: "
        "`dvc config cache.type reflink,hardlink,copy` makes them links"
    )
    report.say(f"{in_units(size)} of media are in {workspace.dataset} a second time: {why}")


def drop_copies(workspace: Workspace, folder: SnapshotFolder) -> None:
    """Remove from the media store what DVC's cache has, whole, since the stage `media` ended."""
    store = workspace.media_store
    copies = (file for file in media_map.distinct_files(folder) if store.path(file.md5).exists())
    objects = dvc_store(workspace)
    for file in copies:
        if store.verified.is_whole(objects.cache_path(file.md5), file.md5, file.size):
            store.path(file.md5).unlink(missing_ok=True)
