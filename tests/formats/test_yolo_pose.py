"""YOLO_POSE: golden values by hand, what the SDK's converter writes, and a reader."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Picture
from support import projects
from support.effort import examples
from support.pose import POSE, spot
from support.projects import Raw, annotation, box, boxed, polygon, region, task
from support.sdk_converter import sdk

from ls_dvc.errors import LsDvcError
from ls_dvc.labels.policy import Policy, Split

pytestmark = pytest.mark.filterwarnings("ignore:::label_studio_sdk", "ignore:::nltk")

NAME = "labels/00000001-pic1.txt"
DOG = (10, 20, 30, 40, "Dog")
HEAD = "1 0.250000 0.400000 0.300000 0.400000"  # of the line of DOG
BLANK = "0.000000 0.000000 0"


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def pose(*regions: Any, config: str = POSE, **fields: Any) -> projects.Output:
    return projects.convert("YOLO_POSE", [boxed(1, *regions, **fields)], config)


def lines(*regions: Any) -> list[str]:
    return pose(*regions).text(NAME).splitlines()


def reasons(*regions: Any) -> list[tuple[str | None, str]]:
    return [(name, reason) for _, name, reason in pose(*regions).reasons]


def test_golden() -> None:
    raw = [
        boxed(
            1,
            spot(15, 25, "Tail", of="r1", id="k2"),
            box(*DOG),
            spot(12.5, 50, of="r1"),
            box(50, 50, 10, 20, id="r2"),
        ),
        boxed(2),
        task(3),
    ]
    out = projects.convert("YOLO_POSE", raw, POSE)
    assert {path: content.decode() for path, content in out.files.items()} == {
        NAME: f"{HEAD} 0.125000 0.500000 2 0.150000 0.250000 2\n"
        f"0 0.550000 0.600000 0.100000 0.200000 {BLANK} {BLANK}\n",
        "labels/00000002-pic2.txt": "",
        "classes.txt": "Car\nDog\nRoad\n",
        "data.yaml": "train: images\n"
        "val: images  # as train: label_studio.split is not set\nnc: 3\n"
        'names:\n  0: "Car"\n  1: "Dog"\n  2: "Road"\n'
        "kpt_shape: [2, 3]\nkpt_names:\n"
        + "".join(f'  {each}: ["Nose", "Tail"]\n' for each in range(3)),
        "images.csv": "task,image,file_name,labels\n"
        f"1,/data/upload/1/00000001-pic1.jpg,00000001-pic1.jpg,{NAME}\n"
        "2,/data/upload/1/00000002-pic2.jpg,00000002-pic2.jpg,labels/00000002-pic2.txt\n",
    }
    assert out.reasons == [(3, None, "unlabeled")]
    assert out.ledger.regions_written == 4


def test_every_object_of_an_image_keeps_its_own_key_points() -> None:
    out = lines(
        box(*DOG),
        box(50, 50, 10, 20, id="r2"),
        spot(51, 51, of="r2"),
        spot(11, 21, of="r1", id="k2"),
    )
    assert [each.split()[5:7] for each in out] == [
        ["0.110000", "0.210000"],
        ["0.510000", "0.510000"],
    ]


def test_key_points_without_a_box_are_listed() -> None:
    """The SDK's converter drops key points without a parent."""
    assert reasons(box(*DOG), spot(1, 1), spot(1, 1, of="gone", id="k2")) == [
        ("k1", "no-parent"),
        ("k2", "no-parent"),
    ]
    assert reasons(spot(1, 1)) == [(None, "nothing-left"), ("k1", "no-parent")]


def test_key_points_of_what_is_no_box() -> None:
    ring = polygon([[1, 1], [9, 1], [1, 9]], id="p1")
    assert reasons(box(*DOG), ring, spot(2, 2, of="p1")) == [
        ("p1", "unsupported-type"),
        ("k1", "no-parent"),
    ]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (box(200, 1, 5, 5), "outside-image"),
        (box(1, 1, 0, 5), "bad-geometry"),
        (box(1, 1, 5, 5, "Gone"), "unknown-label"),
        (box(1, 1, 5, 5, rotation=9, original_width=..., original_height=...), "no-image-size"),
    ],
)
def test_a_box_that_is_not_written_takes_its_key_points_with_it(bad: Raw, reason: str) -> None:
    bare = {"original_width": ..., "original_height": ...}
    good, joint = box(*DOG, id="r0", **bare), spot(2, 2, of="r1", **bare)
    assert reasons(good, bad, joint) == [("r1", reason), ("k1", "no-parent")]


def test_a_joint_that_is_there_already() -> None:
    """The last one would win in the SDK's converter."""
    found = pose(box(*DOG), spot(11, 21, of="r1"), spot(12, 22, of="r1", id="k2"))
    assert found.reasons == [(1, "k2", "duplicate")]
    assert found.text(NAME) == f"{HEAD} 0.110000 0.210000 2 {BLANK}\n"


