"""Pascal VOC: golden files by hand, a reader that nobody here wrote, and the SDK's converter."""

from __future__ import annotations

import csv
import io
import json
import logging
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Picture
from support import projects
from support.effort import examples
from support.projects import Raw, annotation, box, boxed, choice, polygon, region, task

from ls_dvc.errors import LsDvcError
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import Policy, Split

NAME = "Annotations/00000001-pic1.xml"
SOURCE = "\t<source>\n\t\t<database>Label Studio</database>\n\t</source>\n"
GOLDEN = {
    "Annotations/00000003-pic3.xml": f"""<annotation>
	<folder>JPEGImages</folder>
	<filename>00000003-pic3.jpg</filename>
{SOURCE}	<size>
		<width>640</width>
		<height>480</height>
		<depth>3</depth>
	</size>
	<segmented>0</segmented>
	<object>
		<name>Dog</name>
		<pose>Unspecified</pose>
		<truncated>0</truncated>
		<difficult>0</difficult>
		<bndbox>
			<xmin>65</xmin>
			<ymin>97</ymin>
			<xmax>256</xmax>
			<ymax>288</ymax>
		</bndbox>
	</object>
	<object>
		<name>Road</name>
		<pose>Unspecified</pose>
		<truncated>0</truncated>
		<difficult>0</difficult>
		<bndbox>
			<xmin>65</xmin>
			<ymin>49</ymin>
			<xmax>384</xmax>
			<ymax>240</ymax>
		</bndbox>
		<polygon>
			<x1>65.00</x1>
			<y1>49.00</y1>
			<x2>385.00</x2>
			<y2>49.00</y2>
			<x3>385.00</x3>
			<y3>241.00</y3>
		</polygon>
	</object>
</annotation>
""",
    "Annotations/a&_b_.xml": f"""<annotation>
	<folder>JPEGImages</folder>
	<filename>a&amp;_b_.jpg</filename>
{SOURCE}	<segmented>0</segmented>
</annotation>
""",
    "ImageSets/Main/trainval.txt": "00000003-pic3\na&_b_\n",
    "images.csv": "task,image,file_name,annotation\n"
    "3,/data/upload/1/00000003-pic3.jpg,00000003-pic3.jpg,Annotations/00000003-pic3.xml\n"
    '5,"https://e.com/a&""b"".jpg?q=1",a&_b_.jpg,Annotations/a&_b_.xml\n',
}


def voc(*regions: Any, **fields: Any) -> ET.Element:
    out = projects.convert("VOC", [boxed(1, *regions, **fields)])
    return ET.fromstring(out.files[NAME])


def bounds(found: ET.Element) -> tuple[int, ...]:
    return tuple(int(found.findtext(f"bndbox/{each}", "")) for each in CORNERS)


CORNERS = ("xmin", "ymin", "xmax", "ymax")


def boxes(*regions: Any, **fields: Any) -> list[tuple[int, ...]]:
    return [bounds(each) for each in voc(*regions, **fields).iter("object")]


def reasons(*regions: Any) -> list[str]:
    return [each for _, _, each in projects.convert("VOC", [boxed(1, *regions)]).reasons]


def test_golden() -> None:
    ring = polygon([[10, 10], [60, 10], [60, 50]], id="r2")
    raw = [
        boxed(3, box(10, 20, 30, 40, "Dog"), ring),
        task(4, annotation(was_cancelled=True)),
        boxed(5, data={"image": 'https://e.com/a&"b".jpg?q=1'}),
    ]
    out = projects.convert("VOC", raw)
    assert {path: content.decode() for path, content in out.files.items()} == GOLDEN
    assert out.reasons == [(4, None, "skipped")]


def test_pixels_are_counted_from_1_and_the_last_one_belongs() -> None:
    """As VOC's development kit has it. The SDK's converter counts from 0 and cuts fractions off."""
    assert boxes(box(0, 0, 100, 100)) == [(1, 1, 640, 480)]
    one_pixel = box(50, 50, 100 / 640, 100 / 480)
    assert boxes(one_pixel) == [(321, 241, 321, 241)]
    assert boxes(box(10.07, 10, 10, 10)) == [(65, 49, 128, 96)]  # 64.448 to 128.448
    assert boxes(box(10.09, 10, 10, 10)) == [(66, 49, 129, 96)]  # 64.576 to 128.576


