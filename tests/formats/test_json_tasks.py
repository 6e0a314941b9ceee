"""JSON and JSON_MIN: golden bytes by hand, and JSON back in through Label Studio's own import."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import projects
from support.projects import Raw, annotation, box, boxed, choice, polygon, region, relation, task

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import ServerError
from ls_dvc.labels import canonical
from ls_dvc.server.admin import Admin
from ls_dvc.server.client import Client
from ls_dvc.server.interface import TaskRange
from ls_dvc.server.project import LabelStudioProject
from ls_dvc.settings.connection import Connection

SMALL = [
    task(9),
    boxed(
        2,
        choice("Sun", id="c1"),
        region("textarea", {"text": ["é 😀"]}, from_name="note", id="t1"),
        data={"image": "a.jpg", "n": 1.0, "none": None},
    ),
    task(3, annotation(), annotation(was_cancelled=True)),
]
JSON = """[
{"annotations":[{"completed_by":7,"created_at":"2026-03-01T10:00:00.123456Z","ground_truth":false,\
"id":20,"lead_time":4.5,"result":[\
{"from_name":"weather","id":"c1","image_rotation":0,"origin":"manual","original_height":480,\
"original_width":640,"to_name":"image","type":"choices","value":{"choices":["Sun"]}},\
{"from_name":"note","id":"t1","image_rotation":0,"origin":"manual","original_height":480,\
"original_width":640,"to_name":"image","type":"textarea","value":{"text":["é 😀"]}}\
],"was_cancelled":false}],"created_at":"2026-02-28T09:00:00.000000Z",\
"data":{"image":"a.jpg","n":1.0,"none":null},"id":2,"inner_id":2,"meta":{},"predictions":[]},
{"annotations":[{"completed_by":7,"created_at":"2026-03-01T10:00:00.123456Z","ground_truth":false,\
"id":30,"lead_time":4.5,"result":[],"was_cancelled":false},\
{"completed_by":7,"created_at":"2026-03-01T10:00:00.123456Z","ground_truth":false,"id":31,\
"lead_time":4.5,"result":[],"was_cancelled":true}],"created_at":"2026-02-28T09:00:00.000000Z",\
"data":{"image":"/data/upload/1/00000003-pic3.jpg"},"id":3,"inner_id":3,"meta":{},"predictions":[]},
{"annotations":[],"created_at":"2026-02-28T09:00:00.000000Z",\
"data":{"image":"/data/upload/1/00000009-pic9.jpg"},"id":9,"inner_id":9,"meta":{},"predictions":[]}
]
"""
JSON_MIN = """[
{"annotation_id":20,"annotator":7,"created_at":"2026-03-01T10:00:00.123456Z","id":2,\
"image":"a.jpg","lead_time":4.5,"n":1.0,"none":null,"note":"é 😀","weather":"Sun"},
{"annotation_id":30,"annotator":7,"created_at":"2026-03-01T10:00:00.123456Z","id":3,\
"image":"/data/upload/1/00000003-pic3.jpg","lead_time":4.5}
]
"""
BOTH = ("JSON", "JSON_MIN")


def record(*regions: Any, config: str = projects.SHAPES, **fields: Any) -> Any:
    """The JSON_MIN record of a task with these regions."""
    (found,) = projects.convert("JSON_MIN", [boxed(1, *regions, **fields)], config).json()
    return found


# --- both


def test_golden_json() -> None:
    out = projects.convert("JSON", SMALL)
    assert list(out.files) == ["result.json"]
    assert out.text("result.json") == JSON


def test_golden_json_min() -> None:
    """The task that was looked at and is empty is there; the one that nobody labeled is not."""
    out = projects.convert("JSON_MIN", SMALL)
    assert list(out.files) == ["result.json"]
    assert out.text("result.json") == JSON_MIN
    assert out.reasons == [(9, None, "unlabeled")]


@pytest.mark.parametrize("fmt", BOTH)
def test_no_tasks(fmt: str) -> None:
    assert projects.convert(fmt, []).files == {"result.json": b"[]\n"}


def test_no_labels() -> None:
    raw = [task(1), task(2)]
    assert projects.convert("JSON_MIN", raw).files == {"result.json": b"[]\n"}
    assert [each["id"] for each in projects.convert("JSON", raw).json()] == [1, 2]


@pytest.mark.parametrize("fmt", BOTH)
@pytest.mark.parametrize(
    "value",
    [
        "é 👩‍🚀 \u2028 \x00 \x7f \ufeff",
        "\ud83d alone",  # half an emoji, which UTF-8 cannot hold
        2**63,  # one of these aborts the whole export of the SDK's converter
        -(10**30),
        1e300,
        5e-324,
        0.1 + 0.2,
        "x" * 300,
        {"deep": [[], {}, None, True, {"": "empty key"}]},
    ],
)
def test_values_come_back_as_they_were(fmt: str, value: Any) -> None:
    raw = [boxed(1, choice("Sun"), data={"image": "a.jpg", "value": value}), boxed(2)]
    out = projects.convert(fmt, raw)
    first, second = out.json()
    assert (first["data"] if fmt == "JSON" else first)["value"] == value
    assert second["id"] == 2
    assert out.text("result.json").count("\n") == 4, "one record a line"


def test_unicode_is_written_as_it_is_and_half_a_character_escapes_its_line() -> None:
    raw = [boxed(each, data={"a": text}) for each, text in ((1, "é😀"), (2, "é\ud83d"))]
    _, whole, broken, _ = projects.convert("JSON_MIN", raw).text("result.json").splitlines()
    assert '"a":"é😀"' in whole
    assert '"a":"\\u00e9\\ud83d"' in broken


# --- JSON


def test_json_holds_every_annotation_and_prediction_in_order_of_id() -> None:
    """No other format has them all; the SDK's converter drops predictions everywhere else."""
    later = annotation(box(2, 2, 2, 2), number=12)
    skipped = annotation(box(3, 3, 3, 3), number=11, was_cancelled=True)
    predictions = [{"id": 8, "result": []}, {"id": 5, "result": [box(1, 1, 1, 1)], "score": 0.5}]
    raw = [task(1, later, skipped, predictions=predictions)]
    out = projects.convert("JSON", raw)
    (found,) = out.json()
    assert [each["id"] for each in found["annotations"]] == [11, 12]
    assert [each["was_cancelled"] for each in found["annotations"]] == [True, False]
    assert [each["id"] for each in found["predictions"]] == [5, 8]
    assert found["predictions"][0] == {"id": 5, "result": [box(1, 1, 1, 1)], "score": 0.5}
    assert out.ledger.entries == []
    assert out.ledger.regions_written == 2


