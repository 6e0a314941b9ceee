"""A diff in words: what a reviewer reads, and that nothing from labels does harm there."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import history
from support.effort import examples
from support.history import difference, folders
from support.projects import (
    Raw,
    annotation,
    box,
    boxed,
    choice,
    polygon,
    region,
    relation,
    task,
)

from ls_dvc.labeldiff import DiffSide, LabelDiff, compare
from ls_dvc.labeldiff.config_changes import config_change, registry_change
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.region_changes import RegionChange
from ls_dvc.labeldiff.render import plain_text, wording
from ls_dvc.labeldiff.render.markdown import pull_request_comment
from ls_dvc.labeldiff.task_changes import AnnotationChange, TaskChange
from ls_dvc.labels.class_ids import Classes
from ls_dvc.snapshot.counts import SnapshotCounts

NAMES = ("v1", "v2")
GITHUB = 65_536  # characters of a comment
PUSH_OPTION = 60_000  # bytes of a line that git sends; it needs some itself
SMALL = settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def link(number: int) -> str:
    return f"https://ls.example.com/projects/42/data?task={number}"


CONFIG = """<View><Image name="image" value="$image"/>
<RectangleLabels name="box" toName="image">
  <Label value="Car"/><Label value="Dog"/>
</RectangleLabels>
<PolygonLabels name="area" toName="image"><Label value="Road"/></PolygonLabels></View>"""


def a_week() -> LabelDiff:
    """A diff with everything that a usual week brings."""
    r1, r2 = box(10, 20, 30, 40), box(1, 1, 5, 5, "Car", id="r2")
    old = [
        task(17, annotation(r1, r2, number=23)),
        boxed(18, polygon([[1, 1], [5, 1], [5, 5]])),
        boxed(19, box(1, 1, 2, 2)),
        boxed(20, box(1, 1, 2, 2), choice("Sun", id="r1")),
        boxed(21, box(1, 1, 2, 2, id="a"), box(1, 1, 3, 3, id="b"), data={"image": "1.jpg"}),
        task(22),
    ]
    moved = box(12, 20, 30, 40)
    new = [
        task(
            17,
            annotation(
                moved,
                {**r2, **box(1, 1, 5, 5, "Dog", id="r2")},
                box(3, 3, 4, 4, "Dog", id="r3"),
                number=23,
            ),
        ),
        boxed(19, box(1, 1, 2, 2)),
        boxed(20, box(2, 1, 2, 2), choice("Sun", id="r1")),
        boxed(21, box(1, 1, 3, 3, id="b"), box(1, 1, 2, 2, id="a"), data={"image": "2.jpg"}),
        task(22, annotation(number=220, was_cancelled=True, completed_by=9)),
        task(1023, annotation(box(1, 1, 2, 2), box(1, 1, 3, 3, "Dog", id="x"), number=7)),
    ]
    config = CONFIG.replace('value="Dog"/>', 'value="Dog"/><Label value="Cat"/>')
    with (
        folders(old, config=CONFIG) as (before,),
        folders(
            new, config=config, classes=Classes.of({"image": ["Car", "Dog", "Road", "Cat"]})
        ) as (after,),
    ):
        return compare(before, after)


TEXT = """\
labels v1 -> v2
tasks 6 -> 6, annotations 5 -> 5

classes:
  - Road  1 -> 0  -1
  + Dog   0 -> 3  +3

label config:
  label added to box: Cat
  --- v1
  +++ v2
  @@ -1,5 +1,5 @@
   <View><Image name="image" value="$image"/>
   <RectangleLabels name="box" toName="image">
  -  <Label value="Car"/><Label value="Dog"/>
  +  <Label value="Car"/><Label value="Dog"/><Label value="Cat"/>
   </RectangleLabels>
   <PolygonLabels name="area" toName="image"><Label value="Road"/></PolygonLabels></View>

class ids:
  image: + Cat

annotators:
  user 7 (5 tasks), user 9 (1 task)

