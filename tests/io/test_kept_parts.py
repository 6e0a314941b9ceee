"""Kept parts: what comes back is what was kept under that key by this very code, or nothing."""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ls_dvc
from ls_dvc.io.code_digest import code_digest
from ls_dvc.io.kept_parts import KeptParts, key_of

KEY, OTHER = key_of(shard="a"), key_of(shard="b")


def test_a_part_comes_back(tmp_path: Path) -> None:
    parts = KeptParts(tmp_path / "parts")
    assert parts.get(KEY) is None
    assert parts.put(KEY, b"content") == parts.path(KEY).stat().st_size
    assert KeptParts(tmp_path / "parts").get(KEY) == b"content"
    parts.put(KEY, b"")
    assert parts.get(KEY) == b""
    assert parts.get(OTHER) is None


def test_a_part_of_another_key_is_not_used(tmp_path: Path) -> None:
    parts = KeptParts(tmp_path)
    parts.put(KEY, b"content")
    parts.put(OTHER, b"another")
    shutil.copy(parts.path(OTHER), parts.path(KEY))
    assert parts.get(KEY) is None


@given(at=st.integers(0, 38), flip=st.integers(1, 255), cut=st.booleans())
def test_a_damaged_part_is_not_used(
    tmp_path_factory: pytest.TempPathFactory, at: int, flip: int, cut: bool
) -> None:
    parts = KeptParts(tmp_path_factory.mktemp("parts"))
    parts.put(KEY, b"content")
    stored = bytearray(parts.path(KEY).read_bytes())
    stored[at] ^= flip
    parts.path(KEY).write_bytes(stored[:at] if cut else stored)
    assert parts.get(KEY) is None
    parts.put(KEY, b"content")
    assert parts.get(KEY) == b"content"


def test_a_disk_that_takes_nothing_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert KeptParts(tmp_path / "file").put(KEY, b"content") == 0
    assert KeptParts(tmp_path / "file").get(KEY) is None
    assert KeptParts(tmp_path / "file").all() == []

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    assert KeptParts(tmp_path / "full").put(KEY, b"content") == 0
    assert [each for each in (tmp_path / "full").rglob("*") if each.is_file()] == []


def test_a_sweep_keeps_what_was_used_last(tmp_path: Path) -> None:
    parts, now = KeptParts(tmp_path), time.time()
    keys = [key_of(number=number) for number in range(5)]
    sizes = {parts.put(key, b"x" * 100) for key in keys}
    for age, key in enumerate(keys):
        os.utime(parts.path(key), (now - 100 * age, now - 100 * age))
    assert parts.get(keys[3]) is not None, "which counts as using it"
    parts.sweep(most_bytes=3 * sizes.pop())
    assert [key for key in keys if parts.get(key)] == [keys[0], keys[1], keys[3]]
    os.utime(parts.path(keys[0]), (now - 1000, now - 1000))
    parts.sweep(most_seconds=500)
    assert [key for key in keys if parts.get(key)] == [keys[1], keys[3]]


def test_a_key_depends_on_the_code_and_every_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [key_of(a=1, b="x"), key_of(a=1, b="y"), key_of(a=1), key_of(a=1, b=["x"])]
    copy = tmp_path / "ls_dvc"
    shutil.copytree(Path(ls_dvc.__file__).parent, copy)
    monkeypatch.setattr(ls_dvc, "__file__", str(copy / "__init__.py"))
    code_digest.cache_clear()
    try:
        assert key_of(a=1) == keys[2], "not on where it is installed"
        with (copy / "formats" / "image" / "coco.py").open("a") as module:
            module.write("\n")
        code_digest.cache_clear()
        keys.append(key_of(a=1))
    finally:
        code_digest.cache_clear()
    assert len(set(keys)) == len(keys)
