"""JSONL and PARQUET: golden values by hand, and readers that nobody here wrote."""

from __future__ import annotations

import io
import json
import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import projects
from support.effort import examples
from support.projects import Raw, annotation, box, boxed, choice, polygon, region, relation, task

from ls_dvc.errors import LsDvcError
from ls_dvc.formats import sample_regions
from ls_dvc.formats.interface import Pieces
from ls_dvc.formats.records import parquet, region_columns
from ls_dvc.formats.records.columns import (
    BLANK,
    BOOLEAN,
    COLUMNS,
    INTEGER,
    NUMBER,
    NUMBERS,
    POINTS,
    TEXT,
    TEXTS,
)
from ls_dvc.formats.registry import FORMATS
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import LATEST, Filter, Policy, Split

CONFIGS = (projects.SHAPES, projects.PAIRS, projects.PAGES, projects.TWO_VIEWS, projects.TEXT)
NOT_TOO_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
KINDS = {
    INTEGER: int,
    NUMBER: float,
    BOOLEAN: bool,
    TEXT: str,
    TEXTS: list,
    NUMBERS: list,
    POINTS: list,
}
NAMES = [each.name for each in COLUMNS]


def lines(raw: list[Raw], config: str = projects.SHAPES, policy: Policy = LATEST) -> list[Any]:
    text = projects.convert("JSONL", raw, config, policy=policy).text("result.jsonl")
    return [json.loads(each, parse_constant=no_constant) for each in text.splitlines()]


def no_constant(name: str) -> Any:
    raise AssertionError(f"{name} is no JSON")


def one(*regions: Any, config: str = projects.SHAPES, **fields: Any) -> dict[str, Any]:
    """What is in the record of the first of these regions."""
    record = lines([boxed(1, *regions, **fields)], config)[0]
    return {name: each for name, each in record.items() if each is not None}


def reasons(*regions: Any, policy: Policy = LATEST) -> list[Any]:
    return projects.convert("JSONL", [boxed(1, *regions)], policy=policy).reasons


def table(raw: list[Raw], config: str = projects.SHAPES) -> pa.Table:
    return pq.read_table(io.BytesIO(projects.convert("PARQUET", raw, config).files[PARQUET]))


PARQUET = "result.parquet"
EMPTY = [{"object": "image", "region": None}]

# --- golden

TWO = [boxed(3, box(10, 20, 30, 40)), boxed(9), task(11)]
GOLDEN = (
    '{"task":3,"state":"labeled","annotation":30,"annotator":7,'
    '"created_at":"2026-03-01T10:00:00.123456Z","lead_time":4.5,"ground_truth":false,'
    '"region":"r1","position":0,"control":"box","object":"image","item":null,'
    '"source":"/data/upload/1/00000003-pic3.jpg","type":"rectanglelabels","origin":"manual",'
    '"score":null,"parent":null,"labels":["Car"],"choices":null,"text":null,"number":null,'
    '"start":null,"end":null,"x_percent":10.0,"y_percent":20.0,"width_percent":30.0,'
    '"height_percent":40.0,"radius_x_percent":null,"radius_y_percent":null,'
    '"rotation_degrees":0.0,"points_percent":null,"image_width":640.0,"image_height":480.0,'
    '"bbox_pixels":[64.0,96.0,192.0,192.0],"from_region":null,"to_region":null,"meta":null,'
    '"value":null}\n'
    '{"task":9,"state":"empty","annotation":90,"annotator":7,'
    '"created_at":"2026-03-01T10:00:00.123456Z","lead_time":4.5,"ground_truth":false,'
    '"region":null,"position":null,"control":null,"object":"image","item":null,'
    '"source":"/data/upload/1/00000009-pic9.jpg","type":null,"origin":null,'
    '"score":null,"parent":null,"labels":null,"choices":null,"text":null,"number":null,'
    '"start":null,"end":null,"x_percent":null,"y_percent":null,"width_percent":null,'
    '"height_percent":null,"radius_x_percent":null,"radius_y_percent":null,'
    '"rotation_degrees":null,"points_percent":null,"image_width":null,"image_height":null,'
    '"bbox_pixels":null,"from_region":null,"to_region":null,"meta":null,'
    '"value":null}\n'
)


