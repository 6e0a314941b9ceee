"""A version goes back into a real Label Studio whole; when it cannot, nothing is left behind."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from support import projects as made
from support.projects import Raw, annotation, box, boxed, polygon, region, relation, task
from support.proxy import Proxy, Reply, Request, proxied

from ls_dvc.commands import restore
from ls_dvc.commands.restore import RestoreResult
from ls_dvc.commands.unfinished_restore import UNFINISHED
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import LsDvcError, ServerError
from ls_dvc.labels import canonical, selection
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import TaskState
from ls_dvc.progress import Silent
from ls_dvc.server import new_project
from ls_dvc.server.admin import Admin
from ls_dvc.server.client import Client
from ls_dvc.server.interface import TaskRange
from ls_dvc.server.new_project import LabelStudioProjects
from ls_dvc.server.project import LabelStudioProject
from ls_dvc.server.snapshots import PollSettings
from ls_dvc.settings.connection import Connection
from ls_dvc.snapshot import replay, snapshot_folder
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

Forward = Callable[[Request], Reply]
QUICK = PollSettings(answer=20, lookup=0.3, first_wait=0.02, attempts=2)
STRANGER = 987654
JSON = [("Content-Type", "application/json")]


@dataclass
class Heard(Silent):
    """A reporter that remembers, and can be interrupted."""

    said: list[str] = field(default_factory=list)
    interrupt: bool = False

    def say(self, message: str) -> None:
        self.said.append(message)

    def advance(self, amount: int) -> None:
        if self.interrupt:
            raise KeyboardInterrupt


class World:
    """A server, the way to it, and a folder for files."""

    def __init__(self, studio: LocalServer, admin: Admin, proxy: Proxy, folder: Path) -> None:
        self.studio, self.admin, self.proxy, self.folder = studio, admin, proxy, folder
        self.before = self.titles()
        self.clients: list[Client] = []

    def server(self, polling: PollSettings = QUICK, key: str = "") -> LabelStudioProjects:
        self.clients.append(Client(Connection(self.proxy.url, key or self.studio.api_key)))
        return LabelStudioProjects(self.clients[-1], polling)

    def restore(self, folder: SnapshotFolder, title: str = "Again", **server: Any) -> RestoreResult:
        return restore.restore(self.server(**server), folder, title, Heard())

    def titles(self) -> dict[int, str]:
        found = self.admin.call("GET", "/api/projects/", page_size=100, include="id,title")
        return {each["id"]: each["title"] for each in found["results"]}

    def new(self) -> list[str]:
        """The projects that are on the server since this test began."""
        return [title for number, title in self.titles().items() if number not in self.before]

    def write(self, tasks: list[Raw], config: str = made.SHAPES) -> SnapshotFolder:
        return written(self.folder / "crafted", map(canonical.task, tasks), config)

    def exported(self, project: int) -> SnapshotFolder:
        return exported(self.studio, project, self.folder)


@pytest.fixture
def world(studio: LocalServer, admin: Admin, tmp_path: Path) -> Iterator[World]:
    with proxied(studio.url) as proxy:
        found = World(studio, admin, proxy, tmp_path)
        yield found
        for each in found.clients:
            each.close()
        for number in set(found.titles()) - set(found.before):
            admin.call("DELETE", f"/api/projects/{number}/")


def written(path: Path, tasks: Any, config: str) -> SnapshotFolder:
    path.mkdir()
    snapshot_folder.write(
        path, chain(replay.files(tasks), snapshot_folder.companions(config, Classes()))
    )
    return snapshot_folder.read(path)


def exported(studio: LocalServer, project: int, folder: Path) -> SnapshotFolder:
    """A project as `ls-dvc update` and `export` get it."""
    client = Client(Connection(studio.url, studio.api_key))
    try:
        server = LabelStudioProject(client, project)
        taken = server.take(TaskRange(*server.bounds()))
        part = folder / f"{project}.json"
        server.download(taken, part, lambda _: None)
        config = server.state().label_config
    finally:
        client.close()
    return written(folder / str(project), replay.tasks([taken], lambda _: part), config)


@pytest.fixture(scope="module")
def original(
    studio: LocalServer,
    admin: Admin,
    make_project: Callable[..., int],
    tmp_path_factory: pytest.TempPathFactory,
) -> SnapshotFolder:
    """Labels of every kind by two people, on a real server."""
    me = admin.call("GET", "/api/current-user/whoami")["id"]
    another = admin.call("POST", "/api/users/", {"email": "two@example.com", "username": "two"})
    several = task(
        12,
        annotation(box(5, 6, 7, 8, id="z"), box(1, 2, 3, 4, id="a"), relation("z", "a")),
        annotation(polygon([[1, 1], [2, 2], [1, 3.5]]), was_cancelled=True, lead_time=0.125),
        annotation(ground_truth=True, lead_time=None),
        annotation(region("textarea", {"text": ["é 😀"]}, from_name="note"), lead_time=1e-3),
        annotation(was_cancelled=True),
        data={"image": "a.jpg", "n": 2**63 + 1, "f": 0.1, "none": None, "deep": {"a": [{}]}},
        meta={"batch": [1, None], "é": "\u2028 \x00 👩‍🚀"},
        predictions=[
            {"id": 9, "result": [box(9, 9, 9, 9)], "score": 0.875, "model_version": "m2"},
            {"id": 4, "result": [], "score": 0.0, "model_version": ""},
        ],
    )
    tasks = [*made.showcase(), several, task(900, meta=["m"]), task(901, annotation())]
    for one in tasks:
        one["predictions"] = [{"model_version": "m0", **each} for each in one["predictions"]]
        for place, each in enumerate(one["annotations"]):
            each["completed_by"] = (me, another["id"])[place % 2]
    project = make_project(label_config=made.SHAPES, tasks=tasks)
    return exported(studio, project, tmp_path_factory.mktemp("original"))


@pytest.fixture
def small(world: World) -> SnapshotFolder:
    """Five tasks, with an annotation and a prediction each."""
    prediction = {"id": 1, "result": [box(1, 1, 1, 1)], "score": 0.5, "model_version": "m"}
    return world.write([boxed(n, box(n, 1, 2, 3), predictions=[prediction]) for n in range(1, 6)])


@pytest.fixture
def _by_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore, "BATCH_TASKS", 2)


def content(one: Task) -> Task:
    """A task without what an import assigns anew."""

    def bare(item: Raw) -> Raw:
        return {key: value for key, value in item.items() if key not in ("id", "created_at")}

    return {
        **{key: value for key, value in bare(one).items() if key != "inner_id"},
        "annotations": [bare(each) for each in one["annotations"]],
        "predictions": [bare(each) for each in one["predictions"]],
    }


def counting(one: Task) -> int | None:
    """The place, in order of time, of the annotation that counts."""
    chosen = selection.select(one).annotation
    return (
        None if chosen is None else sorted(one["annotations"], key=restore._creation).index(chosen)
    )


def imports(proxy: Proxy) -> list[int]:
    """How many tasks each import held."""
    return [len(json.loads(each.body)) for each in proxy.asked("POST", "/import")]


# --- whole


def test_a_version_comes_back(world: World, original: SnapshotFolder) -> None:
    """Everything but these, which are assigned anew: ids, inner ids, dates of creation."""
    back = world.restore(original, "Straßen @ v1 😀")
    again = world.exported(back.project_id)
    old, new = list(original.tasks()), {each["id"]: each for each in again.tasks()}
    assert len(old) == len(new) == back.tasks > 10
    assert list(back.task_ids) == [each["id"] for each in old]
    assert set(back.task_ids.values()) == set(new)
    for one in old:
        other = new[back.task_ids[one["id"]]]
        assert content(other) == content(one)
        assert counting(other) == counting(one)
    assert [back.task_ids[each["id"]] for each in old] == sorted(new)
    assert {selection.select(each).state for each in old} == set(TaskState) - {TaskState.PREDICTED}

    assert again.config() == original.config()
    counts = replace(again.manifest.counts, predicted_at=original.manifest.counts.predicted_at)
    assert counts == original.manifest.counts
    assert back.annotations == original.manifest.counts.annotations
    assert back.predictions == sum(len(each["predictions"]) for each in old)
    assert (back.reassigned, back.unknown_annotators) == (0, ())
    assert world.new() == ["Straßen @ v1 😀"]
    assert back.url == f"{world.proxy.url}/projects/{back.project_id}/data"
    document = json.loads(json.dumps(back.document()))
    assert document["task_ids"][str(old[0]["id"])] == back.task_ids[old[0]["id"]]

    third = world.exported(world.restore(again).project_id)
    assert [content(each) for each in third.tasks()] == [content(each) for each in old]


def test_the_same_annotation_counts_and_strangers_labels_become_ours(world: World) -> None:
    """The one made last counts, whatever its id; a skipped one never does."""
    me = world.admin.call("GET", "/api/current-user/whoami")["id"]
    late, early = "2026-03-02T00:00:00.0Z", "2026-03-01T00:00:00.0Z"
    folder = world.write(
        [
            task(
                7,
                annotation(box(1, 1, 1, 1), number=5, created_at=late, completed_by=STRANGER),
                annotation(
                    box(2, 2, 2, 2),
                    number=6,
                    created_at=early,
                    completed_by=None,
                    ground_truth=None,
                ),
                annotation(number=8, created_at=late, was_cancelled=True, completed_by=me),
            )
        ]
    )
    heard = Heard()
    back = restore.restore(world.server(), folder, "Again", heard)
    (one,) = world.exported(back.project_id).tasks()
    labels = selection.select(one)
    assert labels.regions == [box(1, 1, 1, 1)]
    assert {each["completed_by"] for each in one["annotations"]} == {me}
    assert not any(each["ground_truth"] for each in one["annotations"]), "an import's default"
    assert (back.annotations, back.reassigned) == (2, 2)
    assert back.unknown_annotators == (STRANGER,)
    (said,) = heard.said
    assert f"user: 2 (users unknown to the server: {STRANGER})" in said


def test_what_an_import_under_the_config_refuses_or_changes(world: World) -> None:
    """Data without the config's key stays when a config is changed; a model needs no name."""
    odd = box(1, 1, 1, 1, "Gone", from_name="gone", type="gonelabels")
    nameless = [{"id": 1, "result": [odd]}, {"id": 2, "result": [], "model_version": ""}, {"id": 3}]
    folder = world.write(
        [boxed(1, odd, data={"old_key": 1}, predictions=nameless), task(2, data={})]
    )
    project = world.admin.create_project("Direct", made.SHAPES)
    with pytest.raises(ServerError, match="key is expected in task data"):
        world.admin.import_tasks(project, [{"data": {"old_key": 1}}])
    back = world.restore(folder)
    again = list(world.exported(back.project_id).tasks())
    for one in again:
        for each in one["annotations"]:
            each["completed_by"] = 7
    assert [content(each) for each in again] == [content(each) for each in folder.tasks()]


