"""Data sets with pictures as they are on the disk, read by the readers of other projects."""

from __future__ import annotations

import csv
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from support import trainer_rules
from support.every_control import snapshot
from support.media_files import InMemory, at, media_file, picture
from support.projects import SHAPES, Raw, box, boxed, choice, region, rle, task

from ls_dvc.convert import dataset_folder
from ls_dvc.convert.build import BuildOptions, build
from ls_dvc.formats.interface import Layout
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import LATEST, Policy, Split
from ls_dvc.progress import Silent

FORMATS = ("YOLO", "YOLO_SEG", "YOLO_OBB", "COCO", "VOC", "BRUSH_TO_PNG", "BRUSH_TO_COCO")
YOLO = FORMATS[:3]
BY_HALVES = Policy(split=Split((("train", 0.5), ("val", 0.5))))
NUMBERS = range(1, 13)
UNLABELED, MISSING, EMPTY = 13, 12, 11  # as most are at 1, 1001, 2 and so on
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # pycocotools, numpy 2


def size_of(number: int) -> tuple[int, int]:
    return 30 + number, 50


def content(number: int) -> bytes:
    return picture(*size_of(number), mime_of(number), number * 10)


def mime_of(number: int) -> str:
    return "image/jpeg" if number % 2 else "image/png"


def address(number: int) -> str:
    """Two tasks have pictures of one name."""
    return f"s3://b/{number}/pic{number % 6}.jpg"


def raw() -> list[Raw]:
    return [
        task(UNLABELED, data={"image": address(UNLABELED)}),
        *(boxed(each, *regions(each), data={"image": address(each)}) for each in NUMBERS),
        boxed(1001, *regions(1), data={"image": address(1)}),
    ]


def regions(number: int) -> list[Any]:
    width, height = size_of(number)
    size = {"original_width": width, "original_height": height}
    sky = {"format": "rle", "rle": rle(width, height), "brushlabels": ["Sky"]}
    mask = region("brushlabels", sky, from_name="mask", id="m", **size)
    if number == EMPTY:
        return [choice("Sun")]
    return [box(10, 20, 30, 40, **size), mask]


def made(folder: Path, layout: Layout = "loose", policy: Policy = LATEST) -> Path:
    """The data set; archives are unpacked where they are."""
    classes = Classes().extended(label_config.parse(SHAPES, "the config").classes())
    contents = {number: content(number) for number in NUMBERS}
    entries = {
        address(n): at(
            address(n), media_file(each, f"image/{'jpeg' if n % 2 else 'png'}", size_of(n))
        )
        for n, each in contents.items()
    }
    entries[address(MISSING)] = at(address(MISSING), "not-found")
    held = snapshot(folder / "snapshot", SHAPES, classes, raw(), entries)
    options = BuildOptions(FORMATS, policy, layout=layout, media=InMemory(*contents.values()))
    dataset = folder / "dataset"
    dataset.mkdir()
    build(dataset, held, options, Silent())
    assert dataset_folder.problems(dataset, held.fingerprint) == []
    for archive in sorted(dataset.rglob("*.tar")):
        with tarfile.open(archive) as opened:
            opened.extractall(archive.parent, filter="data")
        archive.unlink()
    return dataset


@pytest.fixture(params=["loose", "tar", "shards"], scope="module")
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("split"), policy=BY_HALVES)


WRITTEN = sorted([*(each for each in NUMBERS if each != MISSING), 1001])


