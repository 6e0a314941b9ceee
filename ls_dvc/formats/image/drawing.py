"""What a format draws on the images of a task: the same way for all formats of images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

from ls_dvc.formats.image import found_images, keypoint_objects, keypoints, shapes
from ls_dvc.formats.image.found_images import DrawnImages, FoundImages
from ls_dvc.formats.image.images import DrawnImage, Image
from ls_dvc.formats.image.shapes import ImageKey, Mask, Shape, ShapeReader, image_of
from ls_dvc.formats.interface import Encoded, FormatContext
from ls_dvc.formats.media import IsRead, is_image
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
from ls_dvc.labels.image_sizes import differing_from
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
    written, None when it can. `is_read`: which types of pictures its trainers read.
    """

    figures: frozenset[type]
    draw: Draw
    keypoint_outcome: Callable[[Point], Outcome] | None = None
    is_read: IsRead = is_image


def encode(selection: Selection, context: FormatContext, writer: ShapeWriter) -> Encoded:
    """The images of a task, with what the writer draws on them.

    An image is left out when something was drawn on it and none of that can be written: it would
    look like one with nothing to label. Choices, texts and ratings draw nothing: with those alone
    it was looked at and is empty.
    """
    reason = outcome_of_unwritten(selection)
    found = FoundImages({}, {}) if reason else found_images.of(selection, context, writer.is_read)
    images, absent = found
    if not images and not absent:
        reason = reason or reason_without_media(selection, context.config, "Image")
        return Encoded(None, reason, all_for(selection, reason))
    canvas = _Canvas(images, writer.draw, [])
    read = _read(selection, context, writer, found)
    outcomes = _draw_regions(read, selection, context, writer, canvas)
    in_part = (
        *found_images.with_other_size(selection, context.config, images, outcomes),
        *canvas.in_part,
    )
    if images and not any(outcomes):
        return Encoded(list(images.values()), None, outcomes, in_part=in_part)
    outcomes = with_unresolved(outcomes, selection.regions, selection, context.config)
    outcomes = _with_partners(selection, outcomes)
    written = list(_written(found, _unwritten_on(selection, outcomes, context.config)))
    left = Reason.NOTHING_LEFT if images else next(iter(absent.values()))
    return Encoded(written, None if written else left, outcomes, in_part=in_part)


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


def _read(
    selection: Selection, context: FormatContext, writer: ShapeWriter, found: FoundImages
) -> list[Shape | Reason]:
    """The shapes of a task's regions, or why they cannot be drawn.

    A mask with another size than the file of its image has other pixels than that.
    """
    reader = _reader(context, writer)
    read = [shapes.read(region, reader) for region in selection.regions]
    if context.media is None:
        return read
    item_of, own = (
        partial(image_of, config=context.config),
        found_images.sizes_of_files(found.images),
    )
    differing = {*differing_from(selection, item_of, own)}
    for index, shape in enumerate(read):
        if isinstance(shape, Shape):
            is_other_mask = index in differing and isinstance(shape.figure, Mask)
            reason = Reason.FILE_SIZE_DIFFERS if is_other_mask else None
            read[index] = found.absent.get(shape.image) or reason or shape
    return read


def _draw_regions(
    read: list[Shape | Reason],
    selection: Selection,
    context: FormatContext,
    writer: ShapeWriter,
    canvas: _Canvas,
) -> list[Outcome]:
    """Draw the regions of a task; the outcome of each."""
    reader = _reader(context, writer)
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


def _written(found: FoundImages, unwritten: set[ImageKey | None]) -> Iterator[DrawnImage]:
    """The images to write; those without entries only where nothing was left out."""
    known = found.images.keys() | found.absent.keys()
    unsure = not unwritten <= known  # a region lies on an image that is not known
    for key, drawn in found.images.items():
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
