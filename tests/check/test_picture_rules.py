"""LD806: pictures that are nearly the same, found by parts of their hashes."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.checked import BOXES, checked, found, image, task
from support.media_files import media_file

from ls_dvc.check.near_hashes import DISTANCE, MOST, first_near
from ls_dvc.check.result import CheckedLabels
from ls_dvc.labels.media import MediaEntry, MediaFile

HASHES = st.integers(0, 2**64 - 1)


def flipped(number: int, places: set[int]) -> int:
    for place in places:
        number ^= 1 << place
    return number


@st.composite
def some_hashes(draw: st.DrawFn) -> list[int]:
    """Hashes of which many are near others, or nearly near."""
    few = draw(st.lists(HASHES, min_size=1, max_size=4))
    changes = st.sets(st.integers(0, 63), max_size=DISTANCE + 2)
    return draw(st.lists(st.builds(flipped, st.sampled_from(few), changes), max_size=30))


@given(some_hashes())
def test_the_parts_find_what_comparing_each_with_each_finds(hashes: list[int]) -> None:
    expected = {}
    for later, each in enumerate(hashes):
        near = (at for at in range(later) if (each ^ hashes[at]).bit_count() <= DISTANCE)
        if (first := next(near, None)) is not None:
            expected[later] = first
    assert dict(first_near(hashes)) == expected


def test_only_the_first_of_a_crowd_with_an_equal_part_are_compared() -> None:
    numbers = random.Random(1)
    crowd = [numbers.getrandbits(51) << 13 for _ in range(MOST + 1)]
    assert [*first_near(crowd)] == []
    last, beyond = (flipped(each, {14, 27, 40, 53}) for each in crowd[-2:])
    assert [*first_near([*crowd, last, beyond])] == [(len(crowd), MOST - 1)]


def shows(*pictures: int | None, tasks: Sequence[dict[str, Any]] = ()) -> CheckedLabels:
    """What is found in tasks with pictures of these hashes, the first of task 1; None: no hash."""
    files = [media_file(str(place).encode()) for place in range(len(pictures))]
    pairs = zip(files, pictures, strict=True)
    hashes = {file.sha256: each for file, each in pairs if each is not None}
    return of_files(files, hashes, tasks or annotated(len(files)))


def annotated(count: int) -> list[dict[str, Any]]:
    return [task(number, image(number), []) for number in range(1, count + 1)]


def of_files(
    files: Sequence[MediaFile], hashes: Mapping[str, int], tasks: Sequence[dict[str, Any]]
) -> CheckedLabels:
    places = [image(number)["image"] for number in range(1, len(files) + 1)]
    media = {
        place: MediaEntry(number, "image", None, place, file)
        for number, (place, file) in enumerate(zip(places, files, strict=True), 1)
    }
    return checked(tasks, "LD806", config=BOXES, media=media, pictures=hashes)


def test_the_later_task_has_the_fault() -> None:
    result = shows(0b1111, 2**60 - 1, 0, 2**60 - 2)
    assert found(result) == [("LD806", 3, ""), ("LD806", 4, "")]
    assert [fault.message() for fault in result.faults] == [
        "shows nearly the same picture as task 1",
        "shows nearly the same picture as task 2",
    ]


def test_five_bits_are_another_picture() -> None:
    assert found(shows(0b1111, 0)) == [("LD806", 2, "")]
    assert found(shows(0b11111, 0)) == []


def test_pictures_that_are_not_here_are_left_out() -> None:
    assert found(shows(None, 0, None)) == []
    assert found(shows(None, 0, None, 1)) == [("LD806", 4, "")]


def test_the_same_file_is_no_case_of_this_rule() -> None:
    one, other = media_file(b"one"), media_file(b"other")
    hashes = {one.sha256: 7, other.sha256: 7}
    assert found(of_files([one, one, other], hashes, annotated(3))) == [("LD806", 3, "")]


def test_tasks_that_nobody_annotated_are_left_out() -> None:
    assert found(shows(7, 7)) == [("LD806", 2, "")]
    assert found(shows(7, 7, tasks=[task(1, image(1)), task(2, image(2), [])])) == []


def test_pages_of_one_task_may_be_alike() -> None:
    config = BOXES.replace('value="$image"', 'valueList="$pages"')
    first, second, third = (image(number)["image"] for number in (1, 2, 3))
    tasks = [task(1, {"pages": [first, second]}, []), task(2, {"pages": [third]}, [])]
    files = [media_file(each) for each in (b"one", b"two", b"three")]
    media = {
        place: MediaEntry(1, "image", None, place, file)
        for place, file in zip((first, second, third), files, strict=True)
    }
    hashes = {file.sha256: number for number, file in enumerate(files)}
    result = checked(tasks, "LD806", config=config, media=media, pictures=hashes)
    assert found(result) == [("LD806", 2, "")]
