"""The images of a task as values, and the tasks with upright boxes: shared by formats of images."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.image.fast_boxes import FastBoxTask
from ls_dvc.formats.image.shapes import SPACE, ImageKey
from ls_dvc.formats.interface import Encoded, FormatContext
from ls_dvc.formats.media import IsRead, extension_of, is_image, media_outcome, size_of
from ls_dvc.io.filenames import split
from ls_dvc.labels import region_values
from ls_dvc.labels.geometry import Size
from ls_dvc.labels.label_config import LabelConfig, LabeledObject
from ls_dvc.labels.media import MediaFile
from ls_dvc.labels.shown_objects import shown_objects


class Image(NamedTuple):
    """An image of a task. `address` is the path or URL in the task's data.

    `file` is the picture itself where it belongs next to the labels; then `size` is its own, if
    that is known.
    """

    task: int
    address: str
    size: Size | None
    file: MediaFile | None = None


class DrawnImage(NamedTuple):
    """An image and what a format draws on it."""

    image: Image
    entries: list[Any]


UprightBox = tuple[int, str, float, float, float, float]
"""A box without rotation: class id, region, and in percent x, y, width and height."""


LabelFile = tuple[int, str, str, str, bytes, MediaFile | None]
"""The label file of an image: task, address, the stem and the extension of the image's name, the
content, and the picture if it comes along. The stem is what the address suggests, and not unique.
(Not a NamedTuple, as those are slow to send between processes.)"""


def label_files(encoded: Encoded, content: Callable[[DrawnImage], bytes]) -> Encoded:
    """The same with label files in place of images."""
    if encoded.task is not None:
        return encoded
    files = [label_file(drawn.image, content(drawn)) for drawn in encoded.content]
    return encoded._replace(content=files)


def label_file(image: Image, content: bytes, readable: Collection[str] | None = None) -> LabelFile:
    """The label file of an image. `readable`: extensions that a picture can have, if not all."""
    task, address, _, file = image
    if file is None:
        return (task, address, *split(address, task), content, None)
    stem, suggested = split(address, task)
    return (task, address, stem, extension_of(file, suggested, readable), content, file)


def folder_of_pictures(context: FormatContext) -> str:
    """Where pictures belong, with a slash: readers of every split look in one folder of it."""
    return f"images/{context.split}/" if context.split else "images/"


def upright_boxes(
    task: FastBoxTask, context: FormatContext, is_read: IsRead = is_image
) -> tuple[Image, Size, list[UprightBox]] | None:
    """The image of a task and the boxes on it; None unless `encode` would find just these.

    `is_read`: which types of pictures the format can have.
    Most of the time for most projects is spent here, and in what the formats make of it.
    """
    labeled, known = _only_image(context), _known(context)
    if labeled is None:
        return None
    name, regions = labeled.name, task.annotations[0].result
    address = labeled.expression.resolve(task.data)
    if not regions or not isinstance(address, str) or not address.strip():
        return None
    size = region_values.image_size_of(regions[0].original_width, regions[0].original_height)
    if size is None:
        return None
    found = _with_file(Image(task.id, address, size), size, context, is_read)
    if found is None:
        return None
    boxes, width, height = [], regions[0].original_width, regions[0].original_height
    for region in regions:
        value = region.value
        class_id = known.get(value.rectanglelabels[0])
        if class_id is None or region.to_name != name:
            return None
        if region.original_width != width or region.original_height != height:
            return None
        boxes.append((class_id, region.id, value.x, value.y, value.width, value.height))
    return *found, boxes


def _with_file(
    image: Image, declared: Size, context: FormatContext, is_read: IsRead
) -> tuple[Image, Size] | None:
    """The image with its picture, if any; None where that has another size, or is none to write."""
    if context.media is None:
        return image, declared
    entry = context.media_of(image.address)
    file = entry.file if entry else None
    size = size_of(file) or declared
    if size != declared or media_outcome(entry, is_read):
        return None
    return image._replace(size=size, file=file), size


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


def addresses_of(data: Mapping[str, Any], config: LabelConfig) -> dict[ImageKey, str]:
    """The address of each image that a task with this `data` shows, in the order of the config."""
    addresses = {}
    for shown in shown_objects(config, data, "Image"):
        for index, address in shown.items:
            if isinstance(address, str) and address.strip():
                addresses[shown.name, index or 0] = address
    return addresses
