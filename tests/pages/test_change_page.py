"""The page of a change: what is in it, that it asks for nothing, and that all text stays text."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from support import changed_labels
from support.changed_labels import done, region
from support.workspace import Workspace

from ls_dvc import labeldiff
from ls_dvc.commands.diff import open_versions
from ls_dvc.commands.diff_page import config_of, write_diff_page
from ls_dvc.history.open_snapshot import EMPTY
from ls_dvc.io.canonical_json import line
from ls_dvc.labels import canonical, label_config
from ls_dvc.pages import cards, scenes
from ls_dvc.pages.change_page import ChangePage, render
from ls_dvc.pages.scenes import TaskScene
from ls_dvc.pages.task_scenes import ScenePlan, task_scene
from ls_dvc.progress import Silent
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import open_workspace

PLAN = ScenePlan(label_config.parse(changed_labels.CONFIG, "test"), lambda _: "")


def scene(number: int, config: ScenePlan = PLAN) -> TaskScene:
    """The scene of one of the tasks of `changed_labels`."""
    versions = (changed_labels.before(), changed_labels.after())
    old, new = (
        json.loads(line(canonical.task({"id": number, **tasks[number]})))
        if number in tasks
        else None
        for tasks in versions
    )
    change = labeldiff.task_changes(old, new)
    assert change is not None
    return task_scene(change, old, new, {}, config)


class Text(HTMLParser):
    """The text outside of scripts and styles, and every tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.inside = list[str](), list[tuple[str, dict[str, Any]]](), ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.inside = tag if tag in ("script", "style") else self.inside
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        self.text += [] if self.inside else [data]


def page(space: Workspace, name: str = "page.html", *options: str) -> str:
    space.ls("diff", "--html", name, *options)
    return space.read(name)


# --- scenes


def test_where_only_an_answer_differs_what_it_is_about_is_shown() -> None:
    def answered(answer: str) -> Any:
        what = region("c", "caption", "textarea", text=[answer])
        data = {"image": "/data/upload/1/a.png", "text": "A text.", "audio": "/data/upload/1/a.wav"}
        return canonical.task({"id": 1, "data": data, "annotations": [done(10, [what])]})

    old, new = answered("a dog"), answered("a cat")
    change = labeldiff.task_changes(old, new)
    assert change is not None
    found = task_scene(change, old, new, {}, PLAN)
    assert [image.address for image in found.images] == ["/data/upload/1/a.png"]
    assert [run.text for text in found.texts for run in text.after] == ["A text."]
    made = cards.card(found, 0, {"": 0}, "").html.decode()
    assert made.count("A text.") == 1, "what is the same is shown once"
    assert [line.address for line in found.timelines] == ["/data/upload/1/a.wav"]
    assert [(each.before, each.after) for each in found.answers] == [("a dog", "a cat")]


def test_a_box_that_moved_and_one_that_grew() -> None:
    found = scene(1)
    assert [(each.kinds, each.label_after) for each in found.lines] == [
        (("moved",), "Car"),
        (("resized",), "Car"),
    ]
    (image,) = found.images
    sides = [shape.side for shape in image.shapes]
    assert (sides.count("before"), sides.count("after"), image.is_size_known) == (2, 2, True)
    assert sides.count("both") == len(sides) - 4
    assert [(a.control, a.before, a.after) for a in found.answers] == [
        ("weather", "Cloudy", "Rain")
    ]
    assert set(found.kinds) == {"moved", "resized", "answer"}


def test_a_label_that_became_another() -> None:
    found = scene(2)
    assert [(each.label_before, each.label_after) for each in found.lines] == [
        ("Car", "Bicycle"),
        ("Person", ""),
    ]
    assert scenes.relabels([found, scene(20)]) == {("Car", "Bicycle"): 1, ("Person", "Place"): 1}


def test_every_shape_is_drawn() -> None:
    labels = {shape.label for n in (3, 4) for image in scene(n).images for shape in image.shapes}
    assert {"Wheel", "Head", "Bicycle", "Sky"} <= labels