1 task added, 1 removed, 4 changed:
  ~ task 17  pic17.jpg
      annotation 23 by user 7
        ~ box Car at 77,96 192×192 px moved, IoU 0.88 (r1)
        ~ Car -> Dog at 6,5 32×24 px (r2)
        + Dog at 19,14 26×19 px added (r3)
  - task 18  pic18.jpg
      annotation 180 by user 7 removed: 1 region (Road 1)
  ~ task 20  pic20.jpg
      annotation 200 by user 7
        ~ box Car at 13,5 13×10 px moved, IoU 0.33 (r1)
  ~ task 21  2.jpg
      data: image changed
      annotation 210 by user 7: regions reordered
  ~ task 22  pic22.jpg
      annotation 220 by user 9 added (skipped)
  + task 1023  pic1023.jpg
      annotation 7 by user 7 added: 2 regions (Car 1, Dog 1)
"""

MARKDOWN = """\
**1 task added, 1 removed, 4 changed, label config changed** (v1 → v2), \
by user 7 (5 tasks), user 9 (1 task)

| what happened | regions | tasks | mostly |
|---|--:|--:|---|
| **Relabeled** | 1 | 1 | Car → Dog ×1 |
| **Added** | 1 | 1 | Dog ×1 |
| **Moved** | 2 | 2 | Car ×2, least IoU 0.33 |
| **Tasks removed** | 1 | 1 | Road ×1 |
| **Tasks added** | 2 | 1 | Car ×1, Dog ×1 |
| **Other changes** |  | 2 | data ×1, order ×1, empty annotations ×1 |

**Class ids**

- image: + Cat

**Label config**

- label added to box: Cat

<details><summary>Label config, line by line</summary>

```diff
--- before
+++ after
@@ -1,5 +1,5 @@
 <View><Image name="image" value="$image"/>
 <RectangleLabels name="box" toName="image">
-  <Label value="Car"/><Label value="Dog"/>
+  <Label value="Car"/><Label value="Dog"/><Label value="Cat"/>
 </RectangleLabels>
 <PolygonLabels name="area" toName="image"><Label value="Road"/></PolygonLabels></View>
```

</details>

| class | before | after | gained | lost | control |
|---|--:|--:|--:|--:|---|
| Dog | 0 | 3 | +3 |  | box |
| Car | 6 | 6 | +1 | −1 | box |
| Road | 1 | 0 |  | −1 | area |

<details open><summary><b>Relabeled</b>: 1 region in 1 task</summary>

- <b>pic17&#46;jpg</b> ([task 17](https://ls.example.com/projects/42/data?task=17), \
user 7): Car → Dog

</details>

<details open><summary><b>Added</b>: 1 region in 1 task</summary>

- <b>pic17&#46;jpg</b> ([task 17](https://ls.example.com/projects/42/data?task=17), user 7): Dog

</details>

<details open><summary><b>Moved</b>: 2 regions in 2 tasks</summary>

- <b>pic20&#46;jpg</b> ([task 20](https://ls.example.com/projects/42/data?task=20), \
user 7): Car IoU 0.33

… and 1 more

</details>

<details open><summary><b>Tasks removed</b>: 1 task</summary>

- <b>pic18&#46;jpg</b> ([task 18](https://ls.example.com/projects/42/data?task=18), \
user 7): 1 region (Road 1)

</details>

<details open><summary><b>Tasks added</b>: 1 task</summary>

- <b>pic1023&#46;jpg</b> ([task 1023](https://ls.example.com/projects/42/data?task=1023), \
user 7): 2 regions (Car 1, Dog 1)

</details>

<details open><summary><b>Other changes</b>: 2 tasks</summary>

- <b>2&#46;jpg</b> ([task 21](https://ls.example.com/projects/42/data?task=21), \
user 7): data: image changed; annotation 210 by user 7: regions reordered

… and 1 more

</details>

