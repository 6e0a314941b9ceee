"""Disks that are full, read-only, limited, or several: each output is old or new, as a whole."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest
from support.calls_to_disk import apart
from support.media_pins import pin_media, with_media
from support.workspace import Workspace

from ls_dvc.commands.convert import convert
from ls_dvc.commands.export import export
from ls_dvc.commands.fetch_media import fetch_media
from ls_dvc.commands.get import get
from ls_dvc.commands.verify import verify
from ls_dvc.errors import LsDvcError
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.version import workspace_version
from ls_dvc.io import replacing
from ls_dvc.progress import Silent
from ls_dvc.workspace import open_workspace

PICTURES = [b"\xff\xd8\xff picture %d" % n for n in range(3)]
OTHERS = [b"\xff\xd8\xff another %d" % n for n in range(4)]
OUTPUTS = (("data/snapshot",), ("data/media",), ("data/dataset", "reports"))
NOW = "2026-01-01T00:00:00Z"
PAGE = 4096

States = tuple[dict[str, str], ...]


def nowhere() -> NoReturn:
    raise AssertionError("no server is asked")


def run_stages(folder: Path) -> None:
    export(open_workspace(folder), nowhere, Silent(), NOW)
    fetch_media(open_workspace(folder), nowhere, Silent())
    convert(open_workspace(folder), Silent())


def read_versions(folder: Path) -> None:
    """What `get` and `diff` write; it stays in a folder next to the data, and in the side cache."""
    workspace = open_workspace(folder)
    version = workspace_version(workspace)
    shutil.rmtree(workspace.snapshot)
    with open_snapshot(workspace, version):
        pass
    get(workspace, version, folder / "got", (), Silent())


def states(space: Workspace) -> States:
    return tuple(space.hashes(*output) for output in OUTPUTS)


def leftovers(space: Workspace) -> list[Path]:
    return list(space.path.rglob(".ls-dvc-tmp-*"))


@contextmanager
def mounted(folder: Path, size: str = "64m") -> Iterator[Path]:
    """A disk of its own at `folder`; the test is skipped where nobody may mount one."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only root mounts disks")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def moved(path: Path, disk: Path | None = None) -> tuple[Workspace, States, States]:
    """All stages were run, and the pin and the settings moved since; the states of both.

    `disk` is where the repository is then.
    """
    space = with_media(path, "COCO")
    pin_media(space, *PICTURES)
    run_stages(path)
    old = states(space)
    pin_media(space, *OTHERS)
    space.edit("params.yaml", "formats: [COCO]", "formats: [COCO, YOLO]")
    copy = Workspace(path.with_name("copy"))
    shutil.copytree(path, copy.path, symlinks=True)
    run_stages(copy.path)
    new = states(copy)
    shutil.rmtree(copy.path)
    assert not any(a == b for a, b in zip(old, new, strict=True))
    if disk is not None:
        space = Workspace(disk / "repo")
        shutil.copytree(path, space.path, symlinks=True)
    return space, old, new


def hold(space: Workspace, old: States, new: States) -> None:
    """The promise: whole outputs, and nothing left by who could clean up."""
    for found, before, after in zip(states(space), old, new, strict=True):
        assert found in (before, after)
    assert leftovers(space) == []


def end_well(space: Workspace, new: States) -> None:
    """The next run needs no hand."""
    run_stages(space.path)
    assert states(space) == new
    assert verify(open_workspace(space.path)).problems == ()
    assert leftovers(space) == []


def fails(work: Callable[[], object]) -> bool:
    """Whether it ends with an error that users see, and no other."""
    try:
        work()
    except (OSError, LsDvcError):
        return True
    return False


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.soak)])
def test_a_disk_that_is_full(tmp_path: Path, step: int) -> None:
    """With no page left, with one, and so on, until there is room for all."""
    with mounted(tmp_path / "disk") as disk:
        space, old, new = moved(tmp_path / "repo", disk)
        for free in range(0, 100, step):
            with filled(disk, free):
                failed = fails(partial(run_stages, space.path))
            hold(space, old, new)
            if not failed:
                break
        assert free > step
        end_well(space, new)


def test_reports_that_cannot_be_written(tmp_path: Path) -> None:
    """The data set stays as well: it would not be that of the reports."""
    space, *_ = moved(tmp_path / "repo")
    reports, kept = space.path / "reports", space.path / "kept"
    export(open_workspace(space.path), nowhere, Silent(), NOW)
    fetch_media(open_workspace(space.path), nowhere, Silent())
    before = space.hashes("data")
    reports.rename(kept)
    reports.write_text("in the way")
    assert fails(partial(convert, open_workspace(space.path), Silent()))
    assert space.hashes("data") == before
    assert leftovers(space) == []
    reports.unlink()
    kept.rename(reports)
    convert(open_workspace(space.path), Silent())
    assert verify(open_workspace(space.path)).problems == ()


