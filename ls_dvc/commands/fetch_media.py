"""Use case: the stage `media`, from the media map in data/snapshot to data/media."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from ls_dvc.commands import foreign_files, set_aside, stage_inputs
from ls_dvc.commands.pinned_snapshot import read_snapshot
from ls_dvc.history.media_sources import BATCH, MediaSources
from ls_dvc.history.snapshot_sources import Connect
from ls_dvc.history.version import workspace_version
from ls_dvc.io import replacing
from ls_dvc.labels.media import MediaEntry, MediaFile
from ls_dvc.media import layout
from ls_dvc.media.folder import MediaFolder, problems
from ls_dvc.media.layout import LocatedFile, MediaLayout
from ls_dvc.pin import lockfile
from ls_dvc.progress import Reporter
from ls_dvc.snapshot import media_map
from ls_dvc.workspace import Workspace


@dataclass
class MediaResult:
    """What is in data/media: distinct files and their bytes. `made`: it was made, or made anew."""

    files: int = 0
    bytes: int = 0
    made: bool = False

    def counted(self, located: Iterable[LocatedFile]) -> Iterator[LocatedFile]:
        """The same files, counted as they pass."""
        for each in located:
            self.count(each.file)
            yield each

    def count(self, file: MediaFile) -> None:
        """One more file."""
        self.files += 1
        self.bytes += file.size


def fetch_media(
    workspace: Workspace,
    connect: Connect,
    report: Reporter,
) -> MediaResult:
    """Make data/media: every file that is pinned with the bytes that are pinned, or an error.

    Nothing is replaced before all files are there. A folder that is whole already stays. The
    server is asked only for what nothing else has.
    """
    with workspace.writing():
        return _fetch(workspace, connect, report)


def _fetch(workspace: Workspace, connect: Connect, report: Reporter) -> MediaResult:
    replacing.take_back(workspace.media)
    pin, snapshot = lockfile.find(workspace.pin), read_snapshot(workspace)
    foreign_files.require_none_in_media(workspace)

    def entries() -> Iterator[MediaEntry]:
        return media_map.entries(snapshot)

    wanted = media_layout(workspace)
    folder = MediaFolder(workspace.media, workspace.media_store.verified)
    result = MediaResult()
    if workspace.media.is_dir() and next(problems(folder, entries, wanted), None) is None:
        for file in media_map.distinct_files(snapshot):
            result.count(file)
        return result
    sources = MediaSources(workspace, workspace_version(workspace), report, connect)
    result.made = True

    def last_look() -> None:
        foreign_files.require_none_in_media(workspace)
        stage_inputs.require_unchanged(workspace, pin)

    with replacing.in_place_of(workspace.media, last_look) as outputs:
        layout.write(outputs.folder, result.counted(sources.located(entries)), wanted)
    set_aside.for_next_stage(workspace, with_media=False)
    _tidy(workspace, sources, entries(), report)
    return result


def media_layout(workspace: Workspace) -> MediaLayout:
    """How data/media is to be stored."""
    return workspace.params.media.layout if workspace.params.media else "loose"


def _tidy(
    workspace: Workspace, sources: MediaSources, entries: Iterable[MediaEntry], report: Reporter
) -> None:
    """Once all is in place: DVC's cache has each file once and undamaged, or not yet.

    What it has needs no copy in the media store. Objects that were changed in place are removed:
    DVC would take them for whole when it links the files of data/media from its cache.
    """
    first = iter(layout.first_entries(entries))
    while batch := list(islice(first, BATCH)):
        for md5 in sources.in_cache.find(batch).whole:
            workspace.media_store.path(md5).unlink(missing_ok=True)
    for md5 in sorted(sources.in_cache.damaged):
        path = sources.objects.cache_path(md5)
        report.say(f"warning: {path} was changed in place, and is removed: DVC gets it anew")
        sources.objects.remove_from_cache(md5)
