"""COCO: golden values by hand, and two readers that nobody here wrote."""

from __future__ import annotations

import contextlib
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Picture
from support import projects
from support.effort import examples
from support.pose import POSE, spot
from support.projects import Raw, box, boxed, choice, polygon, region

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.image import coco as coco_format
from ls_dvc.formats.image import rle as runs
from ls_dvc.formats.interface import Pieces
from ls_dvc.io import canonical_json
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import Policy, Split

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
{"id":1,"name":"Car"},
{"id":2,"name":"Dog"},
{"id":3,"name":"Road"},
{"id":4,"name":"Sky"}
],
"annotations": [
{"id":1,"image_id":3,"area":36864.0,"bbox":[64.0,96.0,192.0,192.0],"category_id":1,"iscrowd":0,\
"region":"r1","segmentation":[[64.0,96.0,256.0,96.0,256.0,288.0,64.0,288.0]]},
{"id":2,"image_id":3,"area":30720.0,"bbox":[64.0,48.0,320.0,192.0],"category_id":3,"iscrowd":0,\
"region":"r2","segmentation":[[64.0,48.0,384.0,48.0,384.0,240.0]]}
],
"images": [
{"id":3,"file_name":"00000003-pic3.jpg","coco_url":"/data/upload/1/00000003-pic3.jpg",\
"height":480,"task":3,"width":640},
{"id":9,"file_name":"00000009-pic9.jpg","coco_url":"/data/upload/1/00000009-pic9.jpg",\
"height":null,"task":9,"width":null}
]}
"""


def oval(x: Any, y: Any, across: Any, down: Any, rotation: Any = 0, **fields: Any) -> Raw:
    radii = {"radiusX": across, "radiusY": down, "rotation": rotation}
    return region("ellipselabels", {"x": x, "y": y, **radii, "ellipselabels": ["Car"]}, **fields)


def brush(rle: Any, *labels: str, **fields: Any) -> Raw:
    value = {"format": "rle", "rle": rle, "brushlabels": list(labels or ("Sky",))}
    return region("brushlabels", value, **{"from_name": "mask", **fields})


def rle_of(mask: Any, **fields: Any) -> Raw:
    """A brush region with the pixels of `mask` that are not 0, as the SDK encodes it."""
    from label_studio_sdk.converter.brush import encode_rle

    return brush(encode_rle(np.repeat(mask.ravel() * 255, 4).astype(int)), **fields)


def coco(*regions: Any, config: str = projects.SHAPES, **fields: Any) -> Any:
    return projects.convert("COCO", [boxed(1, *regions, **fields)], config).json()


pytestmark = pytest.mark.filterwarnings("ignore:::label_studio_sdk", "ignore:::nltk")


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
    assert [(each["category_id"], each["region"]) for each in found] == [(2, "r1"), (1, "r1")]


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
    assert [each["category_id"] for each in out.json()["annotations"]] == [1, 2]
    assert out.reasons == [(1, "r3", "no-label")]
    assert out.ledger.regions_written == 4


def test_pairs_of_every_kind() -> None:
    oval = {"x": 50, "y": 50, "radiusX": 3, "radiusY": 4, "rotation": 0}
    mask = {"format": "rle", "rle": projects.rle(*projects.SIZE)}
    pairs = [
        region("ellipse", oval, from_name="oval"),
        region("labels", {**oval, "labels": ["Car"]}, from_name="kind"),
        region("brush", mask, from_name="brush", id="r2"),
        region("labels", {**mask, "labels": ["Road"]}, from_name="kind", id="r2"),
    ]
    out = projects.convert("COCO", [boxed(1, *pairs)], projects.PAIRS)
    found = out.json()["annotations"]
    assert [(each["region"], each["category_id"]) for each in found] == [("r1", 1), ("r2", 2)]
    assert (out.reasons, out.ledger.regions_written) == ([], 4)


def test_pairs_that_cannot_be_drawn_share_a_reason_too() -> None:
    """Their dot is unlabeled until the other region of it is looked at."""
    dot, flat = {"x": "1", "y": 1, "width": 0.5}, {"x": 1, "y": 1, "radiusX": 0, "radiusY": 1}
    drops = projects.dropped(
        "COCO",
        region("ellipse", {**flat, "radiusX": 1}, from_name="oval"),
        region("labels", {**flat, "labels": ["Car"]}, from_name="kind"),
        region("labels", {**dot, "labels": ["Car"]}, from_name="kind", id="r2"),
        config=projects.PAIRS,
    )
    assert [each.reason.value for each in drops] == ["nothing-left", *["bad-geometry"] * 3]


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
        (region("brushlabels", {"rle": [1], "brushlabels": ["Sky"]}), "malformed"),
        (region("labels", {"rle": "x", "labels": ["Sky"]}), "malformed"),
        (brush(projects.rle(*projects.SIZE, 0)), "bad-geometry"),
        (brush(projects.rle(*projects.SIZE), original_width=...), "no-image-size"),
        (brush(projects.rle(1, 1)), "malformed"),
        (region("brushlabels", {"brushlabels": ["Sky"]}), "bad-geometry"),
        (oval(50, 50, 0, 3), "bad-geometry"),
        (oval(50, 50, 3, 3, original_width=...), "no-image-size"),
        (region("bitmasklabels", {"bitmasklabels": ["Sky"]}), "unsupported-type"),
        (region("vectorlabels", {"vertices": [], "vectorlabels": ["Sky"]}), "unsupported-type"),
        (region("labels", {"labels": ["Sky"]}), "unsupported-type"),
        (spot(1, 1, "Car"), "no-joint"),
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


def test_key_points_of_two_objects() -> None:
    """The SDK's converter merges those of an image into one annotation."""
    raw = boxed(
        1,
        box(10, 20, 30, 40, "Dog"),
        spot(12.5, 50, "Tail", of="r1"),
        box(50, 50, 10, 20, id="r2"),
        spot(51, 51, of="r2", id="k2"),
        polygon([[10, 10], [60, 10], [60, 50]], id="r3"),
    )
    document = projects.convert("COCO", [raw], POSE).json()
    joints = {"keypoints": ["Nose", "Tail"], "skeleton": []}
    assert document["categories"][0] == {"id": 1, "name": "Car", **joints}
    told = ("region", "category_id", "keypoints", "num_keypoints", "bbox")
    assert [tuple(each[key] for key in told) for each in document["annotations"]] == [
        ("r1", 2, [0, 0, 0, 80.0, 240.0, 2], 1, [64, 96, 192, 192]),
        ("r2", 1, [326.4, 244.8, 2, 0, 0, 0], 1, [320, 240, 64, 96]),
        ("r3", 5, [0] * 6, 0, [64, 48, 320, 192]),
    ]