def test_golden() -> None:
    out = projects.convert("JSONL", TWO)
    assert {path: content.decode() for path, content in out.files.items()} == {
        "result.jsonl": GOLDEN
    }
    assert out.reasons == [(11, None, "unlabeled")]


def test_parquet_has_the_same_records_in_typed_columns() -> None:
    found = table(TWO)
    assert found.to_pylist() == [json.loads(each) for each in GOLDEN.splitlines()]
    types = {str(found.schema.field(each.name).type) for each in COLUMNS}
    nested = {"list<element: string>", "list<element: double>"}
    nested |= {"list<element: list<element: double>>"}
    assert types == {"int64", "string", "double", "bool"} | nested


def test_a_data_set_without_a_label_has_its_files_all_the_same() -> None:
    assert projects.convert("JSONL", [task(1)]).files == {"result.jsonl": b""}
    assert table([task(1)]).num_rows == 0
    assert table([task(1)]).column_names == NAMES


# --- readers that nobody here wrote


def rich() -> list[Raw]:
    """Records of many kinds; each column is used by one of them."""
    oval = {"x": 5, "y": 6, "radiusX": 3, "radiusY": 4, "rotation": 9, "ellipselabels": ["Car"]}
    notes = {"meta": {"text": ["blurred"]}, "score": 0.5, "parentID": "r1"}
    return [
        *projects.showcase(),
        boxed(2001, polygon([[10, 10], [60, 10], [60, 50.5]]), relation("r1", "r2")),
        boxed(2002, region("ellipselabels", oval, **notes), choice("Sun", "Rain", id="r2")),
        boxed(2003, region("textarea", {"text": ["a\nb", "😀"]}), region("rating", {"rating": 3})),
        boxed(2004, region("labels", {"start": 0, "end": 4, "text": "Anna", "labels": ["PER"]})),
    ]


def test_pyarrow_reads_the_same_table_from_both() -> None:
    there = table(rich())
    content = projects.convert("JSONL", rich()).files["result.jsonl"]
    typed = pyarrow.json.ParseOptions(explicit_schema=there.schema)
    assert pyarrow.json.read_json(io.BytesIO(content), parse_options=typed).equals(there)


def test_pyarrow_finds_the_types_of_jsonl_by_itself() -> None:
    """So do those who build on it, such as Hugging Face's datasets."""
    content = projects.convert("JSONL", rich()).files["result.jsonl"]
    guessed = pyarrow.json.read_json(io.BytesIO(content)).schema
    for each in table(rich()).schema:
        told = str(guessed.field(each.name).type)
        assert told in ("null", "timestamp[ns]", str(each.type).replace("element", "item"))


def test_pandas_reads_both() -> None:
    content = projects.convert("JSONL", rich()).files["result.jsonl"]
    mine = pd.read_json(io.BytesIO(content), lines=True, dtype=False)
    there = pd.read_parquet(io.BytesIO(projects.convert("PARQUET", rich()).files[PARQUET]))
    assert list(mine.columns) == list(there.columns) == NAMES
    assert len(mine) == len(there) == len(lines(rich()))
    for frame in (mine, there):
        wide = frame[frame["type"] == "rectanglelabels"].groupby("task")["width_percent"].sum()
        assert wide[1] == 40
        assert next(iter(frame[frame["task"] == 2002]["labels"])) == ["Car"]
        assert list(frame[frame["task"] == 2003]["text"].dropna()) == ["a\nb\n😀"]
        assert set(frame[frame["region"].isna() & frame["type"].isna()]["state"]) == {"empty"}


