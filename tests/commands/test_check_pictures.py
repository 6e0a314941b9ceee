"""LD806 with pinned pictures: those on this machine are compared, and the stage leaves it out."""

from __future__ import annotations

import json
import shutil

import pytest
from support.drawn_pictures import CHANGES, drawn, saved
from support.media_pins import pin_media, with_media
from support.workspace import Workspace

PICTURES = [
    saved(drawn(1)),
    saved(drawn(2)),
    saved(CHANGES["brighter"](drawn(1)), quality=60),
    saved(drawn(3)),
]
NEAR = "task 3    shows nearly the same picture as task 1"
SIDE_CACHE = ".dvc/tmp/ls-dvc"
ALL = ("check", "--select", "LD806", "--all")


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Four tasks, of which the first and the third show nearly the same."""
    made = with_media(tmp_path_factory.mktemp("pictures") / "repo")
    made.edit("params.yaml", "check: {}", "check: {select: [LD, LD806]}")
    pin_media(made, *PICTURES)
    for command in ("export", "media", "convert"):
        made.ls(command)
    return made


def test_near_pictures_are_found_and_decoded_once(space: Workspace) -> None:
    decoded = space.ls(*ALL)
    assert NEAR in decoded.out
    assert "looking at pictures: 4/4" in decoded.told
    again = space.ls(*ALL)
    assert again.out == decoded.out
    assert "looking at pictures" not in again.told


def test_pictures_that_are_not_here_are_counted(space: Workspace) -> None:
    shutil.rmtree(space.path / SIDE_CACHE)
    shutil.move(space.path / "data/media", space.path / "elsewhere")
    without = space.ls(*ALL)
    assert "LD806: 4 pictures are not here; `dvc pull` brings them" in without.told
    assert "0 new, 0 known" in without.out
    shutil.move(space.path / "elsewhere", space.path / "data/media")
    assert NEAR in space.ls(*ALL).out


def test_the_reports_do_not_depend_on_pictures(space: Workspace) -> None:
    assert "the reports leave it out" in space.ls("check", "--write").told
    assert space.read("reports/faults.jsonl") == ""
    rules = json.loads(space.read("reports/check.json"))["rules"]
    assert "LD801" in rules
    assert "LD806" not in rules