def test_key_points_without_a_parent_are_annotations_of_their_own() -> None:
    """Of their own class, with a box without sides; so is one whose object is not written."""
    lost = box(1, 1, 0, 2, id="r1")
    raw = boxed(1, spot(10, 20), spot(30, 50, "Tail", of="r1", id="k2"), lost)
    out = projects.convert("COCO", [raw], POSE)
    told = ("region", "category_id", "keypoints", "num_keypoints", "bbox", "area")
    assert [tuple(each[key] for key in told) for each in out.json()["annotations"]] == [
        ("k1", 3, [64.0, 96.0, 2, 0, 0, 0], 1, [64, 96, 0, 0], 0),
        ("k2", 4, [0, 0, 0, 192.0, 240.0, 2], 1, [192, 240, 0, 0], 0),
    ]
    assert out.reasons == [(1, "r1", "bad-geometry")]


def test_key_points_of_a_polygon_and_twice_the_same() -> None:
    ring = polygon([[10, 10], [60, 10], [60, 50]])
    raw = boxed(1, ring, spot(20, 20, of="r1"), spot(30, 30, of="r1", id="k2"))
    out = projects.convert("COCO", [raw], POSE)
    (found,) = out.json()["annotations"]
    assert found["keypoints"] == [128.0, 96.0, 2, 0, 0, 0]
    assert out.reasons == [(1, "k2", "duplicate")]