@pytest.mark.filterwarnings("ignore:::label_studio_sdk", "ignore:::nltk")
def test_the_same_boxes_and_choices_as_in_json_min_of_the_sdk() -> None:
    from label_studio_sdk.converter import Converter

    raw = [
        boxed(n, box(n, 2.5, 30, 40, "Car", "Dog"), box(n, 7, 9, 11, rotation=n), choice("Sun"))
        for n in range(1, 20)
    ]
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "export.json", Path(name) / "out"
        source.write_text(json.dumps(raw))
        converter = Converter(projects.SHAPES, name, download_resources=False)
        converter.convert(str(source), str(target), "JSON_MIN", is_dir=False)
        theirs = json.loads((target / "result.json").read_bytes())
    logging.disable(logging.NOTSET)
    for each in theirs:
        mine = [record for record in lines(raw) if record["task"] == each["id"]]
        assert {record["source"] for record in mine} == {each["image"]}
        boxes = [value_of(record) for record in mine if record["control"] == "box"]
        sizes = {"original_width": 640, "original_height": 480}
        assert [{**value, **sizes} for value in boxes] == each["box"]
        assert [record["choices"] for record in mine if record["choices"]] == [[each["weather"]]]


# --- columns


KEYS = {
    **{
        name: key
        for key, (name, _) in region_columns.READERS.items()
        if name not in ("text", "choices")
    },
    "text": "text",
    "choices": "choices",
}


def value_of(record: dict[str, Any]) -> dict[str, Any]:
    """The value of a region again, from its columns; those told twice have their own in `value`."""
    rest = json.loads(record["value"] or "{}")
    own = record["type"].endswith("labels") and not record["type"].startswith("video")
    keys = {**KEYS, "labels": record["type"] if own else "labels"}
    keys["number"] = "rating" if record["type"] == "rating" else "number"
    keys["text"] = "datetime" if record["type"] == "datetime" else "text"
    keys["choices"] = "selected" if record["type"] == "pairwise" else "choices"
    if "taxonomy" in rest:
        del keys["choices"]
    if "globalOffsets" in rest or "ranges" in rest:
        keys = {name: key for name, key in keys.items() if name not in ("start", "end")}
    told = {key: record[name] for name, key in keys.items() if record[name] is not None}
    if record["type"] == "pairwise":
        (told["selected"],) = told["selected"]
    return {**told, **rest}


@pytest.mark.parametrize(
    "sample", list(sample_regions.every_control()), ids=lambda each: each.control
)
def test_columns_and_value_are_the_whole_value(sample: sample_regions.SampleRegion) -> None:
    config = label_config.parse(sample.config, "the sample")
    asked = (
        sample_regions.relation(config)
        if sample.control == sample_regions.RELATION
        else sample_regions.regions(config.controls[sample.control], config)
    )
    raw = task(1, annotation(*asked), data=sample_regions.task(asked, config)["data"])
    found = lines([raw], sample.config)
    assert len(found) == len(asked)
    for record, given_ in zip(found, asked, strict=True):
        if given_["type"] != "relation":
            assert value_of(record) == given_["value"]
            named = given_["value"].get(given_["type"]) or given_["value"].get("labels")
            assert record["labels"] == named or not given_["type"].endswith("labels")


@settings(max_examples=examples(80), deadline=None, suppress_health_check=NOT_TOO_SLOW)
@given(raw=projects.exports(), config=st.sampled_from(CONFIGS))
def test_every_record_has_every_column_with_its_type(raw: list[Raw], config: str) -> None:
    found = lines(raw, config)
    for record in found:
        assert list(record) == NAMES
        for each in COLUMNS:
            assert record[each.name] is None or type(record[each.name]) is KINDS[each.kind]
    assert [each["task"] for each in found] == sorted(each["task"] for each in found)
    out = projects.convert("JSONL", raw, config)
    assert out.files["result.jsonl"].count(b"\n") == len(found), (
        "a reader may break lines elsewhere"
    )
    with_one = [each for each in found if each["position"] is not None]
    assert len(with_one) == out.ledger.regions_written
    assert len({each["task"] for each in found}) == out.ledger.tasks_written


