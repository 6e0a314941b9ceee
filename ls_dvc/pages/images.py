"""The images of a task with its regions as paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ls_dvc.labels import region_values
from ls_dvc.labels.canonical import Region, Task
from ls_dvc.labels.geometry import Size
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.media import MediaFile, TaskMedia
from ls_dvc.labels.regions import value_of
from ls_dvc.labels.shown_objects import shown_objects
from ls_dvc.pages import relations, svg_paths, words
from ls_dvc.pages.region_pairs import RegionPair
from ls_dvc.pages.scenes import DrawnShape, ImageScene

MOST = 12  # images of a task
UNKNOWN = Size(1000.0, 1000.0)

_Place = tuple[str, int]


def image_scenes(
    task: Task,
    config: LabelConfig,
    pairs: Sequence[RegionPair],
    media: TaskMedia,
    *,
    all_images: bool,
) -> list[ImageScene]:
    """The images on which a region differs; `all_images`: the others, too. At most `MOST`."""
    regions: dict[_Place, list[int]] = {}
    shown = dict(_images(task, config))
    for number, pair in enumerate(pairs):
        if not pair.is_answer and (place := _place(pair.known, shown)):
            regions.setdefault(place, []).append(number)
    ends = _changed_ends(pairs)
    changed = {
        place
        for place, found in regions.items()
        if any(pairs[n].change or ends.intersection(_ids(pairs[n])) for n in found)
    }
    wanted = [place for place in shown if all_images or place in changed]
    wanted += [place for place in regions if place not in shown and place in changed]
    return [
        _scene(place, shown.get(place, ""), media, pairs, regions.get(place, []))
        for place in wanted[:MOST]
    ]


def _changed_ends(pairs: Iterable[RegionPair]) -> set[str]:
    """The ids of the regions between which a relation differs."""
    changed = [pair.known for pair in pairs if pair.change and relations.is_relation(pair.known)]
    return {str(region.get(key)) for region in changed for key in relations.ENDS}


def _ids(pair: RegionPair) -> list[str]:
    return [str(region.get("id")) for _, region in pair.versions if isinstance(region, Mapping)]


def _images(task: Task, config: LabelConfig) -> Iterator[tuple[_Place, str]]:
    for shown in shown_objects(config, task.get("data"), "Image"):
        for index, address in shown.items:
            yield (shown.name, index or 0), address if isinstance(address, str) else ""


def _place(region: Region, shown: Mapping[_Place, str]) -> _Place | None:
    """The image that a region is drawn on; None for a region that is not drawn."""
    value = value_of(region)
    if not svg_paths.KEYS.intersection(value):
        return None
    if not isinstance(name := region.get("to_name"), str):
        return None
    index = region.get("item_index")
    place = (name, index if type(index) is int else 0)
    return place if place in shown or not shown or "original_width" in region else None


def _scene(
    place: _Place,
    address: str,
    media: TaskMedia,
    pairs: Sequence[RegionPair],
    numbers: Sequence[int],
) -> ImageScene:
    entry = media.get(address)
    file = entry.file if entry else None
    known = _size(file, [pairs[number].known for number in numbers])
    size = known or UNKNOWN
    name = place[0] if not place[1] else f"{place[0]}[{place[1]}]"
    drawn = _once(
        (pairs[number].annotator, shape)
        for number in numbers
        for shape in _shapes(number, pairs[number], size)
    )
    shapes = (*drawn, *relations.arrows(pairs, numbers, size))
    return ImageScene(name, address, file, size.width, size.height, known is not None, shapes)


def _once(shapes: Iterable[tuple[str, DrawnShape]]) -> tuple[DrawnShape, ...]:
    """Each outline once an annotator: a shape and its labels may be regions, the labels later."""
    return tuple({(who, shape.side, shape.path): shape for who, shape in shapes}.values())


def _size(file: MediaFile | None, regions: Sequence[Any]) -> Size | None:
    if file is not None and file.width and file.height:
        return Size(file.width, file.height)
    sizes = (region_values.image_size(each) for each in regions if isinstance(each, Mapping))
    return next(filter(None, sizes), None)


def _shapes(number: int, pair: RegionPair, size: Size) -> Iterator[DrawnShape]:
    """One shape for a region that is equal; one for each version of one that differs."""
    for side, region in pair.versions:
        if path := svg_paths.path_of(value_of(region), size):
            yield DrawnShape(side, path, words.label_of(region), number)
