"""YOLO: golden values by hand, and a reader that nobody here wrote."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image as Picture
from support import projects
from support.projects import annotation, box, boxed, choice, polygon, region, task

from ls_dvc.errors import LsDvcError
from ls_dvc.formats import sample_regions
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import Policy, Split

NAME = "labels/00000001-pic1.txt"


def lines(*regions: Any, **fields: Any) -> list[str]:
    return projects.convert("YOLO", [boxed(1, *regions, **fields)]).text(NAME).splitlines()


def reasons(*regions: Any) -> list[str]:
    return [each for _, _, each in projects.convert("YOLO", [boxed(1, *regions)]).reasons]


def test_golden() -> None:
    raw = [
        boxed(1, box(10, 20, 30, 40, "Dog"), polygon([[10, 10], [60, 10], [60, 50.5]], id="r2")),
        boxed(2, data={"image": 'https://e.com/a,"b".jpg?q=1'}),
        task(3),
        task(4, annotation(was_cancelled=True)),
    ]
    out = projects.convert("YOLO", raw)
    assert {path: content.decode() for path, content in out.files.items()} == {
        NAME: "1 0.250000 0.400000 0.300000 0.400000\n2 0.350000 0.302500 0.500000 0.405000\n",
        "labels/a,_b_.txt": "",
        "classes.txt": "Car\nDog\nRoad\nSky\n",
        "data.yaml": "train: images\n"
        "val: images  # as train: label_studio.split is not set\nnc: 4\n"
        'names:\n  0: "Car"\n  1: "Dog"\n  2: "Road"\n  3: "Sky"\n',
        "images.csv": "task,image,file_name,labels\n"
        f"1,/data/upload/1/00000001-pic1.jpg,00000001-pic1.jpg,{NAME}\n"
        '2,"https://e.com/a,""b"".jpg?q=1","a,_b_.jpg","labels/a,_b_.txt"\n',
    }


def test_a_rotated_box_becomes_the_upright_one_around_it() -> None:
    """The SDK's converter ignores the rotation. [400, 100, 100, 300] pixels of 1000x500."""
    turned = box(50, 20, 30, 20, rotation=90, original_width=1000, original_height=500)
    assert lines(turned) == ["0 0.450000 0.500000 0.100000 0.600000"]


def test_a_rotated_box_needs_the_size_and_an_upright_one_does_not() -> None:
    bare = {"original_width": ..., "original_height": ...}
    assert reasons(box(50, 20, 30, 20, rotation=9, **bare)) == ["nothing-left", "no-image-size"]
    assert lines(box(50, 20, 30, 20, **bare)) == ["0 0.650000 0.300000 0.300000 0.200000"]


def test_what_lies_outside_is_cut_off() -> None:
    assert lines(box(-10, -10, 20, 20)) == ["0 0.050000 0.050000 0.100000 0.100000"]
    assert lines(box(90, 90, 20, 20)) == ["0 0.950000 0.950000 0.100000 0.100000"]
    half = polygon([[50, 50], [150, 50], [150, 100], [50, 100]])
    assert lines(half) == ["2 0.750000 0.750000 0.500000 0.500000"]
    assert reasons(box(100, 0, 5, 5)) == ["nothing-left", "outside-image"]
    assert reasons(polygon([[-9, -9], [-1, -9], [-9, -1]])) == ["nothing-left", "outside-image"]


def test_a_box_that_six_decimals_cannot_hold() -> None:
    assert reasons(box(1, 1, 0.00001, 5)) == ["nothing-left", "bad-geometry"]


def test_every_label_of_a_region() -> None:
    assert [each[0] for each in lines(box(1, 1, 2, 2, "Dog", "Car"))] == ["1", "0"]


def test_choices_are_no_classes() -> None:
    """They land in classes.txt of the SDK's converter."""
    out = projects.convert("YOLO", [boxed(1, choice("Sun"))])
    assert "Sun" not in out.text("classes.txt")
    assert out.files[NAME] == b""