@settings(max_examples=examples(40), deadline=None, suppress_health_check=NOT_TOO_SLOW)
@given(raw=projects.exports(), config=st.sampled_from(CONFIGS))
def test_parquet_holds_whatever_jsonl_holds(raw: list[Raw], config: str) -> None:
    assert table(raw, config).to_pylist() == lines(raw, config)


def test_every_line_is_a_line_to_every_reader() -> None:
    (found,) = lines([boxed(1, data={"image": "a\x85b\u2028c\u2029d\r\ne.jpg"})])
    assert found["source"] == "a\x85b\u2028c\u2029d\r\ne.jpg"


def test_what_fits_no_column_is_in_value() -> None:
    odd = region("rectanglelabels", {"x": "12", "y": True, "width": 2**60, "labels": ["Car", 5]})
    found = one(odd)
    assert not any(name.endswith("_percent") for name in found)
    assert "labels" not in found
    assert json.loads(found["value"]) == odd["value"]


def test_two_keys_for_one_column() -> None:
    found = one(region("rating", {"number": 1, "rating": 2}))
    assert (found["number"], found["value"]) == (1, '{"rating":2}')


def test_numbers_that_json_lacks_and_text_that_utf_8_lacks() -> None:
    odd = {"x": float("nan"), "y": float("inf"), "rectanglelabels": ["\ud800"], "text": "\udfff"}
    raw = [boxed(1, region("rectanglelabels", odd), data={"image": "a\ud800.jpg"})]
    (found,) = lines(raw)
    assert (found["labels"], found["text"]) == (["\\ud800"], "\\udfff")
    assert found["source"] == "a\\ud800.jpg"
    assert json.loads(found["value"]) == {"x": pytest.approx(float("nan"), nan_ok=True), "y": 1e999}
    assert table(raw).to_pylist() == [found]


def on_time(kind: str, control: str, **value: Any) -> Raw:
    bare = dict.fromkeys(("original_width", "original_height", "image_rotation"), ...)
    named = {"from_name": control, "to_name": "shown", **bare}
    return region(kind, value, **named)


TIMES = [
    on_time("timelinelabels", "t", ranges=[{"start": 3, "end": 9}], timelinelabels=["Run"]),
    on_time("timeserieslabels", "t", start=1.5, end=2, instant=False, timeserieslabels=["Run"]),
    on_time("labels", "t", start=0.5, end=1.5, channel=1, labels=["Run"]),
]


@pytest.mark.parametrize(
    ("given_", "ends"), [*zip(TIMES, [(3, 9), (1.5, 2), (0.5, 1.5)], strict=True)]
)
def test_a_segment_has_start_end_and_label(given_: Raw, ends: tuple[float, float]) -> None:
    """On a timeline of a video, in a time series, in audio: nothing was typed for it."""
    found = one(given_)
    assert (found["start"], found["end"]) == ends
    assert found["labels"] == ["Run"]


def test_every_range_of_a_timeline_is_a_record() -> None:
    ranges = [{"start": 1, "end": 2}, {"start": 5, "end": 9}, {"start": "5"}, None]
    found = lines([boxed(1, on_time("timelinelabels", "t", ranges=ranges, timelinelabels=["Run"]))])
    segments = [each for each in found if each["region"]]
    assert [(each["start"], each["end"]) for each in segments] == [
        (1, 2),
        (5, 9),
        (None, None),
        (None, None),
    ]
    assert {(each["region"], each["position"], *each["labels"]) for each in segments} == {
        ("r1", 0, "Run")
    }
    assert json.loads(segments[1]["value"]) == {"ranges": ranges}


