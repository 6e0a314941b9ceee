"""Histograms: round bins, the same for every version and on every machine."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from ls_dvc.labels.histogram import Histogram, Numbers


def test_histograms_have_round_bins() -> None:
    sizes = Histogram("px")
    for value in (1, 1.5, 4, 0, -1):
        sizes.add(value)
    assert [(each.name, each.size) for each in sizes.bins()] == [
        ("0", 2),
        ("1 to 2 px", 2),
        ("2 to 4 px", 0),
        ("4 to 8 px", 1),
    ]
    numbers = Numbers(last=3)
    for value in (0, 2, 3, 99):
        numbers.add(value)
    assert [(each.name, each.size) for each in numbers.bins()] == [
        ("0", 1),
        ("1", 0),
        ("2", 1),
        ("3 or more", 2),
    ]


def test_bins_end_where_values_are_of_no_use() -> None:
    sizes = Histogram(lowest=0, highest=3)
    sizes.add_all([0.001, 0.5, 1, 8, 16, 10**400])
    assert [(each.name, each.size) for each in sizes.bins()] == [
        ("0", 1),  # no float holds it
        ("0 to 2", 3),
        ("2 to 4", 0),
        ("4 to 8", 0),
        ("8 or more", 2),
    ]
    lengths = Histogram("characters")
    lengths.add_all([1500])
    assert lengths.bins()[0].name == "1024 to 2048 characters"


def test_two_bins_in_an_octave() -> None:
    aspects = Histogram(per_octave=2)
    aspects.add_all([1, 1.41, 1.42, 1.99])
    assert [(each.name, each.size) for each in aspects.bins()] == [
        ("1 to 1.41", 2),
        ("1.41 to 2", 2),
    ]


VALUES = st.lists(st.floats(-1, 2**22), max_size=20)


@given(VALUES, VALUES, st.sampled_from([1, 2]))
def test_histograms_merge_and_names_sort(
    some: list[float], others: list[float], per_octave: int
) -> None:
    def made(values: list[float]) -> Histogram:
        found = Histogram("%", 2 if per_octave == 2 else 1)
        for value in values:
            found.add(value)
        return found

    merged = made(some)
    merged.merge(made(others))
    assert merged == made([*some, *others])
    bins = merged.bins(width=7)
    assert sum(each.size for each in bins) == len(some) + len(others)
    assert [each.name for each in bins] == sorted(each.name for each in bins)


@given(st.floats(2**-4, 2**20, exclude_max=True))
def test_a_value_is_in_the_bin_of_its_logarithm(value: float) -> None:
    """Where the logarithm is not so close to a whole number that a machine could err."""
    for per_octave in (1, 2):
        exact = math.log2(value) * per_octave
        if abs(exact - round(exact)) > 1e-9:
            found = Histogram(per_octave=per_octave)  # type: ignore[arg-type]
            found.add(value)
            assert set(found.counts) == {math.floor(exact)}


def test_numbers_merge() -> None:
    numbers, others = Numbers(), Numbers()
    numbers.add_all([3, 0])
    others.add_all([3, 40])
    numbers.merge(others)
    bins = numbers.bins(width=2)
    assert [bins[n] for n in (0, 3, 20)] == [(" 0", 1), (" 3", 2), ("20 or more", 1)]
    assert [each.name for each in bins] == sorted(each.name for each in bins)
