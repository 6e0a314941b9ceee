"""What COCO and YOLO have in common: the images of a task, and labeled shapes on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ls_dvc import geometry
from ls_dvc.canonical import Region, Task
from ls_dvc.errors import UserError
from ls_dvc.formats.base import Encoded, Project
from ls_dvc.geometry import Box, Point, Size
from ls_dvc.label_config import LabelConfig, labels_of
from ls_dvc.ledger import Fate, Reason, all_for, fate_of_unwritten
from ls_dvc.select import Labels

SPACE = "image"
Place = tuple[str, int]  # the Image object's name, and the place in its list of pictures


@dataclass(frozen=True)
class Image:
    """A picture of a task. `address` is the path or URL in the task's data."""

    task: int
    place: Place
    address: str
    size: Size | None


@dataclass(frozen=True)
class Shape:
    """A labeled shape in percent of its image: a box, or else a polygon.

    `class_ids` has one entry for each label; `region` is Label Studio's id of it.
    """

    place: Place
    class_ids: tuple[int, ...]
    region: str
    box: Box | None
    points: tuple[Point, ...]


class Picture(NamedTuple):
    """An image and what a format draws on it."""

    image: Image
    entries: list[Any]


Draw = Callable[[Shape, Image], list[Any] | Reason]


def encode(labels: Labels, project: Project, draw: Draw) -> Encoded:
    """The pictures of a task. `draw` turns a shape into entries, or says why it cannot."""
    reason = fate_of_unwritten(labels)
    shown = _images(labels, project.config)
    if reason or not shown:
        reason = reason or Reason.NO_MEDIA
        return Encoded(None, reason, all_for(labels, reason))
    pictures = {image.place: Picture(image, []) for image in shown}
    fates = [_drawn(region, project, pictures, draw) for region in labels.regions]
    fates = _with_partners(labels, fates)
    if _is_lost(labels, fates, project.config):
        return Encoded(None, Reason.NOTHING_LEFT, fates)
    return Encoded(list(pictures.values()), None, fates)


def check(project: Project, name: str) -> None:
    """`UserError` unless regions can be drawn on an image of this project."""
    drawn_on = [
        control
        for control in project.config.controls.values()
        if control.draws_regions and project.config.space_of(control) == SPACE
    ]
    if not drawn_on:
        raise UserError(
            f"{name} needs an <Image> with a control that draws labeled regions on it; "
            "the label config has none",
            f"take {name} out of label_studio.formats in params.yaml",
        )


def is_single(config: LabelConfig) -> bool:
    """Whether every task shows exactly one image."""
    objects = config.objects_of("Image")
    return len(objects) == 1 and not objects[0].is_list


def _images(labels: Labels, config: LabelConfig) -> list[Image]:
    """The pictures of a task in the order of the config; those without an address left out."""
    task, data = labels.task["id"], labels.task.get("data")
    sizes = _sizes(labels)
    return [
        Image(task, place, address, sizes.get(place))
        for place, address in _addresses(data if isinstance(data, Mapping) else {}, config)
    ]


def _drawn(region: Region, project: Project, pictures: Mapping[Place, Picture], draw: Draw) -> Fate:
    shape = _shape(region, project)
    if isinstance(shape, Reason):
        return shape
    if shape.place not in pictures:
        return Reason.NO_MEDIA
    picture = pictures[shape.place]
    entries = draw(shape, picture.image)
    if isinstance(entries, Reason):
        return entries
    picture.entries.extend(entries)
    return None


def _with_partners(labels: Labels, fates: list[Fate]) -> list[Fate]:
    """Where a shape and its labels are two regions with one id (Rectangle with Labels), the

    labeled one is what was drawn, and the other shares its fate.
    """
    labeled = {
        region.get("id"): fate
        for region, fate in zip(labels.regions, fates, strict=True)
        if isinstance(region, Mapping) and str(region.get("type")).endswith("labels")
    }
    return [
        labeled.get(region.get("id"), fate) if fate is Reason.NO_LABEL else fate
        for region, fate in zip(labels.regions, fates, strict=True)
    ]


