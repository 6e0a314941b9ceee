"""A file made from another one: a link where the disk can, else a copy; never over a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ls_dvc.io.links import KINDS, LinkKind, link

MEMORY = Path("/dev/shm")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"bytes")
    path.chmod(0o444)
    return path


def test_the_first_kind_that_works_is_taken(source: Path) -> None:
    """Every file system of this test knows hardlinks; most know no reflinks."""
    target = source.with_name("target")
    assert link(source, target) in ("reflink", "hardlink")
    assert target.read_bytes() == b"bytes"


@pytest.mark.parametrize("kind", ["hardlink", "copy"])
def test_each_kind_has_the_content_and_its_own_permissions(source: Path, kind: LinkKind) -> None:
    target = source.with_name("target")
    assert link(source, target, (kind,)) == kind
    assert target.read_bytes() == b"bytes"
    assert source.samefile(target) == (kind == "hardlink")
    assert bool(target.stat().st_mode & 0o200) == (kind == "copy")


def test_without_a_link_that_works_there_is_a_copy(source: Path) -> None:
    if not MEMORY.is_dir() or MEMORY.stat().st_dev == source.stat().st_dev:
        pytest.skip("there is no other file system")
    target = MEMORY / f"ls-dvc-test-{os.getpid()}"
    try:
        assert link(source, target) == "copy"
        assert target.read_bytes() == b"bytes"
        target.unlink()
        with pytest.raises(OSError, match="no such links"):
            link(source, target, ("hardlink",))
        assert not target.exists()
    finally:
        target.unlink(missing_ok=True)


@pytest.mark.parametrize("kind", KINDS)
def test_no_file_is_overwritten(source: Path, kind: LinkKind) -> None:
    target = source.with_name("target")
    target.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        link(source, target, (kind, "copy"))
    assert target.read_bytes() == b"mine"


def test_a_link_to_a_link_leads_to_the_file(source: Path) -> None:
    source.with_name("symbolic").symlink_to(source)
    target = source.with_name("target")
    link(source.with_name("symbolic"), target)
    assert not target.is_symlink()
    assert target.read_bytes() == b"bytes"


def test_without_a_source_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        link(tmp_path / "none", tmp_path / "target")
    assert not (tmp_path / "target").exists()