def pictures(folder: Path) -> dict[str, bytes]:
    suffixes = (".jpg", ".png")
    paths = (each for each in folder.rglob("*") if each.suffix in suffixes and each.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def table(folder: Path, part: str = "") -> list[dict[str, str]]:
    with (folder / f"images{part}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shown(number: int) -> bytes:
    return content(number % 1000)


@pytest.mark.parametrize("fmt", [*YOLO, "VOC", "BRUSH_TO_PNG"])
def test_each_picture_is_that_of_its_task(fmt: str, whole: Path) -> None:
    rows, below = table(whole / fmt), "JPEGImages" if fmt == "VOC" else "images"
    assert sorted(int(row["task"]) for row in rows) == WRITTEN
    assert pictures(whole / fmt / below) == {r["file_name"]: shown(int(r["task"])) for r in rows}


@pytest.mark.parametrize("fmt", YOLO)
def test_yolo_trainers_find_the_labels(
    fmt: str, whole: Path, split: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From any folder, also by a path relative to that."""
    monkeypatch.chdir(tmp_path)
    for folder, parts in ((whole, [""]), (split, ["-train", "-val"])):
        dataset = Path(os.path.relpath(folder / fmt))
        read = trainer_rules.pairs(dataset / "data.yaml")
        assert read.keys() == {"train", "val"}
        rows = {f"{each}{r['file_name']}" for each in parts for r in table(folder / fmt, each)}
        names = {f"{key}{i.name}" for key in parts for i, _ in read[key.strip("-") or "train"]}
        assert names == rows
        for image, labels in (each for some in read.values() for each in some):
            with Image.open(image) as opened:
                is_empty = opened.size == size_of(EMPTY)
            assert bool(labels.read_text()) is not is_empty


def test_splits_share_nothing(split: Path) -> None:
    found = [pictures(split / "YOLO/images" / each) for each in ("train", "val")]
    assert all(found)
    assert sorted([*found[0].values(), *found[1].values()]) == sorted(map(shown, WRITTEN))


@pytest.mark.parametrize("fmt", ["YOLO", "YOLO_SEG"])
def test_supervision_reads_yolo(fmt: str, whole: Path) -> None:
    import supervision

    data = supervision.DetectionDataset.from_yolo(
        str(whole / fmt / "images"), str(whole / fmt / "labels"), str(whole / fmt / "data.yaml")
    )
    assert len(data) == len(WRITTEN)
    assert_boxes(data)


def assert_boxes(data: Any) -> None:
    """Each has the box of `regions`, in pixels of the picture that is read with it."""
    for _, image, drawn in data:
        height, width = image.shape[:2]
        expected = [0.1 * width, 0.2 * height, 0.4 * width, 0.6 * height]
        if (width, height) == size_of(EMPTY):
            assert len(drawn) == 0
        else:
            assert any(np.allclose(each, expected, atol=1.5) for each in drawn.xyxy)


def documents(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Each COCO document with the folder of its pictures, as the docs have it."""
    for path in folder.rglob("*.json"):
        part = path.relative_to(folder).with_suffix("").parts[0]
        yield path, folder / "images" / ("" if part == "result" else part)


@pytest.mark.parametrize("fmt", ["COCO", "BRUSH_TO_COCO"])
def test_coco_readers_find_the_pictures(fmt: str, whole: Path, split: Path) -> None:
    from pycocotools.coco import COCO

    for folder in (whole, split):
        seen = []
        for path, root in documents(folder / fmt):
            coco = COCO(str(path))
            for image in coco.loadImgs(coco.getImgIds()):
                found = Path(root, image["file_name"])  # as torchvision and detectron2 do
                assert found.read_bytes() == shown(image["task"])
                with Image.open(found) as opened:
                    assert opened.size == (image["width"], image["height"])
                seen.append(image["task"])
                drawn = coco.loadAnns(coco.getAnnIds([image["id"]]))
                masks = {coco.annToMask(each).shape for each in drawn}
                assert masks <= {(image["height"], image["width"])}
        assert sorted(seen) == WRITTEN
        assert len(pictures(folder / fmt)) == len(WRITTEN)


def test_supervision_reads_coco(split: Path) -> None:
    import supervision

    for part in ("train", "val"):
        path = split / "COCO" / f"{part}.json"
        root = split / "COCO/images" / part
        data = supervision.DetectionDataset.from_coco(str(root), str(path))
        assert len(data) == len(json.loads(path.read_bytes())["images"])
        assert_boxes(data)


def test_voc_readers_find_the_pictures(whole: Path, split: Path) -> None:
    for folder in (whole / "VOC", split / "VOC"):
        names = [
            n for each in folder.glob("ImageSets/Main/*.txt") for n in each.read_text().split()
        ]
        assert len(names) == len(WRITTEN)
        for name in names:
            root = ET.parse(folder / f"Annotations/{name}.xml").getroot()
            size = [int(root.findtext(f"size/{each}", "")) for each in ("width", "height")]
            found = folder / root.findtext("folder", "") / root.findtext("filename", "")
            assert found.with_suffix("").relative_to(folder / "JPEGImages").as_posix() == name
            with Image.open(found) as opened:
                assert [*opened.size] == size


def test_supervision_reads_voc(whole: Path) -> None:
    import supervision

    folder = whole / "VOC"
    data = supervision.DetectionDataset.from_pascal_voc(
        str(folder / "JPEGImages"), str(folder / "Annotations")
    )
    assert len(data) == len(WRITTEN)
    assert_boxes(data)


def test_masks_are_as_large_as_their_pictures(whole: Path, split: Path) -> None:
    for folder, parts in ((whole, [""]), (split, ["train", "val"])):
        for part in parts:
            dashed = f"-{part}" if part else ""
            names = {r["task"]: r["file_name"] for r in table(folder / "BRUSH_TO_PNG", dashed)}
            for row in masks(folder / "BRUSH_TO_PNG" / f"masks{dashed}.csv"):
                path = folder / "BRUSH_TO_PNG/images" / part / names[row["task"]]
                with Image.open(path) as shown_one:
                    if not row["mask"]:
                        assert shown_one.size == size_of(EMPTY)
                        continue
                    with Image.open(folder / "BRUSH_TO_PNG" / row["mask"]) as mask:
                        assert mask.size == shown_one.size


def masks(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_other_pictures_are_nowhere(whole: Path) -> None:
    """Of a task without labels, or whose picture is missing."""
    for fmt in FORMATS:
        held = {*pictures(whole / fmt).values()}
        assert not held & {content(UNLABELED), content(MISSING)}
        assert {shown(each) for each in WRITTEN} <= held