@pytest.mark.parametrize("at", [(-0.1, 5), (5, 100.1)])
def test_a_joint_outside_the_image(at: tuple[float, float]) -> None:
    assert reasons(box(*DOG), spot(*at, of="r1")) == [("k1", "outside-image")]
    assert lines(box(*DOG), spot(*at, of="r1")) == [f"{HEAD} {BLANK} {BLANK}"]
    assert lines(box(*DOG), spot(0, 100, of="r1")) == [f"{HEAD} 0.000000 1.000000 2 {BLANK}"]


def test_labels_of_key_points() -> None:
    assert reasons(box(*DOG), spot(1, 1, "Road", of="r1")) == [("k1", "no-joint")]
    assert reasons(box(*DOG), spot(1, 1, "Gone", of="r1")) == [("k1", "unknown-label")]
    assert reasons(box(*DOG), spot(1, 1, 5, of="r1")) == [("k1", "malformed")]
    assert reasons(box(*DOG), spot("1", 1, of="r1")) == [("k1", "bad-geometry")]
    both = lines(box(*DOG), spot(11, 21, "Nose", "Tail", of="r1"))
    assert both == [f"{HEAD} 0.110000 0.210000 2 0.110000 0.210000 2"]


def test_a_new_joint_comes_behind_the_others() -> None:
    """Joints have the order of class ids, which never move."""
    before = projects.about(POSE, []).classes
    grown = POSE.replace('<Label value="Nose"', '<Label value="Ear"/><Label value="Nose"')
    after = before.extended(projects.about(grown, []).config.classes())
    raw = [boxed(1, box(*DOG), spot(11, 21, "Ear", of="r1"), spot(12, 22, of="r1", id="k2"))]
    out = projects.convert("YOLO_POSE", raw, grown, after)
    assert out.text(NAME) == f"{HEAD} 0.120000 0.220000 2 {BLANK} 0.110000 0.210000 2\n"
    assert yaml.safe_load(out.files["data.yaml"])["kpt_names"][0] == ["Nose", "Tail", "Ear"]


def test_key_points_and_their_labels_as_two_regions() -> None:
    config = """<View><Image name="image" value="$image"/>
    <Labels name="kind" toName="image"><Label value="Dog"/><Label value="Nose"/></Labels>
    <Rectangle name="rect" toName="image"/><KeyPoint name="dot" toName="image"/></View>"""
    flat, dot = {"x": 10, "y": 20, "width": 30, "height": 40}, {"x": 11, "y": 21, "width": 0.5}
    child = {"id": "k1", "parentID": "r1"}
    out = pose(
        region("rectangle", flat, from_name="rect"),
        region("labels", {**flat, "labels": ["Dog"]}, from_name="kind"),
        region("keypoint", dot, from_name="dot", **child),
        region("labels", {**dot, "labels": ["Nose"]}, from_name="kind", **child),
        config=config,
    )
    assert out.text(NAME) == f"0{HEAD[1:]} {BLANK} 0.110000 0.210000 2\n"
    assert (out.reasons, out.ledger.regions_written) == ([], 4)


def test_annotations_with_the_same_ids_keep_their_key_points_apart() -> None:
    """A copied annotation has the ids of the first one."""
    raw = task(
        1,
        annotation(box(*DOG), spot(11, 21, of="r1"), number=1),
        annotation(spot(15, 25, of="r1"), box(*DOG), number=2),
    )
    policy = Policy(annotations="all")
    out = projects.convert("YOLO_POSE", [raw], POSE, policy=policy)
    assert out.text(NAME).splitlines() == [
        f"{HEAD} 0.110000 0.210000 2 {BLANK}",
        f"{HEAD} 0.150000 0.250000 2 {BLANK}",
    ]


def test_splits() -> None:
    policy = Policy(split=Split((("train", 0.5), ("val", 0.5))))
    raw = [boxed(each, box(*DOG), spot(11, 21, of="r1")) for each in range(1, 9)]
    files = projects.convert("YOLO_POSE", raw, POSE, policy=policy).files
    folders = {path.rpartition("/")[0] for path in files}
    assert folders == {"", "labels/train", "labels/val"}
    assert sum(path.startswith("labels/") for path in files) == 8
    assert {"images-train.csv", "images-val.csv", "classes.txt", "data.yaml"} <= files.keys()
    described = yaml.safe_load(files["data.yaml"])
    assert (described["train"], described["val"]) == ("images/train", "images/val")
    assert described["kpt_shape"] == [2, 3]


def test_a_project_without_key_points() -> None:
    with pytest.raises(LsDvcError, match="YOLO_POSE needs <KeyPointLabels>") as caught:
        projects.convert("YOLO_POSE", [], projects.SHAPES)
    assert "label_studio.formats in params.yaml" in caught.value.hint
    with pytest.raises(LsDvcError, match="YOLO_POSE needs an <Image>"):
        projects.convert("YOLO_POSE", [], projects.TEXT)


# --- what others make of it


