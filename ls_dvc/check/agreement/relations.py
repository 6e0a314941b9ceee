"""Relations between regions: the same where their ends are the same regions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain

from ls_dvc.check.agreement.marks import MarkedRegion, matched, pairs
from ls_dvc.check.regions import RegionView

_Relation = tuple[str, str, bool, tuple[str, ...]]
Marks = Mapping[str, Sequence[MarkedRegion]]


def shared(
    ones: Sequence[RegionView], others: Sequence[RegionView], one: Marks, other: Marks
) -> tuple[int, int]:
    """How many relations of two people have the same ends and labels, and the same ends alone.

    Ends are the same where they mark the same, whatever they are labeled.
    """
    left, right = (chain.from_iterable(marks.values()) for marks in (one, other))
    same = {
        pair.other.region.id: pair.one.region.id
        for pair in matched(pairs(left, right), lambda _: True)
    }
    first = [_ends(region, None) for region in ones]
    second = [_ends(region, same) for region in others]
    blind = [Counter(each[:3] for each in relations) for relations in (first, second)]
    return (Counter(first) & Counter(second)).total(), (blind[0] & blind[1]).total()


def _ends(region: RegionView, same: Mapping[str, str] | None) -> _Relation:
    """Both ends, in the direction that is meant, whether it is both, and the labels.

    Those of the other annotator by the ids of the marks that are the `same`.
    """
    ends = [str(region.region.get(name)) for name in ("from_id", "to_id")]
    known = ends if same is None else [same.get(end, f"other {end}") for end in ends]
    direction, given = region.region.get("direction"), region.region.get("labels")
    if direction == "left":
        known = known[::-1]
    elif direction == "bi":
        known = sorted(known)
    labels = given if isinstance(given, list) else ()
    named = tuple(sorted(each for each in labels if isinstance(each, str)))
    return known[0], known[1], direction == "bi", named
