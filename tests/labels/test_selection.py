"""Which tasks, annotations and regions count, under every policy; and splits that stick."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import projects
from support.effort import examples
from support.projects import Raw, annotation, box, boxed, choice, region, relation, task

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.registry import FORMATS
from ls_dvc.labels import canonical, selection
from ls_dvc.labels.policy import ExclusionReason, Filter, Policy, Selection, Split, TaskState
from ls_dvc.labels.splits import split_of

OLD, NEW = box(1, 1, 9, 9, id="old"), box(2, 2, 8, 8, "Dog", id="new")
NO = annotation(box(3, 3, 3, 3, id="no"), number=13, was_cancelled=True)


def two(**fields: Any) -> Raw:
    first = annotation(OLD, number=11, ground_truth=True)
    return task(1, first, annotation(NEW, number=12), NO, **fields)


def chosen(raw: Raw, **policy: Any) -> Selection:
    return selection.select(canonical.task(raw), Policy(**policy))


def ids(selection: Selection) -> list[str]:
    return [each["id"] for each in selection.regions]


def left(selection: Selection) -> dict[str, str]:
    excluded = (*selection.excluded_by_policy, *selection.excluded_by_filter)
    return {each.region["id"]: each.reason.value for each in excluded}


@pytest.mark.parametrize(
    ("policy", "counting", "others"),
    [
        ({"annotations": "latest"}, ["new"], {"old": "other-annotation", "no": "skipped"}),
        ({"annotations": "first"}, ["old"], {"new": "other-annotation", "no": "skipped"}),
        ({"annotations": "ground_truth"}, ["old"], {"new": "other-annotation", "no": "skipped"}),
        ({"annotations": "all"}, ["old", "new"], {"no": "skipped"}),
        ({"annotations": "latest", "skipped": True}, ["no"], {"old": "other-annotation"}),
        ({"annotations": "all", "skipped": True}, ["old", "new", "no"], {}),
    ],
)
def test_policies(policy: dict[str, Any], counting: list[str], others: dict[str, str]) -> None:
    labels = chosen(two(), **policy)
    assert ids(labels) == counting
    assert others.items() <= left(labels).items()
    assert len(labels.regions) + len(labels.excluded_by_policy) == 3


def test_ground_truth_falls_back_or_not() -> None:
    plain = task(1, annotation(OLD, number=11), annotation(NEW, number=12))
    assert ids(chosen(plain, annotations="ground_truth")) == ["new"]
    none = chosen(plain, annotations="ground_truth", fallback=False)
    assert none.reason is ExclusionReason.NO_GROUND_TRUTH
    assert left(none) == {"old": "no-ground-truth", "new": "no-ground-truth"}


def votes(*ballots: tuple[str, ...], also: tuple[Raw, ...] = ()) -> Selection:
    made = [
        annotation(*(choice(*each, id=f"c{n}") for each in [ballot] if each), *also, number=n)
        for n, ballot in enumerate(ballots, start=1)
    ]
    return chosen(task(1, *made), annotations="majority")


def test_majority_of_choices() -> None:
    labels = votes(("Sun",), ("Sun",), ("Rain",))
    assert [each["value"]["choices"] for each in labels.regions] == [["Sun"]]
    assert ids(labels) == ["c2"], "of equal ballots the later one is written"
    assert left(labels) == {"c1": "outvoted", "c3": "outvoted"}


def test_a_tie_goes_to_the_later_and_who_did_not_choose_does_not_vote() -> None:
    assert ids(votes(("Sun",), ("Rain",))) == ["c2"]
    assert ids(votes(("Rain",), (), ())) == ["c1"]
    assert ids(votes((), ())) == []
    assert ids(votes(("Sun", "Rain"), ("Rain", "Sun"), ("Sun",))) == ["c2"]


def test_all_but_choices_comes_from_the_latest() -> None:
    labels = votes(("Sun",), ("Sun",), ("Rain",), also=(box(1, 1, 2, 2, id="b"),))
    assert [each["type"] for each in labels.regions] == ["choices", "rectanglelabels"]
    assert labels.annotation_ids == [2, 3]
    assert sorted(each.reason.value for each in labels.excluded_by_policy) == [
        *["other-annotation"] * 2,
        *["outvoted"] * 2,
    ]


def test_predictions_only_when_asked_for_and_nobody_annotated() -> None:
    predicted = [
        {"id": 7, "result": [box(1, 1, 2, 2, id="weak")], "score": 0.3},
        {"id": 8, "result": [box(1, 1, 2, 2, id="strong")], "score": 0.9},
        {"id": 9, "result": [box(1, 1, 2, 2, id="none")]},
    ]
    bare = task(1, predictions=predicted)
    assert chosen(bare).reason is ExclusionReason.UNLABELED
    asked = chosen(bare, predictions=True)
    assert (ids(asked), asked.state) == (["strong"], TaskState.PREDICTED)
    assert ids(chosen(two(predictions=predicted), predictions=True)) == ["new"]
    out = projects.convert("COCO", [bare], policy=Policy(predictions=True))
    assert len(out.json()["annotations"]) == 1


@pytest.mark.parametrize(
    ("wanted", "tasks"),
    [
        (Filter(), [1, 2, 3, 4]),
        (Filter(tasks="labeled"), [1]),
        (Filter(tasks="finished"), [1, 2]),
        (Filter(tasks="ground_truth"), [1]),
        (Filter(data={"camera": "left"}), [1, 3]),
        (Filter(data={"camera": "left", "image": "x"}), []),
    ],
)
def test_filters_of_tasks(wanted: Filter, tasks: list[int]) -> None:
    raw = [
        task(1, annotation(OLD, ground_truth=True), data={"image": "a.jpg", "camera": "left"}),
        boxed(2, data={"image": "b.jpg", "camera": "right"}),
        task(3, annotation(was_cancelled=True), data={"image": "c.jpg", "camera": "left"}),
        task(4, data={"image": "d.jpg"}),
    ]
    policy = Policy(filter=wanted)
    out = projects.convert("JSON", raw, policy=policy)
    assert [each["id"] for each in out.json()] == tasks
    for name in FORMATS:
        try:
            made = projects.convert(name, raw, policy=policy)
        except LsDvcError:  # the config has nothing for this format
            continue
        filtered = [drop.task for drop in made.ledger.entries if drop.reason.value == "filtered"]
        assert set(filtered) == {1, 2, 3, 4} - set(tasks)


def test_filters_of_labels_hold_for_every_format() -> None:
    raw = [boxed(1, OLD, NEW, choice("Sun", id="c1"))]
    for wanted, kept in (
        (Filter(drop=frozenset({"Dog"})), ["old", "c1"]),
        (Filter(keep=frozenset({"Dog"})), ["new"]),
    ):
        out = projects.convert("JSON", raw, policy=Policy(filter=wanted))
        assert [each["id"] for each in out.json()[0]["annotations"][0]["result"]] == kept
        reasons = {region for _, region, reason in out.reasons if reason == "filtered"}
        assert reasons == {"old", "new", "c1"} - set(kept)


def test_a_region_without_an_id_is_listed_by_its_place_in_the_whole_result() -> None:
    """It was listed by its place in what the filter, or the vote, had left."""
    arrow, drop = relation("r1", "r2"), Policy(filter=Filter(drop=frozenset({"Dog"})))
    raw = [boxed(1, box(1, 1, 2, 2, "Dog", id="no"), box(1, 1, 2, 2), arrow)]
    assert (1, "#2", "relation") in projects.convert("COCO", raw, policy=drop).reasons
    skipped = [task(1, annotation(box(1, 1, 2, 2, "Dog"), arrow, was_cancelled=True))]
    assert (1, "#1", "skipped") in projects.convert("COCO", skipped, policy=drop).reasons
    older = [task(1, annotation(box(1, 1, 2, 2, "Dog"), arrow), annotation(box(1, 1, 2, 2)))]
    assert (1, "#1", "other-annotation") in projects.convert("COCO", older, policy=drop).reasons
    votes = [
        annotation(choice("Sun")),
        annotation(choice("Sun")),
        annotation(choice("Rain"), arrow),
    ]
    voted = projects.convert("CSV", [task(1, *votes)], policy=Policy(annotations="majority"))
    assert (1, "#1", "relation") in voted.reasons


def test_filters_of_labels_hold_for_predictions_that_count() -> None:
    guess = [{"id": 1, "result": [box(1, 1, 2, 2, "Dog", id="no"), box(3, 3, 2, 2)]}]
    policy = Policy(predictions=True, filter=Filter(drop=frozenset({"Dog"})))
    out = projects.convert("COCO", [task(1, predictions=guess)], policy=policy)
    assert [each["region"] for each in out.json()["annotations"]] == ["r1"]
    assert out.reasons == [(1, "no", "filtered")]
    assert projects.convert("JSON", [task(1, predictions=guess)], policy=policy).reasons == []


@pytest.mark.parametrize("name", ["JSON_MIN", "CSV", "TSV"])
def test_predictions_of_a_control_that_left_the_config(name: str) -> None:
    """They broke off the whole conversion, as no column was theirs."""
    guess = [{"id": 1, "result": [choice("Sun", control="sky")]}]
    raw, asked = [task(1, predictions=guess)], Policy(predictions=True)
    assert "Sun" in next(iter(projects.convert(name, raw, policy=asked).files.values())).decode()
    assert "sky" not in next(iter(projects.convert(name, raw).files.values())).decode()


def test_filters_of_labels_hold_for_videos() -> None:
    """A region of a video has its labels under `labels`, whatever type it is of."""
    made = [
        region("videorectangle", {"sequence": [], "labels": [name]}, id=name)
        for name in ("Car", "Dog")
    ]
    policy = Policy(filter=Filter(keep=frozenset({"Car"})))
    out = projects.convert("JSONL", [boxed(1, *made)], policy=policy)
    assert out.reasons == [(1, "Dog", "filtered")]


def test_a_row_for_each_annotation_where_all_count() -> None:
    both = projects.convert("CSV", [two()], policy=Policy("all"))
    assert [line.split(",")[1] for line in both.text("result.csv").splitlines()[1:]] == ["11", "12"]
    one = projects.convert("COCO", [two()], policy=Policy("all")).json()
    assert len(one["images"]) == 1, "not twice, as the SDK's converter does"
    assert [each["region"] for each in one["annotations"]] == ["old", "new"]


SHARES = Split((("train", 0.8), ("val", 0.1), ("test", 0.1)))


def test_splits_stick() -> None:
    """Worked out once, and for ever: a task that moved would leak from training into testing."""
    names = [split_of({"id": number, "data": {}}, SHARES) for number in range(1, 21)]
    assert names == STUCK


VAL, TEST = {2, 15}, {5, 6, 20}
STUCK = ["val" if n in VAL else "test" if n in TEST else "train" for n in range(1, 21)]


def test_shares_are_kept_and_groups_stay_together() -> None:
    tasks = [{"id": n, "data": {"street": f"s{n % 500}"}} for n in range(5000)]
    names = [split_of(each, SHARES) for each in tasks]
    for name, share in SHARES.shares:
        assert names.count(name) / 5000 == pytest.approx(share, abs=0.02)
    by = Split(SHARES.shares, "street")
    groups: dict[str, set[str]] = {}
    for each in tasks:
        groups.setdefault(each["data"]["street"], set()).add(split_of(each, by))
    assert all(len(found) == 1 for found in groups.values())
    assert {name for found in groups.values() for name in found} == {"train", "val", "test"}


@pytest.mark.parametrize("sharded", [False, True])
@pytest.mark.parametrize("name", ["JSON", "JSON_MIN", "CSV", "TSV", "COCO", "YOLO"])
def test_every_task_is_in_one_split(name: str, *, sharded: bool) -> None:
    raw = [boxed(number, box(1, 1, 2, 2)) for number in range(1, 30)]
    out = projects.convert(name, raw, policy=Policy(split=SHARES), sharded=sharded)
    assert out.ledger.tasks_written == 29
    if name == "YOLO":
        folders = {path.split("/")[1] for path in out.files if path.startswith("labels/")}
        assert folders <= {"train", "val", "test"}
        assert "val: images/val" in out.text("data.yaml")
        assert {"classes.txt", "images-train.csv"} <= out.files.keys()
        return
    behind = "/0000000000" if sharded else ""
    splits = {f"{each}{behind}" for each in ("train", "val", "test")}
    assert {path.partition(".")[0] for path in out.files} == splits
    if name == "COCO":
        found = [each["id"] for path in out.files for each in json.loads(out.files[path])["images"]]
        assert sorted(found) == list(range(1, 30))


POLICIES = st.builds(
    Policy,
    annotations=st.sampled_from(["latest", "first", "ground_truth", "all", "majority"]),
    fallback=st.booleans(),
    skipped=st.booleans(),
    filter=st.builds(
        Filter,
        tasks=st.sampled_from([None, "labeled", "finished", "ground_truth"]),
        keep=st.sampled_from([frozenset(), frozenset({"Car"})]),
        drop=st.sampled_from([frozenset(), frozenset({"Dog"})]),
    ),
    split=st.sampled_from([None, SHARES]),
)


@settings(max_examples=examples(150), deadline=None)
@given(raw=projects.exports(), policy=POLICIES)
def test_the_account_adds_up_under_every_policy(raw: list[Raw], policy: Policy) -> None:
    canon = [canonical.task(each) for each in raw]
    everything = sum(len(each["result"]) for one in canon for each in one["annotations"])
    for name in ("JSON", "CSV", "COCO", "YOLO"):
        totals = projects.convert(name, raw, policy=policy).ledger.totals()
        assert totals["tasks"] == len(raw)
        assert totals["regions"] == everything


@settings(max_examples=examples(150), deadline=None)
@given(raw=projects.exports(), policy=POLICIES)
def test_an_only_annotation_counts_as_it_would_among_several(
    raw: list[Raw], policy: Policy
) -> None:
    for each in map(canonical.task, raw):
        expected = selection._selection(each, policy)
        assert selection._single_annotation(each, policy) in (None, expected)


def test_an_only_annotation_is_chosen_at_once() -> None:
    one = canonical.task(boxed(1, box(1, 2, 3, 4)))
    assert selection._single_annotation(one, Policy()) is not None
