"""COCO: golden values by hand, and two readers that nobody here wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest
from PIL import Image as Picture
from projects import Raw, box, boxed, choice, polygon, region

from ls_dvc.classes import Classes
from ls_dvc.errors import UserError

TWO = [
    boxed(
        3,
        box(10, 20, 30, 40),
        polygon([[10, 10], [60, 10], [60, 50]], id="r2"),
    ),
    boxed(9),
]
GOLDEN = """{"info": {"description":"Label Studio annotations, written by ls-dvc"},
"licenses": [],
"categories": [
{"id":0,"name":"Car"},
{"id":1,"name":"Dog"},
{"id":2,"name":"Road"},
{"id":3,"name":"Sky"}
],
"annotations": [
{"area":36864.0,"bbox":[64.0,96.0,192.0,192.0],"category_id":0,"id":1,"image_id":3,"iscrowd":0,\
"region":"r1","segmentation":[]},
{"area":30720.0,"bbox":[64.0,48.0,320.0,192.0],"category_id":2,"id":2,"image_id":3,"iscrowd":0,\
"region":"r2","segmentation":[[64.0,48.0,384.0,48.0,384.0,240.0]]}
],
"images": [
{"coco_url":"/data/upload/1/00000003-pic3.jpg","file_name":"00000003-pic3.jpg","height":480,\
"id":3,"task":3,"width":640},
{"coco_url":"/data/upload/1/00000009-pic9.jpg","file_name":"00000009-pic9.jpg","height":null,\
"id":9,"task":9,"width":null}
]}
"""


def coco(*regions: Any, config: str = projects.SHAPES, **fields: Any) -> Any:
    return projects.convert("COCO", [boxed(1, *regions, **fields)], config).json()


def test_golden() -> None:
    assert projects.convert("COCO", TWO).text("result.json") == GOLDEN


def test_a_rotated_box_on_an_image_that_is_not_square() -> None:
    """The SDK's converter writes [300, 100, 200, 150] for this one."""
    turned = box(50, 20, 30, 20, rotation=90, original_width=1000, original_height=500)
    (found,) = coco(turned)["annotations"]
    assert found["bbox"] == [400, 100, 100, 300]
    assert found["segmentation"] == [[500, 100, 500, 400, 400, 400, 400, 100]]
    assert found["area"] == 300 * 100
    assert found["rotation"] == 90


def test_every_label_of_a_region() -> None:
    """The SDK's converter writes the first."""
    found = coco(box(1, 1, 10, 10, "Dog", "Car"))["annotations"]
    assert [(each["category_id"], each["region"]) for each in found] == [(1, "r1"), (0, "r1")]


def test_a_shape_and_its_labels_as_two_regions() -> None:
    """Rectangle with Labels; the SDK's converter drops such polygons."""
    flat = {"x": 10, "y": 10, "width": 50, "height": 50, "rotation": 0}
    ring = {"points": [[0, 0], [50, 0], [0, 50]], "closed": True}
    pairs = [
        region("rectangle", flat, from_name="rect"),
        region("labels", {**flat, "labels": ["Car"]}, from_name="kind"),
        region("polygon", ring, from_name="poly", id="r2"),
        region("labels", {**ring, "labels": ["Road"]}, from_name="kind", id="r2"),
        region("rectangle", flat, from_name="rect", id="r3"),
    ]
    out = projects.convert("COCO", [boxed(1, *pairs)], projects.PAIRS)
    assert [each["category_id"] for each in out.json()["annotations"]] == [0, 1]
    assert out.reasons == [(1, "r3", "no-label")]
    assert out.ledger.regions_written == 4


def test_pairs_that_cannot_be_drawn_share_a_reason_too() -> None:
    oval = {"x": 1, "y": 1, "radiusX": 3, "radiusY": 4, "rotation": 0}
    dot = {"x": 1, "y": 1, "width": 0.5}
    drops = projects.dropped(
        "COCO",
        region("ellipse", oval, from_name="oval"),
        region("labels", {**oval, "labels": ["Car"]}, from_name="kind"),
        region("labels", {**dot, "labels": ["Car"]}, from_name="kind", id="r2"),
        config=projects.PAIRS,
    )
    assert [each.reason.value for each in drops] == ["nothing-left", *["unsupported-type"] * 3]


