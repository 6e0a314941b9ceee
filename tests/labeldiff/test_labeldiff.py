"""The label diff: each kind of change by hand, then against brute force on random edits."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycocotools import mask
from support import history
from support.effort import examples
from support.history import Watched, difference, folders, snapshot
from support.projects import SHAPES, annotation, box, boxed, choice, polygon, region, relation, task

from ls_dvc.errors import LsDvcError
from ls_dvc.io import canonical_json
from ls_dvc.labeldiff import LabelDiff, compare, overlap, task_changes
from ls_dvc.labeldiff.config_changes import ReusedId, config_change, registry_change
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.region_changes import RegionChange
from ls_dvc.labeldiff.region_changes import compare as compare_regions
from ls_dvc.labeldiff.task_changes import AnnotationChange, TaskChange
from ls_dvc.labels import canonical
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.geometry import Box
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.snapshot.snapshot_folder import FolderOnDisk

KIND = "rectanglelabels"


def regions(old: list[Any], new: list[Any]) -> list[RegionChange]:
    found, reordered = compare_regions(old, new)
    assert not reordered
    return list(found)


def only(old: Any, new: Any) -> TaskChange:
    made = [json.loads(canonical_json.line(canonical.task(each))) for each in (old, new)]
    change = task_changes(*made)
    assert change is not None
    return change


# --- regions


def test_a_box_that_moved() -> None:
    """Half of its width to the right: a third of the union is common. 640 by 480 pixels."""
    assert regions([box(10, 20, 30, 40)], [box(25, 20, 30, 40)]) == [
        RegionChange(
            "r1", "box", KIND, ChangeKind.CHANGED, ("Car",), ("Car",), moved=True, iou=0.3333
        )
    ]


def test_a_turned_box_is_compared_in_pixels() -> None:
    """A square of 100 by 100 pixels, 12.5 by 25 percent, turned by 45 degrees about a corner.

    What both share of a unit square is a kite with two right angles: its area is sqrt(2) - 1.
    """
    about: dict[str, Any] = {"original_width": 800, "original_height": 400}
    old, new = box(50, 50, 12.5, 25, **about), box(50, 50, 12.5, 25, rotation=45, **about)
    expected = pytest.approx((math.sqrt(2) - 1) / (3 - math.sqrt(2)), abs=0.001)
    assert regions([old], [new])[0].iou == expected
    unknown = {"original_width": ..., "original_height": ...}
    old, new = (box(50, 50, 20, 20, rotation=angle, **unknown) for angle in (0, 45))
    assert regions([old], [new])[0].iou == expected


def test_labels_and_place_are_independent_facts() -> None:
    (found,) = regions([box(0, 0, 10, 10, "Car")], [box(0, 0, 10, 5, "Car", "Dog")])
    assert found == RegionChange(
        "r1", "box", KIND, ChangeKind.CHANGED, ("Car",), ("Car", "Dog"), moved=True, iou=0.5
    )
    assert found.relabeled
    assert not found.changed


def test_labels_of_a_video() -> None:
    """They are under `labels`, whatever the region is called."""
    old, new = (
        region("videorectangle", {"sequence": [], "labels": [name]}) for name in ("Car", "Dog")
    )
    (found,) = regions([old], [new])
    assert (found.labels_before, found.labels_after) == (("Car",), ("Dog",))
    assert found.relabeled
    assert not found.changed


def test_new_and_lost_regions() -> None:
    found = regions([box(1, 1, 2, 2, id="a")], [polygon([[0, 0], [5, 5], [0, 5]], id="b")])
    assert found == [
        RegionChange("b", "area", "polygonlabels", ChangeKind.ADDED, (), ("Road",)),
        RegionChange("a", "box", KIND, ChangeKind.REMOVED, ("Car",), ()),
    ]
    assert not any(each.relabeled for each in found)


def test_a_polygon_that_moved_has_no_iou() -> None:
    found = regions([polygon([[0, 0], [5, 5], [0, 5]])], [polygon([[0, 0], [5, 6], [0, 5]])])
    assert [(each.moved, each.iou) for each in found] == [(True, None)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (box(1, 1, 2, 2), box(1, 1, 2, 2, origin="prediction")),
        (box(1, 1, 2, 2), box(1.0, 1, 2, 2)),
        (box(1, 1, 2, 2), box(1, 1, 2, 2, score=0.5)),
        (box(1, 1, 2, 2, "Car", None), box(1, 1, 2, 2, "Car", 3)),
        (region("textarea", {"text": ["a"]}), region("textarea", {"text": ["b"]})),
        (region("taxonomy", {"taxonomy": [["a"]]}), region("taxonomy", {"taxonomy": [["b"]]})),
        (region("who knows", None), region("who knows", [])),
        (None, "junk"),
        (relation("a", "b"), {**relation("a", "b"), "direction": "left"}),
    ],
)
def test_any_other_change(old: Any, new: Any) -> None:
    (found,) = regions([old], [new])
    assert found.changed
    assert found.kind is ChangeKind.CHANGED
    assert not found.moved
    assert not found.relabeled


def test_a_box_and_its_choice_share_an_id() -> None:
    old = [box(1, 1, 5, 5), choice("Sun", id="r1")]
    new = [box(1, 1, 5, 5), choice("Rain", id="r1")]
    assert regions(old, new) == [
        RegionChange("r1", "weather", "choices", ChangeKind.CHANGED, ("Sun",), ("Rain",))
    ]


def test_relations_are_known_by_their_ends() -> None:
    found = regions([relation("a", "b")], [relation("b", "a")])
    assert [(each.region, each.type, each.kind) for each in found] == [
        ("b -> a", "relation", ChangeKind.ADDED),
        ("a -> b", "relation", ChangeKind.REMOVED),
    ]


def test_entries_with_one_name_are_told_apart_by_what_they_are() -> None:
    first, second, third = (box(x, 1, 5, 5) for x in (1, 2, 3))
    assert [each.kind for each in regions([first, second], [third, first, second])] == [
        ChangeKind.ADDED
    ]
    assert [each.kind for each in regions([first, first], [first])] == [ChangeKind.REMOVED]
    assert [each.moved for each in regions([first, second], [first, third])] == [True]


def test_order_decides_what_lies_on_top() -> None:
    one, two, three = (box(1, 1, 5, 5, id=name) for name in "abc")
    assert compare_regions([one, two], [two, one]) == ((), True)
    assert compare_regions([one, two], [one, three, two])[1] is False
    assert compare_regions([one, two, three], [three, one])[1] is True
    assert compare_regions([one, one], [one, one]) == ((), False)


def test_junk_is_no_reason_to_crash() -> None:
    junk = [None, 3, "x", [], {}, {"id": {}, "type": [], "from_name": 7, "value": 1}, True]
    assert compare_regions(junk, junk) == ((), False)
    assert len(compare_regions(junk, [])[0]) == len(junk)
    assert len(compare_regions([], junk)[0]) == len(junk)


# --- how much boxes have in common

EDGES = st.floats(0, 60)
LENGTHS = st.floats(0.5, 60)
UPRIGHT = st.builds(Box, EDGES, EDGES, LENGTHS, LENGTHS, st.just(0.0))


@given(one=UPRIGHT, other=UPRIGHT, turns=st.sampled_from([0.0, 360.0, -360.0]))
def test_iou_of_upright_boxes(one: Box, other: Box, turns: float) -> None:
    def common(start: float, length: float, start2: float, length2: float) -> float:
        return max(0.0, min(start + length, start2 + length2) - max(start, start2))

    shared = common(one.x, one.width, other.x, other.width) * common(
        one.y, one.height, other.y, other.height
    )
    union = one.width * one.height + other.width * other.height - shared
    turned = Box(other.x, other.y, other.width, other.height, turns)
    assert overlap.iou(one, turned) == pytest.approx(shared / union, abs=2e-4)
    assert overlap.iou(turned, one) == overlap.iou(one, turned)


@settings(max_examples=examples(60))
@given(data=st.data())
def test_iou_of_turned_boxes_against_coco_masks(data: st.DataObject) -> None:
    near = st.floats(300, 700)
    boxes = [
        Box(*[data.draw(near), data.draw(near)], *data.draw(SIDES), data.draw(st.floats(-400, 400)))
        for _ in range(2)
    ]
    flat = [[value for point in each.corners() for value in point] for each in boxes]
    masks = [mask.merge(mask.frPyObjects([each], 1000, 1000)) for each in flat]
    expected = mask.iou([masks[0]], [masks[1]], [0])[0][0]
    assert overlap.iou(*boxes) == pytest.approx(expected, abs=0.03)


SIDES = st.tuples(st.floats(60, 200), st.floats(60, 200))


def test_iou_of_the_same_the_far_and_the_flat() -> None:
    far = Box(1e12, 1e12, 3, 4, 33)
    assert overlap.iou(far, far) == 1
    assert overlap.iou(Box(1e9, 1e9, 2, 2), Box(1e9 + 1, 1e9, 2, 2)) == 0.3333
    assert overlap.iou(Box(0, 0, 1, 1), Box(1, 0, 1, 1)) == 0
    assert overlap.iou(Box(0, 0, 1, 1), Box(5, 5, 1, 1)) == 0
    assert overlap.iou(Box(0, 0, 1e-300, 1), Box(5, 5, 1, 1)) is None
    inside = overlap.iou(Box(0, 0, 10, 10), Box(5, 1, math.sqrt(8), math.sqrt(8), 45))
    assert inside == pytest.approx(0.08)


# --- annotations and tasks


def test_facts_of_an_annotation() -> None:
    old = annotation(box(1, 1, 2, 2), number=23)
    changed = {"ground_truth": True, "was_cancelled": True, "lead_time": 5, "created_at": "2027"}
    new = {**old, **changed, "completed_by": 8}
    assert only(task(1, old), task(1, new)) == TaskChange(
        1,
        ChangeKind.CHANGED,
        annotations=(
            AnnotationChange(
                *(23, 8, ChangeKind.CHANGED),
                ("completed_by", "created_at", "ground_truth", "lead_time", "was_cancelled"),
                skipped=True,
            ),
        ),
    )


def test_annotations_come_and_go() -> None:
    change = only(
        task(1, annotation(box(1, 1, 2, 2), number=5, completed_by=3)),
        task(1, annotation(number=6, was_cancelled=True)),
    )
    gone = RegionChange("r1", "box", KIND, ChangeKind.REMOVED, ("Car",), ())
    assert change.annotations == (
        AnnotationChange(6, 7, ChangeKind.ADDED, skipped=True),
        AnnotationChange(5, 3, ChangeKind.REMOVED, regions=(gone,)),
    )
    assert change.annotators == {"3", "7"}


def test_a_reordered_result_is_a_change() -> None:
    one, two = box(1, 1, 2, 2, id="a"), box(1, 1, 3, 3, id="b")
    (found,) = only(boxed(1, one, two), boxed(1, two, one)).annotations
    assert found == AnnotationChange(10, 7, ChangeKind.CHANGED, reordered=True)


def test_facts_of_a_task() -> None:
    old = task(1, data={"image": "a", "gone": 1, "same": [1]}, meta={"k": 1}, inner_id=1)
    new = task(1, data={"image": "b", "new": None, "same": [1]}, meta={"k": 1.0}, inner_id=2)
    change = only(old, {**new, "predictions": [{"id": 3}]})
    assert change == TaskChange(
        *(1, ChangeKind.CHANGED, ("gone", "image", "new"), ("k",), ("inner_id",)),
        predictions_changed=True,
    )


@pytest.mark.parametrize(("old", "new"), [([], {}), ("a", "b"), ({"a": 1}, None), ({}, None)])
def test_data_that_is_no_mapping(old: Any, new: Any) -> None:
    change = only(task(1, data=old), task(1, data=new))
    assert change.fields == ("data",) or change.data == ("a",)


def test_tasks_on_one_side() -> None:
    labeled = canonical.task(boxed(1, box(1, 1, 2, 2)))
    added, removed = task_changes(None, labeled), task_changes(labeled, None)
    assert added is not None
    assert removed is not None
    assert (added.kind, added.annotations[0].regions[0].kind) == (
        ChangeKind.ADDED,
        ChangeKind.ADDED,
    )
    assert (removed.kind, removed.annotations[0].regions[0].kind) == (
        ChangeKind.REMOVED,
        ChangeKind.REMOVED,
    )
    assert task_changes(None, None) is None
    assert task_changes(labeled, labeled) is None


def test_not_even_an_order_that_should_not_be_goes_untold() -> None:
    labeled = canonical.task(task(1, annotation(), annotation()))
    turned = {**labeled, "annotations": labeled["annotations"][::-1]}
    assert task_changes(labeled, turned) == TaskChange(
        1, ChangeKind.CHANGED, fields=("annotations",)
    )


# --- label config and class ids


def test_the_label_config_by_controls_and_labels() -> None:
    new = (
        SHAPES.replace('<Label value="Dog"/>', '<Label value="Cat"/>')
        .replace("PolygonLabels", "BrushLabels")
        .replace('<TextArea name="note" toName="image"/>', "")
        .replace('"weather"', '"sky"')
    )
    change = config_change(SHAPES, new)
    assert change.changed
    assert change.parsed
    assert change.controls_added == ("sky",)
    assert change.controls_removed == ("weather", "note")
    assert change.controls_changed == ("area",)
    assert change.labels_added == {"box": ("Cat",), "sky": ("Sun", "Rain")}
    assert change.labels_removed == {"box": ("Dog",), "weather": ("Sun", "Rain")}
    assert '-  <Label value="Car"/><Label value="Dog"/></RectangleLabels>' in change.lines()
    assert change.lines(("v1", "v2"))[:2] == ["--- v1", "+++ v2"]


def test_a_config_that_cannot_be_read_has_a_text() -> None:
    change = config_change(SHAPES, "<View>")
    assert (change.changed, change.parsed, change.labels_removed) == (True, False, {})
    assert "+<View>" in change.lines()
    only_line_ends = config_change("<View/>\n", "<View/>\r\n")
    assert only_line_ends.changed
    assert "+<View/>\r" in only_line_ends.lines()


def test_class_ids_are_appended_and_never_move() -> None:
    old, new = Classes.of({"image": ["Car"]}), Classes.of({"image": ["Car", "Dog"], "text": []})
    change = registry_change(old, new)
    assert (change.appended, change.withdrawn, change.reused) == (
        {"image": ("Dog",), "text": ()},
        {},
        {},
    )
    assert registry_change(new, old).withdrawn == change.appended
    moved = registry_change(new, Classes.of({"image": ["Dog", "Car"], "text": []}))
    assert moved.reused == {"image": (ReusedId(0, "Car", "Dog"), ReusedId(1, "Dog", "Car"))}
    assert moved.changed
    assert not registry_change(new, new).changed


# --- two folders


def three_kinds() -> LabelDiff:
    old = [boxed(1, box(1, 1, 5, 5)), boxed(2, box(1, 1, 5, 5)), boxed(1003, choice("Sun"))]
    new = [boxed(1, box(1, 1, 5, 5, "Dog")), boxed(2, box(1, 1, 5, 5)), boxed(7, box(1, 1, 3, 3))]
    return difference(old, new)


def test_what_a_diff_says() -> None:
    diff = three_kinds()
    assert (diff.added, diff.removed, diff.changed) == ((7,), (1003,), (1,))
    assert [each.task for each in diff.tasks] == [1, 7, 1003]
    assert (diff.before.counts.tasks, diff.after.counts.annotations) == (3, 3)
    assert diff.classes == {
        "box": {"Car": (2, 2), "Dog": (0, 1)},
        "weather": {"Sun": (1, 0)},
    }
    assert diff.classes_changed == {"box": {"Dog": (0, 1)}, "weather": {"Sun": (1, 0)}}
    assert diff.annotators == {"7": 3}
    assert diff


def test_the_document() -> None:
    diff = three_kinds()
    document = json.loads(json.dumps(diff.document()))
    assert document == diff.document(), "nothing but plain lists, mappings and text"
    assert document["before"] == {"fingerprint": diff.before.fingerprint, "tasks": 3} | {
        "annotations": 3
    }
    assert document["tasks"] == {"added": [7], "removed": [1003], "changed": [1]}
    assert document["classes"]["box"]["Dog"] == {"before": 0, "after": 1}
    assert document["annotators"] == {"7": 3}
    assert document["registry"] == {"appended": {}, "withdrawn": {}, "reused": {}, "renamed": {}}
    assert not document["label_config"]["changed"]
    assert document["changes"][0] == {
        "task": 1,
        "name": "pic1.jpg",
        "kind": "changed",
        "data": [],
        "meta": [],
        "fields": [],
        "media": [],
        "predictions_changed": False,
        "annotations": [
            {
                "annotation": 10,
                "annotator": 7,
                "kind": "changed",
                "fields": [],
                "reordered": False,
                "skipped": False,
                "regions": [
                    {
                        "region": "r1",
                        "control": "box",
                        "type": "rectanglelabels",
                        "kind": "changed",
                        "labels_before": ["Car"],
                        "labels_after": ["Dog"],
                        "moved": False,
                        "iou": None,
                        "changed": False,
                        "words": "",
                    }
                ],
            }
        ],
    }


def test_config_and_ids_alone_are_a_change(tmp_path: Path) -> None:
    old = snapshot_folder.read(snapshot(tmp_path / "a", []))
    config = snapshot_folder.read(snapshot(tmp_path / "b", [], config="<View/>"))
    classes = snapshot_folder.read(snapshot(tmp_path / "c", [], classes=Classes()))
    assert compare(old, config).label_config.changed
    assert compare(old, classes).registry.withdrawn
    assert not compare(old, config).is_empty
    assert not compare(old, classes).is_empty
    assert compare(old, old).is_empty


def test_equal_shards_are_not_read(tmp_path: Path) -> None:
    old = [boxed(number, box(1, 1, 5, 5)) for number in (5, 1005, 2005)]
    new = [old[0], boxed(1005, box(2, 2, 5, 5)), old[2]]
    places = [snapshot(tmp_path / name, raw) for name, raw in (("a", old), ("b", new))]
    sources = [Watched(FolderOnDisk(each)) for each in places]
    diff = compare(*map(snapshot_folder.read, sources))
    assert diff.changed == (1005,)
    assert {each for source in sources for each in source.reads if "tasks/" in each} == {
        "tasks/0000001000.jsonl"
    }


def test_only_lines_that_differ_are_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = [boxed(number, box(1, 1, 5, 5)) for number in range(1, 900)]
    new = [*old[:-1], boxed(899, box(2, 2, 5, 5))]
    read = [
        snapshot_folder.read(snapshot(tmp_path / name, raw))
        for name, raw in zip("ab", (old, new), strict=True)
    ]
    parsed: list[Any] = []
    parse = canonical.parse
    monkeypatch.setattr(canonical, "parse", lambda line: parsed.append(line) or parse(line))
    assert compare(*read).changed == (899,)
    assert len(parsed) == 2


def test_a_shard_that_was_changed_by_hand_is_no_diff(tmp_path: Path) -> None:
    places = [
        snapshot(tmp_path / name, [boxed(1, box(x, 1, 5, 5))]) for name, x in (("a", 1), ("b", 2))
    ]
    read = [snapshot_folder.read(each) for each in places]
    (places[1] / "tasks/0000000000.jsonl").write_bytes(b"{}\n")
    with pytest.raises(LsDvcError, match="was changed since"):
        compare(*read)


RANDOM = settings(
    max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@RANDOM
@given(pair=history.histories())
def test_against_brute_force(pair: tuple[list[Any], list[Any]]) -> None:
    before, after = map(history.lines, pair)
    with folders(*pair) as (old, new):
        diff, back, same = compare(old, new), compare(new, old), compare(new, new)
    both = before.keys() & after.keys()
    assert set(diff.added) == after.keys() - before.keys()
    assert set(diff.removed) == before.keys() - after.keys()
    assert set(diff.changed) == {each for each in both if before[each] != after[each]}
    assert [each.task for each in diff.tasks] == sorted(each.task for each in diff.tasks)
    assert (back.added, back.removed, back.changed) == (diff.removed, diff.added, diff.changed)
    assert same.is_empty
    assert diff.is_empty == (before == after) == (old.fingerprint == new.fingerprint)
    for change in diff.tasks:
        assert_says_something(change)
    canonical_json.text(diff.document())


def assert_says_something(change: TaskChange) -> None:
    if change.kind is ChangeKind.CHANGED:
        own = (change.data, change.meta, change.fields, change.annotations)
        assert any(own) or change.predictions_changed
    for each in change.annotations:
        if each.kind is ChangeKind.CHANGED:
            assert each.fields or each.regions or each.reordered
        for part in each.regions:
            facts = part.moved or part.relabeled or part.changed
            assert facts == (part.kind is ChangeKind.CHANGED)


@RANDOM
@given(pair=history.histories())
def test_nothing_is_left_untold(pair: tuple[list[Any], list[Any]]) -> None:
    """What is not in the change is equal: taking it out of both sides leaves the same task."""
    before, after = (
        {number: json.loads(line) for number, line in history.lines(each).items()} for each in pair
    )
    for number in before.keys() & after.keys():
        change = task_changes(before[number], after[number])
        if not all(map(has_distinct_ids, (before[number], after[number]))):
            continue  # the ids below would not say which annotation is meant
        if change is None:
            assert canonical_json.line(before[number]) == canonical_json.line(after[number])
        else:
            left = [without(each, change) for each in (before[number], after[number])]
            assert left[0] == left[1]


def has_distinct_ids(task: Any) -> bool:
    ids = [each.get("id") for each in task["annotations"]]
    return len(set(ids)) == len(ids)


def without(task: Any, change: TaskChange) -> str:
    """The task as text, less all that the change names."""
    kept = {key: value for key, value in task.items() if key not in change.fields}
    for name, keys in (("data", change.data), ("meta", change.meta)):
        if keys:
            kept[name] = {k: v for k, v in kept.get(name, {}).items() if k not in keys}
    if change.predictions_changed:
        del kept["predictions"]
    named = {each.annotation: each for each in change.annotations}
    if "annotations" in kept:
        kept["annotations"] = [
            bare(each, named.get(each.get("id")))
            for each in kept["annotations"]
            if getattr(named.get(each.get("id")), "kind", ChangeKind.CHANGED) is ChangeKind.CHANGED
        ]
    return canonical_json.text(kept)


def bare(annotation: Any, change: AnnotationChange | None) -> Any:
    if change is None:
        return annotation
    kept = {key: value for key, value in annotation.items() if key not in change.fields}
    return kept if not (change.regions or change.reordered) else {**kept, "result": None}


def test_numbers_are_compared_as_they_are_written() -> None:
    """Python calls 1, 1.0 and True equal; in a file they are not. NaN is always the same."""
    old, new = boxed(1, box(1, 0, 5, 5)), boxed(1, box(True, 0.0, 5, 5))
    assert only(old, new).annotations[0].regions[0].changed
    strange = boxed(1, box(float("nan"), float("inf"), 5, 5))
    assert not difference([strange], [strange])


def test_controls_of_a_repeater_are_counted_as_one() -> None:
    config = """<View><Repeater on="$pages"><Image name="p_{{idx}}" value="$pages[{{idx}}]"/>
    <RectangleLabels name="box_{{idx}}" toName="p_{{idx}}"><Label value="Car"/></RectangleLabels>
    </Repeater></View>"""
    pages = [box(1, 1, 2, 2, from_name=f"box_{n}", to_name=f"p_{n}", id=f"r{n}") for n in range(3)]
    diff = difference([boxed(1, pages[0])], [boxed(1, *pages)], config=config)
    assert diff.classes == {"box_{{idx}}": {"Car": (1, 3)}}
