"""JSON written by a faster library has the bytes of the standard one, whatever is written."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ls_dvc.io import canonical_json

_TEXTS = st.text(st.characters(exclude_categories=()))  # lone surrogates, too
_FLOATS = st.floats() | st.floats(1e-8, 1e-3) | st.floats(1e14, 1e18)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _FLOATS | _TEXTS,
    lambda held: st.lists(held) | st.dictionaries(_TEXTS, held),
)


def _as_the_standard_library(value: Any) -> bytes:
    written = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    try:
        return written.encode()
    except UnicodeEncodeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


@given(_VALUES)
def test_what_is_written_is_what_the_standard_library_writes(value: Any) -> None:
    assert canonical_json.encoded(value) == _as_the_standard_library(value)


@given(st.lists(_VALUES, max_size=5))
def test_lines_are_each_value(values: list[Any]) -> None:
    assert canonical_json.lines(values) == [_as_the_standard_library(each) for each in values]


@given(_VALUES)
def test_what_is_read_is_what_the_standard_library_reads(value: Any) -> None:
    line = _as_the_standard_library(value)
    assert repr(canonical_json.parse(line)) == repr(
        json.loads(line)
    )  # repr: NaN is not equal to itself


@pytest.mark.parametrize(
    "value",
    [1e-5, 5e-324, -1e-6, 1e16, 1.5e300, math.nan, math.inf, 2**64, None, "\ud800", -0.00009],
    ids=repr,
)
def test_what_another_library_writes_in_its_own_way(value: Any) -> None:
    for held in (value, [value], {"a": value}, [[value, "a"]]):
        assert canonical_json.encoded(held) == _as_the_standard_library(held)
        assert canonical_json.lines([1, held]) == [b"1", _as_the_standard_library(held)]
        assert canonical_json.lines([held, 1]) == [_as_the_standard_library(held), b"1"]


@pytest.mark.parametrize("text", ["null", "1e5", ",1e5,", "0.00001", ":0.00001", "2026:00.000012Z"])
def test_texts_that_look_like_such_numbers(text: str) -> None:
    assert canonical_json.encoded([text, {text: text}]) == _as_the_standard_library(
        [text, {text: text}]
    )


def test_most_labels_take_the_quick_way() -> None:
    region = {"id": "a1e5", "value": {"x": 12.345678901234567, "labels": ["Żółw"]}, "rotation": 0}
    assert canonical_json._TRUSTED
    assert canonical_json._quickly([region], canonical_json._encode) == _as_the_standard_library(
        [region]
    )


def test_a_library_that_writes_in_another_way_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical_json, "_encode", lambda _: b"1.0")
    assert canonical_json._agrees() is False
    monkeypatch.setattr(canonical_json, "_TRUSTED", False)
    assert canonical_json.encoded(0.1) == b"0.1"
