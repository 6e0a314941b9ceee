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
NOWHERE: Place = ("", -1)


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
    """The pictures of a task. `draw` turns a shape into entries, or says why it cannot.

    A picture is left out when something was drawn on it and none of that can be written: it would
    look like one with nothing to label. Choices, texts and ratings draw nothing: with those alone
    it was looked at and is empty.
    """
    reason = fate_of_unwritten(labels)
    shown = _images(labels, project.config)
    if reason or not shown:
        reason = reason or Reason.NO_MEDIA
        return Encoded(None, reason, all_for(labels, reason))
    pictures = {image.place: Picture(image, []) for image in shown}
    fates = [_drawn(region, project, pictures, draw) for region in labels.regions]
    fates = _with_partners(labels, fates)
    lost = _lost_places(labels, fates, project.config)
    blurred = not lost <= pictures.keys()  # something lies on who knows which of them
    kept = [
        picture
        for place, picture in pictures.items()
        if picture.entries or not (blurred or place in lost)
    ]
    return Encoded(kept, None if kept else Reason.NOTHING_LEFT, fates)


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
    sizes = _sizes(labels, config)
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
    """With one fate for a shape and its labels where they are two regions (Rectangle and Labels).

    Both have the same id and geometry; the labeled one is what was drawn.
    """
    labeled = {
        str(region["id"]): fate
        for region, fate in zip(labels.regions, fates, strict=True)
        if isinstance(region, Mapping) and "id" in region and labels_of(region)
    }
    return [
        labeled.get(str(region.get("id")), fate) if fate is Reason.NO_LABEL else fate
        for region, fate in zip(labels.regions, fates, strict=True)
    ]


def _lost_places(labels: Labels, fates: Sequence[Fate], config: LabelConfig) -> set[Place]:
    """Where the drawn regions lie that are not written."""
    return {
        _place(region, config)
        for region, fate in zip(labels.regions, fates, strict=True)
        if fate is not None and _is_drawn(region, config)
    }


# Kinds of regions that draw nothing, and those that this version can draw.
_UNDRAWN = {"choices", "datetime", "number", "pairwise", "ranker", "rating", "relation"}
_UNDRAWN |= {"taxonomy", "textarea"}
_DRAWN = {"labels", "polygon", "polygonlabels", "rectangle", "rectanglelabels"}
_GEOMETRIES = ({"x", "y", "width", "height"}, {"points"})


def _is_drawn(region: Region, config: LabelConfig) -> bool:
    if not isinstance(region, Mapping):
        return True
    shown = config.objects.get(str(region.get("to_name")))
    on_image = shown is None or shown.tag == "Image"
    return on_image and str(region.get("type")) not in _UNDRAWN


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
    if region["type"] == "labels" and not any(keys <= value.keys() for keys in _GEOMETRIES):
        return Reason.UNSUPPORTED_TYPE  # the labels of a brush mask, an ellipse, a key point
    box, points = geometry.box(value), geometry.polygon(value)
    if box is None and points is None:
        return Reason.BAD_GEOMETRY
    classes = _class_ids(region, project)
    if isinstance(classes, Reason):
        return classes
    region_id = str(region.get("id", ""))
    return Shape(_place(region, project.config), classes, region_id, box, tuple(points or ()))


def _class_ids(region: Mapping[str, Any], project: Project) -> tuple[int, ...] | Reason:
    """The ids of a region's labels; a region of which one label is unknown is not written."""
    known, names = project.classes.ids(SPACE), labels_of(region)
    listed = region["value"].get(region["type"])
    if isinstance(listed, list) and len(listed) > len(names):
        return Reason.MALFORMED  # a label that is no text
    if not names:
        return Reason.NO_LABEL
    if not all(name in known for name in names):
        return Reason.UNKNOWN_LABEL
    return tuple(dict.fromkeys(known[name] for name in names))


def _place(region: Region, config: LabelConfig) -> Place:
    """Where a region lies. A name that the config lost means its image, if it has but one."""
    if not isinstance(region, Mapping):
        return NOWHERE
    name, shown = str(region.get("to_name")), config.objects_of("Image")
    if name not in config.objects and len(shown) == 1:
        name = shown[0].name
    index = region.get("item_index") or 0
    return (name, index) if type(index) is int else NOWHERE


def _addresses(data: Mapping[str, Any], config: LabelConfig) -> Iterator[tuple[Place, str]]:
    for each in config.objects_of("Image"):
        held = data.get(each.key)
        listed = held if each.is_list and isinstance(held, list) else [held]
        for index, address in enumerate(listed):
            if isinstance(address, str) and address.strip():
                yield (each.name, index), address


def _sizes(labels: Labels, config: LabelConfig) -> dict[Place, Size]:
    """The size of each image in pixels, as the first region that tells it has it."""
    found: dict[Place, Size] = {}
    for region in [*labels.regions, *_elsewhere(labels.task)]:
        size = geometry.size(region) if isinstance(region, Mapping) else None
        if size:
            found.setdefault(_place(region, config), size)
    return found


def _elsewhere(task: Task) -> list[Region]:
    """The regions of every annotation and prediction: they lie on the same images."""
    results = (each.get("result") for each in [*task["annotations"], *task["predictions"]])
    return [region for each in results if isinstance(each, list) for region in each]