def test_less_than_a_pixel_is_the_pixel_that_it_lies_on() -> None:
    assert boxes(box(10, 10, 0.001, 0.001)) == [(65, 49, 65, 49)]
    assert boxes(box(99.999, 99.999, 0.001, 0.001)) == [(640, 480, 640, 480)]


def test_a_rotated_box_becomes_the_upright_one_around_it() -> None:
    """The SDK's converter ignores the rotation. [400, 100, 100, 300] pixels of 1000x500."""
    turned = box(50, 20, 30, 20, rotation=90, original_width=1000, original_height=500)
    assert boxes(turned) == [(401, 101, 500, 400)]


def test_a_rotated_box_of_which_nothing_lies_on_the_image_is_outside() -> None:
    """As in COCO and YOLO: the upright box around it alone touches the image."""
    square = {"original_width": 100, "original_height": 100}
    assert reasons(box(104.9, -12, 10, 10, rotation=45, **square)) == [
        *("nothing-left", "outside-image")
    ]


def test_an_ellipse_becomes_the_box_around_it() -> None:
    """The SDK's converter leaves it out."""
    oval = {"x": 50, "y": 50, "radiusX": 10, "radiusY": 20, "rotation": 0}
    flat = region("ellipselabels", {**oval, "ellipselabels": ["Car"]})
    assert boxes(flat) == [(257, 145, 384, 336)]
    turned = region("ellipselabels", {**oval, "rotation": 90, "ellipselabels": ["Car"]})
    assert boxes(turned) == [(225, 177, 416, 304)]


def test_what_lies_outside_is_cut_off() -> None:
    cut = voc(box(-10, -10, 20, 20), box(90, 90, 20, 20, id="r2"), box(0, 0, 100, 100, id="r3"))
    objects = list(cut.iter("object"))
    assert list(map(bounds, objects)) == [(1, 1, 64, 48), (577, 433, 640, 480), (1, 1, 640, 480)]
    assert [each.findtext("truncated") for each in objects] == ["1", "1", "0"]
    (half,) = voc(polygon([[50, 50], [150, 50], [150, 100], [50, 100]])).iter("object")
    assert (bounds(half), half.findtext("truncated")) == ((321, 241, 640, 480), "1")
    assert {each.text for each in half.find("polygon") or ()} == {
        *("321.00", "241.00", "641.00", "481.00")
    }
    assert reasons(box(100, 0, 5, 5)) == ["nothing-left", "outside-image"]
    assert reasons(box(0, -5, 5, 5)) == ["nothing-left", "outside-image"]
    assert reasons(polygon([[-9, -9], [-1, -9], [-9, -1]])) == ["nothing-left", "outside-image"]


def test_every_label_of_a_region() -> None:
    """The SDK's converter writes the first."""
    found = voc(box(1, 1, 10, 10, "Dog", "Car"))
    assert [each.findtext("name") for each in found.iter("object")] == ["Dog", "Car"]


def test_polygons() -> None:
    """The SDK's converter drops them."""
    (found,) = voc(polygon([[0, 0], [50, 0], [0, 50]])).iter("object")
    assert bounds(found) == (1, 1, 320, 240)
    points = [(each.tag, each.text) for each in found.find("polygon") or ()]
    assert points == [
        *(("x1", "1.00"), ("y1", "1.00"), ("x2", "321.00"), ("y2", "1.00")),
        *(("x3", "1.00"), ("y3", "241.00")),
    ]


def test_a_shape_and_its_labels_as_two_regions() -> None:
    flat = {"x": 10, "y": 10, "width": 50, "height": 50, "rotation": 0}
    ring = {"points": [[0, 0], [50, 0], [0, 50]], "closed": True}
    pairs = [
        region("rectangle", flat, from_name="rect"),
        region("labels", {**flat, "labels": ["Car"]}, from_name="kind"),
        region("polygon", ring, from_name="poly", id="r2"),
        region("labels", {**ring, "labels": ["Road"]}, from_name="kind", id="r2"),
    ]
    out = projects.convert("VOC", [boxed(1, *pairs)], projects.PAIRS)
    found = ET.fromstring(out.files[NAME])
    assert [each.findtext("name") for each in found.iter("object")] == ["Car", "Road"]
    assert out.reasons == []


