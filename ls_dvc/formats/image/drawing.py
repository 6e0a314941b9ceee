"""What a format draws on the images of a task: the same way for all formats of images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

from ls_dvc.formats.image import keypoint_objects, keypoints, shapes
from ls_dvc.formats.image.images import DrawnImage, Image, addresses_of
from ls_dvc.formats.image.shapes import ImageKey, Shape, ShapeReader, image_of
from ls_dvc.formats.interface import Encoded, FormatContext
from ls_dvc.formats.outcomes import (
    Outcome,
    Reason,
    all_for,
    outcome_of_unwritten,
    reason_without_media,
    with_unresolved,
)
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.geometry import Point
from ls_dvc.labels.image_sizes import disagree, image_sizes, with_other_size
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.regions import labels_of


class DrawnInPart(NamedTuple):
    """Entries of a shape that lack something, and what."""

    entries: list[Any]
    reason: Reason


Draw = Callable[[Shape, Image], list[Any] | DrawnInPart | Reason]


class ShapeWriter(NamedTuple):
    """What a format can draw.

    `draw` turns a shape of the kinds in `figures` into entries, or says why it cannot.
    `keypoint_outcome` is for formats in which key points belong to shapes: why one cannot be
    written, None when it can.
    """

    figures: frozenset[type]
    draw: Draw
    keypoint_outcome: Callable[[Point], Outcome] | None = None


DrawnImages = dict[ImageKey, DrawnImage]


def encode(selection: Selection, context: FormatContext, writer: ShapeWriter) -> Encoded:
    """The images of a task, with what the writer draws on them.

    An image is left out when something was drawn on it and none of that can be written: it would
    look like one with nothing to label. Choices, texts and ratings draw nothing: with those alone
    it was looked at and is empty.
    """
    reason = outcome_of_unwritten(selection)
    images = {} if reason else _images(selection, context.config)
    if not images:
        reason = reason or reason_without_media(selection, context.config, "Image")
        return Encoded(None, reason, all_for(selection, reason))
    canvas = _Canvas(images, writer.draw, [])
    outcomes = _draw_regions(selection, context, writer, canvas)
    in_part = (*_with_other_size(selection, context.config, images, outcomes), *canvas.in_part)
    if not any(outcomes):
        return Encoded(list(images.values()), None, outcomes, in_part=in_part)
    outcomes = with_unresolved(outcomes, selection.regions, selection, context.config)
    outcomes = _with_partners(selection, outcomes)
    written = list(_written(images, _unwritten_on(selection, outcomes, context.config)))
    reason = None if written else Reason.NOTHING_LEFT
    return Encoded(written, reason, outcomes, in_part=in_part)


def _with_other_size(
    selection: Selection, config: LabelConfig, images: DrawnImages, outcomes: Sequence[Outcome]
) -> Sequence[tuple[int, Reason]]:
    """The written regions with another size than their image."""
    if not disagree(selection.regions):
        return ()
    sizes = {key: drawn.image.size for key, drawn in images.items() if drawn.image.size}
    indices = with_other_size(selection, partial(image_of, config=config), sizes)
    return [(index, Reason.SIZE_DIFFERS) for index in indices if outcomes[index] is None]


class _Canvas(NamedTuple):
    """The images of a task; `in_part` are the indices of regions that lack something, and what."""

    images: DrawnImages
    draw: Draw
    in_part: list[tuple[int, Reason]]

    def add(self, index: int, shape: Shape | Reason) -> Outcome:
        """Draw the shape of a region."""
        if isinstance(shape, Reason):
            return shape
        drawn = self.images.get(shape.image)
        if drawn is None:
            return Reason.NO_MEDIA
        entries = self.draw(shape, drawn.image)
        if isinstance(entries, Reason):
            return entries
        if isinstance(entries, DrawnInPart):
            self.in_part.append((index, entries.reason))
            entries = entries.entries
        drawn.entries.extend(entries)
        return None


def _draw_regions(
    selection: Selection, context: FormatContext, writer: ShapeWriter, canvas: _Canvas
) -> list[Outcome]:
    """Draw the regions of a task; the outcome of each."""
    reader = _reader(context, writer)
    read = [shapes.read(region, reader) for region in selection.regions]
    if not reader.keypoint_ids or not writer.keypoint_outcome:
        return [canvas.add(index, shape) for index, shape in enumerate(read)]
    owners = keypoints.attach(read, selection, reader, writer.keypoint_outcome)
    objects = keypoints.group(read, owners, selection, reader.object_class, context.keypoints)
    drawn_later = owners.keys() | {index for each in objects for index in each.indices}
    outcomes = [
        None if index in drawn_later else canvas.add(index, shape)
        for index, shape in enumerate(read)
    ]
    for index, owner in owners.items():
        if outcomes[owner]:
            is_alone = reader.object_class is None
            outcomes[index] = canvas.add(index, read[index]) if is_alone else Reason.NO_PARENT
    for shape, indices in objects:
        outcome = canvas.add(indices[0], shape)
        for index in indices:
            outcomes[index] = outcome
    return outcomes


@lru_cache(maxsize=8)
def _reader(context: FormatContext, writer: ShapeWriter) -> ShapeReader:
    with_keypoints = writer.keypoint_outcome is not None
    reader = shapes.reader(context, writer.figures, with_keypoints=with_keypoints)
    if not with_keypoints:
        return reader
    return reader._replace(object_class=keypoint_objects.object_class(context))


def _with_partners(selection: Selection, outcomes: list[Outcome]) -> list[Outcome]:
    """With one outcome for a shape and its labels where they are two regions.

    (Rectangle and Labels, say.) Both have the same id and geometry; the labeled one is drawn.
    """
    if Reason.NO_LABEL not in outcomes:
        return outcomes
    names = [
        (origin, str(region.get("id"))) if isinstance(region, dict) and "id" in region else None
        for origin, region in zip(selection.annotation_ids, selection.regions, strict=True)
    ]
    labeled = {
        name: outcome
        for name, region, outcome in zip(names, selection.regions, outcomes, strict=True)
        if name and labels_of(region)
    }
    return [
        labeled.get(name, outcome) if name and outcome is Reason.NO_LABEL else outcome
        for name, outcome in zip(names, outcomes, strict=True)
    ]


def _written(images: DrawnImages, unwritten: set[ImageKey | None]) -> Iterator[DrawnImage]:
    """The images to write; those without entries only where nothing was left out."""
    unsure = not unwritten <= images.keys()  # a region lies on an image that is not known
    for key, drawn in images.items():
        if drawn.entries or not (unsure or key in unwritten):
            yield drawn


# Kinds of regions that draw nothing.
_UNDRAWN = {"choices", "datetime", "number", "pairwise", "ranker", "rating", "relation"}
_UNDRAWN |= {"taxonomy", "textarea"}


def _unwritten_on(
    selection: Selection, outcomes: Sequence[Outcome], config: LabelConfig
) -> set[ImageKey | None]:
    """The images with drawn regions that are not written; None for an unknown image."""
    return {
        image_of(region, config) if isinstance(region, dict) else None
        for region, outcome in zip(selection.regions, outcomes, strict=True)
        if outcome is not None and _is_drawn(region, config)
    }


def _is_drawn(region: Region, config: LabelConfig) -> bool:
    if not isinstance(region, dict):
        return True
    on_image = image_of(region, config) is not None
    return on_image and str(region.get("type")) not in _UNDRAWN


def _images(selection: Selection, config: LabelConfig) -> DrawnImages:
    """The images of a task in the order of the config; those without an address left out."""
    task, data = selection.task["id"], selection.task.get("data")
    addresses = addresses_of(data, config) if isinstance(data, dict) else {}
    sizes = image_sizes(selection, partial(image_of, config=config), addresses)
    return {
        key: DrawnImage(Image(task, address, sizes.get(key)), [])
        for key, address in addresses.items()
    }
