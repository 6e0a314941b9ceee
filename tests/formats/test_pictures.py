"""Formats of images with their pictures: named like their labels, and only where there are some."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow.parquet
import pytest
from support import pose, projects
from support.media_files import at, media_file
from support.projects import Raw, annotation, box, boxed, choice, polygon, region, rle, task

from ls_dvc.labels.media import MediaEntry, MediaFile
from ls_dvc.labels.policy import Policy, Split

YOLO = ("YOLO", "YOLO_SEG", "YOLO_OBB")
BOXES = (*YOLO, "COCO", "VOC")
MASKS = ("BRUSH_TO_PNG", "BRUSH_TO_NUMPY", "BRUSH_TO_COCO")
FOLDERS = {
    **dict.fromkeys((*YOLO, "YOLO_POSE", "COCO", *MASKS), "images/"),
    "VOC": "JPEGImages/",
}
BY_HALVES = Policy(split=Split((("train", 0.5), ("val", 0.5))))


def address(number: int) -> str:
    return f"/data/upload/1/{number:08x}-pic{number}.jpg"


def jpeg(name: str = "one", size: tuple[int | None, int | None] = projects.SIZE) -> MediaFile:
    return media_file(name.encode(), size=size)


def found(*numbers: int, **fields: Any) -> list[MediaEntry]:
    """A picture for each of these tasks, which all differ."""
    return [at(address(each), jpeg(str(each), **fields)) for each in numbers]


def mask(**fields: Any) -> Raw:
    value = {"format": "rle", "rle": rle(*projects.SIZE), "brushlabels": ["Sky"]}
    return region("brushlabels", value, **{"from_name": "mask", "id": "m", **fields})


def drawn(fmt: str, number: int = 1, **fields: Any) -> Raw:
    """A task with something that the format writes."""
    return boxed(number, mask() if fmt in MASKS else box(10, 20, 30, 40), **fields)


def listed(out: projects.Output) -> list[tuple[int, str | None, str]]:
    return [(each.task, each.region, each.reason.value) for each in out.ledger.in_part]


@pytest.mark.parametrize("fmt", [*BOXES, *MASKS])
def test_a_picture_is_next_to_its_labels(fmt: str) -> None:
    out = projects.convert(fmt, [drawn(fmt), drawn(fmt, 1002)], media=found(1, 1002))
    assert out.pictures == {
        f"{FOLDERS[fmt]}00000001-pic1.jpg": jpeg("1"),
        f"{FOLDERS[fmt]}000003ea-pic1002.jpg": jpeg("1002"),
    }
    assert not out.reasons


@pytest.mark.parametrize("fmt", [*BOXES, *MASKS])
def test_so_it_is_in_splits(fmt: str) -> None:
    raw = [drawn(fmt, number) for number in range(1, 9)]
    out = projects.convert(fmt, raw, policy=BY_HALVES, media=found(*range(1, 9)))
    folders = {path.rpartition("/")[0] for path in out.pictures}
    assert folders == {f"{FOLDERS[fmt]}train", f"{FOLDERS[fmt]}val"}
    assert len(out.pictures) == 8


@pytest.mark.parametrize("fmt", [*BOXES, *MASKS])
def test_labels_are_as_without_media(fmt: str) -> None:
    """Where files are what their addresses and regions say."""
    raw = [drawn(fmt), drawn(fmt, 2)]
    out = projects.convert(fmt, raw, media=found(1, 2))
    files = {path: each for path, each in out.files.items() if path != "images.csv"}
    bare = projects.convert(fmt, raw)
    assert files == {path: each for path, each in bare.files.items() if path != "images.csv"}
    assert not bare.pictures


@pytest.mark.parametrize("fmt", [*BOXES, *MASKS])
def test_an_address_that_is_not_in_the_map_is_written_as_an_address(fmt: str) -> None:
    raw = [drawn(fmt), drawn(fmt, 2)]
    out = projects.convert(fmt, raw, media=[])
    assert out.files == projects.convert(fmt, raw).files
    assert not out.pictures


@pytest.mark.parametrize("fmt", [*BOXES, *MASKS])
def test_of_a_missing_file_nothing_is_written(fmt: str) -> None:
    entries = [at(address(1), "not-found"), *found(2)]
    out = projects.convert(fmt, [drawn(fmt), drawn(fmt, 2)], media=entries)
    shape = "m" if fmt in MASKS else "r1"
    assert out.reasons == [(1, None, "media-missing"), (1, shape, "media-missing")]
    assert list(out.pictures.values()) == [jpeg("2")]
    assert not [path for path, each in out.files.items() if b"pic1." in each or "pic1." in path]


@pytest.mark.parametrize("fmt", [*BOXES, *MASKS])
@pytest.mark.parametrize("mime", ["image/svg+xml", "application/pdf", "text/plain", "audio/wav"])
def test_what_is_no_picture_is_not_written(fmt: str, mime: str) -> None:
    out = projects.convert(fmt, [drawn(fmt)], media=[at(address(1), media_file(b"x", mime))])
    assert {reason for _, _, reason in out.reasons} == {"unsupported-media"}
    assert not out.pictures


@pytest.mark.parametrize(
    ("mime", "extension", "read"),
    [
        ("image/gif", ".gif", set(BOXES) - set(YOLO)),
        ("application/octet-stream", ".jpg", set(BOXES) - set(YOLO)),
        ("image/webp", ".webp", set(BOXES)),
        ("image/avif", ".avif", set(BOXES)),
        ("image/png", ".png", set(BOXES)),
        ("image/tiff", ".tif", set(BOXES)),
    ],
)
def test_types_that_trainers_read(mime: str, extension: str, read: set[str]) -> None:
    for fmt in BOXES:
        entry = at(address(1), media_file(b"x", mime, projects.SIZE))
        out = projects.convert(fmt, [drawn(fmt)], media=[entry])
        names = [path.rpartition("/")[2] for path in out.pictures]
        assert names == ([f"00000001-pic1{extension}"] if fmt in read else [])


@pytest.mark.parametrize("fmt", BOXES)
@pytest.mark.parametrize(
    ("shown", "name"),
    [("s3://b/a.JPEG", "a.JPEG"), ("s3://b/a", "a.jpg"), ("s3://b/a.php", "a.jpg")],
)
def test_the_name_ends_as_the_type_says(fmt: str, shown: str, name: str) -> None:
    out = projects.convert(fmt, [drawn(fmt, data={"image": shown})], media=[at(shown, jpeg())])
    assert list(out.pictures) == [FOLDERS[fmt] + name]
    if fmt == "COCO":
        assert [each["file_name"] for each in out.json()["images"]] == [name]
    elif fmt == "VOC":
        assert f"<filename>{name}</filename>" in out.text("Annotations/a.xml")
    else:
        assert [row["file_name"] for row in table(out)] == [name]


def table(out: projects.Output, name: str = "images.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out.text(name))))


def test_an_extension_that_yolo_does_not_read_is_replaced() -> None:
    shown = "s3://b/a.jpe"
    raw, media = [drawn("YOLO", data={"image": shown})], [at(shown, jpeg())]
    assert list(projects.convert("YOLO", raw, media=media).pictures) == ["images/a.jpg"]
    assert list(projects.convert("COCO", raw, media=media).pictures) == ["images/a.jpe"]


@pytest.mark.parametrize("fmt", [*BOXES, *MASKS])
def test_a_picture_of_two_tasks_has_two_names(fmt: str) -> None:
    data = {"image": "s3://b/same.jpg"}
    raw = [drawn(fmt, 1, data=data), drawn(fmt, 2, data=data)]
    out = projects.convert(fmt, raw, media=[at(data["image"], jpeg())])
    names = [f"{FOLDERS[fmt]}{stem}.jpg" for stem in ("same", "same-2")]
    assert out.pictures == dict.fromkeys(names, jpeg())


@pytest.mark.parametrize("fmt", BOXES)
def test_only_what_was_looked_at(fmt: str) -> None:
    """An empty one too; without labels of the format a picture would be trained as background."""
    raw = [
        boxed(1, choice("Sun")),
        boxed(2),
        task(3),
        task(4, annotation(was_cancelled=True)),
        boxed(5, region("brushlabels", {"rle": [1], "brushlabels": ["Sky"]})),
        boxed(6, box(200, 200, 1, 1)),
    ]
    out = projects.convert(fmt, raw, media=found(*range(1, 7)))
    assert list(out.pictures.values()) == [jpeg("1"), jpeg("2")]


def test_the_file_decides_about_the_size() -> None:
    """Regions say 640x480, the file 64x96."""
    media = found(1, size=(64, 96))
    out = projects.convert("COCO", [drawn("COCO")], media=media)
    assert out.json()["annotations"][0]["bbox"] == [6.4, 19.2, 19.2, 38.4]
    assert [(each["width"], each["height"]) for each in out.json()["images"]] == [(64, 96)]
    voc = projects.convert("VOC", [drawn("VOC")], media=media)
    assert sizes(voc) == [["64", "96", "3"]]
    assert box_of(voc) == {"xmin": "7", "ymin": "20", "xmax": "26", "ymax": "58"}


def sizes(out: projects.Output) -> list[list[str | None]]:
    roots = [ET.fromstring(each) for path, each in out.files.items() if path.endswith(".xml")]
    return [[each.text for each in root.iterfind("size/*")] for root in roots]


def box_of(out: projects.Output) -> Mapping[str, str | None]:
    (content,) = (each for path, each in out.files.items() if path.endswith(".xml"))
    bounds = ET.fromstring(content).find("object/bndbox")
    assert bounds is not None
    return {each.tag: each.text for each in bounds}


@pytest.mark.parametrize("fmt", [*BOXES, "YOLO_POSE"])
def test_a_size_that_differs_is_in_the_ledger(fmt: str) -> None:
    config = pose.POSE if fmt == "YOLO_POSE" else projects.SHAPES
    raw = [boxed(1, box(10, 20, 30, 40), box(1, 1, 9, 9, id="r2", original_width=64))]
    out = projects.convert(fmt, raw, config, media=found(1, size=(64, 480)))
    assert listed(out) == [(1, "r1", "file-size-differs")]
    assert not out.reasons
    unknown = projects.convert(fmt, raw, config, media=found(1, size=(None, None)))
    assert listed(unknown) == [(1, "r2", "size-differs")]


def test_a_size_that_no_region_has() -> None:
    quiet = {"original_width": ..., "original_height": ...}
    raw = [boxed(1, box(10, 20, 30, 40, rotation=45, **quiet)), boxed(2, choice("Sun"))]
    coco = projects.convert("COCO", raw, media=found(1, 2))
    assert [each["width"] for each in coco.json()["images"]] == [640, 640]
    assert len(coco.json()["annotations"]) == 1
    assert sizes(projects.convert("VOC", raw, media=found(1, 2))) == [["640", "480", "3"]] * 2
    for fmt in YOLO:
        assert len(projects.convert(fmt, raw, media=found(1, 2)).pictures) == 2


@pytest.mark.parametrize("fmt", [*MASKS, "COCO", "YOLO", "YOLO_SEG", "YOLO_OBB"])
def test_a_mask_of_another_size_than_the_file_is_not_written(fmt: str) -> None:
    raw = [boxed(1, mask())]
    out = projects.convert(fmt, raw, media=found(1, size=(64, 48)))
    assert out.reasons == [(1, None, "nothing-left"), (1, "m", "file-size-differs")]
    assert not out.pictures
    assert not listed(out)
    assert not projects.convert(fmt, raw, media=found(1)).reasons


@pytest.mark.parametrize("fmt", BOXES)
def test_one_of_two_images_is_missing(fmt: str) -> None:
    data = {"left": "l.jpg", "right": "r.jpg"}
    on_left, on_right = {"to_name": "left"}, {"to_name": "right", "id": "r2"}
    raw = [boxed(1, box(1, 1, 9, 9, **on_left), box(2, 2, 8, 8, "Dog", **on_right), data=data)]
    media = [at("l.jpg", "not-found"), at("r.jpg", jpeg())]
    out = projects.convert(fmt, raw, projects.TWO_VIEWS, media=media)
    assert out.reasons == [(1, "r1", "media-missing")]
    assert list(out.pictures) == [f"{FOLDERS[fmt]}r.jpg"]
    alone = [boxed(1, box(2, 2, 8, 8, "Dog", **on_right), data=data)]
    whole = projects.convert(fmt, alone, projects.TWO_VIEWS, media=media)
    assert not whole.reasons
    assert list(whole.pictures) == [f"{FOLDERS[fmt]}r.jpg"]


@pytest.mark.parametrize("fmt", BOXES)
def test_the_other_image_was_looked_at_and_is_empty(fmt: str) -> None:
    data = {"left": "l.jpg", "right": "r.jpg"}
    raw = [boxed(1, box(1, 1, 9, 9, to_name="left"), data=data)]
    media = [at("l.jpg", "not-found"), at("r.jpg", jpeg())]
    out = projects.convert(fmt, raw, projects.TWO_VIEWS, media=media)
    assert out.reasons == [(1, "r1", "media-missing")]
    assert list(out.pictures) == [f"{FOLDERS[fmt]}r.jpg"]


def test_each_of_two_images_has_its_size() -> None:
    """The left one by its file, the right one by its first region."""
    data = {"left": "l.jpg", "right": "r.jpg"}
    on_left, on_right = {"to_name": "left"}, {"to_name": "right"}
    other = box(2, 2, 8, 8, "Dog", id="r3", original_width=64, **on_right)
    regions = [box(1, 1, 9, 9, **on_left), box(2, 2, 8, 8, "Dog", id="r2", **on_right), other]
    media = [at("l.jpg", jpeg(size=(6, 4)))]
    out = projects.convert("COCO", [boxed(1, *regions, data=data)], projects.TWO_VIEWS, media=media)
    assert [each["width"] for each in out.json()["images"]] == [6, 640]
    assert listed(out) == [(1, "r1", "file-size-differs"), (1, "r3", "size-differs")]


@pytest.mark.parametrize("fmt", ["YOLO_POSE", "COCO"])
def test_key_points_of_a_missing_picture(fmt: str) -> None:
    raw = [boxed(1, box(10, 10, 30, 30), pose.spot(15, 15, of="r1"))]
    out = projects.convert(fmt, raw, pose.POSE, media=[at(address(1), "not-found")])
    reasons = [(1, each, "media-missing") for each in (None, "r1", "k1")]
    assert out.reasons == reasons
    assert not out.pictures


@pytest.mark.parametrize("fmt", BOXES)
@pytest.mark.parametrize("regions", [(), (choice("Sun"),)], ids=["none", "a choice"])
def test_an_empty_task_whose_picture_is_missing(fmt: str, regions: Iterable[Raw]) -> None:
    out = projects.convert(fmt, [boxed(1, *regions)], media=[at(address(1), "not-found")])
    assert out.reasons[0] == (1, None, "media-missing")
    assert "images.csv" not in out.files or not table(out)


def test_a_shape_in_two_parts_whose_picture_is_missing() -> None:
    shape = polygon([[1, 1], [9, 1], [9, 9]], type="polygon", from_name="poly")
    labels = {"points": [[1, 1], [9, 1], [9, 9]], "labels": ["Car"]}
    raw = [boxed(1, shape, region("labels", labels, from_name="kind"))]
    out = projects.convert("COCO", raw, projects.PAIRS, media=[at(address(1), "not-found")])
    assert [reason for _, _, reason in out.reasons] == ["media-missing"] * 3


@pytest.mark.parametrize("fmt", ["BRUSH_TO_PNG", "BRUSH_TO_NUMPY"])
def test_the_table_of_pictures_of_masks(fmt: str) -> None:
    raw = [boxed(1, mask()), boxed(2, choice("Sun")), boxed(3, mask())]
    out = projects.convert(fmt, raw, media=found(1, 2))
    assert table(out) == [
        {"task": str(n), "image": address(n), "file_name": f"0000000{n}-pic{n}.jpg"} for n in (1, 2)
    ]
    assert {row["image"] for row in table(out, "masks.csv")} == {address(n) for n in (1, 2, 3)}
    assert "images.csv" not in projects.convert(fmt, raw).files
    assert "images.csv" not in projects.convert(fmt, raw, media=[]).files


def test_ids_and_names_in_shards() -> None:
    raw = [drawn("COCO", number, data={"image": "a.jpg"}) for number in (1, 1001)]
    out = projects.convert("COCO", raw, sharded=True, media=[at("a.jpg", jpeg())])
    names = [
        each["file_name"]
        for path in ("result/0000000000.json", "result/0000001000.json")
        for each in out.json(path)["images"]
    ]
    assert [f"images/{each}" for each in names] == list(out.pictures)


@pytest.mark.parametrize("fmt", ["JSONL", "PARQUET"])
def test_records_have_the_size_of_the_file_too(fmt: str) -> None:
    other = box(1, 1, 9, 9, id="r2", original_width=64)
    raw = [boxed(1, box(10, 20, 30, 40), other, choice("Sun", id="c", original_width=...))]
    entries = found(1, size=(64, 480))
    out = projects.convert(fmt, raw, media=entries)
    assert listed(out) == [(1, "r1", "file-size-differs")]
    boxes = [each["bbox_pixels"] for each in records(out) if each["bbox_pixels"]]
    assert [each[0] for each in boxes] == [6.4, 0.64]
    missing = projects.convert(fmt, raw, media=[at(address(1), "not-found")])
    assert missing.files == projects.convert(fmt, raw).files
    assert listed(missing) == [(1, "r2", "size-differs")]


def records(out: projects.Output) -> list[Any]:
    if "result.parquet" in out.files:
        return list(pyarrow.parquet.read_table(io.BytesIO(out.files["result.parquet"])).to_pylist())
    return [json.loads(each) for each in out.text("result.jsonl").splitlines()]
