"""Why an update is due: `status`, `watch` and `update` give one answer, for each reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.workspace import Workspace, make

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.pin import lockfile
from ls_dvc.server.admin import Admin

CONFIG = (
    '<View><Text name="text" value="$text"/><Labels name="span" toName="text">'
    '<Label value="Car"/><Label value="Person"/></Labels></View>'
)
SPAN = {
    "from_name": "span",
    "to_name": "text",
    "type": "labels",
    "value": {"start": 0, "end": 3, "text": "car", "labels": ["Car"]},
}
TASKS = 2 * [{"data": {"text": "car"}, "annotations": [{"result": [SPAN]}]}]
WATCH_ONCE = ("watch", "--every", "0.2", "--quiet", "0", "--once", "--")


@dataclass(frozen=True)
class Scene:
    """A data set that is up to date with its project."""

    space: Workspace
    admin: Admin
    project: int
    make_project: Callable[..., int]

    def set(self, **settings: str) -> None:
        """Other settings in params.yaml, each a line of YAML."""
        lines = self.space.read("params.yaml").splitlines()
        kept = [each for each in lines if each.strip().partition(":")[0] not in settings]
        made = [f"  {name}: {value}" for name, value in settings.items()]
        (self.space.path / "params.yaml").write_text("\n".join([*kept, *made]) + "\n")

    def reasons(self) -> list[str]:
        """What `status` says, in its three ways."""
        document = json.loads(self.space.ls("status", "--json").out)
        codes = [each["code"] for each in document["reasons"]]
        assert document["changed"] is bool(codes)
        printed = self.space.ls("status", "--exit-code", code=10 if codes else 0).out
        assert all(each["message"] in printed for each in document["reasons"])
        assert printed.startswith("as pinned") is not bool(codes)
        return codes


@pytest.fixture
def scene(
    tmp_path: Path, studio: LocalServer, admin: Admin, make_project: Callable[..., int]
) -> Scene:
    project = make_project(label_config=CONFIG, tasks=TASKS)
    space = make(tmp_path / "repo", studio.url, studio.api_key, project, "CSV")
    space.ls("update")
    return Scene(space, admin, project, make_project)


def no_pin(scene: Scene) -> None:
    (scene.space.path / "labels.lock").unlink()


def other_project(scene: Scene) -> None:
    other = scene.make_project(label_config=CONFIG, tasks=TASKS)
    scene.set(project_id=f"{other}")


def other_view(scene: Scene) -> None:
    task = scene.admin.call("GET", "/api/tasks/", project=scene.project)["tasks"][0]["id"]
    is_it = {"filter": "filter:tasks:id", "operator": "equal", "type": "Number", "value": task}
    data = {"title": "mine", "filters": {"conjunction": "and", "items": [is_it]}}
    body = {"project": scene.project, "data": data}
    view = scene.admin.call("POST", "/api/dm/views/", body)["id"]
    scene.set(update=f"{{view: {view}}}")


def labels_changed(scene: Scene) -> None:
    task = scene.admin.call("GET", "/api/tasks/", project=scene.project)["tasks"][0]["id"]
    scene.admin.create_annotation(task, [SPAN])


def classes_renamed(scene: Scene) -> None:
    scene.set(classes="{rename: {Car: Automobile}}")


def server_conversions(scene: Scene) -> None:
    scene.set(engines="{CSV: server}")


REASONS = {
    "no-pin": no_pin,
    "other-project": other_project,
    "other-view": other_view,
    "labels-changed": labels_changed,
    "classes-renamed": classes_renamed,
    "server-conversions": server_conversions,
}


@pytest.mark.parametrize("reason", REASONS)
def test_status_watch_and_update_agree(scene: Scene, reason: str) -> None:
    assert scene.reasons() == []
    assert json.loads(scene.space.ls("update", "--json").out)["changed"] is False
    before = (scene.space.path / "labels.lock").read_bytes()

    REASONS[reason](scene)
    assert scene.reasons() == [reason]
    watched = scene.space.ls(*WATCH_ONCE, "ls-dvc", "update")
    assert "waiting for 0 s without changes" in watched.err
    assert (scene.space.path / "labels.lock").read_bytes() != before, "watch and update acted"
    assert scene.reasons() == []


def test_all_reasons_are_listed(scene: Scene) -> None:
    labels_changed(scene)
    classes_renamed(scene)
    assert scene.reasons() == ["labels-changed", "classes-renamed"]


def test_an_impossible_rename_is_an_error_everywhere(scene: Scene) -> None:
    scene.set(classes="{rename: {Car: Person}}")
    for command in (("status",), ("update",), WATCH_ONCE[:-1]):
        ran = scene.space.ls(*command, code=1)
        assert "Car cannot become Person" in ran.err


def test_what_an_update_found_equal_is_no_reason_any_more(scene: Scene) -> None:
    """An annotation that came and went leaves another time behind, and the same labels."""
    pin = lockfile.read(scene.space.path / "labels.lock")
    labels_changed(scene)
    task = scene.admin.call("GET", "/api/tasks/", project=scene.project, fields="all")["tasks"][0]
    added = max(each["id"] for each in task["annotations"])
    scene.admin.call("DELETE", f"/api/annotations/{added}/")
    assert scene.reasons() == ["labels-changed"]
    scene.space.ls("update")
    assert scene.reasons() == []
    assert lockfile.read(scene.space.path / "labels.lock") == pin
