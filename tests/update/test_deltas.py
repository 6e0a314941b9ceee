"""An update takes what changed, `dvc repro` lays it over what is there; nothing else is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import workspace
from support.proxy import Proxy, proxied
from support.workspace import Workspace

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.pin import lockfile
from ls_dvc.server.admin import Admin

CONFIG = (
    '<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">'
    '<Label value="Car"/><Label value="Person"/></RectangleLabels></View>'
)


BOX = {
    "id": "r",
    "type": "rectanglelabels",
    "from_name": "box",
    "to_name": "image",
    "original_width": 640,
    "original_height": 480,
    "value": {"x": 20, "y": 9, "width": 8, "height": 7, "rotation": 0, "rectanglelabels": ["Car"]},
}


@pytest.fixture
def tasks(admin: Admin, make_project: Callable[..., int]) -> tuple[int, list[int]]:
    """A project and its task ids: six, in two shards."""
    project = make_project(label_config=CONFIG)
    some = [{"data": {"image": f"/x/{number}.jpg"}} for number in range(3)]
    before = admin.import_tasks(project, some)
    make_project(tasks=[{"data": {"text": "gap"}}] * 1000)
    return project, [*before, *admin.import_tasks(project, some)]


@pytest.fixture
def proxy(studio: LocalServer) -> Iterator[Proxy]:
    with proxied(studio.url) as between:
        yield between


@pytest.fixture
def space(
    tmp_path: Path, studio: LocalServer, proxy: Proxy, tasks: tuple[int, list[int]]
) -> Workspace:
    made = workspace.make(tmp_path / "repo", proxy.url, studio.api_key, tasks[0], "COCO")
    made.dvc("repro")
    made.commit("first")
    return made


def change(admin: Admin, project: int, ids: list[int]) -> None:
    """One of each: a task that is gone, one that is new, one with another label."""
    admin.call("DELETE", f"/api/tasks/{ids[1]}/")
    admin.create_annotation(ids[4], [BOX])
    admin.import_tasks(project, [{"data": {"image": "/x/new.jpg"}}])


def taken_anew(space: Workspace, to: Path) -> dict[str, str]:
    """The hashes of the shards of a full export, in a repository of its own."""
    other = space.clone(to)
    other.git("rm", "-q", "--cached", "labels.lock", "dvc.lock")
    (to / "labels.lock").unlink()
    (to / "dvc.lock").unlink()
    other.git("commit", "-qm", "nothing is pinned")
    other.ls("update")
    other.ls("export")
    return other.hashes("data/snapshot/tasks")


def exports(proxy: Proxy) -> list[str]:
    return [each.path for each in proxy.asked("POST", "/exports/")]


def test_a_delta_is_all_that_is_asked_for(
    space: Workspace, admin: Admin, proxy: Proxy, tasks: tuple[int, list[int]], tmp_path: Path
) -> None:
    project, ids = tasks
    change(admin, project, ids)
    proxy.seen.clear()
    assert space.ls("update").out.startswith("pinned")
    assert len(exports(proxy)) == 1
    pin = lockfile.read(space.path / "labels.lock")
    assert [each.kind for each in pin.snapshots].count("delta") == 1
    assert pin.snapshots[-1].removed == (ids[1],)
    assert pin.changes is not None
    assert (pin.changes.added, pin.changes.changed, pin.changes.removed) == (1, 1, 1)
    space.dvc("repro")
    space.ls("verify")
    assert space.hashes("data/snapshot/tasks") == taken_anew(space, tmp_path / "anew")


def test_the_requests_of_a_changed_label(
    space: Workspace, admin: Admin, proxy: Proxy, tasks: tuple[int, list[int]]
) -> None:
    """The project's state, the snapshot, and the state again; what else is asked must be needed."""
    project, ids = tasks
    admin.create_annotation(ids[0], [BOX])
    proxy.seen.clear()
    space.ls("update")
    (exported,) = exports(proxy)
    asked = [f"{each.method} {_place(each.path)}" for each in proxy.seen]
    there = asked.index(f"POST {_place(exported)}")
    state = ["summary", "model-versions", f"{project}", "tasks"]
    states = sorted(f"GET {each}" for each in state)
    assert sorted(asked[:4]) == states
    assert sorted(asked[4:there]) == ["GET tasks", "GET views", "POST views"]
    assert sorted(asked[there + 1 :]) == sorted(["DELETE views", "GET download", *states])


def _place(path: str) -> str:
    """The last name in a path; `views/7` is one of the views."""
    names = path.partition("?")[0].strip("/").split("/")
    return names[-2] if names[-2] == "views" else names[-1]


def test_a_clone_downloads_the_delta_alone(
    space: Workspace, admin: Admin, proxy: Proxy, tasks: tuple[int, list[int]], tmp_path: Path
) -> None:
    space.store(tmp_path / "store")
    space.dvc("push")
    space.commit("with a remote")
    change(admin, *tasks)
    space.ls("update")
    space.git("commit", "-qam", "pinned, not reproduced")
    clone = space.clone(tmp_path / "clone")
    clone.git("reset", "-q", "--soft", "HEAD~1")
    proxy.seen.clear()
    clone.dvc("repro")
    assert len(proxy.asked("GET", "/download")) == 1
    space.dvc("repro")
    assert clone.hashes("data/snapshot") == space.hashes("data/snapshot")


def test_what_is_gone_needs_no_snapshot(
    space: Workspace, admin: Admin, proxy: Proxy, tasks: tuple[int, list[int]], tmp_path: Path
) -> None:
    """The overlap makes a snapshot all the same, if the last change is as young as this one."""
    ids = tasks[1]
    admin.call("DELETE", f"/api/tasks/{ids[-1]}/")
    space.ls("update")
    space.dvc("repro")
    space.ls("verify")
    pin = lockfile.read(space.path / "labels.lock")
    assert pin.snapshots[-1].removed == (ids[-1],)
    assert space.hashes("data/snapshot/tasks") == taken_anew(space, tmp_path / "anew")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("update: {full_every: 0}", "0 deltas were made since the last full export"),
        ("update: {full_every: 50}", "the label config changed"),
    ],
)
def test_a_full_export_says_why(
    space: Workspace,
    admin: Admin,
    tasks: tuple[int, list[int]],
    settings: str,
    reason: str,
) -> None:
    project, ids = tasks
    space.edit("params.yaml", "  data: data", f"  {settings}\n  data: data")
    if "config" in reason:
        wider = CONFIG.replace("<Label ", '<Label value="Bus"/><Label ', 1)
        admin.call("PATCH", f"/api/projects/{project}/", {"label_config": wider})
    admin.create_annotation(ids[0], [BOX])
    assert f"{reason}: exporting all tasks" in space.ls("update").err
    kinds: set[Any] = {each.kind for each in lockfile.read(space.path / "labels.lock").snapshots}
    assert kinds == {"range"}
