"""Annotators who do not stop for an update: a pin is a state that the server was in, or none is.

A writer changes the first task and then the last, over and over, one write after the other. So
the labels of both at any moment are those after the first k writes of its log, for some k.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

import pytest
from support.live_project import LiveProject, live, spread

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import LabelsChangingError
from ls_dvc.labels.canonical import Task
from ls_dvc.server.admin import Admin

CONFIG = '<View><Text name="text" value="$text"/><TextArea name="note" toName="text"/></View>'
TASKS = 100  # in either of two ranges
ENOUGH = 3  # pins that must hold, of a writer who pauses
UPDATES = 20  # in which so many must have been had

State = dict[int, str]  # the note of each annotation


@dataclass
class Writer:
    """`states[k]` is what the server holds after k writes. `pause` is in seconds, 0 for none.

    The first write on each task creates an annotation, the others change it; a burst is ten.
    """

    admin: Admin
    tasks: tuple[int, int]
    pause: float = 0.0
    states: list[State] = field(default_factory=lambda: [{}])
    made: dict[int, int] = field(default_factory=dict)

    def write(self) -> None:
        number = len(self.states)
        task = self.tasks[(number - 1) % 2]
        note = f"{number}"
        region = {
            "from_name": "note",
            "to_name": "text",
            "type": "textarea",
            "value": {"text": [note]},
        }
        if task in self.made:
            self.admin.update_annotation(self.made[task], [region])
        else:
            self.made[task] = self.admin.create_annotation(task, [region])
        self.states.append({**self.states[-1], self.made[task]: note})

    def run(self, ended: Event) -> None:
        while not ended.is_set():
            self.write()
            if len(self.states) % 10 == 0:
                ended.wait(self.pause)

    @contextmanager
    def writing(self, pause: float = 0.0) -> Iterator[None]:
        """In a thread of its own, beginning with its first write."""
        self.pause = pause
        ended, before = Event(), len(self.states)
        thread = Thread(target=self.run, args=(ended,))
        thread.start()
        try:
            while thread.is_alive() and len(self.states) == before:
                time.sleep(0.01)
            yield
            assert thread.is_alive(), "the writer broke off"
        finally:
            ended.set()
            thread.join()


@dataclass(frozen=True)
class Scene:
    live: LiveProject
    writer: Writer

    def attempt(self, **order: bool) -> State | None:
        """The notes in a new pin; None when the update says that labels moved."""
        try:
            pin = self.live.update(**order)
        except LabelsChangingError:
            return None
        assert len(pin.snapshots) >= 2
        assert pin.tasks == 2 * TASKS
        found = notes(self.live.tasks(pin))
        for each in pin.snapshots:
            self.live.server.discard(each)
        return found


def notes(tasks: list[Task]) -> State:
    return {
        annotation["id"]: annotation["result"][0]["value"]["text"][0]
        for task in tasks
        for annotation in task["annotations"]
    }


@pytest.fixture(params=["studio", "studio_on_postgres"], scope="module")
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    studio: LocalServer = request.getfixturevalue(request.param)
    admin = Admin(studio.url, studio.api_key)
    project, before, after = spread(admin, CONFIG, TASKS * [{"data": {"text": "t"}}])
    with ExitStack() as stack:
        stack.callback(admin.close)
        talk = stack.enter_context(live(studio, project, tmp_path_factory.mktemp("cache")))
        yield Scene(talk, Writer(admin, (before[0], after[-1])))


def test_a_pin_is_a_state_that_the_server_was_in(scene: Scene) -> None:
    quiet = time.monotonic()
    assert scene.attempt() == scene.writer.states[-1]
    quiet = time.monotonic() - quiet
    found: list[State] = []
    with scene.writer.writing(pause=2 * quiet):
        for _ in range(UPDATES):
            state = scene.attempt()
            found += [state] if state is not None else []
            if len(found) == ENOUGH:
                break
    assert len(found) == ENOUGH, "none of them would prove nothing"
    for state in found:
        assert state in scene.writer.states
    assert scene.live.snapshots() == []


def test_of_a_writer_who_never_pauses_nothing_is_made_up(scene: Scene) -> None:
    with scene.writer.writing():
        found = scene.attempt()
    assert found is None or found in scene.writer.states
    assert len(scene.live.snapshots()) == (2 if found is None else 0), "the ranges that landed"
    assert scene.live.views() == []


@pytest.mark.parametrize(
    "scene", ["studio_on_postgres", pytest.param("studio", marks=pytest.mark.soak)], indirect=True
)  # on SQLite it takes many more updates, and the comparison is the same
def test_the_comparison_knows_a_torn_export(scene: Scene) -> None:
    with scene.writer.writing():
        torn = (
            scene.attempt(allow_inconsistent=True) not in scene.writer.states
            for _ in range(UPDATES)
        )
        assert any(torn)