@pytest.mark.usefixtures("_by_two")
def test_batches_are_bounded_by_number_and_size(world: World) -> None:
    huge = {"image": "x" * restore.BATCH_BYTES}
    folder = world.write([*map(boxed, range(1, 6)), boxed(6, data=huge), boxed(7), boxed(8)])
    back = world.restore(folder)
    assert imports(world.proxy) == [2, 2, 1, 1, 2]
    assert list(back.task_ids) == list(range(1, 9))
    assert sorted(back.task_ids.values()) == list(back.task_ids.values())


def test_a_personal_access_token(world: World, small: SnapshotFolder) -> None:
    settings = {"api_tokens_enabled": True, "legacy_api_tokens_enabled": True}
    world.admin.call("POST", "/api/jwt/settings", settings)
    revoke_tokens(world.admin)
    token = world.admin.call("POST", "/api/token/", {})["token"]
    refused: list[Request] = []

    def expire_once(request: Request, forward: Forward) -> Reply:
        if "/import" in request.path and not refused:
            refused.append(request)
            return Reply(401, JSON, b'{"detail": "expired"}')
        return forward(request)

    world.proxy.fault = expire_once
    assert world.restore(small, key=token).tasks == 5
    assert refused
    assert world.new() == ["Again"]
    revoke_tokens(world.admin)


