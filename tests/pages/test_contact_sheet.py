"""The contact sheet: a picture of the most changed tasks, the same everywhere, without script."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.browser_page import opened
from support.effort import examples
from support.history import difference
from support.workspace import Workspace

from ls_dvc.labeldiff import LabelDiff
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.task_changes import TaskChange
from ls_dvc.pages import contact_sheet
from ls_dvc.pages.contact_sheet import ContactSheet
from ls_dvc.pages.scenes import AnswerChange, RegionLine, TaskScene, TextRun, TextScene

SVG = "{http://www.w3.org/2000/svg}"


def sheet(space: Workspace, name: str, *options: str) -> bytes:
    space.ls("diff", "--sheet", name, *options)
    return (space.path / name).read_bytes()


def texts(svg: bytes) -> list[str]:
    return ["".join(each.itertext()) for each in ET.fromstring(svg).iter(f"{SVG}text")]


def a_scene(number: int, text: str) -> TaskScene:
    """A task whose every text is the same."""
    return TaskScene(
        task=number,
        title=text,
        kinds=("added",),
        labels=(text,),
        annotators=(text,),
        split="",
        weight=1.0,
        images=(),
        texts=(TextScene("text", (), (TextRun(text, "after", text, (text,)),)),),
        timelines=(),
        answers=(AnswerChange(text, "", text, text, text),),
        lines=(RegionLine(0, ("added",), "", text, text, text),),
        notes=(text,),
    )


def test_a_text_is_shown_where_it_differs() -> None:
    start, word, end = "so long " * 30, "Berlin", " and no further"
    after = (
        TextRun(start, None, "", ()),
        TextRun(word, "after", "Place", ("Place",)),
        TextRun(end, None, "", ()),
    )
    before = (TextRun(start + word + end, None, "", ()),)
    scene = a_scene(1, "x")._replace(texts=(TextScene("text", before, after),))
    shown = texts(contact_sheet.render(ContactSheet(a_diff(1), ("a", "b"), [scene]), {}))
    assert [each for each in shown if word in each] == ["long Berlin and no further"]
    assert "".join(shown).count("long") < 10, "no more than a line of what is in front of it"


def a_diff(count: int) -> LabelDiff:
    nothing = difference([], [])
    tasks = tuple(TaskChange(number, ChangeKind.CHANGED) for number in range(count))
    return LabelDiff(nothing.before, nothing.after, tasks, nothing.label_config, nothing.registry)


def drawn(count: int, text: str) -> bytes:
    scenes = [a_scene(number, text) for number in range(count)]
    return contact_sheet.render(ContactSheet(a_diff(count), (text, text), scenes), {})


def test_what_changed_can_be_seen(two_versions: Workspace) -> None:
    svg = sheet(two_versions, "sheet.svg")
    assert svg == sheet(two_versions, "again.svg"), "the same bytes"
    shown = texts(svg)
    for words in (
        "HEAD → workspace",
        "1 task added, 1 removed, 8 changed",
        "street-02.png",
        "task · 2 · user 7",
        "Car → Bicycle box relabeled",
        "Car box moved, IoU 0.57",
        "weather: Cloudy → Rain",
        "Person → Place span relabeled “Paris”",
        "Anna segment added 15 to 21",
    ):
        assert words in shown, words
    tree = ET.fromstring(svg)
    classes = " ".join(each.get("class", "") for each in tree.iter(f"{SVG}path"))
    assert {"s-before", "s-after", "s-both"} <= set(classes.split())
    hrefs = [each.get("href", "") for each in tree.iter(f"{SVG}image")]
    assert len(hrefs) == 7
    assert all(href.startswith("data:image/jpeg;base64,/9j/") for href in hrefs)
    words = ["".join(each.itertext()) for each in tree.iter(f"{SVG}tspan")]
    assert {"Paris", "Ben"} <= {word.strip() for word in words}


def test_without_images_all_is_drawn_on_blanks(two_versions: Workspace) -> None:
    svg = sheet(two_versions, "bare.svg", "--no-images")
    assert b"<image" not in svg
    assert svg.count(b'class="blank"') == sheet(two_versions, "full.svg").count(b'class="blank"')
    two_versions.ls("diff", "--html", "bare.html", "--no-images")
    assert 'type="text/plain"' not in two_versions.read("bare.html")


def test_it_replaces_no_file_that_is_something_else(two_versions: Workspace) -> None:
    (two_versions.path / "mine.svg").write_text("<svg/>")
    ran = two_versions.ls("diff", "--sheet", "mine.svg", code=1)
    assert "is no page of ls-dvc" in ran.err
    assert two_versions.read("mine.svg") == "<svg/>"


def test_at_most_24_tasks() -> None:
    shown = texts(drawn(100, "x"))
    assert sum(text.startswith("task · ") for text in shown) == contact_sheet.MOST == 24
    assert "100 tasks changed · the 24 with the largest changes" in shown


@settings(max_examples=examples(100), deadline=None)
@given(
    text=st.text(
        st.one_of(
            st.characters(),
            st.sampled_from("<>&'\"\0\x1b\u202e\u2028\ufffe\uffff\ud800"),
            st.sampled_from("漢字ﾊﾝ"),
        ),
        max_size=80,
    )
)
def test_any_text_is_text(text: str) -> None:
    tree = ET.fromstring(drawn(2, text))
    allowed = {"svg", "metadata", "meta", "style", "rect", "text", "tspan", "path", "circle"}
    assert {each.tag.removeprefix(SVG) for each in tree.iter()} <= allowed
    assert not [key for each in tree.iter() for key in each.attrib if key.startswith("on")]
    shown = "".join("".join(each.itertext()) for each in tree.iter(f"{SVG}text"))
    assert shown.isprintable()


def test_a_wide_text_is_cut() -> None:
    for text in ("x" * 500, "漢" * 500, "ab " * 200):
        lines = [line for line in texts(drawn(1, text)) if len(line) > 20]
        widths = [2 * line.count("漢") + len(line.replace("漢", "")) for line in lines]
        assert max(widths) <= 2 * 41, "the title of the sheet has two columns"


def test_in_a_browser(two_versions: Workspace, browser: Any) -> None:
    sheet(two_versions, "shown.svg")
    with opened(browser, two_versions.path / "shown.svg", (900, 1400)) as found:
        assert found.page.evaluate("window.hacked") is None
        assert found.problems == []
        assert all(re.match("file:|data:image/jpeg", each) for each in found.requests)
        before = found.page.evaluate(
            "getComputedStyle(document.querySelector('.shape.s-before')).strokeDasharray"
        )
        after = found.page.evaluate(
            "getComputedStyle(document.querySelector('.shape.s-after')).strokeDasharray"
        )
        assert (before, after) == ("6px, 4px", "none")


@pytest.mark.parametrize("option", ["--html", "--sheet"])
def test_a_folder_is_no_file(two_versions: Workspace, option: str) -> None:
    two_versions.ls("diff", option, ".", code=2)
