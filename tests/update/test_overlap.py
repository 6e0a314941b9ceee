"""After an import or a bulk action an update asks for what changed since, and for that alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.fake_server import FakeServer
from support.live_project import LiveProject, live
from support.traffic import CONFIG, box

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.pin.pin import Pin
from ls_dvc.server.admin import Admin
from ls_dvc.server.interface import TaskRange
from ls_dvc.server.project import LabelStudioProject
from ls_dvc.server.refusals import RefusedError
from ls_dvc.update import overlap

MANY, FEW = 500, 10
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


@pytest.fixture
def imported(
    admin: Admin, studio: LocalServer, make_project: Callable[..., int], tmp_path: Path
) -> Iterator[tuple[LiveProject, list[int]]]:
    """A project into which many labeled tasks were imported just now, and their ids."""
    annotated = {"data": {"image": "/x.jpg"}, "annotations": [{"result": [box(1)]}]}
    project = make_project(label_config=CONFIG)
    ids = admin.import_tasks(project, [annotated] * MANY)
    with live(studio, project, tmp_path / "cache") as running:
        yield running, ids


def exported(pin: Pin) -> list[int]:
    """How many tasks each delta holds."""
    return [snapshot.tasks for snapshot in pin.snapshots if snapshot.kind == "delta"]


def draw(admin: Admin, ids: list[int]) -> None:
    for task_id in ids:
        admin.create_annotation(task_id, [box(2, "Person")])


def convert_predictions(admin: Admin, project: int, ids: list[int]) -> None:
    """What "Create annotations from predictions" does, for all tasks at one moment."""
    predictions = [{"task": each, "result": [box(3)], "model_version": "m"} for each in ids]
    admin.call("POST", f"/api/projects/{project}/import/predictions", predictions)
    chosen = {"selectedItems": {"all": False, "included": ids}, "model_version": "m"}
    action = {"project": project, "id": "predictions_to_annotations"}
    admin.call("POST", "/api/dm/actions/", chosen, **action)


def test_what_changed_since_an_import_and_a_bulk_action(
    imported: tuple[LiveProject, list[int]], admin: Admin, studio: LocalServer, tmp_path: Path
) -> None:
    project, ids = imported
    first = project.update(tasks_per_snapshot=MANY)
    draw(admin, ids[:FEW])
    second = project.update(first)
    assert exported(second) == [FEW]
    convert_predictions(admin, project.server.project_id, ids)
    third = project.update(second, tasks_per_snapshot=MANY)
    draw(admin, ids[-FEW:])
    admin.delete_task(ids[100])
    fourth = project.update(third)
    assert exported(fourth) == [FEW, MANY, FEW]
    assert fourth.snapshots[-1].removed == (ids[100],)
    with live(studio, project.server.project_id, tmp_path / "anew") as other:
        assert other.update(tasks_per_snapshot=MANY).fingerprint == fourth.fingerprint


# --- races, which no real server shows when asked to

IMPORTED = datetime(2026, 1, 1, tzinfo=timezone.utc)
LATE = st.lists(st.tuples(st.integers(1, 2300), st.integers(0, 50_000_000)), max_size=5)


class Races:
    """Some tasks in three shards, imported within 30 ms and pinned."""

    def __init__(self, folder: Path) -> None:
        self.server = FakeServer()
        for number in (*range(1, 20), *range(1990, 2010)):
            self.write(number, 30 * number, "imported")
        self.project = LiveProject(cast("LabelStudioProject", self.server), folder)
        self.pin = self.project.update()

    def write(self, task: int, microseconds: int, text: str) -> None:
        """A task as it is from then on, with the time that the server wrote down for that."""
        changed = IMPORTED + timedelta(microseconds=microseconds)
        written = {"id": task, "data": {"text": text}, "updated_at": f"{changed:{TIME}}"}
        self.server.tasks[task] = written

    def update(self) -> None:
        self.pin = self.project.update(self.pin)

    def check(self) -> None:
        """The pin holds what the server does."""
        held = {task["id"]: task["data"]["text"] for task in self.project.tasks(self.pin)}
        assert held == {key: task["data"]["text"] for key, task in self.server.tasks.items()}


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few tasks are many."""
    monkeypatch.setattr(overlap, "FEW", 0)
    monkeypatch.setattr(overlap, "TIMES", 7)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(late=LATE, gone=st.sets(st.integers(1, 19), max_size=2))
def test_what_is_seen_late_is_found(
    looked_at: None, late: list[tuple[int, int]], gone: set[int]
) -> None:
    """Changes of the minute before the newest one, which a pin did not see yet."""
    with tempfile.TemporaryDirectory() as name:
        races = Races(Path(name))
        races.write(1, 59_000_000, "newest")
        races.update()
        for number, (task, microseconds) in enumerate(late):
            races.write(task, 90_000 + microseconds, f"late {number}")
        for task in gone:
            del races.server.tasks[task]
        races.write(2, 59_000_001, "newest but one")
        races.update()
        races.check()


def test_what_is_seen_during_an_export_is_found_by_the_next_update(
    looked_at: None, tmp_path: Path
) -> None:
    races = Races(tmp_path)
    races.write(1, 900_000, "newest")
    races.server.taking = lambda _: races.write(5, 70_000, "written before, and seen now")
    races.update()
    races.server.taking = lambda _: None
    races.write(2, 2_000_000, "newest")
    races.update()
    races.check()
    assert races.server.asked[-1].known, "what is known is left out"


def test_a_time_that_many_tasks_have_hides_no_other_task(looked_at: None, tmp_path: Path) -> None:
    """A bulk action gives one moment to all of its tasks, and a task may get it late."""
    races = Races(tmp_path)
    old = 1995
    races.write(old, -100_000_000, "long ago")
    for task in range(1, 10):
        races.write(task, 500_000, "in bulk")
    races.update()
    races.write(old, 500_000, "in bulk, seen late")
    races.write(1, 900_000, "newest")
    races.update()
    races.check()


def test_a_server_that_refuses_the_filter_is_asked_for_everything(
    looked_at: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    races, count = Races(tmp_path), FakeServer.count

    def refusing(server: FakeServer, span: TaskRange) -> int:
        if span.known:
            raise RefusedError("no such operator", "", 400)
        return count(server, span)

    monkeypatch.setattr(FakeServer, "count", refusing)
    races.write(1, 900_000, "newest")
    races.update()
    races.check()
    assert not any(span.known for span in races.server.asked)


def test_without_the_export_snapshots_everything_is_asked_for(
    looked_at: None, tmp_path: Path
) -> None:
    races = Races(tmp_path)
    races.project.folder(races.pin)
    races.write(1, 900_000, "newest")
    for path in (tmp_path / "snapshots").iterdir():
        path.write_bytes(path.read_bytes()[:-9])
    races.update()
    assert not any(span.known for span in races.server.asked)
