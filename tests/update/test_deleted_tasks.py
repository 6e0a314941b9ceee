"""A version in which nothing happened but that tasks went: its delta has no snapshot to name."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from support import workspace
from support.workspace import Workspace

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server.admin import Admin


def aged(studio: LocalServer, tasks: list[int]) -> None:
    """As if these tasks had last been touched long before now."""
    with closing(sqlite3.connect(studio.data_dir / "label_studio.sqlite3", timeout=30)) as database:
        for each in tasks:
            database.execute(
                "UPDATE task SET updated_at = '2026-01-01 00:00:00' WHERE id = ?", [each]
            )
        database.commit()


def test_a_delta_without_a_snapshot_goes_through_every_command(
    tmp_path: Path, studio: LocalServer, admin: Admin, make_project: Callable[..., int]
) -> None:
    project = make_project()
    *old, last = admin.import_tasks(project, [{"data": {"text": f"t{each}"}} for each in range(3)])
    aged(studio, old)
    space = workspace.make(tmp_path / "space", studio.url, studio.api_key, project, "JSON")
    space.commit("scaffold")
    space.ls("refresh")
    space.git("checkout", "-qb", "side")
    admin.delete_task(last)
    assert "2 tasks" in space.ls("update").out
    pin = lockfile.read(space.path / "labels.lock")
    assert pin.snapshots[1:] == (ExportSnapshot(0, "delta", "", 0, removed=(last,)),)
    space.dvc("repro", "-q")
    space.ls("verify")
    rev = space.commit("one task less")
    check(space, rev)
    again = space.clone(tmp_path / "clone")
    again.dvc("repro", "-q")
    assert again.hashes("data") == space.hashes("data")
    resolve(space, admin, old[0])


def check(space: Workspace, rev: str) -> None:
    assert rev[:7] in space.ls("log").out
    assert "2 tasks" in space.ls("show").out
    assert space.ls("verify", rev).out.splitlines()[1].startswith("at risk")
    space.ls("prune", "--older-than", "0")
    assert space.ls("status", "--exit-code").out.startswith("as pinned")


def resolve(space: Workspace, admin: Admin, task: int) -> None:
    space.git("checkout", "-q", "main")
    space.dvc("checkout", "-q")
    admin.create_annotation(task, [])
    space.ls("refresh")
    space.git("merge", "-q", "side", code=1)
    space.ls("update", "--resolve", "theirs")
    pin = lockfile.read(space.path / "labels.lock")
    assert pin.snapshots[-1].id == 0
    space.git("commit", "-q", "--no-edit")
    space.ls("verify")
