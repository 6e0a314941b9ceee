"""The right values of small inputs from public reports, in the formats of images."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from support import cases, projects


def by_region(case: str) -> dict[str, Any]:
    return {each["region"]: each for each in cases.convert(case, "COCO").json()["annotations"]}


def test_01_model_index_is_the_order_of_key_points() -> None:
    """HumanSignal/label-studio#7537. Labels of key points are no classes."""
    out = cases.convert("01-model-index", "YOLO_POSE")
    assert out.text("labels/fish.txt").strip() == (
        "0 0.350000 0.400000 0.500000 0.400000"
        " 0.120000 0.300000 2 0.300000 0.250000 2 0.550000 0.400000 2"
    )
    described = yaml.safe_load(out.files["data.yaml"])
    assert (described["nc"], described["names"]) == (1, {0: "Fish"})
    assert described["kpt_names"] == {0: ["eye", "fin", "tail"]}
    document = cases.convert("01-model-index", "COCO").json()
    assert document["annotations"][0]["keypoints"] == [24, 30, 2, 60, 25, 2, 110, 40, 2]
    assert document["categories"] == [
        {"id": 1, "name": "Fish", "keypoints": ["eye", "fin", "tail"], "skeleton": []}
    ]


def test_09_a_box_with_a_negative_height_is_that_of_its_corners() -> None:
    """HumanSignal/label-studio#3140."""
    assert by_region("09-negative-height")["r1"]["bbox"] == [32, 36, 100, 60]
    for name in ("YOLO", "VOC"):
        assert cases.convert("09-negative-height", name).reasons == []


def test_14_the_area_of_a_polygon_is_what_it_fills() -> None:
    found = by_region("14-polygon-area")
    assert found["bow"]["area"] == 1600
    assert (found["loop"]["area"], found["loop"]["bbox"]) == (4000, [20, 10, 100, 50])


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_14_pycocotools_fills_as_much() -> None:
    from pycocotools import mask as api

    for each in by_region("14-polygon-area").values():
        mask = api.merge(api.frPyObjects(each["segmentation"], 100, 200))
        assert float(api.area(mask)) == each["area"]


def test_18_no_category_is_listed_that_nobody_has() -> None:
    out = cases.convert("18-unused-class", "COCO").json()
    assert out["categories"] == [{"id": 1, "name": "Car"}, {"id": 2, "name": "Bus"}]
    assert {each["category_id"] for each in out["annotations"]} <= {1, 2}


def test_33_what_lies_outside_the_image_is_not_written() -> None:
    """HumanSignal/label-studio#416. The part that lies on the image is."""
    out = cases.convert("33-outside-coco", "COCO")
    assert [(each["region"], each["bbox"]) for each in out.json()["annotations"]] == [
        ("r2", [180, 0, 20, 15])
    ]
    assert out.reasons == [(1, "r1", "outside-image")]
    voc = cases.convert("33-outside-coco", "VOC")
    (path,) = (each for each in voc.files if each.endswith(".xml"))
    bounds = ET.fromstring(voc.files[path]).find("object/bndbox")
    assert bounds is not None
    assert [each.text for each in bounds] == ["181", "1", "200", "15"]


def test_43_data_yaml_says_nothing_about_its_own_folder() -> None:
    """ultralytics/ultralytics#18323: a relative `path` is looked up in the current folder."""
    config = """<View><Image name="image" value="$image"/>
    <RectangleLabels name="box" toName="image"><Label value="Car"/><Label value="Bus"/>
    </RectangleLabels></View>"""
    out = projects.convert("YOLO", [projects.boxed(1, projects.box(1, 1, 2, 2))], config)
    assert yaml.safe_load(out.files["data.yaml"]) == {
        "train": "images",
        "val": "images",
        "nc": 2,
        "names": {0: "Car", 1: "Bus"},
    }


def test_03_addresses_under_a_key_of_a_key() -> None:
    """HumanSignal/label-studio#5610."""
    coco = cases.convert("03-nested-key", "COCO").json()
    (image,), (annotation,) = coco["images"], coco["annotations"]
    assert (image["file_name"], image["coco_url"]) == ("one.jpg", "https://e.org/a/one.jpg")
    assert (image["width"], image["height"]) == (200, 100)
    assert (annotation["bbox"], annotation["area"]) == ([20, 20, 60, 40], 2400)
    yolo = cases.convert("03-nested-key", "YOLO")
    assert yolo.text("labels/one.txt") == "0 0.250000 0.400000 0.300000 0.400000\n"
    assert cases.convert("03-nested-key", "VOC").reasons == []
    (line,) = map(json.loads, cases.convert("03-nested-key", "JSONL").text("result.jsonl").split())
    assert line["source"] == "https://e.org/a/one.jpg"


def test_04_each_page_of_a_repeater_is_an_image() -> None:
    """HumanSignal/label-studio#3746."""
    coco = cases.convert("04-repeater", "COCO").json()
    names = {image["id"]: image["file_name"] for image in coco["images"]}
    assert [(image["width"], image["height"]) for image in coco["images"]] == [
        (200, 100),
        (400, 300),
    ]
    labels = {category["id"]: category["name"] for category in coco["categories"]}
    assert [
        (names[each["image_id"]], each["bbox"], labels[each["category_id"]])
        for each in coco["annotations"]
    ] == [
        ("1.png", [20, 20, 60, 40], "Title"),
        ("2.png", [200, 150, 80, 60], "Table"),
    ]
    yolo = cases.convert("04-repeater", "YOLO")
    assert yolo.text("labels/1.txt") == "0 0.250000 0.400000 0.300000 0.400000\n"
    assert yolo.text("labels/2.txt") == "1 0.600000 0.600000 0.200000 0.200000\n"
    lines = cases.convert("04-repeater", "JSONL").text("result.jsonl").splitlines()
    assert [json.loads(line)["source"] for line in lines] == [
        "https://e.org/p/1.png",
        "https://e.org/p/2.png",
    ]


def test_11_keys_in_a_bucket_are_as_they_are() -> None:
    coco = cases.convert("11-s3-percent", "COCO").json()
    assert coco["images"][0]["file_name"] == "100%25 wool+silk.png"
    assert "labels/100%25 wool+silk.txt" in cases.convert("11-s3-percent", "YOLO").files


def test_37_a_document_type_in_a_comment_is_no_definition() -> None:
    out = cases.convert("37-doctype-in-comment", "JSONL")
    assert (out.ledger.tasks_written, out.reasons) == (1, [])
