"""What notebooks and consoles show of versions, a diff, tasks and one task."""

from __future__ import annotations

import base64
import copy
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from support import changed_labels
from support.changed_labels import HOSTILE, TEXT
from support.notebook import fragments_of
from support.workspace import Workspace
from test_change_page import Text

import ls_dvc
from ls_dvc.api.views import VersionDiff, VersionList
from ls_dvc.errors import LsDvcError
from ls_dvc.history.log import VersionEntry
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.task_changes import TaskChange
from ls_dvc.labels import label_config
from ls_dvc.pages import drawings, fragments
from ls_dvc.pages.drawings import LabelColors
from ls_dvc.pages.scenes import DrawnShape, ImageScene
from ls_dvc.pages.whole_scenes import whole_scene

CONFIG = label_config.parse(changed_labels.CONFIG, "test")
# What JupyterLab keeps of HTML that it does not trust (its sanitizer.ts), as far as used here.
KEPT = {
    *("b", "bdi", "code", "details", "div", "img", "li", "p", "span", "summary", "sup", "table"),
    *("td", "th", "tr", "ul"),
}
DATA = "data:image/svg+xml;base64,"


def words(html: str) -> str:
    return " ".join(" ".join(Text(html).text).split())


def drawn(html: str) -> list[ET.Element]:
    """The drawings in a fragment; each is well-formed XML."""
    sources = [tag["src"] for name, tag in Text(html).tags if name == "img"]
    assert all(source.startswith(DATA) for source in sources)
    return [ET.fromstring(base64.b64decode(s.removeprefix(DATA))) for s in sources]


def count(svg: ET.Element, tag: str) -> int:
    return len(list(svg.iter(f"{{http://www.w3.org/2000/svg}}{tag}")))


@pytest.fixture(scope="module")
def folder(two_versions: Workspace) -> Path:
    return two_versions.path


# --- each of them


def test_versions(folder: Path) -> None:
    found = ls_dvc.versions(folder=folder)
    (entry,) = found
    assert repr(found) == f"{entry.rev[:9]} {entry.date[:10]} 9 tasks +9 First labels"
    assert f"{entry.rev[:9]} {entry.date[:10]} 9 9 +9 First labels" in words(found._repr_html_())


def test_a_long_list_of_versions() -> None:
    one = VersionEntry(
        *(
            "f" * 40,
            "2026-01-02T03:04:05+00:00",
            "Ann",
            "<b>Labels</b>\x1b",
            ("v1",),
            "labels.lock",
        ),
        *(12_345, 6, 0, 2, None, "c" * 64),
    )
    found = VersionList([one] * 30)
    assert repr(found).splitlines()[0] == (
        "fffffffff 2026-01-02 12,345 tasks ~2 (v1) <b>Labels</b>\\x1b"
    )
    assert repr(found).splitlines()[-1] == "… and 10 more"
    assert "… and 10 more; `ls-dvc log` shows all" in words(found._repr_html_())
    assert (repr(VersionList()), words(VersionList()._repr_html_())[-11:]) == (
        "no versions",
        "no versions",
    )


def test_a_diff(folder: Path) -> None:
    found = ls_dvc.diff(folder=folder)
    assert repr(found).startswith("<labels HEAD -> workspace: 1 task added, 1 removed, 8 changed")
    text = words(found._repr_html_())
    for each in (
        "1 task added, 1 removed, 8 changed",
        "Bicycle object 0 2 +2",
        "1 changed street-01.png annotation 101 by user 7: object Car at 399,250 94×39 px moved",
        "7 added street-07.png annotation 107",
    ):
        assert each in text
    assert [each.task for each in found.most_changed] == [1, 3, 2, 5, 20, 30, 40, 4, 7, 6]


def test_tasks_of_a_version(folder: Path) -> None:
    found = ls_dvc.load(folder=folder)
    assert re.fullmatch(r"<9 tasks of workspace \(labels [0-9a-f]{12}\)>", repr(found))
    assert len(found) == len(list(found)) == len(list(found)) == 9, "a second reading has all, too"
    text = words(found._repr_html_())
    assert "1 street-01.png 1 Car 2, Person 2, Road 1, Rain 1" in text
    assert "20 Anna Schmidt moved from Berlin" in text


def test_an_image(folder: Path) -> None:
    found = ls_dvc.show(1, folder=folder)
    assert repr(found).startswith("<task 1 (street-01.png) in workspace: Car 2, Person 2, Road 1")
    (svg,) = drawn(found.html)
    assert svg.get("viewBox") == "0 0 640 400"
    assert (count(svg, "image"), count(svg, "path"), count(svg, "text")) == (1, 5, 5)
    assert "weather Rain" in words(found.html)


def test_a_task_that_was_loaded(folder: Path) -> None:
    task = next(iter(ls_dvc.load("HEAD", folder=folder)))
    assert ls_dvc.show(task, "HEAD", folder=folder) == ls_dvc.show(1, "HEAD", folder=folder)
    task["annotations"] = []
    bare = ls_dvc.show(task, "HEAD", folder=folder)
    assert "no annotations" in words(bare.html)
    assert count(drawn(bare.html)[0], "path") == 0


def test_an_image_that_is_not_here_is_a_blank_of_its_size() -> None:
    task = {"id": 1, **copy.deepcopy(changed_labels.before()[1])}
    html = fragments.of_task(whole_scene(task, CONFIG, {}), {}, CONFIG, "in v1")
    (svg,) = drawn(html)
    assert (svg.get("width"), svg.get("height")) == ("560", "350")
    assert (count(svg, "image"), count(svg, "path")) == (0, 5)


