"""DVC copies no file that is a link to its cache before a stage replaces the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.offline import data_set, pin, server
from support.workspace import Workspace

from ls_dvc.commands import set_aside
from ls_dvc.snapshot import media_map
from ls_dvc.snapshot.manifest import Manifest, SnapshotFile
from ls_dvc.workspace import open_workspace

RESULT = "data/dataset/CSV/result.csv"
LATER = "2026-02-01T00:00:00Z"


@pytest.fixture
def linked(tmp_path: Path) -> Workspace:
    """A data set whose files are hard links to DVC's cache, with a new pin to reproduce.

    Before `convert` runs, its stage notes what is in data/.
    """
    space = data_set(tmp_path)
    config = space.path / ".dvc/config"
    config.write_text(f"{config.read_text()}[cache]\n    type = hardlink\n")
    pin(space, server(1, 2))
    space.edit("dvc.yaml", "cmd: ls-dvc convert", "cmd: ls -A data > seen && ls-dvc convert")
    space.dvc("repro")
    assert (space.path / RESULT).stat().st_nlink == 2
    pin(space, server(1, 2, 3), LATER)
    return space


def left_in(space: Workspace) -> set[str]:
    return {path.name for path in (space.path / "data").iterdir()} - {".gitignore"}


def test_dvc_does_not_see_what_it_would_copy(linked: Workspace) -> None:
    linked.dvc("repro")
    assert "dataset" not in linked.read("seen").split()
    assert left_in(linked) == {"snapshot", "dataset"}
    linked.ls("verify")
    assert (linked.path / RESULT).stat().st_nlink == 2


def test_a_stage_that_fails_leaves_the_data_set_of_before(linked: Workspace) -> None:
    linked.edit("params.yaml", "gates: {}", "gates: {min_tasks: 9}")
    before = (linked.path / RESULT).stat().st_ino
    assert "the gate min_tasks fails" in linked.dvc("repro", code=255).err
    assert "dataset" not in linked.read("seen").split()
    assert (linked.path / RESULT).stat().st_ino == before
    assert left_in(linked) == {"snapshot", "dataset"}


def test_after_an_export_alone_nothing_is_lost(linked: Workspace) -> None:
    """The next run goes on, and `dvc checkout` brings the folder back, whichever comes first."""
    linked.dvc("repro", "export")
    assert left_in(linked) == {"snapshot", ".ls-dvc-tmp-aside-dataset"}
    linked.dvc("checkout", "data/dataset")
    linked.dvc("repro")
    assert left_in(linked) == {"snapshot", "dataset"}
    linked.ls("verify")


def test_a_folder_with_other_files_stays_where_it_is(linked: Workspace) -> None:
    mine = linked.path / "data/dataset/CSV/mine.txt"
    mine.write_text("mine")
    assert "mine.txt" in linked.dvc("repro", code=255).err
    assert mine.read_text() == "mine"


@pytest.mark.parametrize("by_hand", [True, False])
def test_only_links_and_only_in_a_run_of_dvc(
    tmp_path: Path, by_hand: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = data_set(tmp_path)
    for name in (RESULT, "data/media/01/23456789abcdef0123456789abcdef.jpg"):
        (space.path / name).parent.mkdir(parents=True)
        (space.path / name).write_text("")
        if by_hand:
            (space.path / name).with_suffix(".cache").hardlink_to(space.path / name)
    if by_hand:
        monkeypatch.delenv("DVC_STAGE", raising=False)
    else:
        monkeypatch.setenv("DVC_STAGE", "export")
    for with_media in (True, False):
        set_aside.for_next_stage(open_workspace(space.path), with_media=with_media)
    assert left_in(space) == {"dataset", "media"}


def test_whether_the_map_moved() -> None:
    def manifest(**files: bytes) -> Manifest:
        return Manifest.of(
            SnapshotFile(name.replace("_", "/"), content) for name, content in files.items()
        )

    labels, changed = manifest(tasks_1=b"1"), manifest(tasks_1=b"2")
    media = manifest(tasks_1=b"1", media_1=b"1")
    assert not media_map.moved(labels, changed)
    assert not media_map.moved(media, manifest(tasks_1=b"2", media_1=b"1"))
    assert media_map.moved(media, manifest(tasks_1=b"1", media_1=b"2"))
    assert media_map.moved(labels, media)
    assert not media_map.moved(media, labels), "without a map there is no such stage"