The page that `ls-dvc diff --html` writes shows all of it.
"""

BODY = """\
tasks 6 -> 6, annotations 5 -> 5
classes: Road 1 -> 0 (-1), Dog 0 -> 3 (+3)
label config: label added to box: Cat
class ids: image: + Cat
annotators: user 7 (5 tasks), user 9 (1 task)
"""


def test_a_week_in_words() -> None:
    diff = a_week()
    assert plain_text.text(diff, NAMES) == TEXT
    assert pull_request_comment(diff, NAMES, link, limit=1) == MARKDOWN
    assert plain_text.commit_body(diff) == BODY
    assert plain_text.summary(diff) == "+1 ~4 -1 tasks, label config"
    assert plain_text.stat(diff) == (
        "1 task added, 1 removed, 4 changed; label config changed; class ids image: + Cat"
    )


def test_text_with_addresses() -> None:
    shown = plain_text.text(a_week(), NAMES, link)
    assert f"regions reordered\n      {link(21)}\n" in shown
    assert shown.count("https://") == 6


def test_no_difference() -> None:
    diff = difference([boxed(1)], [boxed(1)])
    assert plain_text.text(diff, NAMES) == "labels v1 -> v2: no labels changed\n"
    assert plain_text.stat(diff) == plain_text.summary(diff) == "no labels changed"
    assert pull_request_comment(diff, NAMES) == "**No labels changed** (v1 → v2)\n"
    assert plain_text.commit_body(diff) == ""


# --- one change at a time


def line(old: Raw, new: Raw) -> str:
    """What is said of the one task, as a sentence for each annotation."""
    (change,) = difference([old], [new]).tasks
    return "\n".join(wording.task(change, wording.Style()))


def answered(kind: str, value: object, **fields: Any) -> Raw:
    key = "text" if kind == "textarea" else kind
    return region(kind, {key: value}, from_name="note", **{"id": "n", **fields})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([], [answered("textarea", ["a\ndog"])], "note “a dog” added (n)"),
        ([answered("rating", 3)], [answered("rating", 4)], "note 3 -> 4 (n)"),
        ([answered("number", 0)], [], "note 0 removed (n)"),
        (
            [answered("taxonomy", [["Animal", "Dog"]])],
            [answered("taxonomy", [["Animal", "Cat"], ["Plant"]])],
            "note Animal / Dog -> Animal / Cat, Plant (n)",
        ),
        (
            [answered("textarea", ["dog"])],
            [answered("textarea", ["dog"], score=1)],
            "note “dog” changed (n)",
        ),
        (
            [answered("textarea", ["long " * 30 + "tail of a dog"])],
            [answered("textarea", ["long " * 30 + "tail of a cat\x1b[2J"])],
            "note “…g tail of a dog” -> “…g tail of a cat\\x1b[2J” (n)",
        ),
        (
            [box(0, 0, 9, 9)],
            [box(0, 0, 9, 9, "Car", "Dog")],
            "box Car -> Car, Dog at 0,0 58×43 px (r1)",
        ),
        (
            [box(0, 0, 9, 9)],
            [box(0, 0, 9, 9, None)],
            "box Car -> no label at 0,0 58×43 px, other changes (r1)",
        ),
        (
            [box(0, 0, 10, 10)],
            [box(0, 0, 5, 10, "Dog")],
            "box Car -> Dog at 0,0 32×48 px resized, IoU 0.50 (r1)",
        ),
        ([box(0, 0, 9, 9)], [box(0, 0, 9, 9, score=1)], "box Car at 0,0 58×43 px changed (r1)"),
        ([box(0, 0, 9, 9)], [], "box Car at 0,0 58×43 px removed (r1)"),
        ([], [relation("a", "b")], "relation a -> b added"),
        ([None], ["junk"], "#0 changed"),
        (
            [box(0, 0, 10, 10), {**choice("Sun", id="r1"), "value": {"x": 1, "choices": ["Sun"]}}],
            [box(0, 0, 5, 10), {**choice("Sun", id="r1"), "value": {"x": 2, "choices": ["Sun"]}}],
            "box Car at 0,0 32×48 px resized, IoU 0.50 (r1)",
        ),
        (
            [box(0, 0, 9, 9), choice("Sun", id="r1"), choice("Sun", id="c")],
            [box(0, 0, 9, 9, "Dog"), choice("Rain", id="r1"), choice("Rain", id="c")],
            "box Car -> Dog at 0,0 58×43 px (r1); weather Sun -> Rain (r1); Sun -> Rain (c)",
        ),
    ],
)
def test_regions_in_words(old: list[Any], new: list[Any], expected: str) -> None:
    assert line(boxed(1, *old), boxed(1, *new)) == f"annotation 10 by user 7: {expected}"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"was_cancelled": True}, "10 by user 7: skipped"),
        ({"ground_truth": True, "lead_time": 1}, "10 by user 7: ground_truth, lead_time changed"),
        ({"completed_by": None}, "10: completed_by changed"),
    ],
)
def test_annotations_in_words(fields: Raw, expected: str) -> None:
    old, new = task(1, annotation()), task(1, annotation(**fields))
    assert line(old, new) == f"annotation {expected}"


def test_tasks_in_words() -> None:
    old, new = task(1, meta={"a": 1}), task(1, inner_id=5, predictions=[{"id": 1}])
    assert line(old, new).split("\n") == [
        "meta: a changed",
        "task: inner_id changed",
        "predictions changed",
    ]
    back = line(task(1, annotation(was_cancelled=True)), task(1, annotation()))
    assert back == "annotation 10 by user 7: no longer skipped"
    added = plain_text.text(difference([], [task(5), boxed(6)]), NAMES)
    assert "  + task 5  pic5.jpg\n      no annotations\n  + task 6  pic6.jpg\n" in added
    assert "pic6.jpg\n      annotation 60 by user 7 added: empty\n" in added


def test_a_label_of_two_controls_is_listed_with_its_control() -> None:
    diff = difference([], [boxed(1, box(1, 1, 2, 2), polygon([[1, 1], [2, 2], [1, 2]], "Car"))])
    assert "classes: area/Car 0 -> 1 (+1), box/Car 0 -> 1 (+1)" in plain_text.commit_body(diff)


def test_reused_ids_are_a_warning() -> None:
    one, other, less = (Classes.of({"image": list(names)}) for names in ("AB", "BA", "A"))
    moved = made(registry=registry_change(one, other))
    warning = "WARNING: image: id 0 was A and is now B"
    assert warning in plain_text.text(moved, NAMES)
    assert warning in plain_text.stat(moved)
    assert warning in plain_text.commit_body(moved)
    assert warning in html.unescape(pull_request_comment(moved, NAMES))
    assert plain_text.summary(moved) == "class ids"
    back = made(registry=registry_change(one, less))
    assert "class ids:\n  image: - B\n" in plain_text.text(back, NAMES)


# --- long ones, and harmful ones


def made(
    tasks: Any = (), labels: Any = ({}, {}), config: Any = ("", ""), **parts: Any
) -> LabelDiff:
    sides = [
        DiffSide(name, SnapshotCounts(labels=some)) for name, some in zip("ab", labels, strict=True)
    ]
    parts.setdefault("registry", registry_change(Classes(), Classes()))
    return LabelDiff(*sides, tuple(tasks), config_change(*config), **parts)


def monster(number: int, name: str, size: int = 30) -> TaskChange:
    """A task in which everything changed, and everything has a nasty name."""
    regions = tuple(
        RegionChange(name, f"{name}{at}", "x", ChangeKind.CHANGED, (name,) * 20, (name,) * 30, True)
        for at in range(size)
    )
    some = tuple(
        AnnotationChange(at, 7, ChangeKind.CHANGED, (name,) * 9, regions) for at in range(size)
    )
    return TaskChange(number, ChangeKind.CHANGED, (name,) * 50, (name,) * 50, (), some)


def worst(name: str, count: int, size: int = 150) -> LabelDiff:
    names = [f"{number}{name}" for number in range(size)]
    config = "\n".join(f"{name}{number}" for number in range(2 * size))
    spaces = registry_change(Classes(), Classes.of(dict.fromkeys(names, names)))
    labels = {each: dict.fromkeys(names, 5) for each in names[:50]}
    small = [
        TaskChange(
            at,
            ChangeKind.CHANGED,
            (name,),
            annotations=(AnnotationChange(at, at, ChangeKind.ADDED),),
        )
        for at in range(2, count + 1)
    ]
    return made([monster(1, name, size // 10), *small], ({}, labels), ("", config), registry=spaces)


NASTY = [
    "Car",
    "|" * 90,
    "``` `x` |\n# @someone #1 <b>&amp;\r\x1b[2J\u202e\u2028",
    "\\" * 90,
    "\U0001f600" * 200,
    "\U000e0001" * 200,
    "@" * 200,
    "\ud800</details><!--",
    "x" * 5_000,
]


@pytest.mark.parametrize("name", NASTY)
def test_a_comment_of_any_diff_can_be_posted(name: str) -> None:
    shown = pull_request_comment(worst(name, 5000), (name, name), link, limit=5000)
    assert len(one_line(shown)) < PUSH_OPTION
    outside = without_fences(shown)
    assert outside.count("<details>") == outside.count("</details>") >= 3
    assert "… and " in shown
    assert shown.endswith("shows all of it.\n")


def test_ten_thousand_changed_tasks() -> None:
    old = [boxed(number, box(1, 1, 5, 5)) for number in range(1, 10_001)]
    diff = difference(old, [boxed(each["id"], box(1, 1, 5, 6, "Dog")) for each in old])
    for limit in (0, 20, 10_000):
        assert len(one_line(pull_request_comment(diff, NAMES, link, limit))) < PUSH_OPTION
    shown = pull_request_comment(diff, NAMES, link)
    assert "| **Relabeled** | 10,000 | 10,000 | Car → Dog ×10,000 |" in shown
    assert "<summary><b>Relabeled</b>: 10,000 regions in 10,000 tasks</summary>" in shown
    assert (shown.count("\n- <b>pic"), shown.count("\n… and 9,980 more\n")) == (20, 1)
    assert len(plain_text.text(diff, NAMES).splitlines()) > 10_000, "the text shows all"
    assert len(plain_text.stat(diff)) < 100


def one_line(text: str) -> bytes:
    """As GitLab's push option has it."""
    return text.replace("\n", r"\n").encode()