def test_an_ellipse_is_a_polygon() -> None:
    """The SDK's converter drops ellipses. 64x48 pixels about (320, 240)."""
    (found,) = coco(oval(50, 50, 10, 10))["annotations"]
    assert found["bbox"] == [256, 192, 128, 96]
    (points,) = found["segmentation"]
    assert len(points) == 2 * 64
    assert points[:2] == [384, 240]
    assert points[32:34] == [320, 288]
    assert found["area"] == pytest.approx(math.pi * 64 * 48, rel=0.002)
    for x, y in zip(points[::2], points[1::2], strict=True):
        assert ((x - 320) / 64) ** 2 + ((y - 240) / 48) ** 2 == pytest.approx(1, abs=1e-6)


def test_a_rotated_ellipse_on_an_image_that_is_not_square() -> None:
    """300x100 pixels turned by a right angle are 100x300."""
    drawn = oval(50, 50, 15, 10, rotation=90, original_width=1000, original_height=500)
    (found,) = coco(drawn)["annotations"]
    assert found["bbox"] == [450, 100, 100, 300]


def test_a_mask() -> None:
    """3x2 pixels; columns from the top: 01 01 11, so runs of 1 1 1 3 from one pixel outside."""
    drawn = rle_of(np.array([[0, 0, 1], [1, 1, 1]]), original_width=3, original_height=2)
    (found,) = coco(drawn)["annotations"]
    assert found["segmentation"] == {"counts": "1112", "size": [2, 3]}
    assert (found["area"], found["bbox"], found["iscrowd"]) == (4, [0, 0, 3, 2], 0)


def test_entries_are_canonical_behind_their_ids() -> None:
    """They are put together by hand, and mean and look the same as if they were not."""
    names = ['q"\\', "é", "\ud800", "\x7f\n", "😀"]
    raw = [
        boxed(
            each,
            box(each / 7, 1e-7, 1 / 3, 33, "Dog", rotation=each * 7.7, id=name),
            polygon([[0, 0], [1 / 3, 1e-9], [5, 99.99]], id=f"{name}p"),
            oval(50, 50, 1 / 3, 7, rotation=33, id=f"{name}o"),
            spot(1 / 3, 5, "Nose", of=f"{name}p", id=f"{name}k"),
            data={"image": f"{name}.jpg"},
        )
        for each, name in enumerate(names, start=1)
    ]
    config = POSE.replace('<Label value="Road"/>', '<Label value="Road"/><Label value="Sky"/>')
    files = projects.convert("COCO", raw, config).files
    entries = [each.rstrip(b",") for each in files["result.json"].splitlines() if b'"id":' in each]
    assert len(entries) > 5 * 4
    for entry in entries:
        parsed = json.loads(entry)
        fixed = [key for key in ("id", "image_id", "file_name") if key in parsed][:2]
        if b"skeleton" in entry:
            continue
        head = b",".join(b'"%s":%s' % (k.encode(), text(parsed[k])) for k in fixed)
        rest = {key: each for key, each in parsed.items() if key not in fixed}
        assert entry == b"{" + head + b"," + text(rest)[1:]


def text(value: Any) -> bytes:
    return canonical_json.text(value).encode()


def test_splits() -> None:
    policy = Policy(split=Split((("train", 0.5), ("val", 0.5))))
    raw = [boxed(each, box(1, 1, 2, 2)) for each in range(1, 9)]
    files = projects.convert("COCO", raw, policy=policy).files
    assert files.keys() == {"train.json", "val.json"}
    parts = [json.loads(each) for each in files.values()]
    assert sorted(each["id"] for part in parts for each in part["images"]) == list(range(1, 9))
    assert all(each["id"] == 1 for part in parts for each in part["annotations"][:1])


def test_more_entries_than_a_chunk_holds() -> None:
    raw = [boxed(1, *(box(1, 1, 2, 2, id=f"r{each}") for each in range(1201)))]
    raw += [boxed(2, box(1, 1, 2, 2))]
    document = projects.convert("COCO", raw).json()
    assert [each["id"] for each in document["annotations"]] == list(range(1, 1203))