@pytest.mark.parametrize(
    ("dropped", "reason"),
    [
        (box(1, 1, 2, 2, "Gone"), "unknown-label"),
        (box(1, 1, 2, 2, "Car", 5), "malformed"),
        (region("rectanglelabels", {"x": 1, "y": 1, "width": 2, "height": 2}), "no-label"),
        (box(1, 1, 0, 2), "bad-geometry"),
        (polygon([[1, 1], [2, 2]]), "bad-geometry"),
        (box(1, 1, 2, 2, original_width=..., original_height=...), "no-image-size"),
        (box(100, 1, 2, 2), "outside-image"),
        (region("brushlabels", {"rle": [1], "brushlabels": ["Sky"]}), "unsupported-type"),
        (region("keypointlabels", {"x": 1, "y": 1, "keypointlabels": ["Car"]}), "unsupported-type"),
        (region("rectanglelabels", None), "malformed"),
        (None, "malformed"),
        (box(1, 1, 2, 2, item_index=1), "no-media"),
    ],
)
def test_what_is_not_written_is_listed_and_never_looks_empty(dropped: Any, reason: str) -> None:
    out = projects.convert("VOC", [boxed(1, dropped)])
    assert [each for _, _, each in out.reasons] == ["nothing-left", reason]
    assert set(out.files) == {"ImageSets/Main/trainval.txt", "images.csv"}
    assert out.files["ImageSets/Main/trainval.txt"] == b""


def test_an_image_that_was_looked_at_has_a_file_without_objects() -> None:
    """ "Reviewed and empty" and "never labeled" look the same in the SDK's converter."""
    out = projects.convert("VOC", [boxed(1), task(2), boxed(3, choice("Sun"))])
    assert out.text("ImageSets/Main/trainval.txt") == "00000001-pic1\n00000003-pic3\n"
    assert "<object>" not in out.text(NAME)
    assert "<size>" not in out.text(NAME), "nobody knows it"
    assert "<width>640</width>" in out.text("Annotations/00000003-pic3.xml")


def test_a_region_without_a_size_has_that_of_its_neighbours() -> None:
    """The SDK's converter leaves the image out when the first region has none."""
    bare = box(50, 50, 10, 10, original_width=..., original_height=...)
    assert boxes(bare, box(0, 0, 1, 1, id="r2"))[0] == (321, 241, 384, 288)


def test_a_renamed_object_is_still_the_only_image() -> None:
    """The SDK's converter drops regions of a renamed control."""
    assert boxes(box(10, 20, 30, 40, to_name="img", from_name="boxes")) == [(65, 97, 256, 288)]


def test_images_with_one_name_have_files_of_their_own() -> None:
    """They overwrite each other in the SDK's converter."""
    raw = [
        boxed(each, box(each, 1, 2, 2), data={"image": f"s3://b/{each}/{name}"})
        for each, name in enumerate(("a.jpg", "a.jpg", "A.png", "a-3.jpg"), start=1)
    ]
    out = projects.convert("VOC", raw)
    table = list(csv.DictReader(io.StringIO(out.text("images.csv"))))
    assert [each["file_name"] for each in table] == ["a.jpg", "a-2.jpg", "A-3.png", "a-3-4.jpg"]
    listed = out.text("ImageSets/Main/trainval.txt").splitlines()
    for each, stem in zip(table, listed, strict=True):
        assert each["annotation"] == f"Annotations/{stem}.xml"
        found = ET.fromstring(out.files[each["annotation"]])
        assert found.findtext("filename") == each["file_name"]
        assert int(found.findtext("object/bndbox/xmin", "")) == round(int(each["task"]) * 6.4) + 1


