"""What somebody marked, and which marks of two people are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from ls_dvc.check.agreement.extents import Extent, extent_of
from ls_dvc.check.families import BOX, ELLIPSE, LABEL, MASK, POLYGON, SEGMENT, SPAN
from ls_dvc.check.regions import RegionView
from ls_dvc.check.views import Families
from ls_dvc.labels.label_config import LabelConfig

MARKED = (BOX, ELLIPSE, POLYGON, MASK, SPAN, SEGMENT)
LEAST = 0.5  # IoU of two marks that are the same
MOST = 1_000  # marks of a control; the others are not compared


class MarkedRegion(NamedTuple):
    """A region with an extent.

    `place` is what it is on: an image, a text, a channel of a recording. `labels` are its own, or
    those of the result that labels it.
    """

    region: RegionView
    place: str
    labels: tuple[str, ...]
    extent: Extent


class MarkPair(NamedTuple):
    """Marks of two people that are the same, and their IoU."""

    overlap: float
    one: MarkedRegion
    other: MarkedRegion


def marks_of(families: Families, config: LabelConfig) -> Mapping[str, Sequence[MarkedRegion]]:
    """The marks of an annotation by the names that their controls have in the config."""
    labels = {region.id: region.labels for region in families.get(LABEL, ())}
    found = dict[str, list[MarkedRegion]]()
    for family in MARKED:
        for region in families.get(family, ()):
            control = config.declared_control(region.control)
            extent = extent_of(region) if len(found.get(control, ())) < MOST else None
            if extent is not None:
                own = tuple(sorted(region.labels or labels.get(region.id, ())))
                found.setdefault(control, []).append(
                    MarkedRegion(region, _place(region), own, extent)
                )
    return {control: sorted(marks, key=_order) for control, marks in found.items()}


def pairs(ones: Iterable[MarkedRegion], others: Iterable[MarkedRegion]) -> list[MarkPair]:
    """The pairs that overlap enough to be the same mark, the best first."""
    by_place = {place: [*marks] for place, marks in groupby(sorted(others, key=_order), _on)}
    found = [
        MarkPair(overlap, one, other)
        for one in ones
        for other in by_place.get(one.place, ())
        if type(one.extent) is type(other.extent)
        and (overlap := one.extent.overlap(other.extent)) >= LEAST  # type: ignore[arg-type]
    ]
    return sorted(found, key=lambda pair: -pair.overlap)


def matched(found: Iterable[MarkPair], is_same: Callable[[MarkPair], bool]) -> Iterator[MarkPair]:
    """Pairs of which each mark is in one alone, taken from the best on."""
    ones, others = set[int](), set[int]()
    for pair in found:
        one, other = id(pair.one), id(pair.other)
        if one not in ones and other not in others and is_same(pair):
            ones.add(one)
            others.add(other)
            yield pair


def _place(region: RegionView) -> str:
    channel = region.value.get("channel")
    return f"{region.picture} channel {channel}" if channel else region.picture


def _on(mark: MarkedRegion) -> str:
    return mark.place


def _order(mark: MarkedRegion) -> tuple[object, ...]:
    return mark.place, type(mark.extent).__name__, mark.extent.order, mark.labels