def test_a_text(folder: Path) -> None:
    found = ls_dvc.show(20, folder=folder)
    assert drawn(found.html) == []
    spans = re.findall(r'<span title="(\w+)" style="[^"]*">([^<]*)</span>', found.html)
    assert spans == [
        ("Person", "Anna Schmidt"),
        ("Place", "Berlin"),
        ("Place", "Paris"),
        ("Person", "Ben"),
    ]
    assert repr(found).endswith(" in workspace: Person 2, Place 2>")


def test_a_recording(folder: Path) -> None:
    (svg,) = drawn(ls_dvc.show(30, folder=folder).html)
    assert ["".join(each.itertext()) for each in svg if each.tag.endswith("text")] == [
        *("Anna", "Ben", "0", "30 s")
    ]


def test_a_recording_without_a_segment() -> None:
    task = {"id": 1, "data": {"audio": "/a.wav"}, "annotations": []}
    (scene,) = whole_scene(task, CONFIG, {}).timelines
    assert (scene.length, scene.segments) == (0.0, ())
    assert "length not known" in drawings.timeline(scene, LabelColors(CONFIG)).svg


def test_choices_alone() -> None:
    config = label_config.parse(
        '<View><Text name="text" value="$text"/><Choices name="mood" toName="text">'
        '<Choice value="good"/></Choices></View>',
        "test",
    )
    choice = changed_labels.region("c", "mood", "choices", "text", choices=["good"])
    task = {"id": 3, "data": {"text": TEXT}, "annotations": [changed_labels.done(4, [choice])]}
    html = fragments.of_task(whole_scene(task, config, {}), {}, config, "in v1")
    assert "question answer mood good" in words(html)
    assert TEXT in words(html)


def test_what_changed_in_a_task(folder: Path) -> None:
    found = ls_dvc.show(1, since="HEAD", folder=folder)
    (svg,) = drawn(found.html)
    dashed = [each for each in svg.iter() if each.get("stroke-dasharray")]
    assert (len(dashed), count(svg, "text")) == (2, 2)
    assert "weather Cloudy Rain Car box moved, IoU" in words(found.html)
    assert repr(found) == "<task 1 (street-01.png) HEAD → workspace: moved, resized, answer>"
    unchanged = ls_dvc.show(1, "HEAD", since="HEAD", folder=folder)
    assert "in HEAD; unchanged since HEAD" in words(unchanged.html)


def test_a_task_that_is_in_no_version(folder: Path) -> None:
    for rev in (None, "HEAD"):
        with pytest.raises(LsDvcError, match="there is no task 6000 in"):
            ls_dvc.show(6000, since=rev, folder=folder)
    with pytest.raises(TypeError):
        ls_dvc.show("1", folder=folder)  # type: ignore[arg-type]


# --- all of them


def test_they_are_the_same_every_time_and_survive_sanitizers(
    folder: Path, all_fragments: list[str]
) -> None:
    assert all_fragments == fragments_of(folder)
    for html in all_fragments:
        tags = Text(html).tags
        assert {name for name, _ in tags} <= KEPT
        keys = {key for _, tag in tags for key in tag}
        assert keys <= {"style", "title", "src", "width", "height", "alt", "colspan"}


def test_hostile_text_stays_text(folder: Path, all_fragments: list[str]) -> None:
    shown = HOSTILE.replace("\u202e", "\\u202e")
    html = ls_dvc.show(40, folder=folder).html
    assert "".join(Text(html).text).count(shown) >= 3
    assert "\u202e" not in "".join(all_fragments)


def test_a_label_is_drawn_whatever_its_characters() -> None:
    name = f"</text>\0\ud800\ufffe{HOSTILE}"[: drawings.LONGEST_LABEL]
    shape = DrawnShape("both", "M0 0L9 9z", name, 0, "")
    scene = ImageScene("image", "", None, 40.0, 30.0, True, (shape,))
    drawing = drawings.image(scene, None, LabelColors(CONFIG))
    found = ET.fromstring(drawing.svg)
    assert "".join(found.itertext()).strip().startswith("</text>\\x00?\\ufffe</scr")


def test_a_class_has_one_color_in_all_drawings() -> None:
    colors = {LabelColors(CONFIG, others).of("Car") for others in ((), ("Zebra",), ("Aa", "Zebra"))}
    assert len(colors) == 1
    assert LabelColors(CONFIG, ("Aa",)).of("Aa") != LabelColors(CONFIG).of("Car")


def test_a_diff_of_ten_thousand_tasks_is_small(folder: Path) -> None:
    one = ls_dvc.diff(folder=folder)
    tasks = tuple(
        TaskChange(number, ChangeKind.CHANGED, name="n" * 120, data=("d" * 500,) * 50)
        for number in range(10_000)
    )
    many: VersionDiff = replace(one, tasks=tasks)
    html = many._repr_html_()
    assert len(html) < 60_000
    assert "… and 9,985 more tasks; `ls-dvc diff HEAD --html changes.html` shows all" in words(html)


def test_a_task_of_thousands_of_regions_is_small() -> None:
    regions = [
        changed_labels.region(
            *(f"r{n}", "object", "rectanglelabels"),
            x=n % 90,
            y=n // 90 % 90,
            width=5,
            height=5,
            rectanglelabels=[f"Car {n}" + "x" * 1000],
        )
        for n in range(20_000)
    ]
    task = {"id": 1, "data": {"image": "data:" + "A" * 10**6}}
    task["annotations"] = [changed_labels.done(1, regions)]
    html = fragments.of_task(whole_scene(task, CONFIG, {}), {}, CONFIG, "in v1")
    assert len(html) < 2_000_000
    assert re.search(r"[\d,]+ regions are too many to draw", words(html))
    assert "… and 19,960 more regions" in words(html)
