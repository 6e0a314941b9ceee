"""Use case: one task of a version, drawn as a fragment of HTML."""

from __future__ import annotations

from typing import NamedTuple

from ls_dvc.commands.diff import open_versions
from ls_dvc.commands.diff_page import MediaOfTasks, Thumbnails, config_of
from ls_dvc.errors import LsDvcError
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.version import Version, version_at
from ls_dvc.labeldiff import task_changes
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.pages import fragments
from ls_dvc.pages.scenes import TaskScene
from ls_dvc.pages.task_scenes import ScenePlan, task_scene
from ls_dvc.pages.whole_scenes import whole_scene
from ls_dvc.progress import Silent
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace

_ROOM = 20_000_000  # bytes of a cell for images, far more than those of a task need


class DrawnTask(NamedTuple):
    """A task as a fragment of HTML, and in a line of plain text without characters of control."""

    html: str
    text: str


class _Seen(NamedTuple):
    """What is drawn of a task; `about` says of which version."""

    scene: TaskScene
    config: LabelConfig
    about: str


def draw_task(workspace: Workspace, task: int | Task, rev: str | None) -> DrawnTask:
    """A task of commit `rev` (None: the workspace) with its pinned images, as far as they are here.

    A task that is given whole is drawn as it is; a number is the id of one of that version.
    """
    version = version_at(workspace, rev)
    with open_snapshot(workspace, version) as folder:
        whole = _task(folder, task, version) if isinstance(task, int) else task
        config = config_of(folder).config
        scene = whole_scene(whole, config, MediaOfTasks(folder).of(whole["id"]))
    return _drawn(workspace, version, _Seen(scene, config, f"in {version.name}"))


def draw_change(workspace: Workspace, task_id: int, rev: str | None, since: str) -> DrawnTask:
    """What changed in a task from commit `since` to commit `rev` (None: the workspace)."""
    with open_versions(workspace, since, rev) as opened:
        old, new = opened.before.task(task_id), opened.after.task(task_id)
        if old is None and new is None:
            raise _absent(task_id, f"{since} and {opened.version.name}")
        config = config_of(opened.after, opened.before).config
        media = MediaOfTasks(opened.after, opened.before).of(task_id)
        change = task_changes(old, new)
        if change is None:
            scene = whole_scene(new or {}, config, media)
            about = f"in {opened.version.name}; unchanged since {since}"
        else:
            scene = task_scene(change, old, new, media, ScenePlan(config, lambda _: ""))
            about = f"{since} → {opened.version.name}"
    return _drawn(workspace, opened.version, _Seen(scene, config, about))


def _task(folder: SnapshotFolder, task_id: int, version: Version) -> Task:
    task = folder.task(task_id)
    if task is None:
        raise _absent(task_id, version.name)
    return task


def _absent(task_id: int, where: str) -> LsDvcError:
    return LsDvcError(
        f"there is no task {task_id} in {where}", "`ls_dvc.load()` lists the tasks of a version"
    )


def _drawn(workspace: Workspace, version: Version, seen: _Seen) -> DrawnTask:
    local = Thumbnails(workspace, version, Silent(), is_local=True)
    thumbnails = local.of([seen.scene], _ROOM)
    html = fragments.of_task(seen.scene, thumbnails, seen.config, seen.about)
    return DrawnTask(html, fragments.line_of_task(seen.scene, seen.about))
