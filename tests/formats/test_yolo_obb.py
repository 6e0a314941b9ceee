"""YOLO_OBB: golden values by hand, the SDK's converter, and readers that nobody here wrote."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image as Picture
from support import projects
from support.effort import examples
from support.projects import box, boxed, choice, polygon, region, task
from support.sdk_converter import pictures_config, sdk

from ls_dvc.errors import LsDvcError
from ls_dvc.labels.policy import Policy, Split

pytestmark = pytest.mark.filterwarnings("ignore:::label_studio_sdk", "ignore:::nltk")

NAME = "labels/00000001-pic1.txt"
WIDE = {"original_width": 1000, "original_height": 500}


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def convert(*regions: Any) -> projects.Output:
    return projects.convert("YOLO_OBB", [boxed(1, *regions)])


def lines(*regions: Any) -> list[str]:
    return convert(*regions).text(NAME).splitlines()


def reasons(*regions: Any) -> list[str]:
    return [each for _, _, each in convert(*regions).reasons]


def test_golden() -> None:
    """Of the rotated one the pixels are 500,100 500,400 400,400 400,100 of 1000x500."""
    turned = box(50, 20, 30, 20, "Dog", rotation=90, id="r2", **WIDE)
    raw = [boxed(1, box(10, 20, 30, 40, **WIDE), turned), boxed(2), task(3)]
    out = projects.convert("YOLO_OBB", raw)
    assert {path: content.decode() for path, content in out.files.items()} == {
        NAME: "0 0.100000 0.200000 0.400000 0.200000 0.400000 0.600000 0.100000 0.600000\n"
        "1 0.500000 0.200000 0.500000 0.800000 0.400000 0.800000 0.400000 0.200000\n",
        "labels/00000002-pic2.txt": "",
        "classes.txt": "Car\nDog\nRoad\nSky\n",
        "data.yaml": "train: images\n"
        "val: images  # as train: label_studio.split is not set\nnc: 4\n"
        'names:\n  0: "Car"\n  1: "Dog"\n  2: "Road"\n  3: "Sky"\n',
        "images.csv": "task,image,file_name,labels\n"
        f"1,/data/upload/1/00000001-pic1.jpg,00000001-pic1.jpg,{NAME}\n"
        "2,/data/upload/1/00000002-pic2.jpg,00000002-pic2.jpg,labels/00000002-pic2.txt\n",
    }


def test_a_rotated_box_needs_the_size_and_an_upright_one_does_not() -> None:
    bare = {"original_width": ..., "original_height": ...}
    assert reasons(box(50, 20, 30, 20, rotation=9, **bare)) == ["nothing-left", "no-image-size"]
    assert len(lines(box(50, 20, 30, 20, **bare))) == 1


def test_every_label_of_a_region() -> None:
    assert [each[0] for each in lines(box(1, 1, 2, 2, "Dog", "Car"))] == ["1", "0"]


def test_what_an_upright_box_has_outside_is_cut_off() -> None:
    assert lines(box(-10, 90, 20, 20)) == [
        "0 0.000000 0.900000 0.100000 0.900000 0.100000 1.000000 0.000000 1.000000"
    ]
    assert reasons(box(100, 0, 5, 5)) == ["nothing-left", "outside-image"]


def test_corners_of_a_rotated_box_outside_are_moved_to_the_edge() -> None:
    """Trainers refuse an image with a point beyond its edge. Corners: 0,50 50,0 100,50 50,100."""
    square = {"original_width": 100, "original_height": 100}
    side = 50 * 2**0.5
    inside = box(0, 50, side, side, rotation=-45, **square)
    assert lines(inside) == [
        "0 0.000000 0.500000 0.500000 0.000000 1.000000 0.500000 0.500000 1.000000"
    ]
    left = box(-25, 50, side, side, rotation=-45, **square)
    assert lines(left) == [
        "0 0.000000 0.500000 0.250000 0.000000 0.750000 0.500000 0.250000 1.000000"
    ]
    gone = box(-90, 50, side / 2, side / 2, rotation=-45, **square)
    assert reasons(gone) == ["nothing-left", "outside-image"]


def test_a_box_that_six_decimals_cannot_hold() -> None:
    assert reasons(box(1, 1, 0.00001, 5)) == ["nothing-left", "bad-geometry"]
    assert reasons(box(1, 1, 0.00001, 5, rotation=30)) == ["nothing-left", "bad-geometry"]
    thin = polygon([[0, 0], [0, -1], [1, 2e-225]])
    assert reasons(thin) == ["nothing-left", "bad-geometry"]


OVAL = {"x": 5, "y": 5, "radiusX": 3, "radiusY": 4, "rotation": 0, "ellipselabels": ["Car"]}
SPOT = {"x": 5, "y": 5, "width": 0.5, "keypointlabels": ["Car"]}
MASK = {"format": "rle", "rle": projects.rle(*projects.SIZE), "brushlabels": ["Sky"]}


WIDE_OVAL = {**OVAL, "x": 50, "y": 50, "radiusX": 15, "radiusY": 10}
WIDE_MASK = {**MASK, "rle": projects.rle(1000, 500)}


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (region("keypointlabels", SPOT, id="r2"), "unsupported-type"),
        (region("brushlabels", {**MASK, "rle": [1]}, id="r2"), "malformed"),
        (region("ellipselabels", {**OVAL, "x": -9}, id="r2"), "outside-image"),
        (polygon([[-9, -9], [-1, -9], [-9, -1]], id="r2"), "outside-image"),
        (choice("Sun", id="r2"), "unsupported-type"),
        (box(1, 1, 5, 5, "Gone", id="r2"), "unknown-label"),
        (region("rectangle", {"x": 1, "y": 1, "width": 2, "height": 2}, id="r2"), "no-label"),
        (box(1, 1, 5, 5, 5, id="r2"), "malformed"),
        (box(1, 1, 5, 5, item_index=3, id="r2"), "no-media"),
    ],
)
def test_what_has_no_box_is_listed(other: Any, reason: str) -> None:
    """The SDK's converter writes polygons, as lines of any length that no reader takes."""
    out = convert(box(1, 1, 2, 2), other)
    assert out.reasons == [(1, "r2", reason)]
    assert len(out.text(NAME).splitlines()) == 1


