"""Removed ids in labels.lock: short for many in a row, and no way to fill the memory."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ls_dvc.io import yaml_files
from ls_dvc.pin.id_ranges import MOST, folded, unfolded

IDS = st.lists(st.integers(0, 30), unique=True).map(sorted)


@given(IDS)
def test_ids_come_back(ids: list[int]) -> None:
    assert unfolded(folded(ids)) == tuple(ids)
    assert unfolded(yaml_files.parse(yaml_files.dump({"ids": folded(ids)}), "it")["ids"]) == (*ids,)


@given(st.lists(st.integers(0, 2**63)))
def test_any_list_comes_back_in_its_order(ids: list[int]) -> None:
    assert unfolded(folded(ids)) == tuple(ids)


def test_many_in_a_row_are_one_range() -> None:
    assert folded([3, 5, 6, 8, 9, 10, *range(20, 10_020)]) == [3, 5, 6, "8-10", "20-10019"]


def test_lists_of_earlier_files_are_read() -> None:
    assert unfolded([4, 5, 6]) == (4, 5, 6)


@pytest.mark.parametrize(
    "values",
    [
        ["3-2"],
        ["3-3"],
        ["-3"],
        ["3"],
        ["1-2-3"],
        ["1-٣"],
        [-1],
        [True],
        ["0-9999999999"],
        [f"1-{MOST}", f"1-{MOST}"],
        "1-3",
    ],
)
def test_what_is_no_list_of_ids(values: Any) -> None:
    with pytest.raises(ValueError, match=r"range|number|list"):
        unfolded(values)