def test_a_shape_and_its_labels_as_two_regions() -> None:
    """Rectangle or Polygon with Labels; the SDK's converter drops such polygons."""
    flat = {"x": 10, "y": 10, "width": 50, "height": 50, "rotation": 0}
    ring = {"points": [[0, 0], [50, 0], [0, 50]], "closed": True}
    pairs = [
        region("rectangle", flat, from_name="rect"),
        region("labels", {**flat, "labels": ["Car"]}, from_name="kind"),
        region("polygon", ring, from_name="poly", id="r2"),
        region("labels", {**ring, "labels": ["Road"]}, from_name="kind", id="r2"),
    ]
    out = projects.convert("YOLO", [boxed(1, *pairs)], projects.PAIRS)
    assert out.text(NAME).splitlines() == [
        "0 0.350000 0.350000 0.500000 0.500000",
        "1 0.250000 0.250000 0.500000 0.500000",
    ]
    assert out.reasons == []


def test_a_renamed_object_is_still_the_only_image() -> None:
    """The SDK's converter drops regions of a renamed control."""
    assert lines(box(10, 20, 30, 40, to_name="img", from_name="boxes")) == [
        "0 0.250000 0.400000 0.300000 0.400000"
    ]


OVAL = {"x": 50, "y": 40, "radiusX": 3, "radiusY": 4, "rotation": 0, "ellipselabels": ["Car"]}
MASK = {"format": "rle", "rle": projects.rle(*projects.SIZE), "brushlabels": ["Sky"]}


@pytest.mark.parametrize(
    ("drawn", "line"),
    [
        (region("ellipselabels", OVAL), "0 0.500000 0.400000 0.060000 0.080000"),
        (
            region("ellipselabels", {**OVAL, "rotation": 90}),
            "0 0.500000 0.400000 0.060000 0.080000",
        ),
        (polygon([[10, 10], [60, 10], [60, 50]]), "2 0.350000 0.300000 0.500000 0.400000"),
        (region("brushlabels", MASK), "3 0.500000 0.500000 1.000000 1.000000"),
    ],
)
def test_a_shape_of_any_kind_is_the_box_around_it(drawn: Any, line: str) -> None:
    """One kind of row: trainers refuse an image whose labels mix boxes and polygons.

    The SDK's converter leaves ellipses and masks out, and writes polygons among boxes.
    """
    assert lines(drawn) == [line]


def test_the_box_around_a_mask() -> None:
    """Of the sample, whose mask covers 12 by 6 pixels of 32 by 24 from 8, 6."""
    config = label_config.parse(BRUSH, "the config")
    (drawn,) = sample_regions.regions(config.controls["mask"], config)
    out = projects.convert("YOLO", [boxed(1, drawn)], BRUSH)
    assert out.text(NAME) == "0 0.437500 0.375000 0.375000 0.250000\n"


BRUSH = """<View><Image name="image" value="$image"/>
<BrushLabels name="mask" toName="image"><Label value="Sky"/></BrushLabels></View>"""


@pytest.mark.parametrize(
    ("drawn", "reason"),
    [
        (region("ellipselabels", {**OVAL, "x": -4}), "outside-image"),
        (region("ellipselabels", OVAL, original_width=...), "no-image-size"),
        (region("brushlabels", MASK, original_width=...), "no-image-size"),
        (region("brushlabels", {**MASK, "rle": projects.rle(1, 1)}), "malformed"),
        (region("brushlabels", {**MASK, "rle": projects.rle(640, 480, 0)}), "bad-geometry"),
        (box(-20, 10, 10, 10, rotation=45), "outside-image"),
    ],
)
def test_a_shape_without_a_box_is_listed(drawn: Any, reason: str) -> None:
    assert reasons(drawn) == ["nothing-left", reason]


def test_a_rotated_box_of_which_only_the_box_around_touches_the_image_is_outside() -> None:
    diamond = box(104.9, -12, 10, 10, rotation=45, original_width=100, original_height=100)
    assert reasons(diamond) == ["nothing-left", "outside-image"]


