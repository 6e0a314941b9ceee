"""Where the SDK's converter loses nothing, ours means the same: parsed, then compared.

The inputs are made so that it loses nothing: one annotation a task that counts, images with names
of their own, upright shapes inside an image whose size they tell, labels in the order of the
alphabet, no data under names that it overwrites. Differences in form are put aside one by one,
each with its reason.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support import projects
from support.effort import examples
from support.projects import Raw, annotation, box, boxed, choice, polygon, region, relation, task
from support.sdk_converter import pictures_config, sdk

pytestmark = pytest.mark.filterwarnings("ignore:::label_studio_sdk", "ignore:::nltk")

THOROUGH = settings(max_examples=examples(80), deadline=None)
TABLES = {"CSV": ("result.csv", ","), "TSV": ("result.tsv", "\t")}


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    """Its logging at INFO is most of its time."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


# --- making inputs on which nothing is lost


@dataclass(frozen=True)
class Case:
    """An export and its label config."""

    raw: list[Raw]
    config: str


# Visible characters: a config is XML, in which blanks change and control characters may not be.
LABEL = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=6)
LABELS = st.lists(LABEL, min_size=1, max_size=6, unique=True).map(sorted)
STEMS = st.text("abcxyz019-é", max_size=8).map("pic-{}".format)
ADDRESSES = st.sampled_from(
    [
        "/data/upload/3/{}.jpg",
        "s3://bucket/some/{}.png",
        "https://e.com/a/{}.jpeg?X-Sig=1",
        "/data/local-files/?d=some/{}.jpg",
        "{}.jpg",
    ]
)
SIZES = st.tuples(st.integers(1, 9000), st.integers(1, 9000))
SHARES = st.floats(0.01, 1)
RADII = st.lists(st.floats(1, 49), min_size=3, max_size=7)


@st.composite
def upright(draw: st.DrawFn) -> tuple[float, float, float, float]:
    """x, y, width and height of a box that lies on the image, and is not too small to see."""
    x, y = draw(st.floats(0, 99)), draw(st.floats(0, 99))
    return x, y, draw(SHARES) * (100 - x), draw(SHARES) * (100 - y)


@st.composite
def ring(draw: st.DrawFn) -> list[list[float]]:
    """The points of a polygon around the middle of the image, in either direction."""
    radii = draw(RADII)
    angles = [2 * math.pi * each / len(radii) for each in range(len(radii))]
    points = [
        [50 + radius * math.cos(angle), 50 + radius * math.sin(angle)]
        for radius, angle in zip(radii, angles, strict=True)
    ]
    return points if draw(st.booleans()) else points[::-1]


@st.composite
def pictures(draw: st.DrawFn, most_labels: int, are_boxes: Sequence[bool] = (True, False)) -> Case:
    """Images with boxes and polygons; a region has up to so many labels."""
    labels = draw(LABELS)
    boxes, areas = labels[: draw(st.integers(1, len(labels)))], labels
    raw = []
    for number, stem in enumerate(draw(st.lists(STEMS, max_size=4, unique=True)), start=1):
        width, height = draw(SIZES)
        regions = []
        for place in range(draw(st.integers(0, 4))):
            is_box = draw(st.sampled_from(are_boxes))
            names = draw(
                st.lists(
                    st.sampled_from(boxes if is_box else areas),
                    min_size=1,
                    max_size=most_labels,
                    unique=True,
                )
            )
            said = {"id": f"r{place}", "original_width": width, "original_height": height}
            made = (
                box(*draw(upright()), *names, **said)
                if is_box
                else polygon(draw(ring()), *names, **said)
            )
            regions.append(made)
        skipped = annotation(was_cancelled=True, number=1000 + number)
        several = [annotation(*regions), *([skipped] if draw(st.booleans()) else [])]
        address = draw(ADDRESSES).format(stem)
        raw.append(task(number, *several, data={"image": address}))
    return Case(raw, pictures_config(boxes, areas))


# --- COCO


def plain(path: str) -> str:
    """The name of a file without the folder, and the hash that the SDK puts before web files."""
    return re.sub(r"^[0-9a-f]{8}__", "", path.rpartition("/")[2])