def test_entries_are_not_held_back() -> None:
    """Chunks come while pieces do, or all annotations would be in memory at the end."""
    many = (1, "a", ".jpg", b'"task":1}', [b'"region":"r"}'] * 700, None)
    drawn = iter([(1, [many])] * 6)
    chunks = coco_format.assemble(Pieces(drawn), projects.about(projects.SHAPES, []))
    assert next(chunks).data.startswith(b'{"info"')
    assert next(chunks).data.count(b'"region"') == 1400
    assert len(list(drawn)) == 4


def test_choices_and_predictions_are_no_annotations() -> None:
    predicted = [{"id": 1, "result": [box(1, 1, 1, 1, "Dog", id="guess")]}]
    document = coco(box(1, 1, 2, 2), choice("Sun", id="c1"), predictions=predicted)
    assert [each["region"] for each in document["annotations"]] == ["r1"]
    assert {each["name"] for each in document["categories"]} == {"Car", "Dog", "Road", "Sky"}


def test_an_image_with_choices_alone_was_looked_at() -> None:
    out = projects.convert("COCO", [boxed(1, choice("Sun"))])
    assert [each["id"] for each in out.json()["images"]] == [1]
    assert out.reasons == [(1, "r1", "unsupported-type")]


@pytest.mark.parametrize("held", [None, "", " ", 5, {"url": "a.jpg"}, [], [None]])
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
        ("l.jpg", 1),
        ("r.jpg", 2),
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
    assert [names[each] for each in range(1, 6)] == ["Car", "Dog", "Road", "Sky", "Ant"]
    assert [each["category_id"] for each in document["annotations"]] == [2, 5]


def categories(document: Any) -> list[tuple[int, str]]:
    return [(each["id"], each["name"]) for each in document["categories"]]


def of_config(config: str) -> Classes:
    """The class ids of a first pin."""
    parsed = projects.about(config, []).config
    return Classes().extended(parsed.classes(), parsed.class_ids())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((None, None), [(1, "Car"), (2, "Dog")]),
        (("1", "2"), [(1, "Car"), (2, "Dog")]),
        (("0", "1"), [(0, "Car"), (1, "Dog")]),
        (("7", "3"), [(3, "Dog"), (7, "Car")]),
        (("3", None), [(3, "Car"), (4, "Dog")]),
    ],
)
def test_category_ids_are_from_1_or_what_the_config_gives(given: Any, expected: Any) -> None:
    """Many readers take 0 for "no label". No category is listed that no label has."""
    labels = "".join(
        f'<Label value="{name}"{f""" category="{number}" """ if number else ""}/>'
        for name, number in zip(("Car", "Dog"), given, strict=True)
    )
    config = f"""<View><Image name="image" value="$image"/>
    <RectangleLabels name="box" toName="image">{labels}</RectangleLabels></View>"""
    raw = [boxed(1, box(1, 1, 2, 2), box(1, 1, 2, 2, "Dog", id="r2"))]
    document = projects.convert("COCO", raw, config, of_config(config)).json()
    assert categories(document) == expected
    ids = {name: number for number, name in expected}
    written = [each["category_id"] for each in document["annotations"]]
    assert written == [ids["Car"], ids["Dog"]]


def test_a_label_that_left_the_config_keeps_its_id() -> None:
    known = Classes.of({"image": ["Old", "Car"]})
    (found,) = projects.convert("COCO", [boxed(1, box(1, 1, 2, 2, "Old"))], classes=known).json()[
        "annotations"
    ]
    assert found["category_id"] == 1


def test_a_project_without_images() -> None:
    with pytest.raises(LsDvcError, match="COCO needs an <Image>") as caught:
        projects.convert("COCO", [], projects.TEXT)
    assert "label_studio.formats in params.yaml" in caught.value.hint


# --- what lies outside the image


BLANK = {"original_width": 200, "original_height": 100}