@pytest.mark.parametrize(
    ("drawn", "corners"),
    [
        # Of 1000x500 pixels: 100,100 300,100 300,200 100,200, and the same without a corner.
        (polygon([[10, 20], [30, 20], [30, 40], [10, 40]]), [10, 20, 30, 20, 30, 40, 10, 40]),
        (polygon([[10, 20], [30, 20], [30, 40]]), [10, 20, 30, 20, 30, 40, 10, 40]),
        # A diamond of 200 by 200 pixels about 500, 250.
        (polygon([[50, 30], [60, 50], [50, 70], [40, 50]]), [50, 30, 60, 50, 50, 70, 40, 50]),
        # 300x100 pixels about 500, 250; upright, and turned by a right angle.
        (region("ellipselabels", WIDE_OVAL), [35, 40, 65, 40, 65, 60, 35, 60]),
        (region("ellipselabels", {**WIDE_OVAL, "rotation": 90}), [55, 20, 55, 80, 45, 80, 45, 20]),
        (region("brushlabels", WIDE_MASK), [0, 0, 100, 0, 100, 100, 0, 100]),
        # What is outside is cut off before.
        (polygon([[-10, 20], [30, 20], [30, 40], [-10, 40]]), [0, 20, 30, 20, 30, 40, 0, 40]),
    ],
)
def test_a_shape_of_any_kind_is_the_smallest_box_around_it(drawn: Any, corners: list[int]) -> None:
    """The SDK's converter writes polygons as lines of any length, which no reader takes."""
    (line,) = lines({**drawn, **WIDE})
    assert [float(each) for each in line.split()[1:]] == [each / 100 for each in corners]


def test_a_shape_and_its_labels_as_two_regions() -> None:
    flat = {"x": 10, "y": 10, "width": 50, "height": 50, "rotation": 90}
    pairs = [
        region("rectangle", flat, from_name="rect"),
        region("labels", {**flat, "labels": ["Road"]}, from_name="kind"),
    ]
    out = projects.convert("YOLO_OBB", [boxed(1, *pairs)], projects.PAIRS)
    assert out.text(NAME)[0] == "1"
    assert out.reasons == []


def test_splits() -> None:
    policy = Policy(split=Split((("train", 0.5), ("val", 0.5))))
    raw = [boxed(each, box(1, 1, 2, 2, rotation=each)) for each in range(1, 9)]
    files = projects.convert("YOLO_OBB", raw, policy=policy).files
    folders = {path.rpartition("/")[0] for path in files}
    assert folders == {"", "labels/train", "labels/val"}
    assert sum(path.startswith("labels/") for path in files) == 8
    assert yaml.safe_load(files["data.yaml"])["val"] == "images/val"


def test_a_project_without_images() -> None:
    with pytest.raises(LsDvcError, match="YOLO_OBB needs an <Image>"):
        projects.convert("YOLO_OBB", [], projects.TEXT)


# --- what others make of it


TURNED = st.tuples(
    st.floats(0, 90), st.floats(0, 90), st.floats(0.5, 60), st.floats(0.5, 60), st.floats(-400, 400)
)
SIZES = st.tuples(st.integers(50, 5000), st.integers(50, 5000))


@settings(max_examples=examples(80), deadline=None)
@given(turned=TURNED, size=SIZES, name=st.sampled_from("ab"))
def test_the_sdk_writes_the_same(turned: Any, size: Any, name: str) -> None:
    """Where a box lies on its image."""
    *flat, rotation = turned
    drawn = box(*flat, name, rotation=rotation, original_width=size[0], original_height=size[1])
    raw, config = [boxed(1, drawn)], pictures_config("ab", "ab")
    theirs = [float(each) for each in sdk("YOLO_OBB", raw, config)[NAME].split()]
    assume(all(0 <= each <= 1 for each in theirs[1:]))
    ours = projects.convert("YOLO_OBB", raw, config).text(NAME).split()
    assert [float(each) for each in ours] == pytest.approx(theirs, abs=1e-6)


def test_supervision_and_opencv(tmp_path: Path) -> None:
    """Sides, and the share of the image, of the rectangle that OpenCV finds in what is read."""
    import cv2
    import supervision

    out = convert(box(40, 20, 30, 20, "Dog", rotation=33, **WIDE), box(1, 1, 10, 10, id="r2"))
    (tmp_path / "labels").mkdir()
    (tmp_path / "images").mkdir()
    for path, content in out.files.items():
        (tmp_path / path).write_bytes(content)
    Picture.new("RGB", (1000, 500)).save(tmp_path / "images" / "00000001-pic1.jpg")
    folders = [str(tmp_path / each) for each in ("images", "labels", "data.yaml")]
    data = supervision.DetectionDataset.from_yolo(*folders, is_obb=True)
    ((_, _, found),) = list(data)
    assert list(found.class_id) == [1, 0]
    corners = found.data["xyxyxyxy"][0]
    _, sides, angle = cv2.minAreaRect(corners.astype(np.float32))
    assert sorted(sides) == pytest.approx([100, 300], abs=0.01)
    assert angle % 90 == pytest.approx(33, abs=0.01)
    assert corners[0] == pytest.approx([400, 100], abs=0.01)