def test_the_image_is_not_asked_for_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's converter fetches it from the network by default."""

    def no_network(*arguments: Any) -> Any:
        raise AssertionError("a conversion went to the network")

    monkeypatch.setattr(socket, "socket", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    sizeless = box(1, 1, 2, 2, original_width=..., original_height=...)
    raw = [boxed(1, sizeless, data={"image": "http://127.0.0.1:9/a.jpg"})]
    assert projects.convert("VOC", raw).reasons[-1] == (1, "r1", "no-image-size")


def test_a_name_of_300_characters() -> None:
    """It aborts the whole export of the SDK's converter."""
    address = f"https://e.com/{'x' * 300}.jpg"
    out = projects.convert("VOC", [boxed(1, box(1, 1, 2, 2), data={"image": address})])
    (path,) = (each for each in out.files if each.endswith(".xml"))
    assert len(path) == len("Annotations/") + 255


NASTY = [
    "a < b > c & d",
    "]]>",
    "&lt;",
    "two\nlines\r\nand a tab\t",
    "quotes ' and \"",
    " blanks ",
    "😀👩‍🚀\x85\u2028",
    "\ufeff",
]


@pytest.mark.parametrize("name", NASTY)
def test_labels_that_would_break_a_file(name: str) -> None:
    raw = [boxed(1, box(1, 1, 2, 2, name))]
    out = projects.convert("VOC", raw, classes=Classes.of({"image": [name]}))
    assert ET.fromstring(out.files[NAME]).findtext("object/name") == name


@settings(deadline=None, max_examples=examples(50))
@given(name=st.text(min_size=1))
def test_every_text_makes_a_well_formed_file(name: str) -> None:
    """What XML cannot say is written as Python would; the rest comes back as it was."""
    raw = [boxed(1, box(1, 1, 2, 2, name))]
    out = projects.convert("VOC", raw, classes=Classes.of({"image": [name]}))
    found = ET.fromstring(out.files[NAME]).findtext("object/name", "")
    assert found == "".join(map(sayable, name))


def sayable(each: str) -> str:
    fine = each in "\t\n\r" or " " <= each <= "\ud7ff" or "\ue000" <= each <= "\ufffd"
    return each if fine or each > "\uffff" else ascii(each)[1:-1]


def test_control_characters_and_halves_of_characters() -> None:
    name = "a\x01\x00\ud800\ufffe"
    out = projects.convert(
        "VOC", [boxed(1, box(1, 1, 2, 2, name))], classes=Classes.of({"image": [name]})
    )
    found = ET.fromstring(out.files[NAME]).findtext("object/name")
    assert found == "a\\x01\\x00\\ud800\\ufffe"


def test_a_split_has_folders_and_lists_of_its_own() -> None:
    raw = [boxed(each, box(1, 1, 2, 2), data={"image": f"s3://b/{each}/a.jpg"}) for each in (1, 2)]
    policy = Policy(split=Split((("train", 0.5), ("val", 0.5)), by="image"))
    out = projects.convert("VOC", raw, policy=policy)
    assert set(out.files) >= {
        *("ImageSets/Main/train.txt", "ImageSets/Main/val.txt"),
        *("images-train.csv", "images-val.csv"),
    }
    for split in ("train", "val"):
        listed = out.text(f"ImageSets/Main/{split}.txt").splitlines()
        rows = list(csv.DictReader(io.StringIO(out.text(f"images-{split}.csv"))))
        assert [each["annotation"] for each in rows] == [f"Annotations/{n}.xml" for n in listed]
        for name in listed:
            assert name.startswith(f"{split}/a")
            found = ET.fromstring(out.files[f"Annotations/{name}.xml"])
            assert found.findtext("folder") == f"JPEGImages/{split}"
    assert len([each for each in out.files if each.endswith(".xml")]) == 2


CONFIGS = (projects.SHAPES, projects.PAIRS, projects.PAGES, projects.TWO_VIEWS)


@settings(deadline=None, max_examples=examples(100), suppress_health_check=[HealthCheck.too_slow])
@given(raw=projects.exports(), config=st.sampled_from(CONFIGS))
def test_whatever_comes_what_is_counted_as_written_is_there(raw: list[Raw], config: str) -> None:
    out = projects.convert("VOC", raw, config)
    table = list(csv.DictReader(io.StringIO(out.text("images.csv").replace("\0", "0"), newline="")))
    files = {path: content for path, content in out.files.items() if path.endswith(".xml")}
    assert {each["annotation"] for each in table} == set(files)
    assert len({each["task"] for each in table}) == out.ledger.tasks_written
    objects = 0
    for content in files.values():
        found = ET.fromstring(content)
        for each in found.iter("object"):
            xmin, ymin, xmax, ymax = bounds(each)
            assert 1 <= xmin <= xmax <= int(found.findtext("size/width", ""))
            assert 1 <= ymin <= ymax <= int(found.findtext("size/height", ""))
            objects += 1
    assert objects >= out.ledger.regions_written / 2  # a shape and its labels count twice


def test_a_project_without_images() -> None:
    with pytest.raises(LsDvcError, match="VOC needs an <Image>"):
        projects.convert("VOC", [], projects.TEXT)


# --- readers that nobody here wrote


def test_supervision(tmp_path: Path) -> None:
    import supervision

    out = projects.convert("VOC", projects.showcase())
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "images").mkdir()
    for path in (each for each in out.files if each.endswith(".xml")):
        (tmp_path / path).write_bytes(out.files[path])
    for each in csv.DictReader(io.StringIO(out.text("images.csv"))):
        kind = "PNG" if each["file_name"].endswith("png") else "JPEG"
        Picture.new("RGB", projects.SIZE).save(tmp_path / "images" / each["file_name"], kind)
    data = supervision.DetectionDataset.from_pascal_voc(
        str(tmp_path / "images"), str(tmp_path / "Annotations")
    )
    assert set(data.classes) == {"Car", "Dog", "Road"}
    found = {Path(path).name: detections for path, _, detections in data}
    assert list(found["00000001-pic1.jpg"].xyxy[0]) == [64, 96, 256, 288]
    assert [len(found[each]) for each in ("same.jpg", "same-4.jpg", "SAME-5.png")] == [0, 1, 2]
    road = found["00000002-pic2.jpg"]
    assert list(road.xyxy[0]) == [64, 48, 387, 337]
    document = projects.convert("COCO", projects.showcase()).json()
    (area,) = (each["area"] for each in document["annotations"] if each["image_id"] == 2)
    assert road.mask is not None
    assert road.mask[0].sum() == pytest.approx(area, rel=0.02)


