"""YOLO_SEG: golden values by hand, and readers that nobody here wrote."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture
from support import projects
from support.projects import box, boxed, choice, polygon, region, task

from ls_dvc.errors import LsDvcError
from ls_dvc.labels.policy import Policy, Split

NAME = "labels/00000001-pic1.txt"
OVAL = {"x": 50, "y": 50, "radiusX": 10, "radiusY": 20, "rotation": 0, "ellipselabels": ["Car"]}
MASK = {"format": "rle", "rle": projects.rle(*projects.SIZE), "brushlabels": ["Sky"]}


def convert(*regions: Any, **fields: Any) -> projects.Output:
    return projects.convert("YOLO_SEG", [boxed(1, *regions, **fields)])


def lines(*regions: Any) -> list[str]:
    return convert(*regions).text(NAME).splitlines()


def reasons(*regions: Any) -> list[str]:
    return [each for _, _, each in convert(*regions).reasons]


def numbers(line: str) -> list[float]:
    return [float(each) for each in line.split()[1:]]


def test_golden() -> None:
    ring = polygon([[10, 10], [60, 10], [60, 50.5]], id="r2")
    raw = [boxed(1, box(10, 20, 30, 40, "Dog"), ring), boxed(2), task(3)]
    out = projects.convert("YOLO_SEG", raw)
    assert {path: content.decode() for path, content in out.files.items()} == {
        NAME: "1 0.100000 0.200000 0.400000 0.200000 0.400000 0.600000 0.100000 0.600000\n"
        "2 0.100000 0.100000 0.600000 0.100000 0.600000 0.505000\n",
        "labels/00000002-pic2.txt": "",
        "classes.txt": "Car\nDog\nRoad\nSky\n",
        "data.yaml": "train: images\n"
        "val: images  # as train: label_studio.split is not set\nnc: 4\n"
        'names:\n  0: "Car"\n  1: "Dog"\n  2: "Road"\n  3: "Sky"\n',
        "images.csv": "task,image,file_name,labels\n"
        f"1,/data/upload/1/00000001-pic1.jpg,00000001-pic1.jpg,{NAME}\n"
        "2,/data/upload/1/00000002-pic2.jpg,00000002-pic2.jpg,labels/00000002-pic2.txt\n",
    }
    assert out.reasons == [(3, None, "unlabeled")]


def test_a_rotated_box_is_its_four_corners() -> None:
    """[400, 100, 100, 300] pixels of 1000x500."""
    turned = box(50, 20, 30, 20, rotation=90, original_width=1000, original_height=500)
    assert [numbers(line) for line in lines(turned)] == [[0.5, 0.2, 0.5, 0.8, 0.4, 0.8, 0.4, 0.2]]


def test_an_ellipse_is_64_points() -> None:
    (line,) = lines(region("ellipselabels", OVAL))
    points = np.array(numbers(line)).reshape(-1, 2)
    assert len(points) == 64
    assert np.allclose((((points - 0.5) / [0.1, 0.2]) ** 2).sum(axis=1), 1, atol=1e-4)


def test_what_lies_outside_is_cut_off() -> None:
    assert [numbers(line) for line in lines(box(-10, 90, 20, 20))] == [
        [0, 0.9, 0.1, 0.9, 0.1, 1, 0, 1]
    ]
    (line,) = lines(polygon([[50, 50], [150, 50], [150, 100], [50, 100]]))
    assert set(line.split()[1:]) == {"0.500000", "1.000000"}
    (line,) = lines(region("ellipselabels", {**OVAL, "x": 0}))
    assert min(numbers(line)) == 0
    for outside in (
        box(100, 0, 5, 5),
        polygon([[-9, -9], [-1, -9], [-9, -1]]),
        region("ellipselabels", {**OVAL, "x": -20}),
    ):
        assert reasons(outside) == ["nothing-left", "outside-image"]


def test_a_polygon_that_six_decimals_cannot_hold() -> None:
    thin = polygon([[1, 1], [1.00001, 1], [1.00001, 9], [1, 9]])
    assert reasons(thin) == ["nothing-left", "bad-geometry"]
    assert reasons(box(1, 1, 0.00001, 5)) == ["nothing-left", "bad-geometry"]


def brush(mask: Any) -> Any:
    """A brush region with the pixels of `mask` that are not 0, as the SDK encodes it."""
    from label_studio_sdk.converter.brush import encode_rle

    value = {"format": "rle", "rle": encode_rle(np.repeat(mask.ravel() * 255, 4).astype(int))}
    height, width = mask.shape
    size = {"original_width": width, "original_height": height}
    return region("brushlabels", {**value, "brushlabels": ["Sky"]}, **size)


@pytest.mark.filterwarnings("ignore:::label_studio_sdk", "ignore:__array__ implementation")
def test_masks_are_outlines_that_fill_the_same_pixels() -> None:
    """Two parts are one line: one region is one object. pycocotools fills the polygon."""
    from pycocotools import mask as api

    rows, columns = np.mgrid[0:200, 0:300]
    mask = ((rows - 80) ** 2 + (columns - 90) ** 2 < 60**2) | ((rows > 150) & (columns > 250))
    (line,) = lines(brush(mask))
    points = np.array(numbers(line)).reshape(-1, 2) * [300, 200]
    drawn = api.decode(api.frPyObjects([points.ravel().tolist()], 200, 300))[:, :, 0].astype(bool)
    assert (drawn & mask).sum() / (drawn | mask).sum() > 0.98


@pytest.mark.filterwarnings("ignore:::label_studio_sdk")
def test_a_filled_hole_is_in_the_ledger() -> None:
    mask = np.ones((20, 30), np.uint8)
    whole = convert(brush(mask))
    assert whole.reasons == []
    mask[5:10, 5:10] = 0
    out = convert(brush(mask))
    assert out.text(NAME) == whole.text(NAME)
    assert [each for _, _, each in out.reasons] == []
    (entry,) = out.ledger.in_part
    assert (entry.region, entry.reason.value) == ("r1", "holes-filled")


@pytest.mark.parametrize(
    ("drawn", "reason"),
    [
        (region("brushlabels", {**MASK, "rle": projects.rle(640, 480, 0)}), "bad-geometry"),
        (region("brushlabels", {**MASK, "rle": projects.rle(1, 1)}), "malformed"),
        (region("brushlabels", MASK, original_width=...), "no-image-size"),
        (region("ellipselabels", OVAL, original_width=...), "no-image-size"),
        (box(1, 1, 5, 5, rotation=9, original_width=...), "no-image-size"),
        (region("keypointlabels", {"x": 5, "y": 5, "keypointlabels": ["Car"]}), "unsupported-type"),
        (box(1, 1, 2, 2, "Gone"), "unknown-label"),
    ],
)
def test_what_has_no_outline_is_listed(drawn: Any, reason: str) -> None:
    assert reasons(drawn) == ["nothing-left", reason]


def test_choices_draw_nothing() -> None:
    out = convert(choice("Sun"))
    assert out.files[NAME] == b""


def test_every_label_of_a_region() -> None:
    both = polygon([[1, 1], [9, 1], [1, 9]], "Car", "Road")
    assert [each[0] for each in lines(both)] == ["0", "2"]


def test_splits() -> None:
    policy = Policy(split=Split((("train", 0.5), ("val", 0.5))))
    raw = [boxed(each, box(1, 1, 2, 2, rotation=each)) for each in range(1, 9)]
    files = projects.convert("YOLO_SEG", raw, policy=policy).files
    assert {path.rpartition("/")[0] for path in files} == {"", "labels/train", "labels/val"}


def test_a_project_without_images() -> None:
    with pytest.raises(LsDvcError, match="YOLO_SEG needs an <Image>"):
        projects.convert("YOLO_SEG", [], projects.TEXT)


def test_supervision(tmp_path: Path) -> None:
    import supervision

    out = projects.convert("YOLO_SEG", projects.showcase())
    for path, content in out.files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "images").mkdir()
    for row in csv.DictReader(io.StringIO(out.text("images.csv"))):
        kind = "PNG" if row["file_name"].endswith("png") else "JPEG"
        Picture.new("RGB", projects.SIZE).save(tmp_path / "images" / row["file_name"], kind)
    data = supervision.DetectionDataset.from_yolo(
        *(str(tmp_path / each) for each in ("images", "labels", "data.yaml")), force_masks=True
    )
    found = {Path(path).name: detections for path, _, detections in data}
    first = found["00000001-pic1.jpg"]
    assert first.xyxy[0] == pytest.approx([64, 96, 256, 288], abs=1)
    assert first.mask[0].sum() == pytest.approx(192 * 192, rel=0.02)
    assert first.mask[1].sum() == pytest.approx(64 * 96, rel=0.04), "the rotated box"
