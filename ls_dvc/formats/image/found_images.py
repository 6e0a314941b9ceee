"""The images of a task that can be written, with their sizes: declared, or those of their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from ls_dvc.formats.image.images import DrawnImage, Image, addresses_of
from ls_dvc.formats.image.shapes import ImageKey, image_of
from ls_dvc.formats.interface import FormatContext
from ls_dvc.formats.media import IsRead, media_outcome, size_of
from ls_dvc.formats.outcomes import Outcome, Reason
from ls_dvc.labels import image_sizes
from ls_dvc.labels.geometry import Size
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.policy import Selection

DrawnImages = dict[ImageKey, DrawnImage]


class FoundImages(NamedTuple):
    """The images of a task in the order of the config, and why others of it cannot be written."""

    images: DrawnImages
    absent: Mapping[ImageKey, Reason]


def of(selection: Selection, context: FormatContext, is_read: IsRead) -> FoundImages:
    """Those without an address left out."""
    task, data = selection.task["id"], selection.task.get("data")
    addresses = addresses_of(data, context.config) if isinstance(data, dict) else {}
    sizes = image_sizes.image_sizes(selection, partial(image_of, config=context.config), addresses)
    found = FoundImages({}, absent := {})
    for key, address in addresses.items():
        entry, size = context.media_of(address), sizes.get(key)
        if reason := media_outcome(entry, is_read):
            absent[key] = reason
        else:
            file = entry.file if entry else None
            found.images[key] = DrawnImage(Image(task, address, size_of(file) or size, file), [])
    return found


def with_other_size(
    selection: Selection, config: LabelConfig, images: DrawnImages, outcomes: Sequence[Outcome]
) -> Sequence[tuple[int, Reason]]:
    """The written regions with another size than their image."""
    item_of = partial(image_of, config=config)
    own = sizes_of_files(images)
    differing = image_sizes.differing_from(selection, item_of, own) if own else ()
    in_part = [(index, Reason.FILE_SIZE_DIFFERS) for index in differing]
    if image_sizes.disagree(selection.regions):
        declared = {key: image.size for key, (image, _) in images.items() if key not in own}
        sizes = {key: size for key, size in declared.items() if size}
        others = image_sizes.with_other_size(selection, item_of, sizes)
        in_part += [(index, Reason.SIZE_DIFFERS) for index in others]
    return [(index, reason) for index, reason in in_part if outcomes[index] is None]


def sizes_of_files(images: DrawnImages) -> Mapping[ImageKey, Size]:
    """The sizes of the images that come along, where they are known."""
    sizes = ((key, size_of(image.file)) for key, (image, _) in images.items() if image.file)
    return {key: size for key, size in sizes if size}