def without_fences(markdown: str) -> str:
    return re.sub(r"(?ms)^(`{3,})diff$.*?^\1$", "", markdown)


def test_markdown_has_no_markup_from_labels() -> None:
    name = "a|b`c`<img src=x>**d**[e](f) @someone #12 _g_ \\ \n# h & $i$ https://j.k ~l~"
    config = (CONFIG, CONFIG.replace("Car", "```\n</details>\n````"))
    shown = pull_request_comment(
        made([monster(1, name)], ({}, {name: {name: 1}}), config), (name, name), link
    )
    outside = without_fences(shown)
    assert '\n+  <Label value="```' in shown, "as it is, in a fence"
    assert not re.search(r"[@`$\\]|\*\*d|<img|\]\(f|https://j|~l|_g|&amp", outside)
    assert not re.search(r"#(?!\d+;)", outside), "no hash but those of entities"
    rows = [each for each in outside.splitlines() if each.startswith("| ")]
    assert {each.count("|") for each in rows} == {5, 7}
    assert "a|b`c`<img src=x>**d**" in html.unescape(outside)
    assert "@\u200bsomeone #\u200b12" in html.unescape(outside)


def test_a_fence_is_longer_than_any_in_the_config() -> None:
    shown = pull_request_comment(made(config=("", "<a>\n`````\n</a>")), NAMES)
    assert "\n``````diff\n" in shown
    assert shown.rstrip().endswith("\n``````\n\n</details>")