def revoke_tokens(admin: Admin) -> None:
    """A user has one personal access token at a time; other tests want theirs."""
    for each in admin.call("GET", "/api/token/"):
        admin.call("POST", "/api/token/blacklist/", {"refresh": each["token"]})


# --- lost answers


def lost(world: World, path: str, fault: str) -> None:
    """The first POST to a `path` is answered by nobody, after or before the server heard it."""
    hit: list[Request] = []

    def lose(request: Request, forward: Forward) -> Reply:
        if request.method != "POST" or not request.path.partition("?")[0].endswith(path) or hit:
            return forward(request)
        hit.append(request)
        if fault == "late":
            Thread(target=forward, args=[request]).start()
        elif fault != "swallow":
            forward(request)
        if fault == "gateway":
            return Reply(504, [("Content-Type", "text/html")], b"<h1>Gateway time-out</h1>")
        raise ConnectionAbortedError

    world.proxy.fault = lose


@pytest.mark.usefixtures("_by_two")
@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        ("drop", [2, 2, 1]),
        ("gateway", [2, 2, 1]),
        ("late", [2, 2, 1]),
        ("swallow", [2, 2, 2, 1]),
    ],
)
def test_a_lost_answer_makes_no_task_twice(
    world: World, small: SnapshotFolder, fault: str, sent: list[int]
) -> None:
    lost(world, "/import", fault)
    polling = PollSettings(lookup=5 if fault == "late" else 0.3, first_wait=0.02)
    back = world.restore(small, polling=polling)
    assert imports(world.proxy) == sent
    again = {each["id"]: each for each in world.exported(back.project_id).tasks()}
    assert len(again) == 5
    for one in small.tasks():
        assert again[back.task_ids[one["id"]]]["annotations"][0]["result"] == [
            box(one["id"], 1, 2, 3)
        ]
    assert world.new() == ["Again"]