def test_a_long_text_shows_the_same_part_before_and_after() -> None:
    text = "x " * 2500
    spans = [
        region(name, "entity", "labels", "text", start=at, end=at + 1, text="x", labels=["Person"])
        for name, at in (("one", 0), ("two", 4000))
    ]
    old, new = (
        canonical.task({"id": 1, "data": {"text": text}, "annotations": [done(10, each)]})
        for each in (spans[:1], spans)
    )
    change = labeldiff.task_changes(old, new)
    assert change is not None
    (found,) = task_scene(change, old, new, {}, PLAN).texts
    before, after = ("".join(run.text for run in side) for side in (found.before, found.after))
    assert before == after
    assert len(after) < 400


def test_a_text_in_runs() -> None:
    (text,) = scene(20).texts
    assert "".join(run.text for run in text.before) == changed_labels.TEXT
    marked = [(run.text, run.label, run.side) for run in text.after if run.side]
    assert marked == [
        ("Anna Schmidt", "Person", "both"),
        ("Berlin", "Place", "both"),
        ("Paris", "Place", "after"),
        ("Ben", "Person", "after"),
    ]


def test_segments_of_a_recording() -> None:
    found = scene(30)
    (timeline,) = found.timelines
    assert (timeline.length, timeline.unit) == (30.0, "s")
    assert [(each.side, each.start, each.end) for each in timeline.segments] == [
        ("before", 0.5, 6.0),
        ("after", 0.5, 7.25),
        ("both", 8.0, 12.0),
        ("after", 15.0, 21.0),
    ]
    assert found.lines[0].words == "segment resized 0.5 to 6 → 0.5 to 7.25"


def test_tasks_that_came_and_went_show_everything() -> None:
    for number, side in ((6, "before"), (7, "after")):
        (image,) = scene(number).images
        assert {shape.side for shape in image.shapes} == {side}


# --- the page


def test_the_same_versions_are_the_same_bytes(two_versions: Workspace) -> None:
    assert page(two_versions) == page(two_versions, "again.html")


def test_all_that_changed_is_in_it(two_versions: Workspace) -> None:
    found = Text(page(two_versions))
    text = " ".join(" ".join(found.text).split())
    for words in (
        "1 task added, 1 removed, 8 changed",
        "Car box moved, IoU",
        "Car → Bicycle box relabeled",
        "span relabeled “Paris”",
        "street-01.png",
        "Head key point added",
        "Sky mask added",
    ):
        assert words in text, words
    assert {tag["id"] for name, tag in found.tags if name == "article"} == {
        f"t{number}" for number in (1, 2, 3, 4, 5, 6, 7, 20, 30, 40)
    }


def test_pinned_images_are_in_it_as_far_as_they_fit(two_versions: Workspace) -> None:
    path = two_versions.path / "small.html"
    pictures = re.compile(r'<script type="text/plain" id="m[0-9a-f]{32}">')
    opened = open_workspace(two_versions.path)
    whole = write_diff_page(opened, "HEAD", None, path, 25_000_000, Silent())
    assert len(pictures.findall(path.read_text())) == whole.images == 7
    limit = whole.size - 20_000
    small = write_diff_page(opened, "HEAD", None, path, limit, Silent())
    assert (0 < small.images < 7, small.size <= limit, small.images_left_out) == (
        True,
        True,
        7 - small.images,
    )


@pytest.mark.parametrize("command", ["diff", "report"])
def test_files_of_others_stay(two_versions: Workspace, command: str) -> None:
    before = two_versions.read("params.yaml")
    ran = two_versions.ls(command, "--html", "params.yaml", code=1)
    assert "is no page of ls-dvc" in ran.err
    assert two_versions.read("params.yaml") == before


def test_it_asks_for_nothing(two_versions: Workspace) -> None:
    html = page(two_versions)
    found = Text(html)
    (policy,) = [
        tag["content"] for name, tag in found.tags if tag.get("http-equiv") and name == "meta"
    ]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert not [tag for _, tag in found.tags if "src" in tag or "style" in tag or "srcset" in tag]
    assert not [key for _, tag in found.tags for key in tag if key.startswith("on")]
    links = {tag["href"] for name, tag in found.tags if "href" in tag}
    assert all(link.startswith(("#", "http://fake/projects/")) for link in links)