def sdk(raw: Sequence[Raw], config: str) -> dict[str, bytes]:
    """What the SDK's converter writes; it would go to the network for the images."""
    from label_studio_sdk.converter import Converter

    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "export.json", Path(name) / "out"
        source.write_text(json.dumps(raw))
        converter = Converter(config, name, download_resources=False)
        converter.convert_to_voc(str(source), str(target), is_dir=False)
        logging.disable(logging.NOTSET)
        return {each.name: each.read_bytes() for each in target.rglob("*.xml")}


BOX_ONLY = """<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">
<Label value="Car"/><Label value="Dog"/></RectangleLabels></View>"""
PARTS = st.tuples(st.floats(0, 90), st.floats(0, 90), st.floats(0.01, 1), st.floats(0.01, 1))


@pytest.mark.filterwarnings("ignore:::label_studio_sdk", "ignore:::nltk")
@settings(deadline=None, max_examples=examples(40))
@given(
    shapes=st.lists(st.tuples(PARTS, st.sampled_from(["Car", "Dog"])), min_size=1, max_size=4),
    size=st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
)
def test_where_the_sdk_loses_nothing(shapes: list[Any], size: tuple[int, int]) -> None:
    """Upright boxes, one label each. It counts from 0, and cuts off fractions of two numbers."""
    said = {"original_width": size[0], "original_height": size[1]}
    regions = [
        box(x, y, w * (100 - x), h * (100 - y), name, id=f"r{n}", **said)
        for n, ((x, y, w, h), name) in enumerate(shapes)
    ]
    raw = [boxed(1, *regions, data={"image": "s3://b/pic.jpg"})]
    (theirs,) = map(ET.fromstring, sdk(raw, BOX_ONLY).values())
    ours = ET.fromstring(projects.convert("VOC", raw, BOX_ONLY).files["Annotations/pic.xml"])
    for path in ("size/width", "size/height", "size/depth", "segmented"):
        assert ours.findtext(path) == theirs.findtext(path)
    both = list(zip(ours.iter("object"), theirs.iter("object"), strict=True))
    assert len(both) == len(shapes)
    for mine, other in both:
        for path in ("name", "pose", "truncated", "difficult"):
            assert mine.findtext(path) == other.findtext(path)
        (xmin, ymin, xmax, ymax), (left, top, right, bottom) = bounds(mine), bounds(other)
        assert 0 <= xmin - 1 - left <= 1
        assert 0 <= ymin - 1 - top <= 1
        assert 0 <= xmax - right <= 2
        assert 0 <= ymax - bottom <= 2


@pytest.mark.filterwarnings("ignore:::label_studio_sdk", "ignore:::nltk")
def test_the_sdk_loses_images_with_one_name() -> None:
    raw = [boxed(n, box(1, 1, 9, 9), data={"image": f"s3://b/{n}/a.jpg"}) for n in range(1, 13)]
    assert len(sdk(raw, BOX_ONLY)) == 1
    ours = projects.convert("VOC", raw, BOX_ONLY).files
    assert len([each for each in ours if each.endswith(".xml")]) == 12