def test_json_leaves_out_the_bookkeeping_of_a_server() -> None:
    """It moves without any label moving, and an e-mail address is nobody's business."""
    (found,) = projects.convert("JSON", [boxed(1, box(1, 2, 3, 4))]).json()
    assert set(found) == {*canonical.TASK_FIELDS, "annotations", "predictions"}
    assert set(found["annotations"][0]) == set(canonical.ANNOTATION_FIELDS)
    assert found["annotations"][0]["completed_by"] == 7


def test_json_keeps_relations() -> None:
    arrow = relation("r1", "r2")
    (found,) = projects.convert("JSON", [boxed(1, box(1, 1, 2, 2), arrow)]).json()
    assert found["annotations"][0]["result"][1] == arrow


# --- JSON_MIN


def test_single_choices_and_texts_are_plain() -> None:
    lines = region("textarea", {"text": ["a", "b"]}, from_name="note")
    found = record(choice("Sun", "Rain"), lines)
    size = {"original_width": 640, "original_height": 480}
    assert found["weather"] == {"choices": ["Sun", "Rain"], **size}
    assert found["note"] == {"text": ["a", "b"], **size}
    assert record(choice("Sun"), choice("Rain", id="c2"))["weather"] == ["Sun", "Rain"]


def test_a_shape_is_a_list_of_one_with_the_size_of_its_image() -> None:
    (found,) = record(box(10, 20, 30, 40, "Dog", rotation=5))["box"]
    assert found == {
        "x": 10,
        "y": 20,
        "width": 30,
        "height": 40,
        "rotation": 5,
        "rectanglelabels": ["Dog"],
        "original_width": 640,
        "original_height": 480,
    }