def _is_lost(labels: Labels, fates: Sequence[Fate], config: LabelConfig) -> bool:
    """Whether a task must not be written, for it would look like one with nothing to label.

    That is so when something was drawn on its images and none of it can be written. Choices,
    texts and ratings draw nothing: with those alone the images were looked at and are empty.
    """
    drawn = [
        fate
        for region, fate in zip(labels.regions, fates, strict=True)
        if _is_drawn(region, config)
    ]
    return bool(drawn) and all(fate is not None for fate in drawn)


# Kinds of regions that draw nothing, and those that this version can draw.
_UNDRAWN = {"choices", "datetime", "number", "pairwise", "ranker", "rating", "relation"}
_UNDRAWN |= {"taxonomy", "textarea"}
_DRAWN = {"labels", "polygon", "polygonlabels", "rectangle", "rectanglelabels"}


def _is_drawn(region: Region, config: LabelConfig) -> bool:
    if not isinstance(region, Mapping):
        return True
    shown = config.objects.get(str(region.get("to_name")))
    on_image = shown is None or shown.tag == "Image"
    return on_image and region.get("type") not in _UNDRAWN


def _shape(region: Region, project: Project) -> Shape | Reason:
    if not isinstance(region, Mapping) or not isinstance(region.get("type"), str):
        return Reason.MALFORMED
    if region["type"] == "relation":
        return Reason.RELATION
    value = region.get("value")
    if region["type"] not in _DRAWN or not _is_drawn(region, project.config):
        return Reason.UNSUPPORTED_TYPE
    if not isinstance(value, Mapping):
        return Reason.MALFORMED
    if region["type"] == "labels" and not value.keys() & {"x", "points"}:
        return Reason.UNSUPPORTED_TYPE  # the labels of a brush mask, say
    box, points = geometry.box(value), geometry.polygon(value)
    if box is None and points is None:
        return Reason.BAD_GEOMETRY
    classes = _class_ids(region, project)
    if isinstance(classes, Reason):
        return classes
    region_id = str(region.get("id", ""))
    return Shape(_place(region), classes, region_id, box, tuple(points or ()))


def _class_ids(region: Mapping[str, Any], project: Project) -> tuple[int, ...] | Reason:
    """The ids of a region's labels; a region of which one label is unknown is not written."""
    known = {name: number for number, name in enumerate(project.classes.names(SPACE))}
    names = labels_of(region)
    if not names:
        return Reason.NO_LABEL
    if not all(name in known for name in names):
        return Reason.UNKNOWN_LABEL
    return tuple(dict.fromkeys(known[name] for name in names))


def _place(region: Mapping[str, Any]) -> Place:
    index = region.get("item_index", 0)
    return str(region.get("to_name")), index if type(index) is int else 0


def _addresses(data: Mapping[str, Any], config: LabelConfig) -> Iterator[tuple[Place, str]]:
    for each in config.objects_of("Image"):
        held = data.get(each.key)
        for index, address in enumerate(held if isinstance(held, list) else [held]):
            if isinstance(address, str) and address.strip():
                yield (each.name, index), address


def _sizes(labels: Labels) -> dict[Place, Size]:
    """The size of each image in pixels, as the first region that tells it has it."""
    found: dict[Place, Size] = {}
    for region in [*labels.regions, *_elsewhere(labels.task)]:
        size = geometry.size(region) if isinstance(region, Mapping) else None
        if size:
            found.setdefault(_place(region), size)
    return found


def _elsewhere(task: Task) -> list[Region]:
    """The regions of every annotation and prediction: they lie on the same images."""
    others = [*task["annotations"], *task["predictions"]]
    return [region for each in others for region in each.get("result") or ()]
