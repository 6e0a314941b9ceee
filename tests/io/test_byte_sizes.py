"""Sizes of files as people read them."""

from __future__ import annotations

import pytest

from ls_dvc.io.byte_sizes import in_units
from ls_dvc.settings.media import bytes_in


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (23_456, "23.5 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (20 * 10**9, "20.0 GB"),
        (3 * 10**18, "3,000.0 PB"),
    ],
)
def test_the_unit_fits_the_size(size: int, shown: str) -> None:
    assert in_units(size) == shown


@pytest.mark.parametrize("size", [1_500, 2_300_000, 7_100_000_000, 4_000_000_000_000])
def test_settings_take_what_is_shown(size: int) -> None:
    assert bytes_in(in_units(size)) == size
