"""The size of an image in pixels, as a viewer shows it: after the rotation that its EXIF asks for.

Only headers are read, so it is quick, and cheap for an image that would be huge in memory. Pillow
is loaded with the first image.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ls_dvc.media import isobmff

ImageSize = tuple[int, int]

# Types that Pillow reads, and what it calls their formats.
PILLOW_FORMATS: Mapping[str, tuple[str, ...]] = {
    "image/bmp": ("BMP", "DIB"),
    "image/gif": ("GIF",),
    "image/jp2": ("JPEG2000",),
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/tiff": ("TIFF",),
    "image/webp": ("WEBP",),
}
_OF_BOXES = ("image/avif", "image/heic")
_BEGINNING = 1 << 20  # bytes, in which the size of a HEIC or AVIF image must be

# Tags of EXIF and TIFF.
_SUBFILE, _WIDTH, _HEIGHT, _ORIENTATION = 254, 256, 257, 274
_ON_ITS_SIDE = (5, 6, 7, 8)

READING = threading.Lock()  # which warnings are shown is decided for the whole process


def image_size(path: Path, media_type: str) -> ImageSize | None:
    """Width and height in pixels of the image of this type at `path`.

    None for what is no image, for one that is broken or has no size of its own (SVG), for one with
    so many pixels that Pillow refuses it (about 179 million), and for a raw photo (DNG) whose file
    shows a thumbnail first. `OSError` only when the file cannot be opened.
    """
    with path.open("rb") as file:
        if media_type in _OF_BOXES:
            return isobmff.shown_size(file.read(_BEGINNING))
        formats = PILLOW_FORMATS.get(media_type)
        return _size_by_pillow(file, formats) if formats else None


def _size_by_pillow(file: Any, formats: tuple[str, ...]) -> ImageSize | None:
    from PIL import Image

    with READING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(file, formats=formats) as image:
                return _shown(image)
        except Exception:  # noqa: BLE001  (Pillow's readers raise all kinds on broken files)
            return None


def _shown(image: Any) -> ImageSize | None:
    if image.format == "TIFF":  # some versions of Pillow turn the size, others do not
        tags = image.tag_v2
        is_thumbnail = bool(tags.get(_SUBFILE, 0) & 1)
        size = (int(tags[_WIDTH]), int(tags[_HEIGHT]))
        return None if is_thumbnail else _turned(size, tags.get(_ORIENTATION))
    return _turned(image.size, _orientation(image))


def _orientation(image: Any) -> Any:
    """As the EXIF data in front of the pixels say; `getexif` would read all of a PNG, and XMP."""
    from PIL import Image

    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif"))
        return exif.get(_ORIENTATION)
    except Exception:  # noqa: BLE001  (broken EXIF data do not make an image unreadable)
        return None


def _turned(size: ImageSize, orientation: Any) -> ImageSize | None:
    if min(size) <= 0:
        return None
    return (size[1], size[0]) if orientation in _ON_ITS_SIDE else size
