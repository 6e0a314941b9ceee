"""Pictures with something on them, and how people change them without making them other ones."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping

from PIL import Image, ImageDraw, ImageEnhance

SIZE = (320, 240)
Change = Callable[[Image.Image], Image.Image]


def drawn(seed: int) -> Image.Image:
    """Rectangles and ellipses of any color, another picture for each seed."""
    numbers = random.Random(seed)
    picture = Image.new("RGB", SIZE, (*numbers.randbytes(3),))
    pen = ImageDraw.Draw(picture)
    for number in range(12):
        left, top = numbers.randrange(SIZE[0] - 40), numbers.randrange(SIZE[1] - 40)
        corners = (left, top, left + numbers.randrange(30, 150), top + numbers.randrange(30, 150))
        draw = pen.rectangle if number % 2 else pen.ellipse
        draw(corners, fill=(*numbers.randbytes(3),))
    return picture


def saved(picture: Image.Image, kind: str = "JPEG", **how: int) -> bytes:
    """The content of the file."""
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


CHANGES: Mapping[str, Change] = {
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.1),
    "cropped": lambda picture: picture.crop((2, 2, SIZE[0] - 2, SIZE[1] - 2)),
    "gray": lambda picture: picture.convert("L"),
    "smaller": lambda picture: picture.resize((160, 120)),
}