@pytest.mark.parametrize(
    ("dropped", "reason"),
    [
        (box(1, 1, 2, 2, "Gone"), "unknown-label"),
        (box(1, 1, 2, 2, "Car", "Gone"), "unknown-label"),
        (box(1, 1, 2, 2, "Car", 5), "malformed"),
        (region("rectanglelabels", {"x": 1, "y": 1, "width": 2, "height": 2}), "no-label"),
        (region("rectangle", {"x": 1, "y": 1, "width": 2, "height": 2}), "no-label"),
        (box(1, 1, 0, 2), "bad-geometry"),
        (box("1", 1, 2, 2), "bad-geometry"),
        (box(float("nan"), 1, 2, 2), "bad-geometry"),
        (polygon([[1, 1], [2, 2]]), "bad-geometry"),
        (box(1, 1, 2, 2, original_width=..., original_height=...), "no-image-size"),
        (region("brushlabels", {"rle": [1], "brushlabels": ["Sky"]}), "unsupported-type"),
        (region("labels", {"rle": [1], "labels": ["Sky"]}), "unsupported-type"),
        (region("rectanglelabels", None), "malformed"),
        (region("rectanglelabels", "x"), "malformed"),
        ({"value": {}}, "malformed"),
        ("text", "malformed"),
        (None, "malformed"),
        (box(1, 1, 2, 2, item_index=1), "no-media"),
    ],
)
def test_what_is_not_written_is_listed_and_never_looks_empty(dropped: Any, reason: str) -> None:
    out = projects.convert("COCO", [boxed(1, dropped)])
    assert [each for _, _, each in out.reasons] == ["nothing-left", reason]
    assert out.json()["images"] == []


def test_key_points_of_two_objects_are_listed_one_by_one() -> None:
    """The SDK's converter merges those of an image into one annotation."""
    spots = [
        region(
            "keypointlabels", {"x": 1, "y": 1, "width": 1, "keypointlabels": ["Car"]}, id=f"k{each}"
        )
        for each in range(4)
    ]
    out = projects.convert("COCO", [boxed(1, box(1, 1, 2, 2), *spots)])
    assert [each["region"] for each in out.json()["annotations"]] == ["r1"]
    assert out.reasons == [(1, f"k{each}", "unsupported-type") for each in range(4)]


def test_choices_and_predictions_are_no_annotations() -> None:
    predicted = [{"id": 1, "result": [box(1, 1, 1, 1, "Dog", id="guess")]}]
    document = coco(box(1, 1, 2, 2), choice("Sun", id="c1"), predictions=predicted)
    assert [each["region"] for each in document["annotations"]] == ["r1"]
    assert {each["name"] for each in document["categories"]} == {"Car", "Dog", "Road", "Sky"}


def test_an_image_with_choices_alone_was_looked_at() -> None:
    out = projects.convert("COCO", [boxed(1, choice("Sun"))])
    assert [each["id"] for each in out.json()["images"]] == [1]
    assert out.reasons == [(1, "r1", "unsupported-type")]


@pytest.mark.parametrize("held", [None, "", " ", 5, {"url": "a.jpg"}, ["a.jpg"]])
def test_a_task_without_an_image(held: Any) -> None:
    """Image null aborts the whole export of the SDK's converter."""
    bad = boxed(1, box(1, 1, 2, 2), data={"image": held})
    out = projects.convert("COCO", [bad, boxed(2, box(1, 1, 2, 2))])
    assert out.reasons == [(1, None, "no-media"), (1, "r1", "no-media")]
    assert [each["id"] for each in out.json()["images"]] == [2]


def test_sizes_come_from_any_region_of_the_task() -> None:
    """The SDK's converter drops regions without original_width, and sometimes the image."""
    bare = box(50, 50, 10, 10, original_width=..., original_height=...)
    predicted = [{"id": 1, "result": [box(1, 1, 1, 1)]}]
    document = coco(bare, predictions=predicted)
    assert document["images"][0]["width"] == 640
    assert document["annotations"][0]["bbox"] == [320, 240, 64, 48]


def test_a_renamed_object_is_still_the_only_image() -> None:
    """The SDK's converter drops regions of a renamed control."""
    renamed = box(1, 1, 2, 2, to_name="img", from_name="boxes")
    assert len(coco(renamed)["annotations"]) == 1


def pages(*regions: Raw, of: Any = ("a/p.jpg", "b/p.jpg", "c.jpg")) -> projects.Output:
    return projects.convert("COCO", [boxed(4, *regions, data={"pages": list(of)})], projects.PAGES)


def test_several_pages() -> None:
    out = pages(box(1, 1, 2, 2, item_index=1), box(1, 1, 2, 2, id="r2"))
    images, found = out.json()["images"], out.json()["annotations"]
    assert [(each["id"], each["task"], each["file_name"]) for each in images] == [
        (1, 4, "p.jpg"),
        (2, 4, "p-4.jpg"),
        (3, 4, "c.jpg"),
    ]
    assert [(each["image_id"], each["region"]) for each in found] == [(1, "r2"), (2, "r1")]


def test_a_page_that_lost_its_regions_is_not_an_empty_page() -> None:
    out = pages(box(1, 1, 2, 2), box(1, 1, 0, 2, item_index=1, id="bad"))
    assert [each["coco_url"] for each in out.json()["images"]] == ["a/p.jpg", "c.jpg"]
    assert out.reasons == [(4, "bad", "bad-geometry")]


def test_a_region_on_nobody_knows_which_page_leaves_none_empty() -> None:
    out = pages(box(1, 1, 2, 2), "junk")
    assert [each["coco_url"] for each in out.json()["images"]] == ["a/p.jpg"]


