"""Label Studio on PostgreSQL: another order, and writes that are seen later than they were made."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from support import postgres
from support.live_project import LiveProject, live, spread
from support.postgres import ServersOnPostgres
from support.proxy import Reply, Request, proxied

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.execution.child_process import HOST
from ls_dvc.io import canonical_json, safe_archive
from ls_dvc.labels.canonical import Task
from ls_dvc.pin.pin import Pin
from ls_dvc.server import fetch as conversion_request
from ls_dvc.server.admin import Admin
from ls_dvc.server.cache import Cache
from ls_dvc.server.fetch import fetch_snapshot

CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="kind" toName="text">'
    '<Choice value="A"/><Choice value="B"/></Choices></View>'
)


@pytest.fixture(scope="module")
def admin_there(studio_on_postgres: LocalServer) -> Iterator[Admin]:
    client = Admin(studio_on_postgres.url, studio_on_postgres.api_key)
    yield client
    client.close()


def region(choice: str) -> dict[str, Any]:
    value = {"choices": [choice]}
    return {"from_name": "kind", "to_name": "text", "type": "choices", "value": value}


def labeled(number: int) -> dict[str, Any]:
    """A task with two annotations and a prediction, as it is imported."""
    results = [[region("A")], [region("B"), {"id": f"{number}", "type": "relation"}]]
    return {
        "data": {
            "text": f"t{number} ä\u2028 1e400",
            "n": number / 7,
            "deep": [{"b": 1, "a": None}],
        },
        "meta": {"n": number},
        "annotations": [
            {"result": each, "lead_time": number + 0.1, "ground_truth": number % 2 == 0}
            for each in results
        ],
        "predictions": [{"result": [region("A")], "score": number / 3, "model_version": "m"}],
    }


def without_ids(task: Task) -> Any:
    """What is left of a task but for numbers and times that a server gives."""
    dropped = {"id", "created_at"}
    kept = {name: value for name, value in task.items() if name not in dropped}
    for name in ("annotations", "predictions"):
        kept[name] = [
            {each: value for each, value in one.items() if each not in dropped}
            for one in task[name]
        ]
    return kept


def test_the_same_labels_as_on_sqlite(
    tmp_path: Path, studio: LocalServer, studio_on_postgres: LocalServer
) -> None:
    found = []
    for server in (studio, studio_on_postgres):
        admin = Admin(server.url, server.api_key)
        number = admin.create_project("Same", CONFIG)
        admin.import_tasks(number, [labeled(each) for each in range(20)])
        admin.close()
        with live(server, number, tmp_path / str(server.port)) as talk:
            found.append(
                [canonical_json.line(without_ids(each)) for each in talk.tasks(talk.update())]
            )
    assert found[0] == found[1]
    assert len(found[0]) == 20


def test_the_order_of_the_database_does_not_matter(
    tmp_path: Path, studio_on_postgres: LocalServer, admin_there: Admin
) -> None:
    project = admin_there.create_project("Order", CONFIG)
    tasks = admin_there.import_tasks(project, [labeled(each) for each in range(60)])
    with live(studio_on_postgres, project, tmp_path) as talk:
        before = talk.update()
        for task in tasks[10:30]:
            first, _ = admin_there.call("GET", f"/api/tasks/{task}/annotations/")
            admin_there.update_annotation(first["id"], first["result"])
        after = talk.update(full=True)
        assert exported(talk, after) != tasks, "nothing came out of order"
        assert sorted(exported(talk, after)) == tasks
        assert after.fingerprint == before.fingerprint


def test_what_the_server_converted_has_the_order_of_its_snapshot(
    tmp_path: Path, studio_on_postgres: LocalServer, admin_there: Admin
) -> None:
    project = admin_there.create_project("Converted", CONFIG)
    tasks = admin_there.import_tasks(project, [labeled(each) for each in range(60)])
    with live(studio_on_postgres, project, tmp_path / "cache") as talk:
        for task in tasks[10:30]:
            first, _ = admin_there.call("GET", f"/api/tasks/{task}/annotations/")
            admin_there.update_annotation(first["id"], first["result"])
        pin = talk.update(served={"JSON_MIN": False})
        (snapshot,), (made,) = pin.snapshots, pin.converted
        assert exported(talk, pin) != tasks, "nothing came out of order"
        request = conversion_request.ConversionRequest(snapshot, "JSON_MIN", 60)
        again = Cache(tmp_path / "other")
        assert (
            conversion_request.fetch_conversion(talk.server, request, again, tmp_path)
            == made.sha256
        )
        with talk.cache.archive(made.sha256).open("rb") as file:
            ((_, content),) = safe_archive.members(file)
        rows = [each["id"] for each in json.loads(content)]
        assert list(dict.fromkeys(rows)) == exported(talk, pin)


def exported(talk: LiveProject, pin: Pin) -> list[int]:
    """The ids of the tasks in the order in which the server sent them."""
    raw = [fetch_snapshot(talk.server, each, talk.cache) for each in pin.snapshots]
    return [task["id"] for path in raw for task in json.loads(path.read_bytes())]


class Held:
    """Rows that another connection keeps from changing, until they are let go."""

    def __init__(self, servers: ServersOnPostgres) -> None:
        self._servers = servers
        self._holds: dict[tuple[str, int], psycopg.Connection[Any]] = {}
        self._writers: dict[tuple[str, int], Thread] = {}

    def write(self, table: str, row: int, request: Callable[[], object]) -> None:
        """Hold a row, and send a request that changes it; back when the server waits for it."""
        hold = psycopg.connect(self._servers.conninfo)
        self._holds[table, row] = hold
        hold.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR NO KEY UPDATE", [row])
        before = self._waiting(hold)
        self._writers[table, row] = Thread(target=request)
        self._writers[table, row].start()
        deadline = time.monotonic() + 30
        while self._waiting(hold) == before:
            assert time.monotonic() < deadline, "the request went past the row"
            time.sleep(0.01)

    def let_go(self, table: str, row: int) -> None:
        """Back when the request is answered."""
        hold = self._holds.pop((table, row))
        hold.rollback()
        hold.close()
        self._writers[table, row].join()

    def let_all_go(self) -> None:
        for table, row in list(self._holds):
            self.let_go(table, row)

    @staticmethod
    def _waiting(hold: psycopg.Connection[Any]) -> int:
        asked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return int(hold.execute(asked).fetchall()[0][0])


@pytest.fixture
def held(servers_on_postgres: ServersOnPostgres) -> Iterator[Held]:
    found = Held(servers_on_postgres)
    yield found
    found.let_all_go()


def prediction_of(admin: Admin, task: int) -> int:
    (found,) = admin.call("GET", "/api/predictions/", task=task)
    return int(found["id"])


def predict(admin: Admin, prediction: int, choice: str) -> None:
    admin.call("PATCH", f"/api/predictions/{prediction}/", {"result": [region(choice)]})


def predicted(tasks: list[Task]) -> list[str]:
    return [
        choice
        for task in tasks
        for each in task["predictions"]
        for choice in each["result"][0]["value"]["choices"]
    ]


PREDICTED = {"data": {"text": "t"}, "predictions": [{"result": [region("A")]}]}


def test_a_prediction_that_is_written_late_is_in_the_next_pin(
    tmp_path: Path, studio_on_postgres: LocalServer, admin_there: Admin, held: Held
) -> None:
    """Its task's `updated_at` is there before the update, it itself after: the summary tells."""
    project = admin_there.create_project("Late prediction", CONFIG)
    (task,) = admin_there.import_tasks(project, [PREDICTED])
    row = prediction_of(admin_there, task)
    with live(studio_on_postgres, project, tmp_path) as talk:
        held.write("prediction", row, lambda: predict(admin_there, row, "B"))
        pin = talk.update()
        assert predicted(talk.tasks(pin)) == ["A"]
        held.let_go("prediction", row)
        assert predicted(talk.tasks(talk.update(pin))) == ["B"]


