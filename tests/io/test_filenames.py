"""File names: unique on every system, at most 255 bytes, never more than a name."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ls_dvc.io import filenames
from ls_dvc.io.filenames import LIMIT, UniqueNames, caseless, split

LONG = "é" * 300


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/data/upload/3/1234abcd-photo.jpg", "1234abcd-photo.jpg"),
        ("https://e.com/a/photo.jpg?X-Amz-Signature=ab/cd#top", "photo.jpg"),
        ("https://e.com/a/my%20photo.jpg", "my photo.jpg"),
        ("https://e.com/a/100%2525.jpg", "100%25.jpg"),  # decoded once
        ("https://e.com/a%2F..%2Fb.jpg", "b.jpg"),
        ("/storage/photo.png?token=a.b", "photo.png"),
        ("/data/local-files/?d=dir/photo.jpg", "photo.jpg"),
        ("https://ls.example.com/data/local-files/?d=dir%2Fphoto.jpg&x=1", "photo.jpg"),
        ("/storage-data/uploaded/?filepath=upload/1/photo.jpg", "photo.jpg"),
        ("s3://bucket/c#/photo#1.jpg", "photo#1.jpg"),
        ("gs://bucket/photo", "photo"),
        (r"C:\images\photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("..", "task-7"),
        ("", "task-7"),
        ("https://e.com/", "task-7"),
        ("https://e.com", "e.com"),
        ("http://[broken/photo.jpg", "photo.jpg"),
        ("data:image/png;base64,iVBORw0KGgo/AAA=", "task-7"),
        (".hidden.jpg", "hidden.jpg"),
        ("a\nb\x00c.jpg", "a_b_c.jpg"),
        ('what?<is>:"this"|*.jpg', "what"),
        ("s3://b/a<b>:|*.jpg", "a_b_.jpg"),
        ("s3://bucket/a b/100%25 wool+silk.png", "100%25 wool+silk.png"),  # a key is as it is
        ("gs://bucket/a%2Fb.png", "a%2Fb.png"),
        ("azure-blob://box/a%20b.png", "a%20b.png"),
        ("photos/100%25.png", "100%25.png"),
        ("/data/upload/1/ab12-caf%C3%A9.png", "ab12-café.png"),
        ("/data/local-files/?d=ds/h%23i.jpg", "h#i.jpg"),
        ("/labels/data/local-files/?d=ds/h%23i.jpg", "h#i.jpg"),
        ("HTTPS://e.com/a%20b.png", "a b.png"),
        ("photo. .jpg", "photo.jpg"),
        ("CON.jpg", "_CON.jpg"),
        ("nul", "_nul"),
        ("com¹.tar.gz", "_com¹.tar.gz"),
        ("console.jpg", "console.jpg"),
        ("\ud800.jpg", "task-7.jpg"),
    ],
)
def test_the_name_in_an_address(address: str, name: str) -> None:
    assert "".join(split(address, 7)) == name


def given_names(*addresses: str) -> list[str]:
    given_before = UniqueNames()
    parts = [(number, *split(each, number)) for number, each in enumerate(addresses, start=1)]
    return [given_before.given(stem, ending, number) + ending for number, stem, ending in parts]


def test_equal_names_of_several_tasks() -> None:
    """12 tasks of the SDK's converter became 6 files."""
    assert given_names("x/a.jpg", "y/a.jpg", "z/a.jpg") == ["a.jpg", "a-2.jpg", "a-3.jpg"]


def test_stems_are_compared_not_names() -> None:
    """a.jpg and a.png would both have the labels a.txt."""
    assert given_names("a.jpg", "a.png") == ["a.jpg", "a-2.png"]


def test_compared_as_macos_and_windows_do() -> None:
    assert given_names("A.jpg", "a.jpg") == ["A.jpg", "a-2.jpg"]
    composed, apart = "é.jpg", unicodedata.normalize("NFD", "é.jpg")
    assert given_names(composed, apart) == [composed, apart.replace(".", "-2.")]


def test_a_capital_that_has_no_character_of_its_own() -> None:
    small, capital = "\u0390.jpg", "\u03aa\u0301.jpg"
    assert given_names(small, capital) == [small, capital.replace(".", "-2.")]


def test_a_suffix_that_is_taken_too() -> None:
    assert given_names("a-3.jpg", "a.jpg", "a.jpg") == ["a-3.jpg", "a.jpg", "a-3-2.jpg"]


def test_several_pictures_of_one_task() -> None:
    given_before = UniqueNames()
    found = [given_before.given("a", ".jpg", 5) for _ in range(4)]
    assert found == ["a", "a-5", "a-5-2", "a-5-3"]


def test_300_characters() -> None:
    first, second = given_names(f"{LONG}.jpeg", f"{LONG}.jpeg")
    assert first == "é" * 125 + ".jpeg"
    assert second == "é" * 124 + "-2.jpeg"
    assert len("".join(split("x" * 300, 1))) == 300, "only `given` cuts"
    assert len(given_names("x" * 300)[0]) == LIMIT - len(".txt")


@given(st.lists(st.text() | st.sampled_from(["a.jpg", "A.JPG", "a-2.png", LONG]), max_size=8))
@example([f"{LONG}.jpg"] * 12)
@example(["İ.jpg", "i̇.jpg", "ß", "SS", "ss"])
def test_any_addresses(addresses: list[str]) -> None:
    given_before, stems = UniqueNames(), []
    for number, address in enumerate(addresses, start=1):
        suggested, extension = split(address, number)
        stem = given_before.given(suggested, extension, number)
        stems.append(caseless(stem))
        for name in (stem + extension, f"{stem}.txt"):
            assert 0 < len(name.encode()) <= LIMIT
            assert not re.search(r'[\x00-\x1f\x7f/\\<>:"|?*]', name)
            assert not name.startswith(".")
            assert not re.match(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)", name)
        assert not stem.endswith((".", " "))
    assert len(set(stems)) == len(stems)


def test_order_alone_decides() -> None:
    """A new task at the end never takes the name of an older one."""
    assert given_names("a.jpg", "b.jpg", "a.jpg")[:2] == given_names("a.jpg", "b.jpg")


_PARTS = ["data:", "https:", "/", "//", "s3:", "a", "CON", "nul", ".", "_", "-", "jpg", "é", "?d="]


@given(st.lists(st.sampled_from(_PARTS) | st.text(max_size=3), max_size=9).map("".join))
@example("/a/b-1.jpg")
@example("data:/a.jpg")
def test_plain_addresses_have_the_names_that_all_would(address: str) -> None:
    assert filenames.split(address, 7) == filenames._split(address, 7)


def test_most_addresses_are_plain() -> None:
    assert filenames._PLAIN.fullmatch("s3://bucket/cats_1/000123-ab.jpg")
    assert filenames._PLAIN.fullmatch("/data/upload/3/1234abcd-photo.jpg")