def coco(document: Any) -> tuple[dict[str, Any], dict[str, int], dict[str, list[Any]]]:
    """Image sizes by name, class ids by name, and by image: class, box, area and outline.

    Put aside: ids of images and annotations (ours are the tasks', to stay when tasks are added),
    folders in file names (ours is the name to save it under), fields that only one side has, the
    outlines of boxes, which ours have, and where class ids begin: ours at 1.
    The SDK goes control by control, we go in the annotator's order: boxes first, then polygons.
    """
    images = {each["id"]: plain(each["file_name"]) for each in document["images"]}
    names = {each["id"]: each["name"] for each in document["categories"]}
    shapes: dict[str, list[Any]] = {name: [] for name in images.values()}
    drawn = [(each, _outline(each)) for each in document["annotations"]]
    for each, outline in sorted(drawn, key=lambda pair: bool(pair[1])):
        shapes[images[each["image_id"]]].append(
            (names[each["category_id"]], each["bbox"], each["area"], outline, each["iscrowd"])
        )
    sizes = {images[each["id"]]: (each["width"], each["height"]) for each in document["images"]}
    first = min(names, default=0)
    return sizes, {name: number - first for number, name in names.items()}, shapes


def _outline(annotation: Any) -> list[float]:
    """The points of a polygon; none of an upright box."""
    (outline,) = annotation["segmentation"] or [[]]
    return [] if outline == _corners(annotation["bbox"]) else outline


def assert_same_coco(case: Case) -> None:
    theirs = coco(json.loads(sdk("COCO", case.raw, case.config)["result.json"]))
    ours = coco(projects.convert("COCO", case.raw, case.config).json())
    assert ours[0] == theirs[0]
    assert ours[1] == theirs[1]
    assert ours[2].keys() == theirs[2].keys()
    for name, shapes in theirs[2].items():
        assert len(ours[2][name]) == len(shapes)
        for mine, other in zip(ours[2][name], shapes, strict=True):
            assert (mine[0], mine[4]) == (other[0], other[4])
            assert mine[1] == pytest.approx(other[1], rel=1e-9, abs=1e-6)
            assert mine[2] == pytest.approx(other[2], rel=1e-6, abs=1e-6)
            assert mine[3] == pytest.approx(other[3], rel=1e-9, abs=1e-6)


@THOROUGH
@given(case=pictures(most_labels=1))  # it writes the first label of a region
def test_coco(case: Case) -> None:
    assert_same_coco(case)
    if case.raw:
        assert projects.convert("COCO", case.raw, case.config).ledger.regions_written == sum(
            len(each["annotations"][0]["result"]) for each in case.raw
        )


def pairs(case: Case) -> Case:
    """The same with every box as two regions, of <Rectangle> and of <Labels>."""
    config = case.config.replace("RectangleLabels", "Labels").replace(
        "</View>", '<Rectangle name="rect" toName="image"/></View>'
    )
    return Case([_paired(each) for each in case.raw], config)


def _paired(raw: Raw) -> Raw:
    first, *others = raw["annotations"]
    result = []
    for each in first["result"]:
        if each["type"] != "rectanglelabels":
            result.append(each)
            continue
        value = {**each["value"]}
        names = value.pop("rectanglelabels")
        result.append({**each, "type": "rectangle", "from_name": "rect", "value": value})
        result.append({**each, "type": "labels", "value": {**value, "labels": names}})
    return {**raw, "annotations": [{**first, "result": result}, *others]}


@settings(THOROUGH, max_examples=examples(40))
@given(case=pictures(most_labels=1).map(pairs))
def test_coco_of_rectangles_and_their_labels(case: Case) -> None:
    assert_same_coco(case)


TURNED = st.builds(
    lambda flat, *rest: (*flat, *rest), upright(), st.floats(-400, 400), st.sampled_from("ab")
)


@THOROUGH
@given(turned=TURNED, side=st.integers(1, 9000))
def test_coco_of_a_rotated_box_on_a_square_image(turned: Any, side: int) -> None:
    """It rotates percents, which is right where a percent is as wide as it is high.

    Its area is that of the upright box around; ours is that of the box, as masks have it.
    """
    *flat, rotation, name = turned
    drawn = box(*flat, name, rotation=rotation, original_width=side, original_height=side)
    raw, config = [boxed(1, drawn)], pictures_config("ab", "ab")
    (theirs,) = json.loads(sdk("COCO", raw, config)["result.json"])["annotations"]
    x, y, width, height = theirs["bbox"]
    assume(0 <= x <= side - width and 0 <= y <= side - height)
    (ours,) = projects.convert("COCO", raw, config).json()["annotations"]
    assert ours["bbox"] == pytest.approx(theirs["bbox"], rel=1e-6, abs=1e-5)


