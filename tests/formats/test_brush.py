"""Brush masks: golden files by hand; NumPy, Pillow, pycocotools and the SDK's converter judge."""

from __future__ import annotations

import csv
import io
import json
import logging
import tempfile
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from support import projects
from support.effort import examples
from support.projects import Raw, annotation, box, boxed, choice, polygon, region, task

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.image import masks
from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.geometry import Size
from ls_dvc.labels.policy import Policy, Split

pytestmark = [
    pytest.mark.filterwarnings("ignore:::label_studio_sdk", "ignore:::nltk"),
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # pycocotools with numpy 2
]
FILES = ("BRUSH_TO_NUMPY", "BRUSH_TO_PNG")
ALL = (*FILES, "BRUSH_TO_COCO")
STEM = "task-1-annotation-10-by-7-mask-Sky-0"

# 4x2 pixels: 0 255 255 0 over 0 0 0 255, each four times, as red, green, blue and alpha.
WIDTH, HEIGHT = 4, 2
BITS = (
    "00000000000000000000000000100000"  # 32 values
    "00111"  # of 8 bits
    "0010001101111111"  # lengths of 3, 4, 8 or 16 bits
    "1000110000000010011111111111"  # 4 times 0, 8 times 255
    "10111110000000010001111111111"  # 16 times 0, 4 times 255
)


