"""Key points without a shape: an object of their own in COCO and YOLO_POSE, as the settings say."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import projects
from support.pose import spot
from support.projects import Raw, box, boxed, region

from ls_dvc.errors import LsDvcError
from ls_dvc.labels.policy import KeypointSettings, Policy

NAME = "labels/00000001-pic1.txt"
POINTS = ("A", "B", "C")


def view(*objects: str, points: tuple[str, ...] = POINTS, more: str = "") -> str:
    boxes = "".join(f'<Label value="{each}"/>' for each in objects)
    labels = "".join(f'<Label value="{each}"/>' for each in points)
    drawing = f'<RectangleLabels name="box" toName="image">{boxes}</RectangleLabels>'
    return f"""<View><Image name="image" value="$image"/>
    <KeyPointLabels name="spot" toName="image">{labels}</KeyPointLabels>
    {drawing if objects else ""}{more}</View>"""


def court(**fields: Any) -> list[Raw]:
    """Three points, of a box of 10 to 50 and 20 to 80 percent: no box is drawn."""
    places = {"A": (10, 20), "B": (50, 20), "C": (30, 80)}
    return [spot(*at, name, id=f"k{name}", **fields) for name, at in places.items()]


LINE = "0.300000 0.500000 0.400000 0.600000 0.100000 0.200000 2 0.500000 0.200000 2"
LINE += " 0.300000 0.800000 2"


def convert(fmt: str, config: str, *regions: Raw, **settings: Any) -> projects.Output:
    policy = Policy(keypoints=KeypointSettings(**settings))
    return projects.convert(fmt, [boxed(1, *regions)], config, policy=policy)


def pose(config: str, *regions: Raw, **settings: Any) -> list[str]:
    return convert("YOLO_POSE", config, *regions, **settings).text(NAME).splitlines()


def coco(config: str, *regions: Raw, **settings: Any) -> Any:
    return convert("COCO", config, *regions, **settings).json()


def reasons(fmt: str, config: str, *regions: Raw, **settings: Any) -> list[tuple[Any, str]]:
    out = convert(fmt, config, *regions, **settings)
    return [(name, reason) for _, name, reason in out.reasons]


@pytest.mark.parametrize("settings", [{}, {"object": "image"}])
def test_the_key_points_of_an_image_are_one_object(settings: Any) -> None:
    """20 tennis courts with 16 points each are 20 objects, of one class."""
    assert pose(view(), *court(), **settings) == [f"0 {LINE}"]
    document = coco(view(), *court(), **settings)
    assert document["categories"] == [
        {"id": 1, "name": "object", "keypoints": [*POINTS], "skeleton": []}
    ]
    (found,) = document["annotations"]
    assert found["keypoints"] == [64.0, 96.0, 2, 320.0, 96.0, 2, 192.0, 384.0, 2]
    assert (found["num_keypoints"], found["category_id"]) == (3, 1)
    assert found["bbox"] == [64, 96, 256, 288]
    assert found["area"] == 256 * 288


def test_its_class_has_a_name() -> None:
    described = yaml.safe_load(convert("YOLO_POSE", view(), label="court").files["data.yaml"])
    assert (described["nc"], described["names"]) == (1, {0: "court"})
    assert coco(view(), label="court")["categories"][0]["name"] == "court"


def test_the_only_class_of_objects_is_the_class() -> None:
    assert pose(view("Fish"), *court()) == [f"0 {LINE}"]
    assert coco(view("Fish"), *court())["categories"][0]["name"] == "Fish"


def test_of_several_classes_one_is_named() -> None:
    config = view("Fish", "Bird")
    assert reasons("YOLO_POSE", config, *court())[1:] == [(f"k{e}", "no-parent") for e in POINTS]
    assert len(coco(config, *court())["annotations"]) == 3, "each of its own class"
    assert pose(config, *court(), label="Bird") == [f"1 {LINE}"]
    (found,) = coco(config, *court(), label="Bird")["annotations"]
    assert found["category_id"] == 5
    for fmt in ("COCO", "YOLO_POSE"):
        with pytest.raises(LsDvcError, match="of which class") as caught:
            convert(fmt, config, object="image")
        assert "label_studio.keypoints.label" in caught.value.hint
        with pytest.raises(LsDvcError, match="no label of an object"):
            convert(fmt, config, label="Cat")


def test_a_label_twice_is_no_object_unless_somebody_says_so() -> None:
    again = spot(60, 60, "A", id="k2")
    for fmt in ("COCO", "YOLO_POSE"):
        names = ["kA", "kB", "kC", "k2"]
        assert reasons(fmt, view(), *court(), again) == [
            (None, "nothing-left"),
            *((name, "no-parent") for name in names),
        ]
        assert reasons(fmt, view(), *court(), again, object="image") == [("k2", "duplicate")]
    assert pose(view(), *court(), again, object="image") == [f"0 {LINE}"]


def test_an_image_with_boxes_has_stray_key_points_unless_somebody_says_so() -> None:
    fish = box(1, 1, 5, 5, "Fish")
    for fmt in ("COCO", "YOLO_POSE"):
        assert reasons(fmt, view("Fish"), fish, *court()) == [
            (f"k{name}", "no-parent") for name in POINTS
        ]
        assert reasons(fmt, view("Fish"), fish, *court(), object="image") == []


def test_none_leaves_them_alone() -> None:
    assert len(coco(view(), *court(), object="none")["annotations"]) == 3
    assert [reason for _, reason in reasons("YOLO_POSE", view(), *court(), object="none")] == [
        *("nothing-left", "no-parent", "no-parent", "no-parent")
    ]


def test_one_label_is_many_objects() -> None:
    """Cells that are counted: each key point is one."""
    dots = [spot(at, at, "Cell", id=f"k{at}") for at in (10, 20, 30)]
    document = coco(view(points=("Cell",)), *dots)
    assert [each["category_id"] for each in document["annotations"]] == [1, 1, 1]
    assert [each["name"] for each in document["categories"]] == ["Cell"]


GROUPS = """<Choices name="player" toName="image" perRegion="true">
<Choice value="left"/><Choice value="right"/></Choices>"""


def answered(point: Raw, answer: str) -> Raw:
    value = {**point["value"], "choices": [answer]}
    del value["keypointlabels"]
    return region("choices", value, from_name="player", id=point["id"])


def test_an_answer_about_each_groups_them() -> None:
    config, others = view(more=GROUPS), [{**each, "id": f"o{each['id']}"} for each in court()]
    marked = [
        *(answered(each, "left") for each in court()),
        *(answered(each, "right") for each in others),
    ]
    lines = pose(config, *court(), *others, *marked, group_by="player")
    assert lines == [f"0 {LINE}", f"0 {LINE}"]
    alone = reasons("YOLO_POSE", config, *court(), *others, *marked[:3], group_by="player")
    assert [each for each in alone if each[1] == "no-parent"] == [
        *(("okA", "no-parent"), ("okB", "no-parent"), ("okC", "no-parent"))
    ]
    with pytest.raises(LsDvcError, match="no control") as caught:
        convert("YOLO_POSE", config, group_by="palyer")
    assert "player" in caught.value.hint


def test_key_points_on_a_line_have_no_box() -> None:
    line = [spot(at, 50, name, id=f"k{name}") for name, at in zip("ABC", (1, 2, 3), strict=True)]
    assert reasons("YOLO_POSE", view(), *line)[1:] == [(f"k{e}", "bad-geometry") for e in POINTS]


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_pycocotools(tmp_path: Path) -> None:
    from pycocotools.coco import COCO

    out = convert("COCO", view(), *court())
    (tmp_path / "result.json").write_bytes(out.files["result.json"])
    with contextlib.redirect_stdout(io.StringIO()):
        data = COCO(str(tmp_path / "result.json"))
    (found,) = data.anns.values()
    assert data.annToMask(found).sum() == found["area"]