def test_key_points_have_no_extent_and_are_listed() -> None:
    """The SDK's converter leaves them out, and what is left looks like an image with nothing."""
    spot = region("keypointlabels", {"x": 5, "y": 5, "width": 0.5, "keypointlabels": ["Car"]})
    out = projects.convert("YOLO", [boxed(1, spot)])
    assert out.reasons == [(1, None, "nothing-left"), (1, "r1", "unsupported-type")]
    assert not [each for each in out.files if each.startswith("labels/")]
    with_box = projects.convert("YOLO", [boxed(1, box(1, 1, 2, 2), {**spot, "id": "r2"})])
    assert with_box.reasons == [(1, "r2", "unsupported-type")]
    assert len(with_box.text(NAME).splitlines()) == 1


def test_an_unknown_label_takes_nobodys_id() -> None:
    """The SDK's converter makes it a class, at worst with an id that another label has."""
    out = projects.convert("YOLO", [boxed(1, box(1, 1, 2, 2, "Gone"), box(1, 1, 2, 2, id="r2"))])
    assert out.text("classes.txt").splitlines() == ["Car", "Dog", "Road", "Sky"]
    assert out.reasons == [(1, "r1", "unknown-label")]
    assert [each[0] for each in out.text(NAME).splitlines()] == ["0"]


def test_class_ids_are_lines_of_classes_txt_whatever_categories_the_config_names() -> None:
    """With `category` for some labels, the lines are in another order in the SDK's converter."""
    config = projects.SHAPES.replace('<Label value="Dog"/>', '<Label value="Dog" category="0"/>', 1)
    raw = [boxed(1, box(1, 1, 2, 2, "Dog"), box(1, 1, 2, 2, "Car", id="r2"))]
    out = projects.convert("YOLO", raw, config)
    names = out.text("classes.txt").splitlines()
    assert [names[int(each[0])] for each in out.text(NAME).splitlines()] == ["Dog", "Car"]
    assert yaml.safe_load(out.files["data.yaml"])["names"] == dict(enumerate(names))


def test_images_with_one_name_have_labels_of_their_own() -> None:
    """They overwrite each other in the SDK's converter."""
    raw = [
        boxed(each, box(each, 1, 2, 2), data={"image": f"s3://b/{each}/{name}"})
        for each, name in enumerate(("a.jpg", "a.jpg", "A.png", "a-3.jpg"), start=1)
    ]
    out = projects.convert("YOLO", raw)
    table = list(csv.DictReader(io.StringIO(out.text("images.csv"))))
    assert [each["file_name"] for each in table] == ["a.jpg", "a-2.jpg", "A-3.png", "a-3-4.jpg"]
    for each in table:
        assert Path(each["labels"]).stem == Path(each["file_name"]).stem
        assert float(out.text(each["labels"]).split()[1]) == (int(each["task"]) + 1) / 100


def test_a_name_of_300_characters() -> None:
    """It aborts the whole export of the SDK's converter."""
    address = f"https://e.com/{'x' * 300}.jpg"
    out = projects.convert("YOLO", [boxed(1, box(1, 1, 2, 2), data={"image": address})])
    (path,) = (each for each in out.files if "/" in each)
    assert len(path) == len("labels/") + 255


NASTY = [
    "Car",
    "two\nlines",
    'quote " and \\ backslash',
    "yes",
    "1",
    "# no comment",
    "a: b",
    "\x7f\x85\u2028\ufeff",
    "😀👩‍🚀",
    " blanks ",
    "'",
    "\ud800",
]


def test_class_names_that_would_break_a_file() -> None:
    out = projects.convert("YOLO", [], classes=Classes.of({"image": NASTY}))
    assert len(out.text("classes.txt").splitlines()) == len(NASTY)
    document = yaml.safe_load(out.files["data.yaml"])
    assert document["nc"] == len(NASTY)
    assert [document["names"][each] for each in range(len(NASTY))] == NASTY