@pytest.mark.parametrize("fault", ["drop", "gateway"])
def test_a_project_whose_making_was_not_answered(
    world: World, small: SnapshotFolder, fault: str
) -> None:
    lost(world, "/projects/", fault)
    assert world.restore(small).tasks == 5
    assert world.new() == ["Again"]
    assert len(world.proxy.asked("POST", "/api/projects/")) == 2, "a project, and an import"


def test_a_project_that_was_never_made(world: World, small: SnapshotFolder) -> None:
    lost(world, "/projects/", "swallow")
    with pytest.raises(ServerError, match="the connection broke"):
        world.restore(small)
    assert world.new() == []


@pytest.mark.usefixtures("_by_two")
def test_an_edition_that_imports_when_it_has_answered(world: World, small: SnapshotFolder) -> None:
    def promise(request: Request, forward: Forward) -> Reply:
        if "/import" not in request.path:
            return forward(request)
        Thread(target=forward, args=[request]).start()
        return Reply(201, JSON, b'{"import": 1}')

    world.proxy.fault = promise
    back = world.restore(small, polling=PollSettings(lookup=0.01, ready=5, first_wait=0.02))
    assert sorted(back.task_ids.values()) == list(back.task_ids.values())
    assert world.exported(back.project_id).manifest.counts.tasks == 5


# --- nothing is left behind


def importing(request: Request, forward: Forward, tasks: list[Any]) -> Reply:
    """Other tasks arrive than were sent."""
    headers = {k: v for k, v in request.headers.items() if k.lower() != "content-length"}
    body = json.dumps(tasks).encode()
    return forward(Request(request.method, request.path, headers, body))


def half_of(request: Request, forward: Forward) -> Reply:
    importing(request, forward, json.loads(request.body)[:3])
    return Reply(500, JSON, b'{"detail": "database is locked"}')


def without_an_answer(request: Request, forward: Forward) -> Reply:
    importing(request, forward, json.loads(request.body)[:3])
    raise ConnectionAbortedError


def without_labels(request: Request, forward: Forward) -> Reply:
    """What a busy server on SQLite does, which tries again."""
    tasks = [{**each, "annotations": [], "predictions": []} for each in json.loads(request.body)]
    return importing(request, forward, tasks)


def none_and_an_error(request: Request, _: Forward) -> Reply:
    return Reply(500, JSON, b'{"detail": "database is locked"}')


def drawn(folder: SnapshotFolder) -> list[Any]:
    """Data and regions of each task, in order."""
    kinds = ("annotations", "predictions")
    return [
        (one["data"], [[each["result"] for each in one[kind]] for kind in kinds])
        for one in folder.tasks()
    ]


