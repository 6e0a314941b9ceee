"""Examples of classes: which part of an image, or of a text, shows a region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ls_dvc.labels.geometry import Size
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.media import MediaFile, TaskMedia
from ls_dvc.labels.regions import value_of
from ls_dvc.labels.shown_objects import shown_object
from ls_dvc.pages import svg_paths
from ls_dvc.pages.report_page import GalleryText
from ls_dvc.pages.shown_texts import shown_text
from ls_dvc.pages.survey import Example

AROUND = 0.6  # of a region's longer side, on each side of it
CONTEXT = 60  # characters around a span


class ImagePart(NamedTuple):
    """A part of an image: left, top, right, bottom in pixels; and the region's path."""

    task: int
    file: MediaFile
    part: tuple[int, int, int, int]
    path: str


def image_part(example: Example, config: LabelConfig, media: TaskMedia) -> ImagePart | None:
    """Where a region is on its image; None without a pinned image of known size."""
    region = example.region
    name = region.get("to_name") if isinstance(region, dict) else None
    shown = shown_object(config, example.task.get("data"), name) if isinstance(name, str) else None
    if shown is None or shown.declared.tag != "Image":
        return None
    index = region.get("item_index")
    items = {number or 0: address for number, address in shown.items}
    entry = media.get(str(items.get(index if type(index) is int else 0)))
    if entry is None or entry.file is None or not entry.file.width or not entry.file.height:
        return None
    size = Size(entry.file.width, entry.file.height)
    path = svg_paths.path_of(value_of(region), size)
    part = _around(value_of(region), size)
    return ImagePart(example.task["id"], entry.file, part, path) if path else None


def text_part(example: Example, config: LabelConfig) -> GalleryText | None:
    """A span with the words around it; None for what is no span of a text."""
    region = example.region
    name = region.get("to_name") if isinstance(region, dict) else None
    shown = shown_object(config, example.task.get("data"), name) if isinstance(name, str) else None
    found = shown_text(shown) if shown and "start" in value_of(region) else None
    (ends,) = found.ends_of([region]) if found else (None,)
    if found is None or ends is None:
        return None
    start, end = ends
    before, after = found.text[max(0, start - CONTEXT) : start], found.text[end : end + CONTEXT]
    return GalleryText(example.task["id"], before, found.text[start:end][:200], after)


def _around(value: Mapping[str, object], size: Size) -> tuple[int, int, int, int]:
    """A region with some of what is around it; all of the image for what has no extent."""
    found = svg_paths.extent_of(value, size)
    if found is None or not found.width or not found.height:
        return 0, 0, int(size.width), int(size.height)
    margin = AROUND * max(found.width, found.height)
    left, top = max(0, int(found.x - margin)), max(0, int(found.y - margin))
    right = min(int(size.width), int(found.x + found.width + margin) + 1)
    bottom = min(int(size.height), int(found.y + found.height + margin) + 1)
    is_inside = left < right and top < bottom
    return (left, top, right, bottom) if is_inside else (0, 0, int(size.width), int(size.height))