def test_no_classes_yet() -> None:
    dynamic = (
        '<View><Image name="i" value="$i"/><RectangleLabels name="b" toName="i" value="$l"/></View>'
    )
    out = projects.convert("YOLO", [], dynamic)
    assert out.files["classes.txt"] == b""
    assert yaml.safe_load(out.files["data.yaml"])["names"] == {}


def split_into(*names: str) -> dict[str, bytes]:
    policy = Policy(split=Split(tuple((name, 1 / len(names)) for name in names)))
    raw = [boxed(each, box(1, 1, 2, 2)) for each in range(1, 13)]
    return dict(projects.convert("YOLO", raw, policy=policy).files)


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (("train", "val"), {"train": "train", "val": "val"}),
        (("train", "valid"), {"train": "train", "val": "valid"}),
        (("Validation", "training"), {"train": "training", "val": "Validation"}),
        (("train", "val", "test"), {"train": "train", "val": "val", "test": "test"}),
    ],
)
def test_splits(names: tuple[str, ...], keys: dict[str, str]) -> None:
    """Trainers want `train` and `val`, whatever the settings call them."""
    files = split_into(*names)
    described = yaml.safe_load(files["data.yaml"])
    assert {key: described[key] for key in ("train", "val", "test") if key in described} == {
        key: f"images/{name}" for key, name in keys.items()
    }
    for split in names:
        table = list(csv.DictReader(io.StringIO(files[f"images-{split}.csv"].decode())))
        assert table
        assert all(each["labels"].startswith(f"labels/{split}/") for each in table)
        assert all(each["labels"] in files for each in table)
    assert sum(path.startswith("labels/") for path in files) == 12


@pytest.mark.parametrize("names", [("train", "test"), ("a", "val"), ("train",)])
def test_splits_that_no_trainer_takes(names: tuple[str, ...]) -> None:
    with pytest.raises(LsDvcError, match=r"label_studio\.split has") as caught:
        split_into(*names)
    assert "train and val" in caught.value.hint


def test_images_that_trainers_would_ignore_are_saved_under_another_extension() -> None:
    raw = [
        boxed(number, box(1, 1, 2, 2), data={"image": f"s3://b/{name}"})
        for number, name in enumerate(("a.gif", "b", "c.PNG", "a.jpg"), start=1)
    ]
    table = csv.DictReader(io.StringIO(projects.convert("YOLO", raw).text("images.csv")))
    assert [row["file_name"] for row in table] == ["a.jpg", "b.jpg", "c.PNG", "a-4.jpg"]


def test_a_project_without_images() -> None:
    with pytest.raises(LsDvcError, match="YOLO needs an <Image>"):
        projects.convert("YOLO", [], projects.TEXT)


def test_supervision(tmp_path: Path) -> None:
    import supervision

    out = projects.convert("YOLO", projects.showcase())
    for path, content in out.files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "images").mkdir()
    table = list(csv.DictReader(io.StringIO(out.text("images.csv"))))
    for each in table:
        kind = "PNG" if each["file_name"].endswith("png") else "JPEG"
        Picture.new("RGB", projects.SIZE).save(tmp_path / "images" / each["file_name"], kind)
    data = supervision.DetectionDataset.from_yolo(
        str(tmp_path / "images"), str(tmp_path / "labels"), str(tmp_path / "data.yaml")
    )
    assert data.classes == ["Car", "Dog", "Road", "Sky"]
    found = {Path(path).name: detections for path, _, detections in data}
    assert set(found) == {each["file_name"] for each in table}
    assert found["00000001-pic1.jpg"].xyxy[0] == pytest.approx([64, 96, 256, 288], abs=1e-3)
    assert [len(found[each]) for each in ("same.jpg", "same-4.jpg", "SAME-5.png")] == [0, 1, 2]
    assert found["00000002-pic2.jpg"].xyxy[0] == pytest.approx([64, 48, 387.2, 337.2], abs=1)
