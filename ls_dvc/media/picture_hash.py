"""What a picture looks like as 64 bits, of which few change when it is saved, scaled or lit anew.

The difference hash (dHash): the picture is shrunk to 9×8 shades of gray, and a bit says whether a
shade is darker than the one to the right of it
(https://www.hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html).
"""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import BinaryIO

from ls_dvc.media.image_size import PILLOW_FORMATS, READING

BITS = 64
FLAT = 16  # shades of 256: a picture with fewer is a blank, and all blanks are alike

_WIDTH, _HEIGHT = 9, 8
_DRAFT = 8  # a JPEG is decoded at no less than that many times the width and the height
_GROUND = (255, 255, 255, 255)  # where a picture is transparent


def picture_hash(file: BinaryIO, media_type: str) -> int | None:
    """The 64 bits; None for a blank, for what is no picture, and for a broken one."""
    formats = PILLOW_FORMATS.get(media_type)
    if formats is None:
        return None
    with READING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            shades = _shades(file, formats)
        except Exception:  # noqa: BLE001  (Pillow's readers raise all kinds on broken files)
            return None
    return _bits(shades) if max(shades) - min(shades) >= FLAT else None


def _shades(file: BinaryIO, formats: tuple[str, ...]) -> bytes:
    """The rows of 9 shades, from the top, of the picture as a viewer shows it."""
    from PIL import Image, ImageOps

    with Image.open(file, formats=formats) as image:
        image.draft("RGB", (_DRAFT * _WIDTH, _DRAFT * _HEIGHT))
        turned = ImageOps.exif_transpose(image).convert("RGBA")
        small = turned.resize((_WIDTH, _HEIGHT), Image.Resampling.BOX)
        flat = Image.alpha_composite(Image.new("RGBA", small.size, _GROUND), small)
        return flat.convert("L").tobytes()


def _bits(shades: bytes) -> int:
    rows = (shades[start : start + _WIDTH] for start in range(0, len(shades), _WIDTH))
    darker = (left < right for row in rows for left, right in pairwise(row))
    return sum(is_darker << place for place, is_darker in enumerate(darker))
