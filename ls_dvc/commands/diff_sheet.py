"""Use case: the contact sheet of a change, an SVG of the most changed tasks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ls_dvc import labeldiff
from ls_dvc.commands import page_file
from ls_dvc.commands.diff import open_versions
from ls_dvc.commands.diff_page import Thumbnails, config_of, scenes_of
from ls_dvc.pages import contact_sheet
from ls_dvc.pages.contact_sheet import ContactSheet
from ls_dvc.pages.task_scenes import ScenePlan
from ls_dvc.progress import Reporter
from ls_dvc.workspace import Workspace

SIDE = 480  # pixels of an image, for screens that have more of them
_ROOM = 20_000_000  # bytes, far more than thumbnails of that size need


@dataclass(frozen=True)
class SheetResult:
    """A sheet that was written: tasks on it, of how many that differ; its size in bytes."""

    shown: int
    tasks: int
    size: int


def write_diff_sheet(
    workspace: Workspace, a: str, b: str | None, path: Path, report: Reporter, *, images: bool
) -> SheetResult:
    """Write the sheet of what differs between commit `a` and commit `b` (None: the workspace).

    `images`: thumbnails of pinned images are on it; else all is drawn on blanks. No server is
    asked.
    """
    page_file.require_writable(path)
    with open_versions(workspace, a, b) as versions:
        pairs = list(labeldiff.differing_tasks(versions.before, versions.after))
        diff = labeldiff.compare(versions.before, versions.after, pairs)
        ranked = sorted(diff.tasks, key=lambda change: (-change.weight, change.task))
        plan = ScenePlan(config_of(versions.after, versions.before).config, lambda _: "")
        chosen = ranked[: contact_sheet.MOST]
        scenes = list(scenes_of(chosen, pairs, versions, plan))
    small = Thumbnails(workspace, versions.version, report, SIDE)
    thumbnails = small.of(scenes, _ROOM) if images else {}
    content = contact_sheet.render(ContactSheet(diff, versions.names, scenes), thumbnails)
    page_file.write_page(path, content)
    return SheetResult(len(scenes), len(diff.tasks), len(content))