@pytest.mark.parametrize("name", NASTY)
def test_text_holds_no_commands_for_a_terminal(name: str) -> None:
    diff = worst(name, 3, 20)
    for shown in (
        plain_text.text(diff, (name, name), lambda _: name),
        plain_text.stat(diff),
        plain_text.commit_body(diff),
    ):
        kinds = {unicodedata.category(each) for each in shown if each not in "\n\u200b"}
        assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}
        shown.encode()
    assert not re.search("[@#](?!\u200b)", plain_text.commit_body(diff)), "a server would act on it"
    assert len(plain_text.stat(diff).splitlines()) == 1


@SMALL
@given(pair=history.histories(), names=st.tuples(st.text(), st.text()), limit=st.integers(-1, 5))
def test_any_diff_can_be_rendered(
    pair: tuple[list[Raw], list[Raw]], names: tuple[str, str], limit: int
) -> None:
    diff = difference(*pair)
    told = plain_text.text(diff, names)
    for each in diff.tasks:
        assert re.search(rf"^  [+~-] task {each.task}  \S", told, re.MULTILINE)
    assert (plain_text.summary(diff) == "no labels changed") == diff.is_empty
    assert 0 < len(plain_text.stat(diff)) < 5000
    assert 0 < len(pull_request_comment(diff, names, link, limit)) < GITHUB
    plain_text.commit_body(diff).encode()


def test_a_whole_annotation_tells_its_answers() -> None:
    told = line(task(1), boxed(1, box(0, 0, 9, 9), answered("textarea", ["a dog"])))
    assert told == "annotation 10 by user 7 added: 1 region (Car 1), note “a dog”"
    many = [answered("rating", number, id=f"n{number}") for number in range(1, 7)]
    told = line(task(1), boxed(1, *many))
    assert told.endswith("added: note 1, note 2, note 3, note 4, … and 2 more")
