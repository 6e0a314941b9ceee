"""Labeled shapes on images, as the formats of pictures want them: regions read, checked, tied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ls_dvc.formats.image import masks
from ls_dvc.formats.interface import FormatContext
from ls_dvc.formats.outcomes import Outcome, Reason
from ls_dvc.labels import geometry
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.geometry import Box, Ellipse, Point
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.policy import Selection

SPACE = "image"
ImageKey = tuple[str, int]  # the Image object's name, and the place in its list of pictures
NOWHERE: ImageKey = ("", -1)


class Polygon(NamedTuple):
    """The points of a polygon in percent of its image."""

    points: tuple[Point, ...]


class Keypoint(NamedTuple):
    """A key point, in percent of its image."""

    point: Point


class Mask(NamedTuple):
    """The value of a brush's region; decoding takes long, and the image's size."""

    value: Mapping[str, Any]


Figure = Box | Ellipse | Polygon | Keypoint | Mask


class Shape(NamedTuple):
    """A labeled figure in percent of its image.

    `class_ids` has one entry for each label; `region` is Label Studio's id of it. `joints` has the
    key points that belong to it, one for each of `Reader.joints`, None where it has none.
    """

    place: ImageKey
    class_ids: tuple[int, ...]
    region: str
    figure: Figure
    joints: tuple[Point | None, ...] = ()


class ShapeReader(NamedTuple):
    """What it takes to read the regions of a task: looked up once for all of them.

    `figures` are the kinds to read, `known` the class ids of labels. `joints` are the classes of
    key points in the order of their ids, None where key points belong to nothing; `none` are the
    joints of a shape to which none belongs.
    """

    config: LabelConfig
    known: Mapping[str, int]
    figures: frozenset[type]
    joints: tuple[int, ...] | None = None
    none: tuple[None, ...] = ()


def joints(context: FormatContext) -> tuple[int, ...]:
    """The class ids of key point labels of today's label config, in the order of class ids."""
    if not context.config.joints:
        return ()
    known = context.classes.ids(SPACE)
    return tuple(sorted({known[name] for name in context.config.joints if name in known}))


def place_of(region: Mapping[str, Any], config: LabelConfig) -> ImageKey | None:
    """Where a region lies; None when on something else than an image.

    A name that the config lost means its image, if it has but one.
    """
    name = region.get("to_name")
    if not isinstance(name, str):
        name = str(name)
    shown = config.object_named(name)
    if shown is None:
        images = config.objects_of("Image")
        name = images[0].name if len(images) == 1 and not images[0].repetition else name
    elif shown.tag != "Image":
        return None
    index = region.get("item_index") or 0
    return (name, index) if type(index) is int else NOWHERE


def reader(context: FormatContext, figures: frozenset[type], *, tied: bool) -> ShapeReader:
    """For regions of these kinds; `tied` says that key points belong to other shapes."""
    known = context.classes.ids(SPACE)
    if not tied:
        return ShapeReader(context.config, known, figures)
    order = joints(context)
    return ShapeReader(context.config, known, figures | {Keypoint}, order, (None,) * len(order))


def read(region: Region, reader: ShapeReader) -> Shape | Reason:
    """The shape that a region is, or why it is none that can be drawn."""
    if not isinstance(region, dict) or not isinstance(name := region.get("type"), str):
        return Reason.MALFORMED
    value = region.get("value")
    kind = _KINDS.get(name) or _kind_of_labels(name, value)
    if isinstance(kind, Reason):
        return kind
    place = place_of(region, reader.config)
    if place is None or kind.figure not in reader.figures:
        return Reason.UNSUPPORTED_TYPE
    if not isinstance(value, dict):
        return Reason.MALFORMED
    figure = kind.read(value)
    if figure is None:
        return Reason.BAD_GEOMETRY
    classes = _class_ids(value.get(name), reader, kind)
    if isinstance(classes, Reason):
        return classes
    return Shape(place, classes, str(region.get("id", "")), figure, reader.none)


class _Kind(NamedTuple):
    figure: type
    read: Callable[[Mapping[str, Any]], Figure | None]


def _polygon(value: Mapping[str, Any]) -> Polygon | None:
    points = geometry.polygon(value)
    return Polygon(tuple(points)) if points else None


def _keypoint(value: Mapping[str, Any]) -> Keypoint | None:
    point = geometry.spot(value)
    return Keypoint(point) if point else None


def _mask(value: Mapping[str, Any]) -> Mask | None:
    return Mask(value) if masks.is_mask(value) else None


_BOX, _ELLIPSE = _Kind(Box, geometry.box), _Kind(Ellipse, geometry.ellipse)
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
# For labels that are a region of their own, which holds the geometry of their shape once more.
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
        found = [known[name] for name in names]
    except (KeyError, TypeError):
        texts = all(isinstance(name, str) for name in names)
        return Reason.UNKNOWN_LABEL if texts else Reason.MALFORMED
    if kind is _KEYPOINT and reader.joints is not None and not {*found} <= {*reader.joints}:
        return Reason.NO_JOINT
    return (found[0],) if len(found) == 1 else tuple(dict.fromkeys(found))


# --- key points, and the shapes that they belong to


def tie(
    found: list[Shape | Reason],
    selection: Selection,
    reader: ShapeReader,
    joint: Callable[[Point], Outcome],
) -> dict[int, int]:
    """Give the shapes in `found` their joints; from each joint's index to that of its shape.

    `joint` says why a point cannot be one, None when it can; that, or that its shape has such a
    joint already, takes its place in `found`. It is a joint of itself too, should it stay alone.
    """
    slots = {number: slot for slot, number in enumerate(reader.joints or ())}
    tied = {}
    for index, keypoint, point, owner in _keypoints(found, selection):
        mine, fate = [slots[each] for each in keypoint.class_ids], joint(point)
        found[index] = fate or _with(keypoint, mine, point)
        if fate is None and owner is not None:
            shape = _with(found[owner], mine, point)
            if isinstance(shape, Reason):
                found[index] = shape
            else:
                found[owner], tied[index] = shape, owner
    return tied


def _keypoints(
    found: Sequence[Shape | Reason], selection: Selection
) -> list[tuple[int, Shape, Point, int | None]]:
    """Each key point with its index, and the index of the shape that its `parentID` names.

    Ids of regions are unique within an annotation.
    """
    keypoints, others = list[tuple[int, Shape, Point]](), list[tuple[int, Shape]]()
    for index, each in enumerate(found):
        if isinstance(each, Shape) and isinstance(each.figure, Keypoint):
            keypoints.append((index, each, each.figure.point))
        elif isinstance(each, Shape):
            others.append((index, each))
    if not keypoints:
        return []
    origins, regions = selection.annotation_ids, selection.regions
    names = {(origins[index], each.place, each.region): index for index, each in others}
    parents = [
        names.get((origins[index], each.place, str(regions[index].get("parentID"))))
        for index, each, _ in keypoints
    ]
    return [(*keypoint, parent) for keypoint, parent in zip(keypoints, parents, strict=True)]


def _with(shape: Shape | Reason, slots: Sequence[int], point: Point) -> Shape | Reason:
    """The shape with a joint more; DUPLICATE when it has one in that place."""
    if isinstance(shape, Reason):
        return shape
    joints = list(shape.joints)
    if any(joints[slot] for slot in slots):
        return Reason.DUPLICATE
    for slot in slots:
        joints[slot] = point
    return shape._replace(joints=tuple(joints))