def test_two_images_of_a_task() -> None:
    raw = [
        boxed(
            1,
            box(1, 1, 2, 2, to_name="left", from_name="a"),
            box(1, 1, 2, 2, "Dog", to_name="right", from_name="b"),
            data={"left": "l.jpg", "right": "r.jpg"},
        )
    ]
    document = projects.convert("COCO", raw, projects.TWO_VIEWS).json()
    names = {each["id"]: each["file_name"] for each in document["images"]}
    assert [(names[each["image_id"]], each["category_id"]) for each in document["annotations"]] == [
        ("l.jpg", 0),
        ("r.jpg", 1),
    ]


def test_class_ids_stay_when_a_label_is_put_in_front() -> None:
    """The SDK's converter sorts by name, so adding a label shifts the others."""
    grown = projects.SHAPES.replace(
        '<Label value="Car"/>', '<Label value="Ant"/><Label value="Car"/>', 1
    )
    before = projects.about(projects.SHAPES, []).classes
    after = before.extended(projects.about(grown, []).config.classes())
    raw = [boxed(1, box(1, 1, 2, 2, "Dog")), boxed(2, box(1, 1, 2, 2, "Ant"))]
    document = projects.convert("COCO", raw, grown, after).json()
    names = {each["id"]: each["name"] for each in document["categories"]}
    assert [names[each] for each in range(5)] == ["Car", "Dog", "Road", "Sky", "Ant"]
    assert [each["category_id"] for each in document["annotations"]] == [1, 4]


def test_category_attributes_of_the_config_are_not_class_ids() -> None:
    """Given to some labels only, they let an unknown label take an id that another one has."""
    config = projects.SHAPES.replace('<Label value="Car"/>', '<Label value="Car" category="1"/>', 1)
    document = coco(box(1, 1, 2, 2), box(1, 1, 2, 2, "Dog", id="r2"), config=config)
    assert [(each["id"], each["name"]) for each in document["categories"]] == [
        *((0, "Car"), (1, "Dog"), (2, "Road"), (3, "Sky"))
    ]
    assert [each["category_id"] for each in document["annotations"]] == [0, 1]


def test_a_label_that_left_the_config_keeps_its_id() -> None:
    known = Classes.of({"image": ["Old", "Car"]})
    (found,) = projects.convert("COCO", [boxed(1, box(1, 1, 2, 2, "Old"))], classes=known).json()[
        "annotations"
    ]
    assert found["category_id"] == 0


def test_a_project_without_images() -> None:
    with pytest.raises(UserError, match="COCO needs an <Image>") as caught:
        projects.convert("COCO", [], projects.TEXT)
    assert "label_studio.formats in params.yaml" in caught.value.hint


# --- readers that nobody here wrote


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A COCO file beside its images; the one of task 3 has no size."""
    out = projects.convert("COCO", projects.showcase())
    (tmp_path / "result.json").write_bytes(out.files["result.json"])
    for each in out.json()["images"]:
        kind = "PNG" if each["file_name"].endswith("png") else "JPEG"
        Picture.new("RGB", projects.SIZE).save(tmp_path / each["file_name"], kind)
    return tmp_path


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # pycocotools with numpy 2
def test_pycocotools(written: Path) -> None:
    from pycocotools.coco import COCO

    data = COCO(str(written / "result.json"))
    names = {each["id"]: each["name"] for each in data.loadCats(data.getCatIds())}
    assert names == {0: "Car", 1: "Dog", 2: "Road", 3: "Sky"}
    (road,) = data.loadAnns(data.getAnnIds(imgIds=[2], catIds=[2]))
    assert data.annToMask(road).shape == (480, 640)
    assert data.annToMask(road).sum() == pytest.approx(road["area"], rel=0.01)
    (turned,) = data.loadAnns(data.getAnnIds(imgIds=[1], catIds=[1]))
    mask = data.annToMask(turned)
    assert mask.sum() == pytest.approx(turned["area"], rel=0.02)
    rows, columns = np.nonzero(mask)
    x, y, width, height = turned["bbox"]
    assert [columns.min(), rows.min()] == pytest.approx([x, y], abs=1.5)
    assert [columns.max(), rows.max()] == pytest.approx([x + width, y + height], abs=1.5)
    assert data.getAnnIds(imgIds=[3]) == []


def test_supervision(written: Path) -> None:
    import supervision

    data = supervision.DetectionDataset.from_coco(str(written), str(written / "result.json"))
    assert data.classes == ["Car", "Dog", "Road", "Sky"]
    found = {Path(path).name: detections for path, _, detections in data}
    assert found["00000001-pic1.jpg"].xyxy[0] == pytest.approx([64, 96, 256, 288])
    assert list(found["00000001-pic1.jpg"].class_id) == [0, 1]
    assert [len(found[each]) for each in ("same.jpg", "same-4.jpg", "SAME-5.png")] == [0, 1, 2]