INSIDE = st.floats(0, 100)
JOINTS = st.dictionaries(st.sampled_from(["Nose", "Tail"]), st.tuples(INSIDE, INSIDE))


@st.composite
def skeletons(draw: st.DrawFn) -> list[Raw]:
    """Upright boxes on an image, each with some of its key points, in any order."""
    regions = []
    for number in range(draw(st.integers(1, 3))):
        x, y = draw(st.floats(0, 90)), draw(st.floats(0, 90))
        width, height = draw(st.floats(0.1, 100 - x)), draw(st.floats(0.1, 100 - y))
        name = f"r{number}"
        regions.append(box(x, y, width, height, draw(st.sampled_from(["Car", "Dog"])), id=name))
        for label, at in draw(JOINTS).items():
            regions.append(spot(*at, label, of=name, id=f"{name}-{label}"))
    return draw(st.permutations(regions))


@settings(max_examples=examples(60), deadline=None)
@given(regions=skeletons())
def test_the_sdk_writes_the_same(regions: list[Raw]) -> None:
    """YOLO of the SDK is this format where the label config has key points."""
    theirs = sdk("YOLO", [boxed(1, *regions)], POSE)
    ours = pose(*regions)
    assert ours.reasons == []
    mine = [[float(each) for each in line.split()] for line in ours.text(NAME).splitlines()]
    others = [[float(each) for each in line.split()] for line in theirs[NAME].splitlines()]
    assert len(mine) == len(others)
    for one, other in zip(mine, others, strict=True):
        assert one == pytest.approx(other, abs=1e-6)


def test_supervision(tmp_path: Path) -> None:
    """It takes the boxes of such lines, and refuses lines of another length than kpt_shape says."""
    import supervision

    out = pose(box(*DOG), spot(11, 21, of="r1"), box(50, 50, 10, 20, id="r2"))
    (tmp_path / "labels").mkdir()
    (tmp_path / "images").mkdir()
    for path, content in out.files.items():
        (tmp_path / path).write_bytes(content)
    Picture.new("RGB", projects.SIZE).save(tmp_path / "images" / "00000001-pic1.jpg")
    data = supervision.DetectionDataset.from_yolo(
        *(str(tmp_path / each) for each in ("images", "labels", "data.yaml"))
    )
    ((_, _, found),) = list(data)
    assert list(found.class_id) == [1, 0]
    assert found.xyxy[0] == pytest.approx([64, 96, 256, 288], abs=1e-3)
    assert found.mask is None, "joints were taken for polygons"


# --- garbage of the kinds that only some formats know


FAMILY = ("COCO", "YOLO", "YOLO_OBB", "YOLO_POSE")
IDS = st.sampled_from(["r1", "r2", "k1", "k2"])
VALUES = st.fixed_dictionaries(
    {},
    optional={
        **{
            key: st.sampled_from([5, 50.5, 5, 50.5, 99, -3, None, "5", 1e300, 0])
            for key in ("x", "y", "width", "height", "radiusX", "radiusY", "rotation")
        },
        "points": st.just([[1, 1], [5, 1], [1, 5]]) | projects.JUNK,
        "rle": st.just([0, 0, 0, 4]) | projects.JUNK,
        **{
            kind: st.lists(st.sampled_from(["Car", "Nose", "Tail", "Gone"]), max_size=2)
            | projects.JUNK
            for kind in ("rectanglelabels", "keypointlabels", "ellipselabels", "labels")
        },
    },
)
REGIONS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["rectanglelabels", "keypointlabels", "ellipselabels", "labels", "keypoint", "brush"]
        )
    },
    optional={
        "id": IDS | projects.JUNK,
        "parentID": IDS | projects.JUNK,
        "to_name": st.just("image") | projects.JUNK,
        "from_name": st.just("spot") | projects.JUNK,
        "value": VALUES | projects.JUNK,
        "original_width": st.sampled_from([640, 2, 0.5, None]),
        "original_height": st.sampled_from([480, 2, 33.5]),
    },
)
GOOD = st.one_of(
    st.builds(box, *[st.integers(0, 60)] * 2, *[st.integers(1, 60)] * 2, id=IDS),
    st.builds(
        spot,
        *[st.integers(-10, 110)] * 2,
        st.sampled_from(["Nose", "Tail"]),
        of=IDS,
        id=IDS,
    ),
)


@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(results=st.lists(st.lists(REGIONS | GOOD | projects.JUNK, max_size=6), max_size=2))
def test_the_account_adds_up_whatever_comes(results: list[list[Any]]) -> None:
    raw = task(1, *(annotation(*each, number=n) for n, each in enumerate(results, start=1)))
    for name in FAMILY:
        for policy in (Policy(), Policy(annotations="all")):
            out = projects.convert(name, [raw], POSE, policy=policy)
            counted = len(out.ledger.entries) - (out.ledger.tasks - out.ledger.tasks_written)
            assert out.ledger.regions == out.ledger.regions_written + counted
            assert out.ledger.regions == sum(map(len, results))
            for content in out.files.values():
                content.decode()