SEEN = [half_of, without_labels]
PARTS = [*SEEN, without_an_answer, none_and_an_error]


@pytest.mark.usefixtures("_by_two")
@pytest.mark.parametrize("fault", PARTS)
def test_a_batch_that_arrived_in_part_is_sent_again(
    world: World, small: SnapshotFolder, fault: Any
) -> None:
    def once(request: Request, forward: Forward) -> Reply:
        is_second = "/import" in request.path and len(world.proxy.asked("POST", "/import")) == 2
        return fault(request, forward) if is_second else forward(request)

    world.proxy.fault = once
    back = world.restore(small)
    assert drawn(world.exported(back.project_id)) == drawn(small)


@pytest.mark.soak
@pytest.mark.usefixtures("_by_two")
def test_a_busy_server_on_sqlite(world: World) -> None:
    """Another program writes into its database all the time."""
    tasks = [boxed(n, box(n, 1, 2, 3), box(1, n, 2, 3)) for n in range(1, 41)]
    folder, ended = world.write(tasks), Event()

    def disturb() -> None:
        path = world.studio.data_dir / "label_studio.sqlite3"
        with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as database:
            database.execute("CREATE TABLE disturbance (number)")
            while not ended.is_set():
                database.execute("BEGIN IMMEDIATE")
                database.execute("INSERT INTO disturbance VALUES (1)")
                ended.wait(0.01)
                database.execute("COMMIT")
                ended.wait(0.05)
            database.execute("DROP TABLE disturbance")

    thread = Thread(target=disturb)
    thread.start()
    try:
        back = world.restore(folder, polling=PollSettings(attempts=20))
    finally:
        ended.set()
        thread.join()
    assert drawn(world.exported(back.project_id)) == drawn(folder)
    sent = len(world.proxy.asked("POST", "/import"))
    print(f"{sent} requests for 20 batches")


@pytest.mark.parametrize("fault", SEEN)
def test_a_server_that_always_takes_a_part(world: World, small: SnapshotFolder, fault: Any) -> None:
    world.proxy.fault = lambda request, forward: (
        fault(request, forward) if "/import" in request.path else forward(request)
    )
    with pytest.raises(ServerError, match=r"only a part of the tasks 1 to 5|database is locked"):
        world.restore(small)
    assert world.new() == []


@pytest.mark.parametrize("bad", [1, 4, 7])
def test_a_refused_batch_names_the_task(world: World, bad: int) -> None:
    """A server lets a task's meta be changed to a text, and refuses to import one."""
    folder = world.write([boxed(n, meta="text" if n == bad else {}) for n in range(1, 8)])
    with pytest.raises(ServerError, match=rf"refuses task {bad}: .*Task\[meta\] must be dict"):
        world.restore(folder)
    assert world.new() == []


def test_a_gateway_with_a_limit(world: World, small: SnapshotFolder) -> None:
    def limit(request: Request, forward: Forward) -> Reply:
        return Reply(413, [], b"<h1>413</h1>") if "/import" in request.path else forward(request)

    world.proxy.fault = limit
    with pytest.raises(ServerError, match=r"refuses the tasks 1 to 5 in one .*HTTP 413") as caught:
        world.restore(small)
    assert "client_max_body_size" in caught.value.hint
    assert world.new() == []


@pytest.mark.usefixtures("_by_two")
@pytest.mark.parametrize("fault", ["error", "page", "silence"])
def test_a_server_that_breaks_in_the_middle(
    world: World, small: SnapshotFolder, fault: str
) -> None:
    def break_down(request: Request, forward: Forward) -> Reply:
        if "/import" not in request.path or len(world.proxy.asked("POST", "/import")) == 1:
            return forward(request)
        if fault == "silence":
            raise ConnectionAbortedError
        body = b'{"detail": "database is locked"}' if fault == "error" else b"<h1>Oops</h1>"
        return Reply(500, JSON if fault == "error" else [], body)

    world.proxy.fault = break_down
    with pytest.raises(ServerError):
        world.restore(small)
    assert world.new() == []