def packed(bits: str) -> list[int]:
    return [int(bits[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(bits), 8)]


RLE = packed(BITS)
PIXELS = bytes([0, 255, 255, 0, 0, 0, 0, 255])
NPY = (
    b"\x93NUMPY\x01\x00\x76\x00"
    + b"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 4), }".ljust(117)
    + b"\n"
    + PIXELS
)
EMPTY = packed(BITS[:53] + "1" + "10" + f"{31:08b}" + "0" * 8)


def mask(*labels: Any, rle: Any = RLE, size: Any = (WIDTH, HEIGHT), **fields: Any) -> Raw:
    value = {"format": "rle", "rle": rle, "brushlabels": list(labels or ("Sky",))}
    said = {"from_name": "mask", "original_width": size[0], "original_height": size[1]}
    return region("brushlabels", value, **{**said, **fields})


def table(out: projects.Output, path: str = "masks.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out.text(path))))


def test_golden_numpy() -> None:
    raw = [boxed(1, mask()), boxed(2, choice("Sun")), task(3)]
    out = projects.convert("BRUSH_TO_NUMPY", raw)
    assert out.files == {
        f"{STEM}.npy": NPY,
        "masks.csv": b"task,image,annotation,region,label,mask\n"
        b"1,/data/upload/1/00000001-pic1.jpg,10,r1,Sky,task-1-annotation-10-by-7-mask-Sky-0.npy\n"
        b"2,/data/upload/1/00000002-pic2.jpg,,,,\n",
    }
    assert out.reasons == [(2, "r1", "unsupported-type"), (3, None, "unlabeled")]


def test_golden_coco() -> None:
    """Columns: 0 0, 1 0, 1 0, 0 1. So 2 outside, 1 in, 1 out, 1 in, 2 out, 1 in; from the fourth
    on each is less the last but one: 2 1 1 0 1 0, and as text each behind "0"."""
    out = projects.convert("BRUSH_TO_COCO", [boxed(5, mask())])
    assert out.text("result.json").partition('"annotations"')[2] == (
        ': [\n{"id":1,"image_id":5,"area":3.0,"bbox":[1.0,0.0,3.0,2.0],"category_id":4,"iscrowd":0,'
        '"region":"r1","segmentation":{"counts":"211010","size":[2,4]}}\n],\n"images": [\n'
        '{"id":5,"file_name":"00000005-pic5.jpg","coco_url":"/data/upload/1/00000005-pic5.jpg",'
        '"height":2,"task":5,"width":4}\n]}\n'
    )


def test_png_is_read_by_pillow() -> None:
    out = projects.convert("BRUSH_TO_PNG", [boxed(1, mask())])
    with Image.open(io.BytesIO(out.files[f"{STEM}.png"])) as picture:
        assert (picture.mode, picture.size) == ("L", (WIDTH, HEIGHT))
        assert picture.tobytes() == PIXELS
    (row,) = table(out)
    assert row["mask"] == f"{STEM}.png"


def test_soft_edges_are_kept_and_count_as_inside() -> None:
    """Alpha between 0 and 255, as the SDK's converter writes it; COCO knows no shades."""
    soft = mask(rle=packed(BITS.replace("0001111111111", "0001100000001")))
    out = projects.convert("BRUSH_TO_NUMPY", [boxed(1, soft)])
    assert np.load(io.BytesIO(out.files[f"{STEM}.npy"])).max() == 255
    assert np.load(io.BytesIO(out.files[f"{STEM}.npy"]))[1, 3] == 1
    document = projects.convert("BRUSH_TO_COCO", [boxed(1, soft)]).json()
    assert document["annotations"][0]["area"] == 3


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("dropped", "reason"),
    [
        (mask("Gone"), "unknown-label"),
        (mask("Sky", "Gone"), "unknown-label"),
        (mask("Sky", 5), "malformed"),
        (region("brushlabels", {"rle": RLE}), "no-label"),
        (region("brush", {"rle": RLE}), "no-label"),
        (mask(size=(..., ...)), "no-image-size"),
        (mask(size=(HEIGHT, HEIGHT)), "malformed"),
        (mask(size=(3.2, 2.5)), "malformed"),
        (mask(rle=[]), "malformed"),
        (mask(rle=None), "malformed"),
        (mask(rle="AAAA"), "malformed"),
        (mask(rle=RLE[:-3]), "malformed"),
        (mask(rle=[*RLE[:-3], 256, 0, 0]), "malformed"),
        (mask(rle=[*RLE[:-3], 1.5, None, {}]), "malformed"),
        (mask(rle=EMPTY), "bad-geometry"),
        (region("brushlabels", {"brushlabels": ["Sky"]}), "bad-geometry"),
        (region("brushlabels", None), "malformed"),
        ("text", "malformed"),
        (mask(item_index=1), "no-media"),
        (box(1, 1, 2, 2), "unsupported-type"),
        (polygon([[1, 1], [9, 9], [1, 9]]), "unsupported-type"),
    ],
)
def test_what_is_not_written_is_listed_and_never_looks_empty(
    name: str, dropped: Any, reason: str
) -> None:
    out = projects.convert(name, [boxed(1, dropped)])
    assert [each for _, _, each in out.reasons] == ["nothing-left", reason]
    if name == "BRUSH_TO_COCO":
        assert out.json()["images"] == []
    else:
        assert list(out.files) == ["masks.csv"]
        assert table(out) == []


@pytest.mark.parametrize("name", FILES)
def test_a_mask_and_its_labels_as_two_regions(name: str) -> None:
    """Brush with Labels."""
    config = projects.PAIRS.replace("Ellipse", "Brush")
    pair = [
        region("brush", {"rle": RLE}, from_name="oval", original_width=4, original_height=2),
        region("labels", {"rle": RLE, "labels": ["Road"]}, from_name="kind"),
    ]
    out = projects.convert(name, [boxed(1, *pair)], config)
    assert out.reasons == []
    assert [each["label"] for each in table(out)] == ["Road"]
    assert table(out)[0]["mask"].startswith("task-1-annotation-10-by-7-kind-Road-0.")


@pytest.mark.parametrize("name", FILES)
def test_labels_that_differ_in_what_a_file_name_cannot_say(name: str) -> None:
    """ "a/b" and "a-b" get one file name from the SDK's converter."""
    labels = ["a/b", "a-b", "A-B", "a\\b", "a:b", "a\ud800b", "a\nb", "a/b"]
    raw = [boxed(1, *(mask(each, id=f"r{n}") for n, each in enumerate(labels)))]
    out = projects.convert(name, raw, classes=Classes.of({"image": list(dict.fromkeys(labels))}))
    rows = table(out)
    assert [each["label"] for each in rows] == [
        each.replace("\ud800", "\\ud800") for each in labels
    ]
    assert [each["region"] for each in rows] == [f"r{each}" for each in range(8)]
    names = [each["mask"].rpartition(".")[0].casefold() for each in rows]
    assert names == [f"task-1-annotation-10-by-7-mask-a-b-{n}" for n in range(8)]
    assert len(out.files) == len(labels) + 1


@pytest.mark.parametrize("name", FILES)
def test_masks_of_one_label_are_counted(name: str) -> None:
    raw = [boxed(1, mask(id="a"), mask(id="b")), boxed(11, mask())]
    names = [each["mask"].partition(".")[0] for each in table(projects.convert(name, raw))]
    assert names == [
        STEM,
        "task-1-annotation-10-by-7-mask-Sky-1",
        "task-11-annotation-110-by-7-mask-Sky-0",
    ]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("letter", ["x", "é", "猫", "😀"])
def test_long_labels(name: str, letter: str) -> None:
    """A name of 300 characters aborts the whole export of the SDK's converter."""
    long = [letter * 300, letter * 301]
    raw = [boxed(1, *map(mask, long))]
    out = projects.convert(name, raw, classes=Classes.of({"image": long}))
    paths = [each for each in out.files if each.startswith("task-")]
    assert len(paths) == 2
    assert all(240 < len(each.encode()) <= 255 for each in paths)
    assert all(letter * 50 in each for each in paths)


@pytest.mark.parametrize("name", FILES)
def test_a_mask_of_two_labels_is_one_file_and_two_rows(name: str) -> None:
    known = Classes.of({"image": ["Sky", "Sea"]})
    out = projects.convert(name, [boxed(1, mask("Sea", "Sky"))], classes=known)
    rows = table(out)
    assert [each["label"] for each in rows] == ["Sea", "Sky"]
    assert {each["mask"].partition(".")[0] for each in rows} == {
        "task-1-annotation-10-by-7-mask-Sea-Sky-0"
    }


@pytest.mark.parametrize("name", FILES)
def test_every_annotation_that_counts_has_masks_of_its_own(name: str) -> None:
    two = [annotation(mask(), number=4), annotation(mask(), number=5, completed_by=9)]
    out = projects.convert(name, [task(1, *two)], policy=Policy(annotations="all"))
    assert [each["mask"].partition(".")[0] for each in table(out)] == [
        "task-1-annotation-4-by-7-mask-Sky-0",
        "task-1-annotation-5-by-9-mask-Sky-0",
    ]
    assert [each["annotation"] for each in table(out)] == ["4", "5"]


@pytest.mark.parametrize("name", FILES)
def test_masks_of_several_pages(name: str) -> None:
    config = projects.PAGES.replace("RectangleLabels", "BrushLabels")
    raw = [boxed(1, mask("Car", item_index=1), data={"pages": ["p.jpg", "q.jpg", "r.jpg"]})]
    rows = table(projects.convert(name, raw, config))
    assert [(each["image"], each["label"]) for each in rows] == [
        *(("p.jpg", ""), ("q.jpg", "Car"), ("r.jpg", ""))
    ]


@pytest.mark.parametrize("name", ALL)
def test_splits_share_no_path(name: str) -> None:
    policy = Policy(split=Split((("train", 0.5), ("val", 0.5))))
    raw = [boxed(each, mask()) for each in range(1, 9)]
    out = projects.convert(name, raw, policy=policy)
    if name == "BRUSH_TO_COCO":
        assert set(out.files) == {"train.json", "val.json"}
        tasks = [[e["task"] for e in out.json(path)["images"]] for path in out.files]
    else:
        rows = {split: table(out, f"masks-{split}.csv") for split in ("train", "val")}
        tasks = [[int(each["task"]) for each in some] for some in rows.values()]
        listed = {each["mask"] for some in rows.values() for each in some}
        assert listed == {each for each in out.files if each.startswith(("train/", "val/"))}
    assert all(tasks)
    assert sorted(tasks[0] + tasks[1]) == [each["id"] for each in raw]


def test_brush_to_coco_is_what_coco_writes_of_masks() -> None:
    raw = [
        boxed(1, mask(), mask(id="r2", rle=packed(BITS.replace("1" * 11, "1" * 3 + "0" * 8)))),
        boxed(2),
        boxed(3, choice("Sun", original_width=33.5), data={"image": 'é "\ud800".jpg'}),
    ]
    assert (
        projects.convert("BRUSH_TO_COCO", raw).files["result.json"]
        == projects.convert("COCO", raw).files["result.json"]
    )
    beside = [boxed(1, mask(), box(1, 1, 9, 9, id="r2"))]
    assert len(projects.convert("BRUSH_TO_COCO", beside).json()["annotations"]) == 1


def test_key_points_of_the_config_are_not_promised() -> None:
    config = projects.SHAPES.replace(
        "</View>",
        '<KeyPointLabels name="k" toName="image"><Label value="Nose"/></KeyPointLabels></View>',
    )
    document = projects.convert("BRUSH_TO_COCO", [boxed(1, mask())], config).json()
    assert all("keypoints" not in each for each in document["categories"])


BAD_TASKS = [
    boxed(1, mask(), data={"image": None}),
    boxed(1, mask(), data=None),
    boxed(1, mask(), data={"image": "a.jpg", "big": 2**63}),
    boxed(1, mask("\ud800"), data={"image": f"s3://b/{'x' * 300}.jpg"}),
    boxed(1, mask(rle=[2**63]), mask(from_name=None), mask(id={"a": 1}), mask(to_name=[])),
    task(1, annotation(mask(), completed_by=[1, "\ud800"], created_at=None)),
    task(1, annotation(result=None)),
]


@pytest.mark.parametrize("bad", BAD_TASKS)
@pytest.mark.parametrize("name", ALL)
def test_one_bad_task_leaves_the_others_alone(name: str, bad: Raw) -> None:
    """It aborts the whole export of the SDK's converter."""
    good = boxed(2, mask())
    with_it, alone = projects.convert(name, [bad, good]), projects.convert(name, [good])
    assert with_it.ledger.tasks == 2
    assert all(each.task == 1 for each in with_it.ledger.entries)
    assert of_task_2(with_it) == of_task_2(alone) != []


def of_task_2(out: projects.Output) -> Any:
    if "result.json" in out.files:
        annotations = out.json()["annotations"]
        return [{**each, "id": 0} for each in annotations if each["image_id"] == 2]
    return [(path, each) for path, each in out.files.items() if path.startswith("task-2-")]


@st.composite
def any_masks(draw: st.DrawFn) -> list[Raw]:
    """Masks of which most are good, on a few images."""
    value = st.sampled_from([RLE, RLE, RLE, EMPTY, RLE[:-2], None])
    label = st.sampled_from(["Sky", "Car", "Gone", None])
    one = st.builds(lambda rle, *names: mask(*names, rle=rle), value, label)
    many = st.lists(st.lists(one | projects.REGIONS, max_size=4), max_size=3)
    return [boxed(number, *some) for number, some in enumerate(draw(many), start=1)]


@settings(deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(raw=any_masks())
def test_whatever_comes_what_is_counted_as_written_is_there(raw: list[Raw]) -> None:
    for name in FILES:
        out = projects.convert(name, raw)
        rows = table(out)
        assert {each["mask"] for each in rows} - {""} == {*out.files} - {"masks.csv"}
        assert len({each["task"] for each in rows}) == out.ledger.tasks_written
        assert len(out.files) - 1 >= out.ledger.regions_written / 2  # Brush and Labels are two


@pytest.mark.parametrize("name", ALL)
def test_a_project_without_images(name: str) -> None:
    with pytest.raises(LsDvcError, match=f"{name} needs an <Image>"):
        projects.convert(name, [], projects.TEXT)


# --- the run-length code


def test_what_a_few_bytes_announce_is_not_made() -> None:
    """4 GiB of it."""
    head = packed(f"{2**32 - 4:032b}" + BITS[32:53])
    assert masks.alpha({"rle": head}, Size(2**15, 2**15)) is Reason.TOO_LARGE
    assert masks.alpha({"rle": head}, Size(2**30 - 1, 1)) is Reason.TOO_LARGE


@settings(deadline=None, max_examples=examples(200))
@given(rle=st.lists(st.integers(0, 255), max_size=40) | st.binary(max_size=60).map(list))
def test_garbage_is_no_mask(rle: list[int]) -> None:
    found = masks.alpha({"rle": [0, 0, 0, 32, *rle]}, Size(4, 2))
    assert found is Reason.MALFORMED or len(found) == 8


@st.composite
def codes(draw: st.DrawFn) -> tuple[str, Size]:
    """Code with values of 1 to 8 bits, lengths of any size, runs and single values by turns."""
    width, height = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    word, sizes = (
        draw(st.integers(1, 8)),
        draw(st.lists(st.integers(1, 16), min_size=4, max_size=4)),
    )
    left = width * height * 4
    bits = f"{left:032b}{word - 1:05b}" + "".join(f"{each - 1:04b}" for each in sizes)
    while left:
        which, run = draw(st.integers(0, 3)), draw(st.booleans())
        count = draw(st.integers(1, min(left, 2 ** sizes[which])))
        values = [draw(st.integers(0, 2**word - 1)) for _ in range(1 if run else min(count, 9))]
        values = values if run else (values * count)[:count]
        bits += f"{int(run)}{which:02b}{count - 1:0{sizes[which]}b}"
        bits += "".join(f"{each:0{word}b}" for each in values)
        left -= count
    return bits, Size(width, height)


@settings(deadline=None)
@given(code=codes())
def test_the_sdk_decodes_the_same(code: tuple[str, Size]) -> None:
    from label_studio_sdk.converter import brush

    rle, size = packed(code[0]), code[1]
    theirs = brush.decode_rle(rle).reshape(int(size.height), int(size.width), 4)[:, :, 3]
    assert masks.alpha({"rle": rle}, size) == theirs.tobytes()
    assert masks.alpha({"rle": rle[: len(code[0]) // 8 - 1]}, size) is Reason.MALFORMED


# --- the SDK's converter, and readers that nobody here wrote

CONFIG = """<View><Image name="image" value="$image"/><BrushLabels name="mask" toName="image">
<Label value="Sea"/><Label value="Sky"/></BrushLabels></View>"""


def sdk(fmt: str, raw: Sequence[Raw], config: str = CONFIG) -> dict[str, bytes]:
    from label_studio_sdk.converter import Converter

    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "export.json", Path(name) / "out"
        target.mkdir()
        source.write_text(json.dumps(raw))
        converter = Converter(config, name, download_resources=False)
        converter.convert(str(source), str(target), fmt, is_dir=False)
        logging.disable(logging.NOTSET)
        return {each.name: each.read_bytes() for each in target.rglob("*") if each.is_file()}


@st.composite
def painted(draw: st.DrawFn) -> list[tuple[Any, str]]:
    """Masks on one image with something on each, and their labels."""
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    made = []
    for _ in range(draw(st.integers(1, 3))):
        seed, share = draw(st.integers(0, 2**32 - 1)), draw(st.sampled_from([0.05, 0.5, 0.95]))
        pixels = np.random.default_rng(seed).random((height, width)) < share
        pixels[draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))] = True
        made.append((pixels.astype(np.uint8) * 255, draw(st.sampled_from(["Sea", "Sky"]))))
    return made


def as_task(made: Sequence[tuple[Any, str]]) -> list[Raw]:
    from label_studio_sdk.converter import brush

    regions = [
        mask(label, rle=brush.mask2rle(pixels), size=pixels.shape[::-1], id=f"r{place}")
        for place, (pixels, label) in enumerate(made)
    ]
    return [task(1, annotation(*regions, completed_by=7))]


@settings(deadline=None, max_examples=examples(40))
@given(made=painted())
def test_numpy_is_what_the_sdk_writes(made: list[tuple[Any, str]]) -> None:
    """Names and bytes."""
    raw = as_task(made)
    ours = dict(projects.convert("BRUSH_TO_NUMPY", raw, CONFIG).files)
    del ours["masks.csv"]
    assert ours == sdk("BRUSH_TO_NUMPY", raw)
    assert np.array_equal(np.load(io.BytesIO(next(iter(ours.values())))), made[0][0])


@settings(deadline=None, max_examples=examples(40))
@given(made=painted())
def test_png_shows_what_the_sdk_writes(made: list[tuple[Any, str]]) -> None:
    """Its bytes depend on the zlib that Pillow has."""
    raw = as_task(made)
    ours = dict(projects.convert("BRUSH_TO_PNG", raw, CONFIG).files)
    del ours["masks.csv"]
    theirs = sdk("BRUSH_TO_PNG", raw)
    assert ours.keys() == theirs.keys()
    for name, content in ours.items():
        assert np.array_equal(pixels_of(content), pixels_of(theirs[name]))


def pixels_of(png: bytes) -> Any:
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.mode == "L"
        return np.array(picture)


@settings(deadline=None, max_examples=examples(40))
@given(made=painted())
def test_pycocotools_sees_the_same_masks(made: list[tuple[Any, str]]) -> None:
    from pycocotools import mask as reader

    document = projects.convert("BRUSH_TO_COCO", as_task(made), CONFIG).json()
    assert [each["category_id"] for each in document["annotations"]] == [
        ["Sea", "Sky"].index(label) + 1 for _, label in made
    ]
    for each, (pixels, _) in zip(document["annotations"], made, strict=True):
        assert np.array_equal(reader.decode(each["segmentation"]) * 255, pixels)
        assert reader.area(each["segmentation"]) == each["area"]
        assert list(reader.toBbox(each["segmentation"])) == each["bbox"]


def test_brush_to_coco_has_the_boxes_of_the_sdk(tmp_path: Path) -> None:
    """It writes outlines in place of masks, which lose holes, and every patch as an object."""
    pixels = np.zeros((30, 50), np.uint8)
    pixels[5:20, 10:35] = 255
    raw = as_task([(pixels, "Sky")])
    (theirs,) = json.loads(sdk("BRUSH_TO_COCO", raw)["result_coco.json"])["annotations"]
    (ours,) = projects.convert("BRUSH_TO_COCO", raw, CONFIG).json()["annotations"]
    assert ours["bbox"] == theirs["bbox"] == [10, 5, 25, 15]
    pixels[:, 20:25] = 0  # two patches
    raw = as_task([(pixels, "Sky")])
    assert len(json.loads(sdk("BRUSH_TO_COCO", raw)["result_coco.json"])["annotations"]) == 2
    assert len(projects.convert("BRUSH_TO_COCO", raw, CONFIG).json()["annotations"]) == 1


def test_the_sdk_overwrites_labels_with_one_name() -> None:
    config = CONFIG.replace("Sea", "a/b").replace("Sky", "a-b")
    pixels = np.full((2, 2), 255, np.uint8)
    raw = as_task([(pixels, "a/b"), (pixels, "a-b")])
    assert len(sdk("BRUSH_TO_NUMPY", raw, config)) == 1
    assert len(table(projects.convert("BRUSH_TO_NUMPY", raw, config))) == 2


def declaring(width: int, height: int) -> list[int]:
    """All of an image in full repeated runs of 65,536 values: five bytes for 16,384 pixels."""
    values = width * height * masks.CHANNELS
    run = "1" + "11" + "1" * 16 + "1" * 8
    return packed(f"{values:032b}" + "00111" + "0010001101111111" + run * -(-values // 2**16))


@pytest.mark.parametrize("name", [*ALL, "COCO", "YOLO", "YOLO_SEG", "YOLO_OBB"])
def test_small_code_of_a_huge_mask_takes_no_memory(name: str) -> None:
    rle = declaring(30_000, 30_000)
    assert len(rle) < 190_000
    tracemalloc.start()
    out = projects.convert(name, [boxed(1, mask(rle=rle, size=(30_000, 30_000)))])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [entry.reason for entry in out.ledger.entries if entry.region] == ["too-large"]
    assert peak < 50_000_000