def test_data_with_the_names_of_our_columns() -> None:
    """The SDK's converter overwrites it. Here the data moves aside, in every record alike."""
    mine = {
        "id": "a",
        "annotator": "b",
        "created_at": "c",
        "lead_time": "d",
        "annotation_id": "e",
        "weather": "foggy",
        "updated_at": "f",
        "image": "x.jpg",
    }
    found = record(choice("Sun"), data=mine)
    assert [found[each] for each in ("id", "annotator", "annotation_id")] == [1, 7, 10]
    assert found["created_at"] == "2026-03-01T10:00:00.123456Z"
    assert found["lead_time"] == 4.5
    assert found["weather"] == "Sun"
    assert {name: found[f"data.{name}"] for name in mine if f"data.{name}" in found} == {
        key: value for key, value in mine.items() if key not in ("updated_at", "image")
    }
    assert (found["updated_at"], found["image"]) == ("f", "x.jpg")


def test_a_control_that_left_the_config_has_its_labels_still() -> None:
    """The SDK's converter drops them."""
    assert record(choice("Sun", control="sky"))["sky"] == "Sun"


def test_an_annotation_without_a_date() -> None:
    """It aborts the whole export of the SDK's converter."""
    bare = annotation(choice("Sun"), created_at=None, lead_time=None, completed_by=None)
    out = projects.convert("JSON_MIN", [task(1, bare), boxed(2)])
    first, second = out.json()
    assert [first[each] for each in ("created_at", "lead_time", "annotator")] == [None] * 3
    assert (first["weather"], second["id"]) == ("Sun", 2)


def test_relations_are_listed() -> None:
    out = projects.convert("JSON_MIN", [boxed(1, box(1, 1, 2, 2), relation("r1", "r2"))])
    assert out.reasons == [(1, "#1", "relation")]


# --- back in through Label Studio's import


def export(studio: LocalServer, project: int, folder: Path) -> list[Raw]:
    """A project as `ls-dvc update` and `pull` get it."""
    client = Client(Connection(studio.url, studio.api_key))
    try:
        server = LabelStudioProject(client, project)
        taken = server.take(TaskRange(*server.bounds()))
        part = folder / f"{project}.json"
        server.download(taken, part, lambda _: None)
    finally:
        client.close()
    return list(json.loads(part.read_bytes()))


def labeled(annotator: int) -> list[Raw]:
    """Tasks of every kind, whose annotations are by a user that the server knows."""
    several = task(
        12,
        annotation(box(5, 6, 7, 8, id="z"), box(1, 2, 3, 4, id="a"), relation("z", "a")),
        annotation(polygon([[1, 1], [2, 2], [1, 3.5]]), was_cancelled=True, lead_time=0.125),
        annotation(ground_truth=True, lead_time=None),
        data={"image": "a.jpg", "n": 2**63 + 1, "f": 0.1, "none": None, "deep": {"a": [{}]}},
        meta={"batch": [1, None]},
        predictions=[
            {"id": 9, "result": [box(9, 9, 9, 9)], "score": 0.875, "model_version": "m2"},
            {"id": 4, "result": [], "score": 0.0, "model_version": "m1"},
        ],
    )
    made = [*projects.showcase(), several]
    for one in made:
        one["predictions"] = [{"model_version": "m0", **each} for each in one["predictions"]]
        for each in one["annotations"]:
            each["completed_by"] = annotator
    return made


def content(tasks: list[Raw]) -> list[Any]:
    """Tasks without what an import assigns anew: see the test below."""
    return [
        {
            **{key: value for key, value in each.items() if key not in ("id", "inner_id")},
            "created_at": None,
            "annotations": [{**one, "id": 0, "created_at": ""} for one in each["annotations"]],
            "predictions": [{**one, "id": 0, "created_at": ""} for one in each["predictions"]],
        }
        for each in tasks
    ]