@contextmanager
def filled(disk: Path, free: int) -> Iterator[None]:
    """The disk with so many free pages."""
    filler = disk / "filler"
    room = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    with filler.open("wb") as out:
        os.posix_fallocate(out.fileno(), 0, room - (free + 1) * PAGE)
    try:
        yield
    finally:
        filler.unlink()


def test_a_full_disk_while_versions_are_read(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk") as disk:
        space, *_ = moved(tmp_path / "repo", disk)
        run_stages(space.path)
        kept = tmp_path / "kept"
        shutil.copytree(space.path / "data", kept)
        for free in range(0, 100, 7):
            with filled(disk, free):
                failed = fails(partial(read_versions, space.path))
            assert leftovers(space) == []
            shutil.copytree(kept / "snapshot", space.path / "data/snapshot", dirs_exist_ok=True)
            if not failed:
                break
            assert not (space.path / "got").exists()
        assert free > 7


def limited(space: Workspace, size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    run_stages(space.path)


@pytest.mark.parametrize(
    "sizes", [(0, 300, 4000), pytest.param(range(0, 8000, 50), marks=pytest.mark.soak)]
)
def test_a_limit_of_file_sizes(tmp_path: Path, sizes: Sequence[int]) -> None:
    space, old, new = moved(tmp_path / "repo")
    for size in sizes:
        assert apart(partial(limited, space, size)) == 1
        hold(space, old, new)
    end_well(space, new)


def test_a_disk_that_is_read_only(tmp_path: Path) -> None:
    """Nothing changes; what only reads goes on."""
    with mounted(tmp_path / "disk") as disk:
        space, old, new = moved(tmp_path / "repo", disk)
        remount = ["mount", "-o", "remount,ro", str(disk)]
        subprocess.run(remount, check=True)
        for stage in ("export", "media", "convert", "update"):
            ran = space.ls(stage, code=1)
            assert "bug" not in ran.told
        assert states(space) == old
        assert "was made from the labels" in space.ls("verify", code=1).out
        assert space.ls("-q", "log", code=None).code in (0, 1)
        subprocess.run([*remount[:2], "remount,rw", str(disk)], check=True)
        end_well(space, new)


@pytest.mark.parametrize(
    "others", [("data",), ("reports",), (".dvc/tmp",), ("data", "reports", ".dvc/tmp")]
)
def test_several_disks(tmp_path: Path, others: tuple[str, ...]) -> None:
    """Each output is prepared on the disk that it will be on."""
    space, old, new = moved(tmp_path / "repo")
    with mounted(tmp_path / "disk") as disk:
        for number, name in enumerate(others):
            copy = disk / str(number)
            shutil.copytree(space.path / name, copy)
            shutil.rmtree(space.path / name)
            (space.path / name).mkdir()
            subprocess.run(["mount", "--bind", str(copy), str(space.path / name)], check=True)
        try:
            assert states(space) == old
            end_well(space, new)
        finally:
            for name in others:
                subprocess.run(["umount", "-l", str(space.path / name)], check=True)


def test_data_before_names_and_manifests_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In each stage: the manifest is the last file, then all is settled, then come the names."""
    space, _, _ = moved(tmp_path / "repo")
    seen = list[str]()
    settle = replacing._settle
    monkeypatch.setattr(
        replacing, "_settle", lambda folders: (seen.append("settled"), settle(folders))[1]
    )

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        name = str(arguments[0]) if arguments else ""
        if event in ("open", "os.rename", "os.link") and str(space.path) in name:
            is_read = event == "open" and not int(str(arguments[2])) & (os.O_WRONLY | os.O_RDWR)
            if not is_read:
                made = str(arguments[1]) if event == "os.link" else name
                seen.append(f"{event} {Path(made).relative_to(space.path)}")

    sys.addaudithook(hook)
    run_stages(space.path)
    rounds = "\n".join(seen).split("settled")
    assert len(rounds) == 4, "each of the three stages settles once"
    for before, after, folder in zip(
        rounds, rounds[1:], ("snapshot", "media", "dataset"), strict=False
    ):
        inside = [line for line in before.splitlines() if f"-{folder}/" in line]
        assert inside, "the new folder is filled before"
        if folder != "media":
            assert inside[-1].endswith("/manifest.json")
        named = [line for line in after.splitlines() if line.startswith("os.rename data/")]
        assert named[0] == f"os.rename data/{folder}"
        assert named[1].endswith(f"-{folder}")
        assert not any(line.startswith("os.rename data/") for line in before.splitlines()[-3:])
