"""Without Label Studio's SDK: what asks no server works, and the rest says what to install."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from support.media_pins import pin_media, with_media
from support.workspace import Workspace

from ls_dvc.server import sdk

ROOT = Path(__file__).parents[2]
QUICKSTART, PYPROJECT = ROOT / "docs/quickstart.md", ROOT / "pyproject.toml"
PICTURES = [[b"\xff\xd8\xff %s %d" % (name, n) for n in range(3)] for name in (b"old", b"new")]

# What is not there in an environment that was installed as docs/quickstart.md says.
BLOCKS = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {
            "label_studio_sdk", "label_studio", "pandas", "numpy", "cv2", "nltk", "lxml", "jwt"
        }:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two versions of the same tasks with other pictures, and the second in the workspace."""
    folder = tmp_path_factory.mktemp("light")
    space = with_media(folder / "repo", "COCO", "CSV")
    for contents, name in zip(PICTURES, ("old", "new"), strict=True):
        pin_media(space, *contents)
        space.dvc("repro")
        space.commit(name)
        space.git("tag", name)
    (folder / "light").mkdir()
    (folder / "light/sitecustomize.py").write_text(BLOCKS)
    space.env |= {"PYTHONPATH": str(folder / "light"), "LABEL_STUDIO_API_KEY": "key"}
    return space


def test_both_versions_are_made_again_from_what_is_at_hand(story: Workspace) -> None:
    made = story.hashes()
    story.run("rm", "-rf", "data", "reports")
    story.git("checkout", "-q", "new", ".")
    for stages in (["repro", "-f"], ["checkout", "-q"]):
        story.dvc(*stages)
        assert story.hashes() == made
    assert story.ls("verify").out.startswith("all as pinned")
    assert story.ls("verify", "--all").code == 0


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("log",), "old"),
        (("show",), "COCO"),
        (("diff", "old", "new"), "3 tasks changed"),
        (("blame", "1"), "Car 1"),
        (("formats",), "COCO"),
        (("convert",), ""),
        (("prune", "--cache-only", "--dry-run"), ""),
    ],
)
def test_what_asks_no_server_works(story: Workspace, command: tuple[str, ...], told: str) -> None:
    assert told in story.ls(*command).out


def test_folders_to_train_in(story: Workspace, tmp_path: Path) -> None:
    story.ls("get", "old", str(tmp_path / "old"))
    found = sorted(path.read_bytes() for path in (tmp_path / "old").rglob("*.jpg"))
    assert found == PICTURES[0]
    code = "import ls_dvc, json; print(json.dumps([t['id'] for t in ls_dvc.load('old')]))"
    assert json.loads(story.run("python", "-c", code).out) == [1, 2, 3]


@pytest.mark.parametrize(
    "command", [("update",), ("status",), ("refresh",), ("restore", "old"), ("prune", "--dry-run")]
)
def test_what_asks_the_server_says_what_to_install(
    story: Workspace, command: tuple[str, ...]
) -> None:
    pinned = story.read("labels.lock")
    refused = story.ls(*command, code=1)
    assert sdk.INSTALL in refused.err
    assert "label_studio_sdk" in refused.err
    assert story.read("labels.lock") == pinned


def test_the_quickstart_installs_all_but_the_sdk() -> None:
    """With the ranges that say where they end: the others have no end."""
    text = QUICKSTART.read_text().replace("\\\n", "")
    (line,) = re.findall(r"^\$ pip install (click .*)$", text, re.MULTILINE)
    told = {one.name: one.specifier for one in map(Requirement, line.replace("'", "").split())}
    declared = re.search(
        r"^dependencies = \[(.*?)^\]", PYPROJECT.read_text(), re.DOTALL | re.MULTILINE
    )
    assert declared
    needed = map(Requirement, re.findall(r'"(.*)"', declared[1]))
    ours = {each.name: each.specifier for each in needed}
    spoken_with = ours.pop("label-studio-sdk")
    assert Requirement(re.findall(r"'(.*)'", sdk.INSTALL)[0]).specifier == spoken_with
    assert told.keys() == ours.keys()
    assert told["dvc"] == ours["dvc"]


def test_doctor_finds_that_the_sdk_is_missing(story: Workspace) -> None:
    found = story.ls("doctor", code=1).out
    assert sdk.INSTALL in found
    assert "label_studio_sdk" in found