@THOROUGH
@given(turned=TURNED, size=SIZES)
def test_corners_of_a_rotated_box_on_any_image(turned: Any, size: tuple[int, int]) -> None:
    """YOLO_OBB of the SDK is right on all images, and has what COCO of ours calls segmentation."""
    *flat, rotation, name = turned
    drawn = box(*flat, name, rotation=rotation, original_width=size[0], original_height=size[1])
    raw, config = [boxed(1, drawn)], pictures_config("ab", "ab")
    files = sdk("YOLO_OBB", raw, config)
    _, *fractions = map(float, files["labels/00000001-pic1.txt"].split())
    assume(all(0 <= each <= 1 for each in fractions))
    (ours,) = projects.convert("COCO", raw, config).json()["annotations"]
    (corners,) = ours["segmentation"]
    theirs = [each * size[place % 2] for place, each in enumerate(fractions)]
    assert corners == pytest.approx(theirs, rel=1e-6, abs=1e-5)


def _corners(bbox: Sequence[float]) -> list[float]:
    x, y, width, height = bbox
    return [x, y, x + width, y, x + width, y + height, x, y + height]


# --- YOLO


def yolo(files: Mapping[str, str]) -> tuple[list[str], dict[str, list[tuple[int, list[float]]]]]:
    """The classes, and by image the lines of its file; boxes first, as in COCO."""
    lines = {
        plain(path): [each.split() for each in content.splitlines()]
        for path, content in files.items()
        if path.startswith("labels/")
    }
    shapes = {
        name: [
            (int(number), [float(each) for each in numbers])
            for number, *numbers in sorted(some, key=lambda each: len(each) > 5)
        ]
        for name, some in lines.items()
    }
    return files["classes.txt"].splitlines(), shapes


def assert_same_yolo(case: Case, name: str = "YOLO") -> None:
    theirs = yolo(sdk("YOLO", case.raw, case.config))
    out = projects.convert(name, case.raw, case.config)
    ours = yolo({path: content.decode() for path, content in out.files.items()})
    assert ours[0] == theirs[0]
    assert ours[1].keys() == theirs[1].keys()
    for name, shapes in theirs[1].items():
        assert [number for number, _ in ours[1][name]] == [number for number, _ in shapes]
        for (_, mine), (_, other) in zip(ours[1][name], shapes, strict=True):
            # Ours have six decimals: all digits would differ between systems.
            assert mine == pytest.approx(other, abs=1e-6)


@THOROUGH
@given(case=pictures(most_labels=3, are_boxes=[True]))
def test_yolo(case: Case) -> None:
    assert_same_yolo(case)


@THOROUGH
@given(case=pictures(most_labels=3, are_boxes=[False]))
def test_yolo_of_polygons_is_ours_of_segments(case: Case) -> None:
    assert_same_yolo(case, "YOLO_SEG")


@settings(THOROUGH, max_examples=examples(40))
@given(case=pictures(most_labels=3, are_boxes=[True]).map(pairs))
def test_yolo_of_rectangles_and_their_labels(case: Case) -> None:
    assert_same_yolo(case)


# --- JSON_MIN, CSV and TSV

FORM = """<View><Image name="picture" value="$image"/><Text name="words" value="$text"/>
<Choices name="tone" toName="words"><Choice value="Good"/><Choice value="Bad"/></Choices>
<Choices name="many" toName="words" choice="multiple"><Choice value="A"/><Choice value="B"/>
</Choices>
<TextArea name="note" toName="picture"/><Rating name="stars" toName="picture"/>
<Labels name="ner" toName="words"><Label value="PER"/><Label value="ORG"/></Labels>
<RectangleLabels name="box" toName="picture"><Label value="Car"/></RectangleLabels></View>"""

# Names of columns: what the SDK overwrites is lost there and not here.
RESERVED = {
    *("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"),
    *("agreement", "history", "tone", "many", "note", "stars", "ner", "box"),
}
# No half characters, which end its export, and no \x00, which Python's csv refuses before 3.11.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
SCALARS = st.one_of(
    *(TEXTS, st.none(), st.booleans()),
    st.integers(1 - 2**63, 2**63 - 1),  # its export ends at those below and above
    st.floats(allow_nan=False, allow_infinity=False),
)
NESTED = st.recursive(
    SCALARS,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(TEXTS, each, max_size=3),
    max_leaves=5,
)
DATA = st.dictionaries(TEXTS.filter(lambda each: each not in RESERVED), NESTED, max_size=4)


def _span(start: int, length: int, name: str) -> Raw:
    return _bare("labels", "ner", start=start, end=start + length, text="…", labels=[name])


def _bare(kind: str, control: str, **value: Any) -> Raw:
    """A region that is not on an image, and so has no size of one."""
    sizes = {"original_width": ..., "original_height": ...}
    return region(kind, value, from_name=control, to_name="words", **sizes)


