"""Most tasks are read in a quicker way, and come out as in the other one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import media_files, projects
from support.effort import examples
from support.every_control import ENTRIES, EVERYTHING, PICTURED, SLOW, Case, Led, cases, refuses
from support.projects import JUNK, NUMBERS, PAGES, SHAPES, Raw, about, annotation, box, boxed

from ls_dvc.convert import encode as conversion
from ls_dvc.convert.encode import EncodedShard
from ls_dvc.errors import BugError
from ls_dvc.formats.image import fast_boxes
from ls_dvc.formats.interface import Format
from ls_dvc.formats.registry import FORMATS
from ls_dvc.io import canonical_json
from ls_dvc.labels import canonical
from ls_dvc.labels.media import MediaEntry, TaskMedia
from ls_dvc.labels.policy import LATEST, Policy, Split

FAST = sorted(name for name, each in FORMATS.items() if each.FAST_PATH)

JOINTS = '<KeyPointLabels name="joint" toName="image"><Label value="Nose"/></KeyPointLabels>'
CONFIGS = {
    "one image": SHAPES,
    "with key points": SHAPES.replace("</View>", f"{JOINTS}</View>"),
    "two images": SHAPES.replace("</View>", '<Image name="other" value="$other"/></View>'),
    "a list of images": PAGES,
}


def two_boxes(**value: Any) -> Raw:
    """A task with two upright boxes; `value` is what the first one has in another way."""
    first, second = box(10.5, 20.25, 30.125, 40.0625), box(1, 0.1 + 0.2, 5, 6.5, "Dog", id="r2")
    first["value"].update(value)
    return boxed(3, first, second)


ADDRESS = two_boxes()["data"]["image"]


def both(
    name: str,
    raw: Raw,
    config: str = SHAPES,
    policy: Policy = LATEST,
    media: TaskMedia | None = None,
) -> tuple[EncodedShard, EncodedShard]:
    """What a format makes of a task in the quick way, and in the other."""
    task = canonical.task(raw)
    project, line = about(config, [task], policy=policy), canonical_json.line(task)
    project = replace(project, media=media)
    some = [
        conversion.encode_shard([line], policy, FORMATS[name], project, q)
        for q in (FORMATS[name].FAST_PATH, None)
    ]
    return some[0], some[1]


def _with(path: tuple[Any, ...], value: Any) -> Callable[[Raw], None]:
    """Puts a value in some place of a task, or takes what is there away."""

    def change(raw: Raw) -> None:
        held: Any = raw
        for step in path[:-1]:
            held = held[step]
        if value is _AWAY:
            held.pop(path[-1], None)
        else:
            held[path[-1]] = value

    return change


_AWAY = object()
_REGION = ("annotations", 0, "result", 0)
_VALUES = NUMBERS | JUNK | st.just(_AWAY) | st.floats(-10, 110) | st.integers(0, 100)
_PLACES = [
    *((*_REGION, "value", key) for key in ("x", "y", "width", "height", "rotation")),
    *((*_REGION, "value", key) for key in ("rectanglelabels", "labels", "more")),
    *((*_REGION, key) for key in ("id", "type", "to_name", "from_name", "value", "score")),
    *((*_REGION, key) for key in ("original_width", "original_height", "item_index", "parentID")),
    *(("annotations", 0, key) for key in ("was_cancelled", "ground_truth", "result")),
    *(("data", key) for key in ("image", "other")),
    ("data",),
    ("meta",),
]
_NAMES = st.sampled_from(
    [["Dog"], ["Cat"], ["Car", "Dog"], [], "Dog", {"Dog": 1}, [["Dog"]], "image", "other", True]
)
_CHANGES = st.lists(
    st.builds(_with, st.sampled_from(_PLACES), _VALUES | _NAMES)
    | st.sampled_from(
        [
            _with(("predictions",), [{"id": 1, "result": [box(1, 2, 3, 4)]}]),
            _with(("annotations",), [annotation(box(1, 2, 3, 4), number=n) for n in (5, 6)]),
            _with(("annotations", 0, "was_cancelled"), True),
            _with(("data", "image"), ["https://e.com/1.jpg", "https://e.com/2.jpg"]),
            _with((*_REGION, "value", "rotation"), 12.5),
            _with((*_REGION, "value", "x"), 101.5),
            _with((*_REGION, "type"), "rectangle"),
            _with((*_REGION, "type"), "choices"),
            _with((*_REGION, "value"), {"choices": ["Sun"]}),
        ]
    ),
    max_size=2,
)


@settings(max_examples=examples(300), deadline=None)
@given(
    st.sampled_from(FAST),
    st.sampled_from(sorted(CONFIGS)),
    st.sampled_from([LATEST, Policy("all"), Policy(predictions=True), Policy(skipped=True)]),
    _CHANGES,
    st.none() | st.just({}) | ENTRIES,
)
def test_the_quick_way_makes_the_same(
    name: str,
    config: str,
    policy: Policy,
    changes: list[Callable[[Raw], None]],
    led: Led | Mapping[str, MediaEntry] | None,
) -> None:
    raw = two_boxes()
    media = {ADDRESS: led.at(ADDRESS)} if isinstance(led, Led) else led
    for change in changes:
        try:
            change(raw)
        except (TypeError, LookupError, AttributeError):
            continue  # an earlier change took the place away
    quick, slow = both(name, raw, CONFIGS[config], policy, media)
    assert quick == slow


@settings(max_examples=examples(100), deadline=None, suppress_health_check=SLOW)
@given(cases(), st.sampled_from([LATEST, Policy("all")]))
@example(EVERYTHING, LATEST)
@example(PICTURED, LATEST)
def test_so_it_does_of_every_control(case: Case, policy: Policy) -> None:
    tasks = sorted(map(canonical.task, case.raw), key=lambda each: each["id"])
    project = replace(about(case.config, tasks, policy=policy), media=case.media)
    lines = [canonical_json.line(each) for each in tasks]
    for name, quick in ((each, FORMATS[each].FAST_PATH) for each in FAST):
        if not refuses(name, project):
            ways = [
                conversion.encode_shard(lines, policy, FORMATS[name], project, q)
                for q in (quick, None)
            ]
            assert ways[0] == ways[1], name


class _Never:
    """A format that has no other way."""

    def encode(self, *_: Any) -> None:
        raise AssertionError("this is the other way")


@pytest.mark.parametrize("with_media", [False, True])
@pytest.mark.parametrize("name", FAST)
def test_boxes_take_the_quick_way(name: str, *, with_media: bool) -> None:
    task = canonical.task(two_boxes(rotation=0.0))
    file = media_files.media_file(b"one", size=projects.SIZE)
    media = {ADDRESS: media_files.at(ADDRESS, file)} if with_media else None
    _, expected = both(name, task, media=media)
    project, line = replace(about(SHAPES, [task]), media=media), canonical_json.line(task)
    found = conversion.encode_shard(
        [line], LATEST, cast("Format", _Never()), project, FORMATS[name].FAST_PATH
    )
    assert found == expected
    assert found.ledger.regions_written == 2
    assert found.counts.labels == {("box", "Car"): 1, ("box", "Dog"): 1}


@pytest.mark.parametrize(
    "change",
    [
        {"rotation": 12.5},
        {"rotation": -0.5},
        {"x": "10"},
        {"width": True},
        {"rectanglelabels": []},
        {"rectanglelabels": ["Car", "Dog"]},
        {"rectanglelabels": "C"},
    ],
    ids=str,
)
def test_what_is_the_least_bit_different_does_not(change: Mapping[str, Any]) -> None:
    line = canonical_json.line(canonical.task(two_boxes(**change)))
    assert fast_boxes.read(line) is None


def test_a_region_that_the_quick_way_leaves_out_is_a_bug() -> None:
    task = canonical.task(two_boxes())
    fast_path = FORMATS["COCO"].FAST_PATH
    assert fast_path
    encode = fast_path.encode
    forgets = fast_path._replace(
        encode=lambda *given: (found := encode(*given)) and found._replace(regions=[None])
    )
    project, line = about(SHAPES, [task]), canonical_json.line(task)
    part = conversion.encode_shard([line], LATEST, FORMATS["COCO"], project, forgets)
    with pytest.raises(BugError, match="of 2 regions 1 are written"):
        part.ledger.check()


def test_splits_are_kept() -> None:
    policy = Policy(split=Split((("train", 0.5), ("val", 0.5))))
    tasks = [canonical.task({**two_boxes(), "id": number}) for number in range(1, 40)]
    lines, project = (
        [canonical_json.line(each) for each in tasks],
        about(SHAPES, tasks, policy=policy),
    )
    seen = []
    for here in (replace(project, split=name) for name in project.splits):
        quick, slow = (
            conversion.encode_shard(lines, policy, FORMATS["COCO"], here, each)
            for each in (FORMATS["COCO"].FAST_PATH, None)
        )
        assert quick == slow
        seen.append(quick.counts.splits[here.split])
    assert sum(seen) == len(tasks)
    assert all(seen)
