"""The images of a task, and what a format draws on them: what the formats of pictures share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.image import shapes
from ls_dvc.formats.image.fast_boxes import FastBoxTask
from ls_dvc.formats.image.shapes import (
    SPACE,
    Figure,
    ImageKey,
    Mask,
    Polygon,
    Shape,
    ShapeReader,
    place_of,
)
from ls_dvc.formats.interface import Encoded, FormatContext
from ls_dvc.formats.outcomes import (
    Outcome,
    Reason,
    all_for,
    outcome_of_unwritten,
    reason_without_media,
    with_unresolved,
)
from ls_dvc.io.filenames import split
from ls_dvc.labels import geometry
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.geometry import Point, Size
from ls_dvc.labels.label_config import LabelConfig, LabeledObject
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.regions import labels_of
from ls_dvc.labels.shown_objects import shown_objects

__all__ = [
    "SPACE",
    "Figure",
    "Image",
    "ImageAddress",
    "Mask",
    "Polygon",
    "Shape",
    "ShapeWriter",
]


class Image(NamedTuple):
    """A picture of a task. `address` is the path or URL in the task's data."""

    task: int
    address: str
    size: Size | None


class ImageAddress(NamedTuple):
    """An image and what a format draws on it."""

    image: Image
    entries: list[Any]


UprightBox = tuple[int, str, float, float, float, float]
"""A box without rotation: class id, region, and in percent x, y, width and height."""

Draw = Callable[[Shape, Image], list[Any] | Reason]


LabelFile = tuple[int, str, str, str, bytes]
"""A picture as a file of its own: task, address, the stem and the extension that the address
suggests for a name, and the content. (Not named, as that makes it slow between processes.)"""


def files_of(encoded: Encoded, content: Callable[[ImageAddress], bytes]) -> Encoded:
    """The same with files in place of pictures."""
    if encoded.task is not None:
        return encoded
    files = [file(each.image, content(each)) for each in encoded.content]
    return Encoded(files, None, encoded.regions)


def file(image: Image, content: bytes) -> LabelFile:
    """The file of a picture."""
    task, address, _ = image
    return (task, address, *split(address, task), content)


class ShapeWriter(NamedTuple):
    """What a format can draw.

    `draw` turns a shape of the kinds in `figures` into entries, or says why it cannot. `joint` is
    for formats in which key points belong to shapes: why one cannot be written, None when it can.
    """

    figures: frozenset[type]
    draw: Draw
    joint: Callable[[Point], Outcome] | None = None


Pictures = dict[ImageKey, ImageAddress]


def encode(selection: Selection, context: FormatContext, writer: ShapeWriter) -> Encoded:
    """The pictures of a task.

    A picture is left out when something was drawn on it and none of that can be written: it would
    look like one with nothing to label. Choices, texts and ratings draw nothing: with those alone
    it was looked at and is empty.
    """
    reason = outcome_of_unwritten(selection)
    pictures = {} if reason else _pictures(selection, context.config)
    if not pictures:
        reason = reason or reason_without_media(selection, context.config)
        return Encoded(None, reason, all_for(selection, reason))
    fates = _drawn(selection, context, writer, pictures)
    if not any(fates):
        return Encoded(list(pictures.values()), None, fates)
    fates = with_unresolved(fates, selection.regions, selection, context.config)
    fates = _with_partners(selection, fates)
    kept = list(_left(pictures, _lost_places(selection, fates, context.config)))
    return Encoded(kept, None if kept else Reason.NOTHING_LEFT, fates)


def boxes_of(
    task: FastBoxTask, context: FormatContext
) -> tuple[Image, Size, list[UprightBox]] | None:
    """The picture of a task and the boxes on it; None unless `encode` would find just these.

    Most of the time for most projects is spent here, and in what the formats make of it.
    """
    shown, known = _only_image(context), _known(context)
    if shown is None:
        return None
    name, regions = shown.name, task.annotations[0].result
    address = shown.expression.resolve(task.data)
    if not regions or not isinstance(address, str) or not address.strip():
        return None
    size = geometry.size_of(regions[0].original_width, regions[0].original_height)
    if size is None:
        return None
    found = []
    for region in regions:
        sides = region.value
        class_id = known.get(sides.rectanglelabels[0])
        if class_id is None or region.to_name != name:
            return None
        found.append((class_id, region.id, sides.x, sides.y, sides.width, sides.height))
    return Image(task.id, address, size), size, found


@lru_cache(maxsize=8)
def _known(context: FormatContext) -> Mapping[str, int]:
    return context.classes.ids(SPACE)


def check(context: FormatContext, name: str) -> None:
    """`LsDvcError` unless regions can be drawn on an image of this project."""
    drawn_on = [
        control
        for control in context.config.controls.values()
        if control.draws_regions and context.config.space_of(control) == SPACE
    ]
    if not drawn_on:
        raise LsDvcError(
            f"{name} needs an <Image> with a control that draws labeled regions on it; "
            "the label config has none",
            f"take {name} out of label_studio.formats in params.yaml",
        )


def is_single(context: FormatContext) -> bool:
    """Whether every task shows exactly one image."""
    return _only_image(context) is not None


