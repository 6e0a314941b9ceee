"""Items of an array found in its file: the same that Python finds at once, however it is cut."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from ls_dvc.io import json_items

TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(2**200), 2**200), st.floats(), TEXTS
)
VALUES = st.recursive(
    LEAVES,
    lambda some: st.lists(some, max_size=4) | st.dictionaries(TEXTS, some, max_size=4),
    max_leaves=8,
)
BLANKS = st.text(st.sampled_from(" \t\n\r"), max_size=40)
ASKED = st.integers(1, 100)


@st.composite
def arrays(draw: st.DrawFn) -> bytes:
    """A JSON array in UTF-8, with any blanks between its items, and in them."""
    written = []
    for value in draw(st.lists(VALUES, max_size=6)):
        indent, escaped = draw(st.none() | BLANKS), draw(st.booleans())
        item = json.dumps(value, indent=indent, ensure_ascii=escaped)
        written.append(draw(BLANKS) + item + draw(BLANKS))
    content = f"{draw(BLANKS)}[{','.join(written) or draw(BLANKS)}]{draw(BLANKS)}"
    return content.encode(errors="surrogatepass")


def streamed(content: bytes, chunk: int = json_items.CHUNK) -> list[Any]:
    extents = [(first, end) for first, end, _ in json_items.items(io.BytesIO(content), chunk)]
    return [json.loads(content[first:end]) for first, end in extents]


@settings(max_examples=examples(300), deadline=None)
@given(content=arrays(), chunk=ASKED)
def test_the_items_are_those_that_python_finds(content: bytes, chunk: int) -> None:
    found = streamed(content, chunk)
    assert json.dumps(found) == json.dumps(json.loads(content))  # as text, for NaN is not NaN


@settings(max_examples=examples(200), deadline=None)
@given(numbers=st.lists(st.integers() | st.floats(), min_size=1), chunk=ASKED)
def test_values_are_right_where_they_hold_no_text(numbers: list[float], chunk: int) -> None:
    content = json.dumps([{"id": each} for each in numbers]).encode()
    found = [item.value for item in json_items.items(io.BytesIO(content), chunk)]
    assert json.dumps(found) == json.dumps(json.loads(content))


@settings(max_examples=examples(200), deadline=None)
@given(content=arrays(), chunk=ASKED, at=st.randoms(use_true_random=False))
def test_a_truncated_file_is_refused(content: bytes, chunk: int, at: Any) -> None:
    content = content.rstrip()
    with pytest.raises(ValueError, match=r"at byte \d+"):
        streamed(content[: at.randrange(len(content))], chunk)


@settings(max_examples=examples(100), deadline=None)
@given(content=arrays(), chunk=ASKED, rest=st.sampled_from(["]", "[]", ",", "1", "\0", "é"]))
def test_anything_after_the_array_is_refused(content: bytes, chunk: int, rest: str) -> None:
    with pytest.raises(ValueError, match=f"Extra data at byte {len(content)}"):
        streamed(content + rest.encode(), chunk)


@settings(max_examples=examples(500), deadline=None)
@given(
    content=arrays(), chunk=ASKED, at=st.randoms(use_true_random=False), byte=st.integers(0, 255)
)
def test_a_changed_byte_is_judged_as_python_judges_it(
    content: bytes, chunk: int, at: Any, byte: int
) -> None:
    where = at.randrange(len(content))
    changed = content[:where] + bytes([byte]) + content[where + 1 :]
    expected = found = None
    with suppress(ValueError):
        loaded = json.loads(changed)
        expected = json.dumps(loaded) if isinstance(loaded, list) else None
    with suppress(ValueError):
        found = json.dumps(streamed(changed, chunk))
    assert found == expected


@pytest.mark.parametrize("content", [b'{"detail": "x"}', b"", b" ", b"1", b"\xef\xbb\xbf[]"])
def test_what_is_no_array(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"Expecting '\[' at byte"):
        streamed(content)


@pytest.mark.parametrize("bad", [b"[1 2,", b'[{"a" 1}, ', b"[{'a': 1}, ", b'["\n", ', b"[tru, "])
def test_a_fault_is_told_before_the_rest_is_read(bad: bytes) -> None:
    file = io.BytesIO(bad + b'"x", ' * 1_000_000)
    with pytest.raises(ValueError, match=r"at byte \d$"):
        list(json_items.items(file, chunk=1000))
    assert file.tell() <= 3000


def test_a_long_item_is_not_read_again_for_every_chunk() -> None:
    content = json.dumps(["x" * 100_000]).encode()

    class Counted(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1) -> bytes:
            self.reads += 1
            return super().read(size)

    file = Counted(content)
    assert len(list(json_items.items(file, chunk=10))) == 1
    assert file.reads < 20


def test_an_item_beyond_all_measure() -> None:
    content = b'[1, "' + b"x" * 5000 + b'"]'
    with pytest.raises(ValueError, match="more than 4,000 bytes at byte 4"):
        list(json_items.items(io.BytesIO(content), 100, most=4000))
    assert len(list(json_items.items(io.BytesIO(content), 100, most=6000))) == 2


def test_an_item_a_thousand_levels_deep() -> None:
    content = b"[1, " + b"[" * 100_000 + b"]" * 100_000 + b"]"
    with pytest.raises(ValueError, match="Nested too deep at byte 4"):
        list(json_items.items(io.BytesIO(content)))
