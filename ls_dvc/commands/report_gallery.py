"""The gallery of the page of a version: regions of classes on their images and in their texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ls_dvc.commands.diff_page import MediaOfTasks
from ls_dvc.commands.page_file import ImageRoom
from ls_dvc.history.media_sources import MediaSources
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.media import MediaEntry
from ls_dvc.media.thumbnails import detail
from ls_dvc.pages import gallery
from ls_dvc.pages.gallery import ImagePart
from ls_dvc.pages.report_page import Gallery, GalleryImage, GalleryText
from ls_dvc.pages.survey import Example, Survey
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

SIDE = 240  # pixels of an image
CLASSES = 60  # the most frequent ones


def gallery_of(
    folder: SnapshotFolder, counts: Survey, config: LabelConfig, sources: MediaSources, room: int
) -> Gallery:
    """Examples of the most frequent classes; their images have no more than `room` bytes."""
    media, wanted = MediaOfTasks(folder), dict[tuple[str, str], list[ImagePart | GalleryText]]()
    frequent = sorted(counts.examples, key=lambda key: (-counts.labels[key].total(), key))
    for key in frequent[:CLASSES]:
        wanted[key] = [
            part for each in counts.examples[key] if (part := _part(each, config, media))
        ]
    images = [each for parts in wanted.values() for each in parts if isinstance(each, ImagePart)]
    details = _details(sources, images, ImageRoom(room))
    return {key: shown for key, parts in wanted.items() if (shown := _shown(parts, details))}


def _part(
    example: Example, config: LabelConfig, media: MediaOfTasks
) -> ImagePart | GalleryText | None:
    image = gallery.image_part(example, config, media.of(example.task["id"]))
    return image or gallery.text_part(example, config)


def _details(
    sources: MediaSources, images: Sequence[ImagePart], room: ImageRoom
) -> Mapping[ImagePart, bytes]:
    """A JPEG of each part whose image can be read here, as far as there is room."""
    by_file: dict[str, list[ImagePart]] = {}
    for each in images:
        by_file.setdefault(each.file.md5, []).append(each)
    entries = [MediaEntry(parts[0].task, "", None, "", parts[0].file) for parts in by_file.values()]
    made: dict[ImagePart, bytes] = {}
    for file, content in sources.opened(entries) if entries else ():
        for part in by_file[file.md5]:
            content.seek(0)
            small = detail(content, file.type, part.part, SIDE)
            if small and room.take(small, len(part.path)):
                made[part] = small
    return made


def _shown(
    parts: Iterable[ImagePart | GalleryText], details: Mapping[ImagePart, bytes]
) -> list[GalleryImage | GalleryText]:
    shown: list[GalleryImage | GalleryText] = []
    for each in parts:
        if isinstance(each, GalleryText):
            shown.append(each)
        elif each in details:
            left, top, right, bottom = each.part
            view = (left, top, right - left, bottom - top)
            shown.append(GalleryImage(each.task, view, each.path, details[each]))
    return shown