def test_hostile_text_stays_text(two_versions: Workspace) -> None:
    html = page(two_versions)
    found = Text(html)
    scripts = [tag for name, tag in found.tags if name == "script"]
    assert len(scripts) == 2 + html.count('<script type="text/plain"')
    assert not [name for name, _ in found.tags if name == "img"]
    words = changed_labels.HOSTILE.replace("\u202e", "\\u202e")
    assert "".join(found.text).count(words) >= 4
    (data,) = re.findall(r'id="data">(.*?)</script>', html, re.DOTALL)
    assert words in json.loads(data)["labels"]


# --- bounds


def shown(found: list[TaskScene], max_size: int, *warnings: str) -> tuple[str, int]:
    """The page of scenes without images, and how many of them are on it."""
    diff = labeldiff.compare(EMPTY, EMPTY)
    page = ChangePage(diff, ("a", "b"), found, warnings=warnings)
    rendered = render(page, max_size, lambda *_: {})
    assert len(rendered.content) <= max_size
    return rendered.content.decode(), rendered.tasks


def test_a_page_has_as_many_tasks_as_fit() -> None:
    found = [scene(1)._replace(task=number) for number in range(1, 201)]
    html, tasks = shown(found, 100_000)
    assert 20 < tasks < 180
    assert html.count("<article ") == tasks
    assert f"{200 - tasks} more tasks differ" in html
    assert "more tasks differ" not in shown(found, 1_000_000)[0]


def test_a_drawing_without_bounds_is_left_out() -> None:
    (image,) = scene(1).images
    path = "M0 0" + "H1V1" * 300_000
    noise = image._replace(shapes=(image.shapes[0]._replace(path=path),))
    html, tasks = shown([scene(1)._replace(images=(noise,)), scene(2)], 25_000_000)
    assert (tasks, html.count(cards.NOT_DRAWN)) == (2, 1)
    assert len(html) < 100_000


def test_a_card_has_few_elements() -> None:
    """A browser takes ten thousand of them; the script makes the others near the screen."""
    html, _ = shown([scene(1)], 100_000)
    card = html[html.index("<article ") : html.index("</article>")]
    assert len(Text(card).tags) <= 12


def test_a_label_config_that_cannot_be_read_is_told(two_versions: Workspace) -> None:
    class Broken(SnapshotFolder):
        def config(self) -> str:
            return "<View><Broken"

    opened = open_workspace(two_versions.path)
    with open_versions(opened, "HEAD", None) as versions:
        known = config_of(Broken(versions.after.source, versions.after.manifest), versions.before)
    assert "cannot be" in known.warnings[0] or "not well-formed" in known.warnings[0]
    assert known.config.controls
    assert known.warnings[0] in html.unescape(shown([], 100_000, *known.warnings)[0])


@pytest.mark.parametrize("command", [["diff"], ["report"]])
def test_the_same_bytes_whatever_the_machine(two_versions: Workspace, command: list[str]) -> None:
    for number, env in enumerate(
        (
            {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Asia/Tokyo"},
            {"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "COLUMNS": "40"},
        )
    ):
        two_versions.ls(*command, "--html", f"machine-{number}.html", **env)
    assert two_versions.read("machine-0.html") == two_versions.read("machine-1.html")


# --- relations


def test_a_relation_is_an_arrow_between_regions() -> None:
    boxes = [
        region(name, "object", "rectanglelabels", x=x, y=10, width=10, height=10, rotation=0)
        for name, x in (("b1", 10), ("b2", 60))
    ]
    arrow = {"type": "relation", "from_id": "b1", "to_id": "b2", "direction": "right"}
    old, new = (
        json.loads(line(canonical.task({"id": 1, "data": {}, "annotations": [done(1, result)]})))
        for result in (boxes, [*boxes, {**arrow, "labels": ["next to"]}])
    )
    change = labeldiff.task_changes(old, new)
    assert change is not None
    found = task_scene(change, old, new, {}, PLAN)
    (drawn,) = [shape for shape in found.images[0].shapes if shape.is_relation]
    assert (drawn.side, drawn.label) == ("after", "next to")
    assert drawn.path.startswith("M96 60H416M")
    assert found.lines[0].words == "relation added: box → box, next to"
