"""The difference hash: near for a picture that was saved otherwise, far for another one."""

from __future__ import annotations

import io
import itertools

import pytest
from PIL import Image
from support.drawn_pictures import CHANGES, Change, drawn, saved

from ls_dvc.check.near_hashes import DISTANCE
from ls_dvc.media.picture_hash import picture_hash

SEEDS = range(20)
FAR = 10  # bits, at least, of two pictures that have nothing in common


def hash_of(content: bytes, kind: str = "image/jpeg") -> int:
    found = picture_hash(io.BytesIO(content), kind)
    assert found is not None
    return found


def original(seed: int) -> int:
    return hash_of(saved(drawn(seed), "PNG"), "image/png")


def test_a_bit_says_that_it_gets_brighter_to_the_right() -> None:
    picture = Image.linear_gradient("L").rotate(90)
    brighter, darker = (saved(each, "PNG") for each in (picture, picture.rotate(180)))
    assert {hash_of(each, "image/png") for each in (brighter, darker)} == {0, 2**64 - 1}


@pytest.mark.parametrize("quality", [30, 75, 95])
def test_saved_anew(quality: int) -> None:
    for seed in SEEDS:
        again = hash_of(saved(drawn(seed), quality=quality))
        assert (again ^ original(seed)).bit_count() <= DISTANCE


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_changed_a_little(change: Change) -> None:
    for seed in SEEDS:
        again = hash_of(saved(change(drawn(seed))))
        assert (again ^ original(seed)).bit_count() <= DISTANCE


def test_others_are_far() -> None:
    pairs = itertools.combinations(map(original, SEEDS), 2)
    assert min((one ^ other).bit_count() for one, other in pairs) >= FAR


def test_turned_as_exif_says() -> None:
    exif = Image.Exif()
    exif[274] = 6  # a viewer turns it to the right
    out = io.BytesIO()
    drawn(1).transpose(Image.Transpose.ROTATE_90).save(out, "JPEG", exif=exif)
    assert (hash_of(out.getvalue()) ^ original(1)).bit_count() <= DISTANCE


def test_what_is_transparent_is_white() -> None:
    picture = Image.new("RGBA", (90, 80), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (20, 0, 30, 80))
    white = Image.new("RGB", picture.size, "white")
    white.paste((0, 0, 0), (20, 0, 30, 80))
    shown, plain = (hash_of(saved(each, "PNG"), "image/png") for each in (picture, white))
    assert shown == plain


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (saved(Image.new("RGB", (64, 64), "white")), "image/jpeg"),
        (saved(drawn(1))[:500], "image/jpeg"),
        (saved(drawn(1)), "image/png"),
        (b"<svg/>", "image/svg+xml"),
        (b"", "image/jpeg"),
    ],
    ids=["blank", "broken", "of another format", "vectors", "empty"],
)
def test_what_has_none(content: bytes, kind: str) -> None:
    assert picture_hash(io.BytesIO(content), kind) is None