@pytest.mark.parametrize(
    ("drawn", "bbox", "area"),
    [
        (box(90, -5, 20, 20, **BLANK), [180, 0, 20, 15], 300),
        (box(-10, 50, 20, 100, **BLANK), [0, 50, 20, 50], 1000),
        (polygon([[50, 50], [150, 50], [150, 150]], **BLANK), [100, 50, 100, 50], 2500),
        # A diamond of 20 by 20 pixels about the middle of the left edge: half of it.
        (box(0, 40, 200**0.5 / 2, 200**0.5, rotation=45, **BLANK), [0, 40, 10, 20], 100),
        (oval(0, 50, 10, 20, **BLANK), [0, 30, 20, 40], math.pi * 200),
    ],
)
def test_what_lies_outside_is_cut_off(drawn: Raw, bbox: Any, area: Any) -> None:
    (found,) = coco(drawn)["annotations"]
    assert found["bbox"] == pytest.approx(bbox, abs=1e-5)
    assert found["area"] == pytest.approx(area, rel=0.002)
    (points,) = found["segmentation"]
    assert min(points) >= 0
    assert max(points[::2]) <= 200
    assert max(points[1::2]) <= 100


@pytest.mark.parametrize(
    "drawn",
    [
        box(110, 10, 20, 20),
        box(-20, 10, 10, 10, rotation=45),
        polygon([[-9, -9], [-1, -9], [-9, -1]]),
        oval(-20, 50, 10, 20),
    ],
)
def test_what_lies_outside_is_listed(drawn: Raw) -> None:
    out = projects.convert("COCO", [boxed(1, drawn)])
    assert [reason for _, _, reason in out.reasons] == ["nothing-left", "outside-image"]


def test_a_key_point_outside_is_listed() -> None:
    out = projects.convert("COCO", [boxed(1, box(1, 1, 5, 5), spot(101, 5, of="r1"))], POSE)
    assert out.reasons == [(1, "k1", "outside-image")]


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
    assert names == {1: "Car", 2: "Dog", 3: "Road", 4: "Sky"}
    (road,) = data.loadAnns(data.getAnnIds(imgIds=[2], catIds=[3]))
    assert data.annToMask(road).shape == (480, 640)
    assert data.annToMask(road).sum() == pytest.approx(road["area"], rel=0.01)
    (turned,) = data.loadAnns(data.getAnnIds(imgIds=[1], catIds=[2]))
    mask = data.annToMask(turned)
    assert mask.sum() == pytest.approx(turned["area"], rel=0.02)
    rows, columns = np.nonzero(mask)
    x, y, width, height = turned["bbox"]
    assert [columns.min(), rows.min()] == pytest.approx([x, y], abs=1.5)
    assert [columns.max(), rows.max()] == pytest.approx([x + width, y + height], abs=1.5)
    assert data.getAnnIds(imgIds=[3]) == []


