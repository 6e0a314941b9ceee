"""Changes of a project, by name: all that a person, a script or the Data Manager can do to it.

A number beside the name chooses the task, annotation or prediction that is changed, so that a
sequence of changes that once showed a fault can be repeated.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ls_dvc.server.admin import Admin

CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="kind" toName="text" choice="multiple">'
    '<Choice value="A"/><Choice value="B"/></Choices>'
    '<TextArea name="note" toName="text"/></View>'
)
OTHER = CONFIG.replace('<Choice value="B"/>', '<Choice value="B"/><Choice value="C"/>')

Raw = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """A project with `CONFIG`. `local` is a folder that the server may serve."""

    admin: Admin
    project: int
    local: Path

    def play(self, name: str, number: int) -> None:
        """Do one thing; nothing where there is nothing to do it to."""
        MUTATIONS[name](self, number)

    def tasks(self) -> list[Raw]:
        """All of them, with annotations and predictions, by id."""
        found = self.admin.call(
            "GET", "/api/tasks/", project=self.project, fields="all", page_size=200
        )
        return sorted(found["tasks"], key=lambda each: each["id"])

    def task(self, number: int) -> Raw:
        if not self.tasks():
            self.admin.import_tasks(self.project, [text("first")])
        (found,) = _one(self.tasks(), number)
        return found

    def annotations(self, number: int) -> list[Raw]:
        """One annotation, or none."""
        return _one([each for task in self.tasks() for each in task["annotations"]], number)

    def predictions(self, number: int) -> list[Raw]:
        """One prediction, or none."""
        return _one([each for task in self.tasks() for each in task["predictions"]], number)

    def path(self, rest: str) -> str:
        return f"/api/projects/{self.project}/{rest}"

    def act(self, action: str, number: int, **fields: Any) -> None:
        """An action of the Data Manager on every other task, or on all."""
        ids = [each["id"] for each in self.tasks()]
        chosen = ids if number % 3 == 0 else ids[number % 2 :: 2]
        if ids and chosen:
            body = {"selectedItems": {"all": False, "included": chosen}, **fields}
            query = {"id": action, "project": self.project}
            self.admin.call("POST", "/api/dm/actions/", body, **query)


Mutation = Callable[[Scene, int], None]
MUTATIONS: dict[str, Mutation] = {}
FRESH = itertools.count(1)


def mutation(each: Mutation) -> Mutation:
    MUTATIONS[each.__name__] = each
    return each


def text(content: str, **data: Any) -> Raw:
    return {"data": {"text": content, **data}}


def choices(number: int) -> list[Raw]:
    kind = {"choices": [["A"], ["B"], ["A", "B"]][number % 3]}
    note = {"text": [f"n{number}"]}
    return [
        {"from_name": "kind", "to_name": "text", "type": "choices", "value": kind},
        {"from_name": "note", "to_name": "text", "type": "textarea", "value": note},
    ][: 1 + number % 2]


def _one(some: list[Raw], number: int) -> list[Raw]:
    return [some[number % len(some)]] if some else []


# --- annotations


@mutation
def annotate(scene: Scene, number: int) -> None:
    scene.admin.create_annotation(scene.task(number)["id"], choices(number))


@mutation
def skip(scene: Scene, number: int) -> None:
    scene.admin.create_annotation(scene.task(number)["id"], [], was_cancelled=True)


@mutation
def change(scene: Scene, number: int) -> None:
    for each in scene.annotations(number):
        scene.admin.update_annotation(each["id"], choices(number))


@mutation
def change_nothing(scene: Scene, number: int) -> None:
    for each in scene.annotations(number):
        scene.admin.update_annotation(each["id"], each["result"])


def _patch(scene: Scene, number: int, **fields: Any) -> None:
    for each in scene.annotations(number):
        scene.admin.call("PATCH", f"/api/annotations/{each['id']}/", fields)


@mutation
def cancel(scene: Scene, number: int) -> None:
    _patch(scene, number, was_cancelled=number % 2 == 0)


@mutation
def ground_truth(scene: Scene, number: int) -> None:
    _patch(scene, number, ground_truth=number % 3 > 0)


@mutation
def delete_annotation(scene: Scene, number: int) -> None:
    for each in scene.annotations(number):
        scene.admin.call("DELETE", f"/api/annotations/{each['id']}/")


@mutation
def convert_to_draft(scene: Scene, number: int) -> None:
    for each in scene.annotations(number):
        scene.admin.call("POST", f"/api/annotations/{each['id']}/convert-to-draft", {})


@mutation
def draft(scene: Scene, number: int) -> None:
    body = {"result": choices(number), "lead_time": 1.0}
    scene.admin.call("POST", f"/api/tasks/{scene.task(number)['id']}/drafts", body)


@mutation
def draft_over(scene: Scene, number: int) -> None:
    for each in scene.annotations(number):
        path = f"/api/tasks/{each['task']}/annotations/{each['id']}/drafts"
        scene.admin.call("POST", path, {"result": choices(number), "lead_time": 1.0})


# --- predictions


def predicted(number: int) -> Raw:
    return {"result": choices(number)[:1], "model_version": f"m{number % 2}", "score": 0.5}


@mutation
def predict(scene: Scene, number: int) -> None:
    body = {"task": scene.task(number)["id"], **predicted(number)}
    scene.admin.call("POST", "/api/predictions/", body)


@mutation
def change_prediction(scene: Scene, number: int) -> None:
    for each in scene.predictions(number):
        scene.admin.call("PATCH", f"/api/predictions/{each['id']}/", predicted(number))


@mutation
def delete_prediction(scene: Scene, number: int) -> None:
    for each in scene.predictions(number):
        scene.admin.call("DELETE", f"/api/predictions/{each['id']}/")


@mutation
def import_predictions(scene: Scene, number: int) -> None:
    tasks = {scene.task(each)["id"] for each in (number, number + 1)}
    body = [{"task": each, **predicted(number)} for each in sorted(tasks)]
    scene.admin.call("POST", scene.path("import/predictions"), body)


# --- tasks


@mutation
def create_task(scene: Scene, number: int) -> None:
    body = {"project": scene.project, **text(f"c{number % 2}")}
    scene.admin.call("POST", "/api/tasks/", body)


@mutation
def import_tasks(scene: Scene, number: int) -> None:
    tasks = [text(f"i{number % 2}") for _ in range(1 + number % 2)]
    scene.admin.import_tasks(scene.project, tasks)


@mutation
def import_labeled(scene: Scene, number: int) -> None:
    labeled = {"annotations": [{"result": choices(number)}], "predictions": [predicted(number)]}
    scene.admin.import_tasks(scene.project, [{**text("i0"), **labeled}])


@mutation
def import_a_key(scene: Scene, number: int) -> None:
    scene.admin.import_tasks(scene.project, [text("k", **{f"key{number % 3}": number})])


@mutation
def import_again(scene: Scene, number: int) -> None:
    """A file, twice: its tasks are replaced by new ones."""
    content = json.dumps([text(f"f{number}")]).encode()
    scene.admin.upload(scene.project, {f"f{number}.json": content})
    files = scene.admin.call("GET", scene.path("file-uploads"), all="true")
    body = {"file_upload_ids": [each["id"] for each in files][-2:], "files_as_tasks_list": False}
    scene.admin.call("POST", scene.path("reimport"), body)


@mutation
def change_data(scene: Scene, number: int) -> None:
    task = scene.task(number)
    body = {"data": {**task["data"], "text": f"d{number}"}}
    scene.admin.call("PATCH", f"/api/tasks/{task['id']}/", body)


@mutation
def change_meta(scene: Scene, number: int) -> None:
    body = {"meta": {"n": number}}
    scene.admin.call("PATCH", f"/api/tasks/{scene.task(number)['id']}/", body)


@mutation
def touch(scene: Scene, number: int) -> None:
    scene.admin.call("PATCH", f"/api/tasks/{scene.task(number)['id']}/", {})


@mutation
def delete_task(scene: Scene, number: int) -> None:
    scene.admin.delete_task(scene.task(number)["id"])


@mutation
def delete_the_last(scene: Scene, number: int) -> None:
    scene.admin.delete_task(scene.task(-1)["id"])


@mutation
def start_over(scene: Scene, number: int) -> None:
    """Delete every task, then import some."""
    scene.admin.call("DELETE", scene.path("tasks/"))
    scene.admin.import_tasks(scene.project, [text(f"s{each}") for each in range(3 + number % 3)])


@mutation
def sync_storage(scene: Scene, number: int) -> None:
    folder = scene.local / f"{scene.project}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number}.json").write_text(json.dumps(text(f"l{number}")["data"]))
    storages = scene.admin.call("GET", "/api/storages/localfiles/", project=scene.project)
    if not storages:
        body = {"project": scene.project, "path": str(folder), "use_blob_urls": False}
        storages = [scene.admin.call("POST", "/api/storages/localfiles/", body)]
    scene.admin.call("POST", f"/api/storages/localfiles/{storages[0]['id']}/sync", {})


# --- the Data Manager's actions


@mutation
def cache_labels(scene: Scene, number: int) -> None:
    source = "Predictions" if number % 2 else "Annotations"
    scene.act("cache_labels", number, control_tag="kind", with_counters="Yes", source=source)


@mutation
def add_a_field(scene: Scene, number: int) -> None:
    """One that no task ever had."""
    write_a_field(scene, number, f"field{next(FRESH)}")


def write_a_field(scene: Scene, number: int, name: str) -> None:
    """Also over what is there already, of which an update may see nothing."""
    scene.act("add_data_field", number, value_name=name, value_type="String", value=f"v{number}")


@mutation
def propagate(scene: Scene, number: int) -> None:
    for each in scene.annotations(number):
        scene.act("propagate_annotations", number, source_annotation_id=each["id"])


@mutation
def rename_labels(scene: Scene, number: int) -> None:
    old, new = ("A", "B") if number % 2 else ("B", "A")
    scene.act("rename_labels", number, control_tag="kind", old_label_name=old, new_label_name=new)


@mutation
def predictions_to_annotations(scene: Scene, number: int) -> None:
    scene.act("predictions_to_annotations", number, model_version=f"m{number % 2}")


@mutation
def remove_duplicates(scene: Scene, number: int) -> None:
    scene.act("remove_duplicates", 0)


@mutation
def delete_tasks(scene: Scene, number: int) -> None:
    if len(scene.tasks()) > 4:
        scene.act("delete_tasks", 1 + number % 2)


@mutation
def delete_annotations(scene: Scene, number: int) -> None:
    scene.act("delete_tasks_annotations", number)


@mutation
def delete_predictions(scene: Scene, number: int) -> None:
    scene.act("delete_tasks_predictions", number)


# --- the project


@mutation
def change_settings(scene: Scene, number: int) -> None:
    settings: list[Raw] = [
        {"maximum_annotations": 1 + number},
        {"show_skip_button": number % 2 == 0, "sampling": "Uniform sampling"},
        {"title": f"Project called {number}", "description": f"{number}"},
        {"model_version": f"m{number % 2}", "show_collab_predictions": number % 2 == 0},
        {"skip_queue": "REQUEUE_FOR_OTHERS", "enable_empty_annotation": number % 2 == 0},
    ]
    scene.admin.patch_project(scene.project, **settings[number % len(settings)])


@mutation
def change_config(scene: Scene, number: int) -> None:
    scene.admin.patch_project(scene.project, label_config=OTHER if number % 2 else CONFIG)