ANSWERS = st.one_of(
    st.sampled_from(["Good", "Bad"]).map(lambda each: choice(each, control="tone")),
    st.sampled_from([["A"], ["B"], ["A", "B"]]).map(lambda each: choice(*each, control="many")),
    st.lists(TEXTS, min_size=1, max_size=3).map(
        lambda each: region("textarea", {"text": each}, from_name="note")
    ),
    st.integers(1, 5).map(lambda each: _bare("rating", "stars", rating=each)),
    st.builds(_span, st.integers(0, 99), st.integers(1, 9), st.sampled_from(["PER", "ORG"])),
    st.builds(lambda flat: box(*flat, to_name="picture"), upright()),
    st.just(relation("r1", "r2")),  # both leave it out; ours lists it
)


@st.composite
def forms(draw: st.DrawFn) -> list[Raw]:
    """Labeled tasks with data of any kind."""
    raw = []
    for number in sorted(draw(st.lists(st.integers(1, 2000), max_size=4, unique=True))):
        answered = annotation(
            *draw(st.lists(ANSWERS, max_size=5)),
            # The SDK writes the e-mail address of an annotator that a server has expanded.
            completed_by=draw(st.integers(1, 99)),
            lead_time=draw(st.none() | st.floats(0, 1e6)),
        )
        data = draw(st.fixed_dictionaries({"image": TEXTS, "text": TEXTS}))
        predictions = [{"id": 1, "result": [choice("Bad", control="tone")]}]
        raw.append(task(number, answered, data={**draw(DATA), **data}, predictions=predictions))
    return raw


@THOROUGH
@given(raw=forms())
def test_json_min(raw: list[Raw]) -> None:
    theirs = json.loads(sdk("JSON_MIN", raw, FORM)["result.json"])
    for each in theirs:
        del each["updated_at"]  # moves when an annotation is saved without a change
    assert projects.convert("JSON_MIN", raw, FORM).json() == theirs


def cells(text: str, delimiter: str) -> list[dict[str, Any]]:
    """What is in each row, by column, empty cells left out: only we have columns for them all."""
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [{name: meaning(cell) for name, cell in row.items() if cell} for row in rows]


def meaning(cell: str) -> Any:
    """Nested values parsed, as ours have no spaces and sorted keys; the SDK writes True for true.

    All else has to be the same text.
    """
    if cell in ("True", "False"):
        return cell.lower()
    try:
        return json.loads(cell) if cell[:1] in ("[", "{") else cell
    except ValueError:
        return cell


@pytest.mark.parametrize("fmt", TABLES)
@THOROUGH
@given(raw=forms())
def test_tables(fmt: str, raw: list[Raw]) -> None:
    path, delimiter = TABLES[fmt]
    theirs = cells(sdk(fmt, raw, FORM)["result.csv"], delimiter)  # TSV has that name too
    for each in theirs:
        del each["updated_at"]
    assert cells(projects.convert(fmt, raw, FORM).text(path), delimiter) == theirs


# --- the comparison sees differences, or it would prove nothing


def test_it_sees_what_the_sdk_loses() -> None:
    config = pictures_config(["Car", "Dog"], ["Car", "Dog"])
    turned = Case([boxed(1, box(50, 20, 30, 20, rotation=90))], config)
    with pytest.raises(AssertionError):
        assert_same_coco(turned)
    with pytest.raises(AssertionError):
        assert_same_yolo(turned)
    two = Case([boxed(1, box(1, 1, 2, 2, "Car", "Dog"))], config)
    with pytest.raises(AssertionError):
        assert_same_coco(two)
    one_name = [
        boxed(each, box(1, 1, 2, 2), data={"image": f"s3://b/{each}/a.jpg"}) for each in (1, 2)
    ]
    with pytest.raises(AssertionError):
        assert_same_yolo(Case(one_name, config))
    shuffled = Case([boxed(1, box(1, 1, 2, 2))], pictures_config(["Dog", "Car"], []))
    with pytest.raises(AssertionError):
        assert_same_yolo(shuffled)


def test_it_sees_data_that_the_sdk_overwrites() -> None:
    raw = [boxed(1, choice("Good", control="tone"), data={"image": "a", "text": "b", "id": "mine"})]
    theirs = json.loads(sdk("JSON_MIN", raw, FORM)["result.json"])
    assert "mine" not in theirs[0].values()
    assert "mine" in projects.convert("JSON_MIN", raw, FORM).json()[0].values()
    theirs = cells(sdk("CSV", raw, FORM)["result.csv"], ",")
    ours = cells(projects.convert("CSV", raw, FORM).text("result.csv"), ",")
    assert ours != theirs
