"""Labeled shapes on images: regions read and checked, in percent of their image."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ls_dvc.formats.image import masks
from ls_dvc.formats.interface import FormatContext
from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels import region_values
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.geometry import Box, Ellipse, Point
from ls_dvc.labels.label_config import LabelConfig

SPACE = "image"
ImageKey = tuple[str, int]  # the Image object's name, and the index in its list of images
NO_IMAGE: ImageKey = ("", -1)


class Polygon(NamedTuple):
    """The points of a polygon in percent of its image."""

    points: tuple[Point, ...]


class Keypoint(NamedTuple):
    """A key point, in percent of its image."""

    point: Point


class Mask(NamedTuple):
    """The value of a brush's region, not decoded, as that takes long."""

    value: Mapping[str, Any]


Figure = Box | Ellipse | Polygon | Keypoint | Mask


class Shape(NamedTuple):
    """A labeled figure in percent of its image.

    `class_ids` has one entry for each label; `region` is Label Studio's id of the region.
    `keypoints` has the key points that belong to the shape, one for each of
    `ShapeReader.keypoint_ids`, None where it has none.
    """

    image: ImageKey
    class_ids: tuple[int, ...]
    region: str
    figure: Figure
    keypoints: tuple[Point | None, ...] = ()


class ShapeReader(NamedTuple):
    """What reading the regions of a task needs, looked up once for all tasks.

    `figures` are the kinds to read, `known` the class ids of labels. `keypoint_ids` are the
    classes of key points in their order, None where key points do not belong to shapes;
    `no_keypoints` is the `keypoints` of a shape without any. `object_class` is the class of the
    objects that key points without a shape are, None when they belong to nothing.
    """

    config: LabelConfig
    known: Mapping[str, int]
    figures: frozenset[type]
    keypoint_ids: tuple[int, ...] | None = None
    no_keypoints: tuple[None, ...] = ()
    object_class: int | None = None


def keypoint_ids(context: FormatContext) -> tuple[int, ...]:
    """The class ids of the label config's key point labels, in the order of key points.

    That is `model_index`; labels without it come behind, in the order of class ids.
    """
    if not context.config.joints:
        return ()
    known, indices = context.classes.ids(SPACE), dict[int, int]()
    for control in context.config.controls.values():
        for name, index in control.model_indices:
            if name in known:
                indices.setdefault(known[name], index)
    class_ids = {known[name] for name in context.config.joints if name in known}
    return tuple(sorted(class_ids, key=lambda each: (indices.get(each, math.inf), each)))


def image_of(region: Mapping[str, Any], config: LabelConfig) -> ImageKey | None:
    """The image that a region lies on; None when it lies on something else.

    A name that left the config means its image, if it has but one.
    """
    name = region.get("to_name")
    if not isinstance(name, str):
        name = str(name)
    labeled = config.object_named(name)
    if labeled is None:
        images = config.objects_of("Image")
        name = images[0].name if len(images) == 1 and not images[0].repetition else name
    elif labeled.tag != "Image":
        return None
    index = region.get("item_index") or 0
    return (name, index) if type(index) is int else NO_IMAGE


def reader(
    context: FormatContext, figures: frozenset[type], *, with_keypoints: bool
) -> ShapeReader:
    """For regions of these kinds; `with_keypoints`: key points belong to other shapes."""
    known = context.classes.ids(SPACE)
    if not with_keypoints:
        return ShapeReader(context.config, known, figures)
    order = keypoint_ids(context)
    return ShapeReader(context.config, known, figures | {Keypoint}, order, (None,) * len(order))


def read(region: Region, reader: ShapeReader) -> Shape | Reason:
    """The shape that a region is, or why it is none that can be drawn."""
    if not isinstance(region, dict) or not isinstance(name := region.get("type"), str):
        return Reason.MALFORMED
    value = region.get("value")
    kind = _KINDS.get(name) or _kind_of_labels(name, value)
    if isinstance(kind, Reason):
        return kind
    image = image_of(region, reader.config)
    if image is None or kind.figure not in reader.figures:
        return Reason.UNSUPPORTED_TYPE
    if not isinstance(value, dict):
        return Reason.MALFORMED
    figure = kind.read(value)
    if figure is None:
        return Reason.BAD_GEOMETRY
    classes = _class_ids(value.get(name), reader, kind)
    if isinstance(classes, Reason):
        return classes
    return Shape(image, classes, str(region.get("id", "")), figure, reader.no_keypoints)


class _Kind(NamedTuple):
    figure: type
    read: Callable[[Mapping[str, Any]], Figure | None]


def _polygon(value: Mapping[str, Any]) -> Polygon | None:
    points = region_values.polygon(value)
    return Polygon(tuple(points)) if points else None


def _keypoint(value: Mapping[str, Any]) -> Keypoint | None:
    point = region_values.keypoint(value)
    return Keypoint(point) if point else None


def _mask(value: Mapping[str, Any]) -> Mask | None:
    return Mask(value) if masks.is_mask(value) else None


_BOX, _ELLIPSE = _Kind(Box, region_values.box), _Kind(Ellipse, region_values.ellipse)
_POLYGON, _KEYPOINT, _MASK = (
    _Kind(Polygon, _polygon),
    _Kind(Keypoint, _keypoint),
    _Kind(Mask, _mask),
)
_KINDS: Mapping[str, _Kind] = {
    **dict.fromkeys(("rectangle", "rectanglelabels"), _BOX),
    **dict.fromkeys(("polygon", "polygonlabels"), _POLYGON),
    **dict.fromkeys(("ellipse", "ellipselabels"), _ELLIPSE),
    **dict.fromkeys(("keypoint", "keypointlabels"), _KEYPOINT),
    **dict.fromkeys(("brush", "brushlabels"), _MASK),
}
# For labels that are a region of their own, which repeats the geometry of their shape.
_BY_KEYS = (
    ({"rle"}, _MASK),
    ({"points"}, _POLYGON),
    ({"x", "y", "radiusX", "radiusY"}, _ELLIPSE),
    ({"x", "y", "width", "height"}, _BOX),
    ({"x", "y", "width"}, _KEYPOINT),
)


def _kind_of_labels(name: str, value: Any) -> _Kind | Reason:
    if name != "labels":
        return Reason.RELATION if name == "relation" else Reason.UNSUPPORTED_TYPE
    if not isinstance(value, dict):
        return Reason.MALFORMED
    return next((kind for keys, kind in _BY_KEYS if keys <= value.keys()), Reason.UNSUPPORTED_TYPE)


def _class_ids(names: Any, reader: ShapeReader, kind: _Kind) -> tuple[int, ...] | Reason:
    """The ids of a region's labels; a region of which one label is unknown is not written."""
    if not isinstance(names, list) or not names:
        return Reason.NO_LABEL
    known = reader.known
    try:
        ids = [known[name] for name in names]
    except (KeyError, TypeError):
        texts = all(isinstance(name, str) for name in names)
        return Reason.UNKNOWN_LABEL if texts else Reason.MALFORMED
    keypoint_labels = reader.keypoint_ids
    if kind is _KEYPOINT and keypoint_labels is not None and not {*ids} <= {*keypoint_labels}:
        return Reason.NO_JOINT
    return (ids[0],) if len(ids) == 1 else tuple(dict.fromkeys(ids))
