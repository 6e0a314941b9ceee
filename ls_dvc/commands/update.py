"""Use case: update labels.lock if an update is due."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from ls_dvc.commands import lost_pin
from ls_dvc.convert import writers
from ls_dvc.errors import LsDvcError
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.version import version_at
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.progress import Reporter
from ls_dvc.server.interface import Server
from ls_dvc.settings.media import NO_MEDIA
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.workspace import Workspace

if TYPE_CHECKING:
    from ls_dvc.update import MediaUpdate, UpdateOptions


def move_pin(
    workspace: Workspace, server: Server, options: UpdateOptions, report: Reporter, now: str
) -> Pin:
    """Update labels.lock if an update is due; the pin that is in it afterwards."""
    from ls_dvc.update import update

    with workspace.writing():
        old = lockfile.find(workspace.pin)
        if old is None:
            lost_pin.require_none(workspace)
        same = old if old is not None and old.project_id == workspace.params.project_id else None
        with ExitStack() as stack:  # it is closed before the pin moves: that may fail, too
            options = replace(
                options,
                pinned=lambda: _opened(workspace, stack, None),
                base=lambda: _opened(workspace, stack, "HEAD"),
                renames=workspace.params.classes.rename,
                served=workspace.params.served,
                media=media_update(workspace, server, options),
            )
            updated = update(server, same, workspace.cache, options, report, now)
        pin = writers.stamped(updated, workspace.params.encoded_formats)
        if old is not None and updated == old != pin:
            report.say(f"{lockfile.NAME} now names the format writers of ls-dvc {pin.ls_dvc}")
        if pin != old:
            lockfile.write(workspace.pin, pin)
        return pin


def media_update(
    workspace: Workspace, server: Server, options: UpdateOptions
) -> MediaUpdate | None:
    """Which media the settings want; none of them where the options say so."""
    from ls_dvc.media.fetch import Fetcher
    from ls_dvc.update import MediaUpdate

    settings = workspace.params.fetched_media
    if settings is None:
        return None
    if options.without_media:
        settings = NO_MEDIA
    store, project = workspace.media_store, workspace.params.project_id
    fetcher = Fetcher(server, settings, workspace.folder, project, store)
    return MediaUpdate(settings, store, fetcher)


def _opened(
    workspace: Workspace, stack: ExitStack, rev: str | None
) -> snapshot_folder.SnapshotFolder | None:
    """The labels of a commit, or of the workspace, if available locally; closed with `stack`."""
    try:
        return stack.enter_context(open_snapshot(workspace, version_at(workspace, rev)))
    except LsDvcError:
        return None