def test_a_server_that_still_imports_when_we_give_up(world: World) -> None:
    folder = world.write([boxed(n, box(n, 1, 2, 3)) for n in range(300)])
    working: list[Thread] = []

    def refuse_early(request: Request, forward: Forward) -> Reply:
        if request.method == "DELETE" and len(world.proxy.asked("DELETE", "/projects/")) == 1:
            # what the server answers while it imports, which it may just have ended
            return Reply(500, JSON, b'{"detail": "FOREIGN KEY constraint failed"}')
        if "/import" not in request.path:
            return forward(request)
        working.append(Thread(target=forward, args=[request]))
        working[0].start()
        return Reply(403, JSON, b'{"detail": "cannot wait"}')

    world.proxy.fault = refuse_early
    with pytest.raises(ServerError, match="cannot wait"):
        world.restore(folder, polling=PollSettings(lookup=20, first_wait=0.02))
    working[0].join()
    assert world.new() == []
    assert len(world.proxy.asked("DELETE", "/projects/")) > 1


@pytest.mark.usefixtures("_by_two")
def test_an_interrupt(world: World, small: SnapshotFolder) -> None:
    with pytest.raises(KeyboardInterrupt):
        restore.restore(world.server(), small, "Again", Heard(interrupt=True))
    assert imports(world.proxy) == [2]
    assert world.new() == []


def test_half_a_character_and_no_number(world: World) -> None:
    for value, why in (("\ud83d", "surrogates not allowed"), (float("nan"), "not JSON compliant")):
        folder = written(
            world.folder / why, [canonical.task(task(3, data={"image": value}))], made.SHAPES
        )
        with pytest.raises(LsDvcError, match=f"task 3 cannot go back into Label Studio: .*{why}"):
            world.restore(folder)
    assert world.new() == []


def test_a_broken_config_is_never_sent(world: World) -> None:
    with pytest.raises(LsDvcError, match="not well-formed XML"):
        world.restore(world.write([task(1)], "<View><Choices"))
    assert world.proxy.seen == []


def test_a_config_that_the_server_refuses(world: World) -> None:
    config = '<View><Text name="t" value="$t"/><Labels name="l" toName="x"/></View>'
    with pytest.raises(ServerError, match="refuses the label config of this version"):
        world.restore(world.write([task(1)], config))
    assert world.new() == []


@pytest.mark.parametrize("title", ["ab", "x" * 51])
def test_a_title_that_the_server_refuses(world: World, small: SnapshotFolder, title: str) -> None:
    with pytest.raises(LsDvcError, match="cannot be called") as caught:
        world.restore(small, title)
    assert "3 to 50" in caught.value.hint
    with pytest.raises(ServerError, match="title"):
        world.admin.create_project(title, made.SHAPES)


def test_a_project_that_cannot_be_removed_is_told(world: World, small: SnapshotFolder) -> None:
    def stuck(request: Request, forward: Forward) -> Reply:
        refused = request.method == "DELETE" or "/import" in request.path
        return Reply(403, JSON, b'{"detail": "not you"}') if refused else forward(request)

    world.proxy.fault = stuck
    heard = Heard()
    with pytest.raises(ServerError, match=r"/import.*HTTP 403: not you"):
        restore.restore(world.server(), small, "Again", heard)
    (title,) = world.new()
    assert title.startswith(UNFINISHED)
    assert title in heard.said[0]
    project = next(number for number, each in world.titles().items() if each == title)
    left = world.admin.call("GET", f"/api/projects/{project}/")
    assert left["label_config"] == new_project.NO_CONFIG, "nobody takes it for whole"


def test_users_that_are_no_list(world: World, small: SnapshotFolder) -> None:
    def other(request: Request, forward: Forward) -> Reply:
        return (
            Reply(200, JSON, b'{"results": []}') if "/users" in request.path else forward(request)
        )

    world.proxy.fault = other
    with pytest.raises(ServerError, match="in an unknown form"):
        world.restore(small)
    assert world.new() == []


@pytest.mark.parametrize(
    ("project", "revision", "title"),
    [
        ("Streets", "v1.0", "Streets @ v1.0"),
        ("x" * 60, "v1.0", "x" * 43 + " @ v1.0"),
        ("Streets", "r" * 60, "@ " + "r" * 47),
    ],
)
def test_a_title_from_project_and_revision(project: str, revision: str, title: str) -> None:
    assert restore.title_for(project, revision) == title
    assert len(title) <= restore.TITLE_LENGTH[1]
