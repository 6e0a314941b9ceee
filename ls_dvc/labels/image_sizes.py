"""The size of an image: one answer for all of its regions, whatever each of them says.

Every region has `original_width` and `original_height` of its own. Where they disagree (imports,
models that scaled the image) the first region on the image decides: of the selected regions in
their order, else of all others. The rest are reported as `size-differs`.

Where the file of an image was fetched, its own size decides; regions with another one are reported
as `file-size-differs`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeVar

from ls_dvc.labels.canonical import Region
from ls_dvc.labels.geometry import Size
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.region_values import image_size

Item = TypeVar("Item", bound=Hashable)
ItemOf = Callable[[Region], Item | None]  # what a region is on; None for something else


def image_sizes(
    selection: Selection, item_of: ItemOf[Item], items: Collection[Item]
) -> dict[Item, Size]:
    """The sizes in pixels of those of `items` that any region knows the size of."""
    sizes: dict[Item, Size] = {}
    for region in chain(selection.regions, _unselected(selection)):
        size = image_size(region) if isinstance(region, dict) else None
        if size is None:
            continue
        item = item_of(region)
        if item is not None and item in items:
            sizes.setdefault(item, size)
            if len(sizes) == len(items):
                break
    return sizes


def with_other_size(
    selection: Selection, item_of: ItemOf[Item], sizes: Mapping[Item, Size]
) -> list[int]:
    """The indices of the selected regions that have another size than their image.

    `sizes` are those of `image_sizes`: where all regions agree, no region is looked at.
    """
    return differing_from(selection, item_of, sizes) if disagree(selection.regions) else []


def differing_from(
    selection: Selection, item_of: ItemOf[Item], sizes: Mapping[Item, Size]
) -> list[int]:
    """The indices of the selected regions that have another size than `sizes`, wherever from.

    Regions without a size, and on what is not in `sizes`, do not differ.
    """
    own = [_own_size(region) for region in selection.regions]
    items = [
        item_of(region) if size else None
        for size, region in zip(own, selection.regions, strict=True)
    ]
    return [
        index
        for index, (size, item) in enumerate(zip(own, items, strict=True))
        if item is not None and sizes.get(item, size) != size
    ]


def disagree(regions: Sequence[Region]) -> bool:
    """Whether regions have different sizes, be it of different images."""
    first = None
    for region in regions:  # nearly always all say the same
        try:
            size = region["original_width"], region["original_height"]
        except (LookupError, TypeError):
            continue
        if first is None:
            first = size
        elif size != first:
            return len({*map(_own_size, regions)} - {None}) > 1
    return False


def _own_size(region: Region) -> Size | None:
    return image_size(region) if isinstance(region, dict) else None


def _unselected(selection: Selection) -> Iterator[Region]:
    """The regions that are not selected, which are on the same images."""
    yield from (excluded.region for excluded in selection.excluded_by_filter)
    for annotation in chain(selection.task["annotations"], selection.task["predictions"]):
        result = annotation.get("result")
        yield from result if isinstance(result, list) else ()