def test_a_relation_is_a_record() -> None:
    """All formats of the SDK's converter but JSON drop them."""
    arrow = {**relation("r1", "r2"), "labels": ["holds"]}
    found = lines([boxed(1, box(1, 1, 2, 2), box(3, 3, 2, 2, id="r2"), arrow)])[2]
    assert {name: found[name] for name in ("region", "type", "position", "value", "labels")} == {
        "region": None,
        "type": "relation",
        "position": 2,
        "value": '{"direction":"right"}',
        "labels": ["holds"],
    }
    assert (found["from_region"], found["to_region"]) == ("r1", "r2")


def test_a_rotated_box_on_an_image_that_is_not_square() -> None:
    """COCO of the SDK's converter says [300, 100, 200, 150]."""
    turned = box(50, 20, 30, 20, rotation=90, original_width=1000, original_height=500)
    assert one(turned)["bbox_pixels"] == [400, 100, 100, 300]
    assert one(turned)["rotation_degrees"] == 90


def test_pixels_need_a_size_and_percent_does_not() -> None:
    """The SDK's converter drops such regions, or whole images."""
    found = one(box(50, 20, 30, 20, original_width=...))
    assert (found["x_percent"], found["height_percent"]) == (50, 20)
    assert not found.keys() & {"bbox_pixels", "image_width", "image_height"}


def test_a_polygon() -> None:
    found = one(polygon([[10, 10], [60, 10], [60, 50]], "Road"))
    assert found["points_percent"] == [[10, 10], [60, 10], [60, 50]]
    assert found["bbox_pixels"] == [64, 48, 320, 192]
    assert found["value"] == '{"closed":true}'


def test_every_label_of_a_region() -> None:
    """COCO and VOC of the SDK's converter write the first."""
    assert one(box(1, 1, 2, 2, "Dog", "Car"))["labels"] == ["Dog", "Car"]


def test_a_span_of_a_text() -> None:
    span = {"start": 0, "end": 4, "text": "Anna", "labels": ["PER"]}
    marked = region("labels", span, from_name="ner", to_name="text", original_width=...)
    found = one(marked, config=projects.TEXT, data={"text": "Anna lives in Paris"})
    assert (found["start"], found["end"], found["text"]) == (0, 4, "Anna")
    assert found["source"] == "Anna lives in Paris"
    assert "value" not in found


def test_characters_of_a_page_and_its_paths() -> None:
    page = {"start": "/p[1]", "end": "/p[1]", "globalOffsets": {"start": 3, "end": 9}}
    found = one(region("hypertextlabels", page))
    assert (found["start"], found["end"]) == (3, 9)
    assert json.loads(found["value"]) == page


def test_a_taxonomy_is_a_path_for_each_choice() -> None:
    found = one(region("taxonomy", {"taxonomy": [["Animal", "Dog"], ["Plant"]]}))
    assert found["choices"] == ["Animal / Dog", "Plant"]
    assert json.loads(found["value"]) == {"taxonomy": [["Animal", "Dog"], ["Plant"]]}


def test_a_renamed_control_and_object() -> None:
    """The SDK's converter drops regions of a renamed control."""
    found = one(box(1, 1, 2, 2, from_name="old", to_name="gone"))
    assert (found["control"], found["object"]) == ("old", "gone")
    assert found["source"] == "/data/upload/1/00000001-pic1.jpg"


def test_ellipses_and_key_points() -> None:
    """The SDK's converter leaves them out of COCO and YOLO."""
    oval = {"x": 5, "y": 6, "radiusX": 3, "radiusY": 4, "rotation": 9, "ellipselabels": ["Car"]}
    found = one(region("ellipselabels", oval))
    assert (found["radius_x_percent"], found["radius_y_percent"]) == (3, 4)
    level = one(region("ellipselabels", {**oval, "rotation": 0}))
    assert level["bbox_pixels"] == pytest.approx([12.8, 9.6, 38.4, 38.4])
    spot = one(region("keypointlabels", {"x": 5, "y": 6, "width": 1, "keypointlabels": ["Nose"]}))
    assert (spot["x_percent"], spot["labels"]) == (5, ["Nose"])


