"""PNG files: bytes worked out by hand, and readers that nobody here wrote."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ls_dvc.formats.image import png

# Two white pixels over two black ones. In the data, after 78 01, the bits that follow each other,
# from the lowest of each byte: 1 (last block), 10 (fixed codes), 00110000 (0, no filter), twice
# 111111111 (255), three times 00110000 (0, too few to repeat), 0000000 (end); then Adler-32.
GOLDEN = bytes.fromhex(
    "89504e470d0a1a0a"
    "0000000d 49484452 00000002 00000002 08 00 00 00 00 57dd52f8"
    "0000000e 49444154 7801 63f8ff9f81810100 08fd01ff 2532b41a"
    "00000000 49454e44 ae426082"
)

RUNS = st.lists(
    st.tuples(st.sampled_from([0, 255]) | st.integers(0, 255), st.integers(1, 1200)), max_size=20
)


def test_golden() -> None:
    assert png.encode(b"\xff\xff\0\0", 2, 2) == GOLDEN


@settings(deadline=None)
@given(runs=RUNS)
def test_zlib_reads_it(runs: list[tuple[int, int]]) -> None:
    data = b"".join(bytes([value]) * length for value, length in runs)
    assert zlib.decompress(png.compressed(data)) == data


@pytest.mark.parametrize("value", [0, 143, 144, 255])  # where the length of a code changes
def test_every_length_of_a_run(value: int) -> None:
    data = b"".join(b"\7" + bytes([value]) * length for length in range(600))
    assert zlib.decompress(png.compressed(data)) == data


@settings(deadline=None)
@given(data=st.data(), width=st.integers(1, 40), height=st.integers(1, 40))
def test_pillow_reads_it(data: st.DataObject, width: int, height: int) -> None:
    pixels = data.draw(st.binary(min_size=width * height, max_size=width * height))
    with Image.open(io.BytesIO(png.encode(pixels, width, height))) as picture:
        picture.verify()  # the check sums
    with Image.open(io.BytesIO(png.encode(pixels, width, height))) as picture:
        assert (picture.mode, picture.size) == ("L", (width, height))
        assert picture.tobytes() == pixels


def test_masks_stay_small() -> None:
    """A disc on 1920x1080 pixels."""
    y, x = np.mgrid[:1080, :1920]
    disc = np.where((x - 900) ** 2 + (y - 500) ** 2 < 300**2, 255, 0).astype(np.uint8)
    assert len(png.encode(disc.tobytes(), 1920, 1080)) < 20_000
