"""Small images for pages: JPEG, turned as EXIF says, made of what Pillow can read."""

from __future__ import annotations

import io
import warnings
from typing import BinaryIO

from ls_dvc.media.image_size import PILLOW_FORMATS, READING

SIDE = 640  # pixels of the longer side
QUALITY = 72
Part = tuple[int, int, int, int]
_GROUND = (255, 255, 255)  # where an image is transparent


def thumbnail(file: BinaryIO, media_type: str, side: int = SIDE) -> bytes | None:
    """A JPEG whose sides have at most `side` pixels; None for what is no image, or a broken one."""
    return _small(file, media_type, side, None)


def detail(file: BinaryIO, media_type: str, part: Part, side: int) -> bytes | None:
    """The same of a part: left, top, right and bottom in pixels, as a viewer shows the image."""
    return _small(file, media_type, side, part)


def _small(file: BinaryIO, media_type: str, side: int, part: Part | None) -> bytes | None:
    formats = PILLOW_FORMATS.get(media_type)
    if formats is None:
        return None
    with READING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _jpeg(file, formats, side, part)
        except Exception:  # noqa: BLE001  (Pillow's readers raise all kinds on broken files)
            return None


def _jpeg(file: BinaryIO, formats: tuple[str, ...], side: int, part: Part | None) -> bytes:
    from PIL import Image, ImageOps

    out = io.BytesIO()
    with Image.open(file, formats=formats) as image:
        if part is None:
            image.draft("RGB", (side, side))  # a JPEG is decoded at an eighth of its size or more
        turned = ImageOps.exif_transpose(image)
        turned = turned if part is None else turned.crop(part)
        turned.thumbnail((side, side))
        flat = Image.new("RGB", turned.size, _GROUND)
        flat.paste(turned.convert("RGBA"), mask=turned.convert("RGBA").getchannel("A"))
        flat.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