def test_a_task_that_is_written_late_is_in_the_next_pin(
    tmp_path: Path, studio_on_postgres: LocalServer, admin_there: Admin, held: Held
) -> None:
    """Its `updated_at` is older than one that the update has seen already: the summary tells."""
    project = admin_there.create_project("Late task", CONFIG)
    late, other = admin_there.import_tasks(project, 2 * [{"data": {"text": "old"}}])
    new = {"data": {"text": "new"}}
    with live(studio_on_postgres, project, tmp_path) as talk:
        held.write("task", late, lambda: admin_there.call("PATCH", f"/api/tasks/{late}/", new))
        admin_there.create_annotation(other, [region("A")])
        pin = talk.update()
        assert [each["data"]["text"] for each in talk.tasks(pin)] == ["old", "old"]
        held.let_go("task", late)
        pin = talk.update(pin)
        assert [each["data"]["text"] for each in talk.tasks(pin)] == ["new", "old"]


def test_of_two_predictions_that_are_written_late_no_pin_has_only_the_second(
    tmp_path: Path, studio_on_postgres: LocalServer, admin_there: Admin, held: Held
) -> None:
    """Both are written between the two ranges of an export, the one in the first range first."""
    project, before, after = spread(admin_there, CONFIG, [PREDICTED])
    rows = [prediction_of(admin_there, task) for task in (*before, *after)]

    def release(request: Request, forward: Callable[[Request], Reply]) -> Reply:
        reply = forward(request)
        if request.method == "POST" and "/exports/" in request.path:
            while rows:
                held.let_go("prediction", rows.pop(0))
        return reply

    with (
        proxied(studio_on_postgres.url) as proxy,
        live(studio_on_postgres, project, tmp_path, url=proxy.url) as talk,
    ):
        for row in rows:
            held.write("prediction", row, lambda row=row: predict(admin_there, row, "B"))
        proxy.fault = release
        assert predicted(talk.tasks(talk.update())) in (["A", "A"], ["B", "A"], ["B", "B"])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_both_servers_end_with_their_parent_whatever_kills_it(
    servers_on_postgres: ServersOnPostgres,
) -> None:
    code = (
        "import time\nfrom support import postgres\n"
        "with postgres.servers(postgres.binaries()) as both:\n"
        "    print(both.studio.port, both.database_port, flush=True); time.sleep(600)"
    )
    with postgres.private_folder() as folder:
        parent = subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[1])},
        )
        assert parent.stdout is not None
        ports = [int(each) for each in parent.stdout.readline().split()]
        assert [listens(each) for each in ports] == [True, True]
        parent.kill()
        parent.wait()
        parent.stdout.close()
        deadline = time.monotonic() + 30
        while any(map(listens, ports)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(map(listens, ports))


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