@lru_cache(maxsize=8)
def _only_image(context: FormatContext) -> LabeledObject | None:
    objects = context.config.objects_of("Image")
    is_single = len(objects) == 1 and not objects[0].is_list and not objects[0].repetition
    return objects[0] if is_single else None


def _drawn(
    selection: Selection, context: FormatContext, writer: ShapeWriter, pictures: Pictures
) -> list[Outcome]:
    """Draw the regions of a task; the fate of each."""
    reader = _reader(context, writer)
    found = [shapes.read(region, reader) for region in selection.regions]
    tied = (
        shapes.tie(found, selection, reader, writer.joint) if reader.joints and writer.joint else {}
    )
    if not tied:
        return [_draw(each, pictures, writer.draw) for each in found]
    fates = [
        None if index in tied else _draw(each, pictures, writer.draw)
        for index, each in enumerate(found)
    ]
    for index, owner in tied.items():
        if fates[owner]:
            fates[index] = _draw(found[index], pictures, writer.draw)
    return fates


@lru_cache(maxsize=8)
def _reader(context: FormatContext, writer: ShapeWriter) -> ShapeReader:
    return shapes.reader(context, writer.figures, tied=writer.joint is not None)


def _draw(shape: Shape | Reason, pictures: Pictures, draw: Draw) -> Outcome:
    if isinstance(shape, Reason):
        return shape
    picture = pictures.get(shape.place)
    if picture is None:
        return Reason.NO_MEDIA
    entries = draw(shape, picture.image)
    if isinstance(entries, Reason):
        return entries
    picture.entries.extend(entries)
    return None


def _with_partners(selection: Selection, fates: list[Outcome]) -> list[Outcome]:
    """With one fate for a shape and its labels where they are two regions (Rectangle and Labels).

    Both have the same id and geometry; the labeled one is what was drawn.
    """
    if Reason.NO_LABEL not in fates:
        return fates
    names = [
        (origin, str(region.get("id"))) if isinstance(region, dict) and "id" in region else None
        for origin, region in zip(selection.annotation_ids, selection.regions, strict=True)
    ]
    labeled = {
        name: fate
        for name, region, fate in zip(names, selection.regions, fates, strict=True)
        if name and labels_of(region)
    }
    return [
        labeled.get(name, fate) if name and fate is Reason.NO_LABEL else fate
        for name, fate in zip(names, fates, strict=True)
    ]


def _left(pictures: Pictures, lost: set[ImageKey | None]) -> Iterator[ImageAddress]:
    """The pictures to write; those without entries only where nothing was lost."""
    blurred = not lost <= pictures.keys()  # something lies on who knows which of them
    for place, picture in pictures.items():
        if picture.entries or not (blurred or place in lost):
            yield picture


# Kinds of regions that draw nothing.
_UNDRAWN = {"choices", "datetime", "number", "pairwise", "ranker", "rating", "relation"}
_UNDRAWN |= {"taxonomy", "textarea"}


def _lost_places(
    selection: Selection, fates: Sequence[Outcome], config: LabelConfig
) -> set[ImageKey | None]:
    """Where the drawn regions lie that are not written; None for who knows where."""
    return {
        place_of(region, config) if isinstance(region, dict) else None
        for region, fate in zip(selection.regions, fates, strict=True)
        if fate is not None and _is_drawn(region, config)
    }


def _is_drawn(region: Region, config: LabelConfig) -> bool:
    if not isinstance(region, dict):
        return True
    on_image = place_of(region, config) is not None
    return on_image and str(region.get("type")) not in _UNDRAWN


def _pictures(selection: Selection, config: LabelConfig) -> Pictures:
    """The pictures of a task in the order of the config; those without an address left out."""
    task, data = selection.task["id"], selection.task.get("data")
    shown = _addresses(data, config) if isinstance(data, dict) else {}
    sizes = _sizes(selection, config, shown)
    return {
        place: ImageAddress(Image(task, address, sizes.get(place)), [])
        for place, address in shown.items()
    }


def _addresses(data: Mapping[str, Any], config: LabelConfig) -> dict[ImageKey, str]:
    return {
        (shown.name, index or 0): address
        for shown in shown_objects(config, data, "Image")
        for index, address in shown.items
        if isinstance(address, str) and address.strip()
    }


def _sizes(
    selection: Selection, config: LabelConfig, shown: Mapping[ImageKey, str]
) -> dict[ImageKey, Size]:
    """The size of each image in pixels, as the first region that tells it has it."""
    found: dict[ImageKey, Size] = {}
    for region in chain(selection.regions, _elsewhere(selection)):
        size = geometry.size(region) if isinstance(region, dict) else None
        place = place_of(region, config) if size else None
        if size and place and place in shown:
            found.setdefault(place, size)
            if len(found) == len(shown):
                break
    return found


def _elsewhere(selection: Selection) -> Iterator[Region]:
    """The regions that do not count: they lie on the same images."""
    yield from (each.region for each in selection.excluded_by_filter)
    for each in chain(selection.task["annotations"], selection.task["predictions"]):
        result = each.get("result")
        yield from result if isinstance(result, list) else ()