def test_json_goes_back_in(
    studio: LocalServer, admin: Admin, make_project: Callable[..., int], tmp_path: Path
) -> None:
    """All labels come back: data, meta, every annotation and prediction, each in its order.

    Label Studio's import assigns these anew: `id` and `created_at` of tasks, annotations and
    predictions, and `inner_id` of tasks. (It also sets the model version of a prediction without
    one to "undefined", and refuses annotators that it does not know.)
    """
    me = admin.call("GET", "/api/current-user/whoami")["id"]
    first = projects.convert("JSON", labeled(me)).json()
    project = make_project(label_config=projects.SHAPES, tasks=first)
    second = projects.convert("JSON", export(studio, project, tmp_path)).json()
    assert content(second) == content(first)
    assert [each["id"] for each in second] != [each["id"] for each in first]

    another = make_project(label_config=projects.SHAPES, tasks=second)
    third = projects.convert("JSON", export(studio, another, tmp_path)).json()
    assert content(third) == content(first)
    for fmt in projects.PICTURES:
        assert projects.convert(fmt, second).ledger.totals() == (
            projects.convert(fmt, first).ledger.totals()
        )


def test_the_import_refuses_unknown_annotators(
    admin: Admin, make_project: Callable[..., int]
) -> None:
    """Whoever moves JSON to another server takes `completed_by` out: the importer becomes it."""
    (found,) = projects.convert(
        "JSON", [task(1, annotation(choice("Sun"), completed_by=987654))]
    ).json()
    project = make_project(label_config=projects.SHAPES)
    with pytest.raises(ServerError, match="completed_by=987654 which is not a valid annotator"):
        admin.import_tasks(project, [found])
    del found["annotations"][0]["completed_by"]
    assert len(admin.import_tasks(project, [found])) == 1


# --- answers about a region

SHAPE = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0}
IMAGE = {"original_width": 640, "original_height": 480}
ANSWERS = {
    "choices": {"choices": ["Rain"]},
    "textarea": {"text": ["a truck"]},
    "rating": {"rating": 4},
    "number": {"number": 7},
    "datetime": {"datetime": "2026-03-01"},
    "taxonomy": {"taxonomy": [["A", "B"]]},
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_about_a_region_keeps_its_region(kind: str) -> None:
    """As perRegion makes them; 1,605 choices and 634 texts of real projects came without."""
    about = region(kind, {**SHAPE, **ANSWERS[kind]}, from_name="note", id="b1")
    found = record(box(10, 20, 30, 40, id="b1"), box(1, 2, 3, 4, id="b2"), about)
    answer = {"region": "b1", "region_type": "rectanglelabels", **SHAPE, **IMAGE, **ANSWERS[kind]}
    assert found["note"] == [answer]
    assert [each.get("region") for each in found["box"]] == ["b1", None]


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_about_the_task_is_as_before(kind: str) -> None:
    bare = {"choices": "Rain", "textarea": "a truck"}
    found = record(box(1, 2, 3, 4), region(kind, ANSWERS[kind], from_name="note", id="n"))
    assert found["note"] == bare.get(kind, [{**ANSWERS[kind], **IMAGE}])
    assert "region" not in found["box"][0]


def test_answers_about_regions_and_about_the_task_share_a_column() -> None:
    about = region("choices", {**SHAPE, "choices": ["Rain"]}, from_name="weather", id="b1")
    found = record(choice("Sun", id="c"), box(10, 20, 30, 40, id="b1"), about)
    assert found["weather"][0] == "Sun"
    assert found["weather"][1]["region"] == "b1"
    alone = record(region("choices", {**SHAPE, "choices": ["Rain"]}, from_name="weather", id="x"))
    assert alone["weather"] == [{"region": "x", "choices": ["Rain"], **SHAPE, **IMAGE}]
    without = record(region("choices", {**SHAPE, "choices": ["Rain"]}, from_name="weather", id=...))
    assert without["weather"] == [{"choices": ["Rain"], **SHAPE, **IMAGE}]


def test_a_bare_answer_with_the_id_of_an_answered_region() -> None:
    about = region("rating", {**SHAPE, "rating": 4}, from_name="note", id="b1")
    assert record(about, choice("Sun", id="b1"))["weather"] == "Sun"
