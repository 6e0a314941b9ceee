"""Use case: the page of a change, a file of HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ls_dvc import labeldiff
from ls_dvc.commands import page_file
from ls_dvc.commands.diff import OpenVersions, open_versions
from ls_dvc.commands.page_file import ImageRoom
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
from ls_dvc.media.thumbnails import SIDE, thumbnail
from ls_dvc.pages.change_page import ChangePage, render
from ls_dvc.pages.scenes import TaskScene
from ls_dvc.pages.task_scenes import ScenePlan, task_scene
from ls_dvc.progress import Reporter
from ls_dvc.snapshot import media_map, snapshot_folder
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace


@dataclass(frozen=True)
class PageResult:
    """A page that was written: tasks and images in it, those left out, its size in bytes."""

    path: Path
    tasks: int
    images: int
    tasks_left_out: int
    images_left_out: int
    size: int


def write_diff_page(
    workspace: Workspace,
    a: str,
    b: str | None,
    path: Path,
    max_size: int,
    report: Reporter,
    *,
    images: bool = True,
) -> PageResult:
    """Write the page of what differs between commit `a` and commit `b` (None: the workspace).

    It has `max_size` bytes at most: the tasks first, the most changed ones before others, then
    thumbnails of their pinned images, if `images` are wanted. No server is asked.
    """
    page_file.require_writable(path)
    with open_versions(workspace, a, b) as versions:
        pairs = list(labeldiff.differing_tasks(versions.before, versions.after))
        diff = labeldiff.compare(versions.before, versions.after, pairs)
        known = config_of(versions.after, versions.before)
        plan = ScenePlan(known.config, _splits(workspace))
        scenes = sorted(
            scenes_of(diff.tasks, pairs, versions, plan),
            key=lambda scene: (-scene.weight, scene.task),
        )
    link = web_link(versions.version)
    page = ChangePage(diff, versions.names, scenes, link, known.warnings)
    thumbnails = Thumbnails(workspace, versions.version, report)
    rendered = render(page, max_size, thumbnails.of if images else lambda *_: {})
    page_file.write_page(path, rendered.content)
    return PageResult(
        path=path,
        tasks=rendered.tasks,
        images=len(rendered.images),
        tasks_left_out=len(scenes) - rendered.tasks,
        images_left_out=len(wanted_images(scenes[: rendered.tasks])) - len(rendered.images)
        if images
        else 0,
        size=len(rendered.content),
    )


@dataclass(frozen=True)
class KnownConfig:
    """The label config of a page, and what to say on it about one that cannot be read."""

    config: LabelConfig
    warnings: tuple[str, ...] = ()


def config_of(*folders: SnapshotFolder) -> KnownConfig:
    """The label config of the first of these that has one that can be read."""
    warnings: list[str] = []
    for folder in folders:
        if snapshot_folder.LABEL_CONFIG in folder.manifest.files:
            try:
                config = label_config.parse(folder.config(), "the label config")
            except LsDvcError as error:
                warnings.append(f"{error}: images, texts and recordings may be missing here")
                continue
            return KnownConfig(config, tuple(warnings))
    return KnownConfig(LabelConfig({}, {}), tuple(warnings))


def _splits(workspace: Workspace) -> Callable[[Task], str]:
    split = workspace.params.policy.split
    return (lambda task: split_of(task, split)) if split is not None else (lambda _: "")


def web_link(version: Version) -> Callable[[int], str] | None:
    """The address of a task; none where a pin names no web address."""
    return version.pin.link if version.pin.url.startswith(("http://", "https://")) else None


def scenes_of(
    changes: Sequence[TaskChange], pairs: Sequence[TaskPair], opened: OpenVersions, plan: ScenePlan
) -> Iterator[TaskScene]:
    """The scene of each change; `pairs` are the tasks that differ."""
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


def wanted_images(scenes: Sequence[TaskScene]) -> dict[str, MediaEntry]:
    """The pinned images of scenes by their MD5, those of the first scenes first."""
    return {
        image.file.md5: MediaEntry(scene.task, image.name, None, image.address, image.file)
        for scene in reversed(scenes)
        for image in scene.images
        if image.file
    }


@dataclass(frozen=True)
class Thumbnails:
    """Makes the thumbnails of a version's images, with `side` pixels at most.

    `is_local`: of the images on this machine alone; no remote is asked.
    """

    workspace: Workspace
    version: Version
    report: Reporter
    side: int = SIDE
    is_local: bool = False

    def of(self, scenes: Sequence[TaskScene], room: int) -> Mapping[str, bytes]:
        """The thumbnails of scenes by MD5, as many as fit into `room` bytes of a page."""
        wanted, left = wanted_images(scenes), ImageRoom(room)
        made: dict[str, bytes] = {}
        if not wanted:
            return made
        sources = MediaSources(self.workspace, self.version, self.report, is_local=self.is_local)
        for file, content in sources.opened(reversed(wanted.values())):
            small = thumbnail(content, file.type, self.side)
            if small and not left.take(small):
                break
            if small:
                made[file.md5] = small
        return made