# --- what counts, and what lies where


def test_looked_at_and_empty_is_a_record_and_never_labeled_is_none() -> None:
    """They look the same in the SDK's converter (label-studio issue 9774)."""
    raw = [boxed(1), task(2), task(3, annotation(was_cancelled=True))]
    assert [(each["task"], each["state"], each["region"]) for each in lines(raw)] == [
        (1, "empty", None)
    ]
    assert projects.convert("JSONL", raw).reasons == [
        (2, None, "unlabeled"),
        (3, None, "skipped"),
    ]


def test_images_of_one_name_are_told_apart() -> None:
    """They overwrite each other in YOLO and VOC of the SDK's converter."""
    raw = [boxed(n, box(1, 1, 2, 2), data={"image": f"s3://b/{n}/a.jpg"}) for n in (1, 2)]
    assert [each["source"] for each in lines(raw)] == ["s3://b/1/a.jpg", "s3://b/2/a.jpg"]


def test_several_annotations_that_count_stand_for_themselves() -> None:
    """YOLO and VOC of the SDK's converter keep the oldest, COCO lists the image twice."""
    several = [annotation(box(1, 1, 2, 2), number=5), annotation(number=6)]
    raw = [task(1, *several, annotation(choice("Sun"), number=7))]
    found = lines(raw, policy=Policy(annotations="all"))
    told = [(each["annotation"], each["state"], each["region"]) for each in found]
    assert told == [(5, "labeled", "r1"), (6, "empty", None), (7, "labeled", "r1")]
    assert [each["annotation"] for each in lines(raw)] == [7]
    assert projects.convert("JSONL", raw).reasons == [(1, "r1", "other-annotation")]


def test_predictions_say_what_they_are() -> None:
    """The SDK's converter drops them, or takes them for annotations."""
    guess = [{"id": 4, "score": 0.5, "result": [box(1, 1, 2, 2, score=0.25)]}]
    raw = [task(1, predictions=guess)]
    assert lines(raw) == []
    (found,) = lines(raw, policy=Policy(predictions=True))
    assert (found["state"], found["annotation"], found["score"]) == ("predicted", 4, 0.25)


def things(raw: Raw, config: str) -> list[Any]:
    found = lines([raw], config)
    return [(each["object"], each["item"], each["source"], each["region"]) for each in found]


def test_each_view_without_a_region_is_a_record() -> None:
    data = {"left": "l.jpg", "right": "r.jpg", "note": "x"}
    marked = box(1, 1, 2, 2, from_name="b", to_name="right")
    assert things(boxed(1, marked, data=data), projects.TWO_VIEWS) == [
        ("right", None, "r.jpg", "r1"),
        ("left", None, "l.jpg", None),
    ]
    assert things(boxed(1, data=data), projects.TWO_VIEWS) == [
        ("left", None, "l.jpg", None),
        ("right", None, "r.jpg", None),
    ]
    assert things(boxed(1, data={}), projects.TWO_VIEWS) == [(None, None, None, None)]


def test_nothing_is_said_of_a_view_when_something_was_dropped_or_lies_nobody_knows_where() -> None:
    data = {"left": "l.jpg", "right": "r.jpg"}
    marked = box(1, 1, 2, 2, from_name="b", to_name="right")
    for odd in ("junk", box(1, 1, 2, 2, to_name="gone", id="r2")):
        found = things(boxed(1, marked, odd, data=data), projects.TWO_VIEWS)
        assert "left" not in [each[0] for each in found]


def test_pages_of_one_object() -> None:
    data = {"pages": ["1.jpg", "2.jpg", "3.jpg"]}
    marked = box(1, 1, 2, 2, item_index=1)
    assert things(boxed(1, marked, data=data), projects.PAGES) == [
        ("image", 1, "2.jpg", "r1"),
        ("image", 0, "1.jpg", None),
        ("image", 2, "3.jpg", None),
    ]