@pytest.mark.filterwarnings("ignore:__array__ implementation", "ignore:::label_studio_sdk")
def test_pycocotools_makes_a_mask_of_every_annotation_as_large_as_its_area(tmp_path: Path) -> None:
    from pycocotools.coco import COCO

    mask = np.zeros((480, 640), np.uint8)
    mask[100:200, 50:90] = 1
    regions = [
        box(10, 20, 30, 40),
        box(-10, 20, 30, 40, id="r2"),
        box(50, 50, 20, 20, rotation=30, id="r3"),
        polygon([[10, 10], [60, 60], [60, 10], [10, 60]], id="r4"),
        oval(50, 50, 20, 10, id="r5"),
        rle_of(mask, id="r6"),
    ]
    out = projects.convert("COCO", [boxed(1, *regions), boxed(2, spot(5, 5))])
    (tmp_path / "result.json").write_bytes(out.files["result.json"])
    with contextlib.redirect_stdout(io.StringIO()):
        data = COCO(str(tmp_path / "result.json"))
    assert len(data.anns) == len(regions)
    for each in data.anns.values():
        assert data.annToMask(each).sum() == pytest.approx(each["area"], rel=0.01)


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_pycocotools_evaluates_key_points(tmp_path: Path) -> None:
    """Measured against themselves they are perfect; three objects on an image stay three."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    regions = [
        each
        for place in range(3)
        for each in (
            box(30 * place, 10, 25, 50, "Dog", id=f"r{place}"),
            spot(30 * place + 5, 20, of=f"r{place}", id=f"n{place}"),
            spot(30 * place + 9, 50, "Tail", of=f"r{place}", id=f"t{place}"),
        )
    ]
    out = projects.convert("COCO", [boxed(1, *regions), boxed(2, box(1, 1, 5, 5))], POSE)
    (tmp_path / "result.json").write_bytes(out.files["result.json"])
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(tmp_path / "result.json"))
        found = truth.loadRes([{**each, "score": 1.0} for each in truth.dataset["annotations"]])
        run = COCOeval(truth, found, "keypoints")
        run.params.kpt_oks_sigmas = np.array([0.05, 0.05])
        run.evaluate()
        run.accumulate()
        run.summarize()
    assert run.stats[0] == pytest.approx(1)


@settings(max_examples=examples(80), deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    share=st.sampled_from([0.01, 0.5, 0.99, 1]),
)
def test_pycocotools_packs_masks_the_same_way(seed: int, size: Any, share: float) -> None:
    from pycocotools import mask as api

    mask = (np.random.default_rng(seed).random(size[::-1]) < share).astype(np.uint8)
    mask[-1, -1] = 1  # something is on it
    found = runs.of((mask * 9).tobytes(), *size)
    assert found is not None
    theirs = api.encode(np.asfortranarray(mask))
    assert found.counts.encode() == theirs["counts"]
    assert found.area == api.area(theirs)
    assert list(found.around[:4]) == list(api.toBbox(theirs))


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_a_mask_through_the_sdk_and_pycocotools() -> None:
    """Encoded by the SDK, decoded by pycocotools: long runs of a brush, and single pixels."""
    from pycocotools import mask as api

    rows, columns = np.mgrid[0:480, 0:640]
    mask = ((rows - 200) ** 2 + (columns - 300) ** 2 < 120**2).astype(np.uint8)
    mask[::7, ::11] ^= 1
    (found,) = coco(rle_of(mask))["annotations"]
    assert (api.decode(found["segmentation"]) == mask).all()
    assert found["area"] == mask.sum()


@settings(max_examples=examples(40), deadline=None)
@given(
    radii=st.tuples(st.floats(4, 20), st.floats(4, 20)),
    rotation=st.floats(-360, 360),
    size=st.sampled_from([(640, 480), (300, 900), (500, 500)]),
)
def test_opencv_draws_the_same_ellipse(radii: Any, rotation: float, size: Any) -> None:
    """Its angle is clockwise about the centre, in pixels."""
    import cv2

    drawn = oval(50, 50, *radii, rotation=rotation, original_width=size[0], original_height=size[1])
    (found,) = coco(drawn)["annotations"]
    mine = np.zeros(size[::-1], np.uint8)
    points = np.array(found["segmentation"]).reshape(-1, 1, 2)
    cv2.fillPoly(mine, [np.round(points).astype(np.int32)], 1)
    theirs = np.zeros(size[::-1], np.uint8)
    axes = [round(radius * side / 100) for radius, side in zip(radii, size, strict=True)]
    cv2.ellipse(theirs, (size[0] // 2, size[1] // 2), axes, rotation, 0, 360, 1, -1)
    assert (mine & theirs).sum() / (mine | theirs).sum() > 0.9


def test_supervision(written: Path) -> None:
    import supervision

    data = supervision.DetectionDataset.from_coco(str(written), str(written / "result.json"))
    assert data.classes == ["Car", "Dog", "Road", "Sky"]
    found = {Path(path).name: detections for path, _, detections in data}
    assert found["00000001-pic1.jpg"].xyxy[0] == pytest.approx([64, 96, 256, 288])
    assert list(found["00000001-pic1.jpg"].class_id) == [0, 1]
    assert [len(found[each]) for each in ("same.jpg", "same-4.jpg", "SAME-5.png")] == [0, 1, 2]
