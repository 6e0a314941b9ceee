"""dvc.lock names what lies there, also when somebody edits or checks out while a stage runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from support.media_pins import pin_media, with_media
from support.workspace import Workspace

from ls_dvc.commands.convert import convert
from ls_dvc.commands.export import export
from ls_dvc.commands.fetch_media import fetch_media
from ls_dvc.errors import LsDvcError
from ls_dvc.progress import Progress, Silent
from ls_dvc.workspace import open_workspace

PICTURES = [b"\xff\xd8\xff picture %d" % n for n in range(3)]
NOW = "2026-01-01T00:00:00Z"


class Editing(Silent):
    """Somebody edits a file as soon as there is progress to see, or something is said."""

    def __init__(self, edit: Callable[[], None]) -> None:
        self.edit = edit

    def say(self, message: str) -> None:
        self.edit()

    @contextmanager
    def bar(self, title: str, total: int) -> Iterator[Progress]:
        self.edit()
        yield self


def nowhere() -> NoReturn:
    raise AssertionError("no server is asked")


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """Exported and converted once; the settings ask for another format since."""
    made = with_media(tmp_path / "repo", "COCO")
    pin_media(made, *PICTURES)
    for stage in ("export", "media", "convert"):
        made.ls(stage)
    made.edit("params.yaml", "formats: [COCO]", "formats: [YOLO]")
    return made


def edit_settings(space: Workspace) -> None:
    text = space.read("params.yaml").replace("annotations: latest", "annotations: first")
    (space.path / "params.yaml").write_text(text)


def edit_pin(space: Workspace) -> None:
    text = space.read("labels.lock").replace("pinned_at: ", "pinned_at: 2025-01-01T00:00:00Z #")
    (space.path / "labels.lock").write_text(text)


@pytest.mark.parametrize(
    ("edit", "name"), [(edit_settings, "params.yaml"), (edit_pin, "labels.lock")]
)
def test_convert(space: Workspace, edit: Callable[[Workspace], None], name: str) -> None:
    before = space.hashes("data", "reports")
    workspace = open_workspace(space.path)
    with pytest.raises(LsDvcError, match=f"{name} changed while the stage ran"):
        convert(workspace, Editing(lambda: edit(space)))
    assert space.hashes("data", "reports") == before
    convert(open_workspace(space.path), Silent())
    assert (space.path / "data/dataset/YOLO/data.yaml").exists()


def test_media(space: Workspace) -> None:
    for path in (space.path / "data/media").rglob("*.jpg"):
        path.unlink()
    before = space.hashes("data", "reports")
    workspace = open_workspace(space.path)
    edit_settings(space)
    with pytest.raises(LsDvcError, match=r"params\.yaml changed while the stage ran"):
        fetch_media(workspace, nowhere, Silent())
    assert space.hashes("data", "reports") == before


def test_export(space: Workspace) -> None:
    before = space.hashes("data", "reports")
    workspace = open_workspace(space.path)
    edit_settings(space)
    with pytest.raises(LsDvcError, match=r"params\.yaml changed while the stage ran"):
        export(workspace, nowhere, Silent(), NOW)
    assert space.hashes("data", "reports") == before