def test_what_is_no_region_is_listed() -> None:
    for junk in ("x", 5, None, [], {"id": "r1"}, {"id": "r1", "type": 5, "value": {}}):
        assert [each[2] for each in reasons(junk)] == ["nothing-left", "malformed"]
    assert [each[2] for each in reasons(region("rating", None))] == ["nothing-left", "malformed"]
    assert reasons(box(1, 1, 2, 2), "x") == [(1, "#1", "malformed")]


def test_what_the_settings_leave_out_is_listed() -> None:
    only = Policy(filter=Filter(drop=frozenset({"Car"})))
    assert reasons(box(1, 1, 2, 2), policy=only) == [(1, "r1", "filtered")]


# --- splits, bytes, memory


def test_a_file_for_each_split() -> None:
    raw = [boxed(n, box(n, 1, 2, 2)) for n in range(1, 20)]
    halves = Policy(split=Split((("train", 0.5), ("val", 0.5))))
    text = projects.convert("JSONL", raw, policy=halves)
    there = projects.convert("PARQUET", raw, policy=halves)
    assert list(text.files) == ["train.jsonl", "val.jsonl"]
    assert list(there.files) == ["train.parquet", "val.parquet"]
    parts = [[json.loads(line) for line in text.text(each).splitlines()] for each in text.files]
    assert sorted([*parts[0], *parts[1]], key=lambda each: each["task"]) == lines(raw)
    assert all(parts)
    for part, path in zip(parts, there.files, strict=True):
        assert pq.read_table(io.BytesIO(there.files[path])).to_pylist() == part


def test_row_groups_end_where_the_records_say(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = [boxed(n, box(n, 1, 2, 2)) for n in range(1, 8)]
    whole = table(raw)
    monkeypatch.setattr(parquet, "ROWS", 3)
    content = projects.convert("PARQUET", raw).files[PARQUET]
    about = pq.ParquetFile(io.BytesIO(content)).metadata
    assert [about.row_group(each).num_rows for each in range(about.num_row_groups)] == [3, 3, 1]
    assert pq.read_table(io.BytesIO(content)).equals(whole)
    monkeypatch.setattr(parquet, "CHARACTERS", 2 * len("/data/upload/1/00000001-pic1.jpg"))
    content = projects.convert("PARQUET", raw).files[PARQUET]
    assert pq.ParquetFile(io.BytesIO(content)).metadata.num_row_groups == 4


def test_no_more_than_a_row_group_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS", 10)
    drawn = 0

    def pieces() -> Iterator[Any]:
        nonlocal drawn
        for number in range(1000):
            drawn += 1
            yield number, [{**BLANK, "task": number}]

    chunks = parquet.assemble(Pieces(pieces()), about())
    for count in range(1, 4):
        assert next(chunks).data
        assert drawn == 10 * count
    rest = b"".join(each.data for each in chunks)
    assert rest.endswith(b"PAR1")


def about() -> Any:
    return projects.about(projects.SHAPES, [], Classes())


def test_parquet_says_nothing_of_the_time_and_does_not_compress() -> None:
    about = pq.ParquetFile(io.BytesIO(projects.convert("PARQUET", TWO).files[PARQUET])).metadata
    assert about.created_by == f"parquet-cpp-arrow version {pa.__version__}"
    assert about.metadata is None
    assert {about.row_group(0).column(n).compression for n in range(about.num_columns)} == {
        "UNCOMPRESSED"
    }


def test_without_pyarrow_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(LsDvcError, match="needs pyarrow") as error:
        FORMATS["PARQUET"].check(about())
    assert error.value.hint == "`pip install 'ls-dvc[parquet]'`"
    assert projects.convert("JSONL", TWO).text("result.jsonl") == GOLDEN
