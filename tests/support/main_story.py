"""What people do with ls-dvc from week to week, with the real commands, on any Label Studio."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from ls_dvc.pin import lockfile
from ls_dvc.server.admin import Admin
from support.media_files import picture
from support.traffic import CONFIG, box, task_ids
from support.workspace import Workspace, make

PICTURES = [picture(8 + number, 6, gray=number) for number in range(5)]


def play(path: Path, url: str, admin: Admin, key: str, **env: str) -> None:
    """Pin, change, refresh, go back, restore: each time labels and pictures are the right ones."""
    project, tasks = _labeled(admin, url)
    space = make(path, url, key, project, "COCO", "JSON", media=True)
    space.env |= env
    space.dvc("repro")
    first = _kept(space, "first")
    assert _pictures(space) == PICTURES[:4]

    admin.create_annotation(tasks[4], [box(50, "Person")])
    assert space.ls("status", "--exit-code", code=10).out.startswith("labels changed")
    space.ls("update")
    pin = lockfile.read(space.path / lockfile.NAME)
    assert [each.kind for each in pin.snapshots][-1] == "delta"
    space.dvc("repro")
    second = _kept(space, "second")
    assert second != first

    admin.create_annotation(tasks[4], [box(30, "Car")])
    space.ls("refresh")
    assert space.git("rev-list", "--count", "second..HEAD").out == "1\n"
    for name, hashes in (("first", first), ("second", second)):
        space.git("checkout", "-q", name)
        space.run("rm", "-rf", "data", ".dvc/cache", ".dvc/tmp", ".dvc/site-cache-dir")
        space.git("checkout", "-q", ".")
        space.dvc("repro")
        assert space.hashes() == hashes, "made again from the server's snapshots and uploads"
        space.ls("verify")

    restored = json.loads(space.ls("restore", "second", "--json").out)["project_id"]
    drawn = [(number, "Car") for number in range(4)] + [(50, "Person")]
    assert [each for task in task_ids(admin, restored) for each in _boxes(admin, task)] == drawn
    other = make(path.with_name("restored"), url, key, restored, "COCO", "JSON", media=True)
    other.env |= env
    other.dvc("repro")
    assert _pictures(other) == PICTURES


def _labeled(admin: Admin, url: str) -> tuple[int, list[int]]:
    """A project with five pictures that the server serves, four of them labeled, and its tasks."""
    project = admin.create_project("The main story", CONFIG)
    named = {f"{number}.png": content for number, content in enumerate(PICTURES)}
    paths = admin.upload(project, named)
    behind = ["", urlsplit(url).path]  # as before the server had a path, and as it writes them
    tasks = [{"data": {"image": behind[int(name[0]) % 2] + paths[name]}} for name in named]
    ids = admin.import_tasks(project, tasks)
    for number, each in enumerate(ids[:4]):
        admin.create_annotation(each, [box(number)])
    return project, ids


def _kept(space: Workspace, name: str) -> dict[str, str]:
    assert space.ls("verify").out.startswith("all as pinned")
    space.commit(name)
    space.git("tag", name)
    return space.hashes()


def _pictures(space: Workspace) -> list[bytes]:
    """Of a trainer's folder, by their shades."""
    found = [path.read_bytes() for path in (space.path / "data/dataset/COCO").rglob("*.png")]
    return sorted(found, key=PICTURES.index)


def _boxes(admin: Admin, task: int) -> list[tuple[float, str]]:
    """Where the boxes of a task begin, and what is in them."""
    made = admin.call("GET", f"/api/tasks/{task}/annotations/")
    values = [region["value"] for each in made for region in each["result"]]
    return [(each["x"], each["rectanglelabels"][0]) for each in values]
