"""A spool gives back what came, from memory or from the disk, and leaves nothing there."""

from __future__ import annotations

import gc
import warnings
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ls_dvc.io import spool
from ls_dvc.io.spool import Spool


def open_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


LINES = st.lists(st.binary(max_size=9).map(lambda each: each.replace(b"\n", b"") + b"\n"))


@given(LINES, LINES)
def test_lines_come_back_in_their_order(first: list[bytes], second: list[bytes]) -> None:
    kept = Spool(Path())
    kept.extend(first)
    assert [*kept] == first
    next(iter(kept), None)  # which leaves off in the middle
    kept.extend(second)
    assert [*kept] == first + second == [*kept]


def test_many_are_on_the_disk_without_a_name(tmp_path: Path) -> None:
    gc.collect()
    before = open_files()
    kept = Spool(tmp_path)
    kept.extend([b"x" * 999 + b"\n"] * (2 * spool.IN_MEMORY // 1000))
    assert open_files() == before + 1
    assert not [*tmp_path.iterdir()]
    assert sum(map(len, kept)) == 2 * spool.IN_MEMORY // 1000 * 1000
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del kept
        gc.collect()
    assert open_files() == before
