"""What people, scripts and the Data Manager do to a project, as Label Studio was seen to do it.

Most of it touches the tasks that it changes. Some of it does not, and shows in the counts alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from support.simulation.server import CONFIG, OTHER, Raw, SimulatedServer, tick

Edit = Callable[[SimulatedServer], None]
EDITS: list[Edit] = []


def edit(each: Edit) -> Edit:
    EDITS.append(each)
    return each


def some_edits(random: Random) -> list[Edit]:
    """The few kinds of edits that a history is made of: with all of them few deltas are taken."""
    return random.sample(EDITS, random.choice([3, 6, len(EDITS)]))


def do_something(server: SimulatedServer, edits: Sequence[Edit]) -> str:
    """One edit; its name."""
    chosen = server.random.choice(edits)
    tick(server)
    chosen(server)
    return chosen.__name__


def some_result(server: SimulatedServer) -> list[Raw]:
    labels = server.random.sample(["A", "B", "C"], server.random.randint(1, 2))
    kind = {"from_name": "kind", "to_name": "text", "type": "choices"}
    note = {"from_name": "note", "to_name": "text", "type": "textarea"}
    made = [
        {"id": "k", **kind, "value": {"choices": labels}},
        {"id": "n", **note, "value": {"text": [f"n{server.random.randint(0, 9)}"]}},
    ]
    return made[: server.random.randint(0, 2)]


def add_tasks(server: SimulatedServer, number: int, **data: Any) -> list[int]:
    """New tasks. Others use the same server, so ids jump, often to where a range or shard ends."""
    made = []
    for _ in range(number):
        gap = server.random.choice([0, 0, 0, 1, 7, -1])
        border = server.random.random() < 0.4
        new = server.next_id // 1000 * 1000 + 1000 + gap if border else server.next_id + abs(gap)
        new = max(new, server.next_id)
        server.next_id = new + 1
        server.tasks[new] = {
            "id": new,
            "data": {"text": f"t{server.random.randint(0, 3)}", **data},
            "annotations": [],
            "predictions": [],
            "drafts": [],
            "total_annotations": 0,
        }
        server.columns.update(server.tasks[new]["data"].keys())
        made.append(new)
    server.touch(*made)
    server.saw(*made)
    return made


def _task(server: SimulatedServer) -> Raw:
    if not server.tasks:
        add_tasks(server, 2)
    found: Raw = server.tasks[server.random.choice(sorted(server.tasks))]
    return found


def _save(server: SimulatedServer, task: Raw, **fields: Any) -> None:
    annotation = {
        "id": next(server.numbers),
        "completed_by": 1,
        "result": some_result(server),
        "was_cancelled": False,
        **fields,
    }
    task["annotations"].append(annotation)
    server.columns.update(task["data"].keys())  # every save of an annotation counts the data again


def _changed(server: SimulatedServer, *tasks: Raw) -> None:
    late = timedelta(seconds=server.random.choice([0, 0, 20, 50]))  # seen after it was written
    late += timedelta(microseconds=len(server.moments) if late else 0)  # at no other's moment
    ids = [each["id"] for each in tasks]
    server.touch(*ids, at=server.now - late)
    server.saw(*ids)


def _annotated(server: SimulatedServer) -> Raw | None:
    found = [each for each in server.tasks.values() if each["annotations"]]
    return server.random.choice(found) if found else None


@edit
def annotate(server: SimulatedServer) -> None:
    task = _task(server)
    _save(server, task)
    _changed(server, task)


@edit
def skip(server: SimulatedServer) -> None:
    task = _task(server)
    _save(server, task, was_cancelled=True, result=[])
    _changed(server, task)


@edit
def change(server: SimulatedServer) -> None:
    if task := _annotated(server):
        server.random.choice(task["annotations"])["result"] = some_result(server)
        server.columns.update(task["data"].keys())
        _changed(server, task)


@edit
def cancel(server: SimulatedServer) -> None:
    if task := _annotated(server):
        chosen = server.random.choice(task["annotations"])
        chosen["was_cancelled"] = not chosen["was_cancelled"]
        _changed(server, task)


@edit
def delete_annotation(server: SimulatedServer) -> None:
    if task := _annotated(server):
        task["annotations"].pop(server.random.randrange(len(task["annotations"])))
        _changed(server, task)


@edit
def draft(server: SimulatedServer) -> None:
    """It touches no task."""
    _task(server)["drafts"].append({"id": 1})
    server.drafts += 1
    server.saw()


@edit
def import_tasks(server: SimulatedServer) -> None:
    add_tasks(server, server.random.randint(1, 4))


@edit
def import_labeled(server: SimulatedServer) -> None:
    for each in add_tasks(server, server.random.randint(1, 3)):
        _save(server, server.tasks[each])
        _predict(server, server.tasks[each])
        server.saw(each)


@edit
def import_a_key(server: SimulatedServer) -> None:
    add_tasks(server, 1, **{f"key{server.random.randint(0, 2)}": 1})


@edit
def change_data(server: SimulatedServer) -> None:
    task = _task(server)
    task["data"] = {**task["data"], "text": f"d{server.random.randint(0, 9)}"}
    _changed(server, task)


@edit
def touch(server: SimulatedServer) -> None:
    _changed(server, _task(server))


def _delete(server: SimulatedServer, *ids: int) -> None:
    for each in ids:
        server.columns.subtract(server.tasks.pop(each)["data"].keys())
    server.columns = +server.columns
    server.saw(*ids)


@edit
def delete_task(server: SimulatedServer) -> None:
    if len(server.tasks) > 1:
        _delete(server, _task(server)["id"])


@edit
def delete_the_last(server: SimulatedServer) -> None:
    if len(server.tasks) > 1:
        _delete(server, max(server.tasks))


@edit
def delete_and_import(server: SimulatedServer) -> None:
    """As many as before, so that the total does not tell."""
    if len(server.tasks) > 1:
        _delete(server, _task(server)["id"])
        add_tasks(server, 1)


@edit
def delete_many(server: SimulatedServer) -> None:
    if len(server.tasks) > 4:
        _delete(server, *server.random.sample(sorted(server.tasks), len(server.tasks) // 2))


@edit
def start_over(server: SimulatedServer) -> None:
    _delete(server, *server.tasks)
    add_tasks(server, 3)


@edit
def rename_labels(server: SimulatedServer) -> None:
    """Of all tasks at once."""
    found = [each for each in server.tasks.values() if each["annotations"]]
    for task in found:
        for each in task["annotations"]:
            each["result"] = [r for r in each["result"] if r["from_name"] != "kind"]
    if found:
        _changed(server, *found)


def _predict(server: SimulatedServer, task: Raw) -> None:
    task["predictions"].append(
        {
            "id": next(server.numbers),
            "model_version": f"m{server.random.randint(0, 1)}",
            "result": some_result(server)[:1],
            "created_at": tick(server),
        }
    )


@edit
def predict(server: SimulatedServer) -> None:
    task = _task(server)
    _predict(server, task)
    _changed(server, task)


@edit
def import_predictions(server: SimulatedServer) -> None:
    """They touch no task."""
    task = _task(server)
    _predict(server, task)
    server.saw(task["id"])


@edit
def delete_predictions(server: SimulatedServer) -> None:
    """They touch no task, and of several of one task the total keeps some."""
    found = [each for each in server.tasks.values() if each["predictions"]]
    if found:
        task = server.random.choice(found)
        server.lost_count += len(task["predictions"]) - 1
        task["predictions"] = []
        server.saw(task["id"])


@edit
def propagate(server: SimulatedServer) -> None:
    """The tasks that an annotation is copied to are not touched."""
    source = _annotated(server)
    if source is None:
        return
    for task in (_task(server), _task(server)):
        copied = {**source["annotations"][0], "id": next(server.numbers)}
        task["annotations"].append(copied)
        server.saw(task["id"])


@edit
def add_a_field(server: SimulatedServer) -> None:
    """One that no task ever had; no task is touched."""
    name = f"field{next(server.numbers)}"
    for each in server.tasks.values():
        each["data"] = {**each["data"], name: "v"}
        server.columns[name] += 1
    server.saw(*server.tasks)


@edit
def change_config(server: SimulatedServer) -> None:
    server.config = OTHER if server.config == CONFIG else CONFIG
    server.saw()


@edit
def change_title(server: SimulatedServer) -> None:
    server.title = f"Project {server.random.randint(0, 9)}"


@edit
def remove_exports(server: SimulatedServer) -> None:
    """Somebody tidies up the list of export snapshots."""
    if server.made and server.random.random() < 0.3:
        server.made.pop(server.random.choice(sorted(server.made)))
