"""Class ids: append-only, asked for, renamed, and never another's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import projects
from support.projects import box, boxed
from support.traffic import CONFIG
from support.traffic import box as region
from support.workspace import make

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import LsDvcError
from ls_dvc.labeldiff.config_changes import registry_change
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.server.admin import Admin

KNOWN = Classes.of({"image": ["Auto", "Person"]})


def test_a_rename_keeps_the_id_and_the_old_regions() -> None:
    now = KNOWN.renaming({"Auto": "Car"})
    assert now.names("image") == ("Car", "Person")
    assert now.ids("image") == {"Car": 0, "Person": 1, "Auto": 0}
    assert now.renaming({"Auto": "Car"}) == now
    assert now.extended({"image": ["Car", "Auto", "Dog"]}).names("image") == (
        "Car",
        "Person",
        "Dog",
    )
    assert Classes.of(json.loads(json.dumps(now.document()))) == now
    raw = [boxed(1, box(1, 1, 2, 2, "Auto"), box(1, 1, 2, 2, "Car", id="r2"))]
    found = projects.convert("COCO", raw, classes=now).json()["annotations"]
    assert [each["category_id"] for each in found] == [1, 1]


def test_a_rename_of_a_rename() -> None:
    now = KNOWN.renaming({"Auto": "Car"}).renaming({"Car": "Vehicle"})
    assert now.names("image") == ("Vehicle", "Person")
    assert now.ids("image")["Auto"] == now.ids("image")["Car"] == 0


def test_a_rename_that_comes_too_late() -> None:
    with pytest.raises(LsDvcError, match="Auto cannot become Person, which has an id of its own"):
        KNOWN.renaming({"Auto": "Person"})


def test_a_rename_of_what_was_never_there() -> None:
    assert KNOWN.renaming({"Tram": "Train"}) == KNOWN


ASKING = (
    '<View><Image name="i" value="$i"/><RectangleLabels name="b" toName="i">'
    '<Label value="Car" category="3"/><Label value="Dog"/><Label value="Cat" category="1"/>'
    '<Label value="Odd" category="x"/></RectangleLabels></View>'
)


def test_ids_that_the_config_asks_for() -> None:
    """The SDK's converter writes a classes.txt that does not match such ids."""
    config = label_config.parse(ASKING, "it")
    assert config.class_ids() == {"image": {"Car": 3, "Cat": 1}}
    made = Classes().extended(config.classes(), config.class_ids())
    assert made.names("image") == ("(unused 0)", "Cat", "(unused 2)", "Car", "Dog", "Odd")
    assert made.extended(config.classes(), config.class_ids()) == made
    later = made.extended({"image": ["Car", "New"]}, {"image": {"New": 0}})
    assert later.names("image")[0] == "New", "an id that nobody had"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"Person": 0}, "0 for Person, but Person has 1"),
        ({"Dog": 1}, "1 for Dog, but Person has it"),
    ],
)
def test_ids_that_clash(wanted: dict[str, int], words: str) -> None:
    with pytest.raises(LsDvcError, match=words):
        KNOWN.extended({"image": list(wanted)}, {"image": wanted})


NAMES = st.lists(st.sampled_from("ABCDEFGH"), unique=True)


@given(st.lists(NAMES, max_size=5), st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(0, 9)))
def test_ids_are_unique_and_never_move(versions: list[list[str]], wanted: dict[str, int]) -> None:
    known, seen = Classes(), dict[str, int]()
    for names in versions:
        asked = {name: number for name, number in wanted.items() if name in names}
        try:
            known = known.extended({"image": names}, {"image": asked})
        except LsDvcError:
            continue
        ids = known.ids("image")
        assert len(set(ids.values())) == len(ids)
        assert seen.items() <= ids.items()
        seen = {name: number for name, number in ids.items() if not name.startswith("(")}


def test_a_rename_is_told_and_is_no_damage() -> None:
    now = KNOWN.renaming({"Auto": "Car"})
    for change in (registry_change(KNOWN, now), registry_change(now, KNOWN)):
        assert change.changed
        assert not change.reused
        assert len(change.renamed["image"]) == 1
    asked = Classes.of({"image": ["(unused 0)", "Cat"]})
    taken = asked.extended({"image": ["Dog"]}, {"image": {"Dog": 0}})
    assert not registry_change(asked, taken).reused
    assert registry_change(KNOWN, Classes.of({"image": ["Car", "Person"]})).reused, "not declared"


def test_a_rename_with_the_real_thing(
    tmp_path: Path, studio: LocalServer, admin: Admin, make_project: Callable[..., int]
) -> None:
    task = {"data": {"image": "/x/a.jpg"}, "annotations": [{"result": [region(1)]}]}
    project = make_project(label_config=CONFIG, tasks=[task])
    space = make(tmp_path / "repo", studio.url, studio.api_key, project, "COCO")
    space.ls("update")
    with (space.path / "params.yaml").open("a") as out:
        out.write("  classes: {rename: {Car: Vehicle}}\n")
    assert space.ls("update").out.startswith("pinned"), "no label moved, but a name did"
    assert space.ls("update").out.startswith("no labels changed")
    assert "renamed:" in space.read("labels.lock")
    space.ls("export")
    space.ls("convert")
    found = json.loads(space.read("data/dataset/COCO/result.json"))
    assert found["categories"][0] == {"id": 1, "name": "Vehicle"}
    assert found["annotations"][0]["category_id"] == 1
    admin.patch_project(
        project,
        label_config=CONFIG.replace(
            "</RectangleLabels>", '<Label value="Vehicle"/></RectangleLabels>'
        ),
    )
    space.ls("update")
    space.ls("export")
    assert json.loads(space.read("data/snapshot/classes.json"))["image"] == ["Vehicle", "Person"]


def test_an_id_that_the_config_skipped_is_no_class() -> None:
    """`category` from 1: a list of names has a placeholder for 0, which labels nothing."""
    classes = Classes().extended({"image": ["Car"]}, {"image": {"Car": 1}})
    assert classes.names("image") == ("(unused 0)", "Car")
    assert classes.used("image") == [(1, "Car")]
    assert classes.ids("image") == {"Car": 1}
    out = projects.convert("YOLO", [boxed(1, box(1, 1, 2, 2, "(unused 0)"))], classes=classes)
    assert out.reasons == [(1, None, "nothing-left"), (1, "r1", "unknown-label")]
