"""Use case: the page of a change, a file of HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ls_dvc import labeldiff
from ls_dvc.commands import page_file
from ls_dvc.commands.diff import OpenVersions, open_versions
from ls_dvc.errors import LsDvcError
from ls_dvc.history.media_sources import MediaSources
from ls_dvc.history.version import Version
from ls_dvc.labeldiff.diff import TaskPair
from ls_dvc.labeldiff.task_changes import TaskChange
from ls_dvc.labels import label_config
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.media import MediaEntry, TaskMedia
from ls_dvc.labels.shards import start_of
from ls_dvc.labels.splits import split_of
from ls_dvc.media.thumbnails import thumbnail
from ls_dvc.pages.change_page import ChangePage, render
from ls_dvc.pages.scenes import TaskScene
from ls_dvc.pages.task_scenes import ScenePlan, task_scene
from ls_dvc.progress import Reporter
from ls_dvc.snapshot import media_map, snapshot_folder
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace

GROWTH = 4 / 3  # of bytes that are written as base64
_TAG = 100  # bytes around each image


@dataclass(frozen=True)
class PageResult:
    """A page that was written: tasks in it, images in it, its size in bytes."""

    path: Path
    tasks: int
    images: int
    left_out: int
    size: int


def write_diff_page(
    workspace: Workspace, a: str, b: str | None, path: Path, max_size: int, report: Reporter
) -> PageResult:
    """Write the page of what differs between commit `a` and commit `b` (None: the workspace).

    It has thumbnails of pinned images up to `max_size` bytes in all, those of the most changed
    tasks first. No server is asked.
    """
    page_file.require_writable(path)
    with open_versions(workspace, a, b) as versions:
        pairs = list(labeldiff.differing_tasks(versions.before, versions.after))
        diff = labeldiff.compare(versions.before, versions.after, pairs)
        config = config_of(versions.after, versions.before)
        plan = ScenePlan(config, _splits(workspace))
        scenes = sorted(
            _scenes(diff.tasks, pairs, versions, plan),
            key=lambda scene: (-scene.weight, scene.task),
        )
    page = ChangePage(diff, versions.names, scenes, web_link(versions.version))
    room = max_size - len(render(page, {}))
    thumbnails, left_out = _thumbnails(workspace, versions.version, scenes, room, report)
    content = render(page, thumbnails)
    page_file.write_page(path, content)
    return PageResult(path, len(scenes), len(thumbnails), left_out, len(content))


def config_of(*folders: SnapshotFolder) -> LabelConfig:
    """The label config of the first of these that has one that can be read."""
    for folder in folders:
        if snapshot_folder.LABEL_CONFIG in folder.manifest.files:
            with suppress(LsDvcError):
                return label_config.parse(folder.config(), "the label config")
    return LabelConfig({}, {})


def _splits(workspace: Workspace) -> Callable[[Task], str]:
    split = workspace.params.policy.split
    return (lambda task: split_of(task, split)) if split is not None else (lambda _: "")


def web_link(version: Version) -> Callable[[int], str] | None:
    """The address of a task; none where a pin names no web address."""
    return version.pin.link if version.pin.url.startswith(("http://", "https://")) else None


def _scenes(
    changes: Sequence[TaskChange], pairs: Sequence[TaskPair], opened: OpenVersions, plan: ScenePlan
) -> Iterator[TaskScene]:
    old, new = opened.before, opened.after
    versions = {(after or before or {})["id"]: (before, after) for before, after in pairs}
    media = MediaOfTasks(new, old)
    for change in changes:
        before, after = versions.get(change.task) or (old.task(change.task), new.task(change.task))
        yield task_scene(change, before, after, media.of(change.task), plan)


class MediaOfTasks:
    """The media of tasks by address, a part of the map in memory at a time."""

    def __init__(self, *folders: SnapshotFolder) -> None:
        self._folders = folders
        self._start, self._entries = -1, dict[int, dict[str, MediaEntry]]()

    def of(self, task: int) -> TaskMedia:
        """What the newer version shows, then the older one."""
        if start_of(task) != self._start:
            self._start, self._entries = start_of(task), {}
            name = media_map.shard_name(self._start)
            for folder in self._folders:
                for entry in (
                    media_map.entries_in(folder, name) if name in folder.manifest.files else ()
                ):
                    self._entries.setdefault(entry.task, {}).setdefault(entry.address, entry)
        return self._entries.get(task, {})


def _thumbnails(
    workspace: Workspace, version: Version, scenes: Sequence[TaskScene], room: int, report: Reporter
) -> tuple[Mapping[str, bytes], int]:
    """The thumbnails that fit, and how many images have none."""
    wanted = {
        image.file.md5: MediaEntry(scene.task, image.name, None, image.address, image.file)
        for scene in reversed(scenes)
        for image in scene.images
        if image.file
    }
    made: dict[str, bytes] = {}
    sources = MediaSources(workspace, version, report) if wanted else None
    for file, content in sources.opened(reversed(wanted.values())) if sources else ():
        small = thumbnail(content, file.type)
        room -= int(len(small) * GROWTH) + _TAG if small else 0
        if room < 0:
            break
        if small:
            made[file.md5] = small
    return made, len(wanted) - len(made)
