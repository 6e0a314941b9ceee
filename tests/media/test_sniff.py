"""What a file is by its first bytes, and the size of an image as a viewer shows it."""

from __future__ import annotations

import hashlib
import io
import struct
import sys
import wave
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ls_dvc.labels.media import EXTENSIONS, UNKNOWN_TYPE, MediaFile
from ls_dvc.media.sniff import HEAD, described, image_size, is_usable, media_type

DRAWN = {"bmp": "BMP", "gif": "GIF", "jp2": "JPEG2000", "jpeg": "JPEG", "png": "PNG"}
DRAWN |= {"tiff": "TIFF", "webp": "WEBP", "avif": "AVIF"}
ORIENTATION = 274


def drawn(kind: str, size: tuple[int, int] = (31, 17), orientation: int = 0, **how: Any) -> bytes:
    """An image as Pillow writes it."""
    out = io.BytesIO()
    if orientation:
        how["exif"] = Image.Exif()
        how["exif"][ORIENTATION] = orientation
    Image.new("RGB", size, "navy").save(out, DRAWN[kind], **how)
    return out.getvalue()


def box(kind: bytes, *content: bytes) -> bytes:
    inside = b"".join(content)
    return struct.pack(">I4s", 8 + len(inside), kind) + inside


def brand(major: bytes, *others: bytes) -> bytes:
    return box(b"ftyp", major, bytes(4), *others) + box(b"mdat", bytes(9))


def sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(8000)
        made.writeframes(bytes(400))
    return out.getvalue()


MP3_FRAME = bytes.fromhex("fffb9064") + bytes(413)
AAC_FRAME = bytes.fromhex("fff15080") + bytes(60)
OGG = b"OggS\0\x02" + bytes(21) + b"\x1e"
EBML = bytes.fromhex("1a45dfa3a3428681014282")

FILES = [
    *[(drawn(kind), f"image/{kind}") for kind in DRAWN],
    (drawn("bmp", (3, 2))[:54] + bytes(24), "image/bmp"),
    (b"II*\0\x08\0\0\0 and the rest of a raw photo (DNG)", "image/tiff"),
    (b"MM\0+" + bytes(40), "image/tiff"),
    (brand(b"heic", b"mif1", b"heic"), "image/heic"),
    (brand(b"mif1", b"heic", b"mif1"), "image/heic"),
    (brand(b"mif1", b"mif1", b"avif"), "image/avif"),
    (brand(b"avis", b"avif", b"msf1"), "image/avif"),
    (brand(b"isom", b"iso2", b"avc1"), "video/mp4"),
    (brand(b"mp42", b"M4A "), "video/mp4"),
    (brand(b"M4A ", b"mp42"), "audio/mp4"),
    (brand(b"qt  "), "video/quicktime"),
    (box(b"wide") + box(b"mdat", bytes(40)), "video/quicktime"),
    (brand(b"3gp5"), "video/3gpp"),
    (brand(b"crx "), UNKNOWN_TYPE),
    (sound(), "audio/wav"),
    (b"RF64" + sound()[4:], "audio/wav"),
    (b"RIFF\x10\0\0\0AVI LIST", "video/x-msvideo"),
    (b"RIFF\x10\0\0\0ACON", UNKNOWN_TYPE),
    (b"FORM\0\0\0\x10AIFFCOMM", "audio/aiff"),
    (MP3_FRAME, "audio/mpeg"),
    (bytes.fromhex("fff3c8c4") + bytes(30), "audio/mpeg"),
    (b"ID3\x04\0\0\0\0\0\x05" + bytes(5) + MP3_FRAME, "audio/mpeg"),
    (b"ID3\x04\0\0\0\x7f\x7f\x7f" + bytes(500), "audio/mpeg"),
    (b"ID3\x04\0\0\0\0\0\x02" + bytes(2) + b"fLaC", "audio/flac"),
    (b"ID3\x04\0\0\0\0\x01\x00" + bytes(128) + AAC_FRAME, "audio/aac"),
    (b"\xff\xfb\x9c\x64" + bytes(30), UNKNOWN_TYPE),  # a sampling rate that nothing has
    (b"\xff\xfb\xf0\x64" + bytes(30), UNKNOWN_TYPE),  # a bit rate
    (b"\xff\xfb\x00\x64" + bytes(30), UNKNOWN_TYPE),
    (b"\xff\xeb\x90\x64" + bytes(30), UNKNOWN_TYPE),  # a version
    (b"\xff\xf1\x74\x80" + bytes(30), UNKNOWN_TYPE),
    (AAC_FRAME, "audio/aac"),
    (b"fLaC\0\0\0\x22", "audio/flac"),
    (OGG + b"\x01vorbis", "audio/ogg"),
    (OGG + b"OpusHead", "audio/ogg"),
    (OGG + b"\x80theora", "video/ogg"),
    (b"#!AMR\n" + bytes(9), "audio/amr"),
    (EBML + b"\x84webm" + bytes(20), "video/webm"),
    (EBML + b"\x88matroska" + bytes(20), "video/x-matroska"),
    (EBML + b"\x85other" + bytes(20), UNKNOWN_TYPE),
    (b"\0\0\x01\xba" + bytes(20), "video/mpeg"),
    ((b"\x47" + bytes(187)) * 5, "video/mp2t"),
    (b"FLV\x01\x05" + bytes(20), "video/x-flv"),
    (bytes.fromhex("3026b2758e66cf11a6d9"), "video/x-ms-asf"),
    (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf"),
    (b"\n\n%PDF-1.4\n", "application/pdf"),
    (b"#EXTM3U\n#EXT-X-VERSION:3\n", "application/vnd.apple.mpegurl"),
    (b"", UNKNOWN_TYPE),
    (bytes(range(256)), UNKNOWN_TYPE),
    (b"\x7fELF\x02\x01\x01", UNKNOWN_TYPE),
]

PAGES = [
    "<!DOCTYPE html><html>",
    "<!doctype HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'>",
    "\ufeff<!DOCTYPE html>",
    "\r\n\t <html lang=de>",
    "<!-- a comment --> \n<!-- <svg> --><HTML>",
    "<!-- a comment that does not end " + HEAD * "x",
    "<head><title>Log in</title>",
    "<h1>502 Bad Gateway</h1>",
    "<p>Not found",
    "<script>location='/login'</script>",
    '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x">',
    '<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">',
]
DRAWINGS = [
    '<svg xmlns="http://www.w3.org/2000/svg" width="3"/>',
    '\ufeff<?xml version="1.0"?>\n<!-- <html> -->\n<svg:svg xmlns:svg="x"/>',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg/>',
    "<!-- made with a program --><svg/>",
]
TEXTS = [
    "Grüße aus Łódź\r\n",
    '{"detail": "not found"}',
    "time,value\n1,2\n",
    "<note><to/></note>",
    '<?xml version="1.0"?><a href="x"/>',
    "BMW and GIF and <html>",
    "\x1b[1mbold\x1b[0m",
    "I",
]


@pytest.mark.parametrize(("content", "found"), FILES)
def test_a_type_is_known_by_the_first_bytes(content: bytes, found: str) -> None:
    assert media_type(content[:HEAD]) == found
    assert found == UNKNOWN_TYPE or found in EXTENSIONS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    ("texts", "found"),
    [(PAGES, "text/html"), (DRAWINGS, "image/svg+xml"), (TEXTS, "text/plain")],
    ids=["pages", "drawings", "texts"],
)
def test_texts_are_told_apart(texts: list[str], found: str, encoding: str) -> None:
    assert {text: media_type(text.encode(encoding)[:HEAD]) for text in texts} == dict.fromkeys(
        texts, found
    )


def test_a_text_of_an_old_encoding_that_is_cut_in_a_character_is_a_text() -> None:
    assert media_type("Grüße".encode("latin-1")) == "text/plain"
    assert media_type("Grüße".encode()[:3]) == "text/plain"


def test_every_type_has_a_file_in_these_tests() -> None:
    tested = {found for _, found in FILES} | {"text/html", "text/plain", "image/svg+xml"}
    assert tested == {*EXTENSIONS, UNKNOWN_TYPE}


@given(st.binary(max_size=300))
def test_any_bytes_have_a_type(content: bytes) -> None:
    assert media_type(content) in {*EXTENSIONS, UNKNOWN_TYPE}


@pytest.mark.parametrize("tag", ["Image", "Audio", "AudioPlus", "Video", "Pdf"])
def test_a_page_is_no_picture_and_no_sound(tag: str) -> None:
    assert not any(is_usable(tag, page.encode()) for page in PAGES)
    assert not is_usable(tag, b"")
    assert is_usable(tag, drawn("png"))
    assert is_usable(tag, b"\x01\x02 of a type that nobody knows")
    assert is_usable(tag, DRAWINGS[0].encode())


def test_a_text_may_be_a_page() -> None:
    assert is_usable("HyperText", PAGES[0].encode())
    assert not is_usable("HyperText", b"")


# --- sizes


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "0123"


@pytest.mark.parametrize("kind", DRAWN)
def test_an_image_has_its_size(file: Path, kind: str) -> None:
    file.write_bytes(drawn(kind))
    assert image_size(file, f"image/{kind}") == (31, 17)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "avif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_image_on_its_side_is_turned(file: Path, kind: str, orientation: int) -> None:
    file.write_bytes(drawn(kind, orientation=orientation))
    expected = (17, 31) if orientation >= 5 else (31, 17)
    assert image_size(file, f"image/{kind}") == expected


def test_the_rotation_is_that_of_exif_and_of_no_other_metadata(file: Path) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6"/></x:xmpmeta>'
    file.write_bytes(drawn("jpeg", xmp=xmp))
    with Image.open(file) as image:
        assert image.getexif().get(ORIENTATION) == 6, "Pillow takes it from there"
    assert image_size(file, "image/jpeg") == (31, 17)


def test_a_picture_of_two_eyes_has_the_size_of_the_first(file: Path) -> None:
    first, second = (Image.new("RGB", size) for size in ((31, 17), (5, 5)))
    first.save(file, "MPO", save_all=True, append_images=[second])
    assert media_type(file.read_bytes()) == "image/jpeg"
    assert image_size(file, "image/jpeg") == (31, 17)


def heic(*, quarters: int = 1, thumbnail_first: bool = True, wide: bool = False) -> bytes:
    """The boxes of an image of 40x30 turned by so many quarters, and of a thumbnail of 4x3."""
    number = ">I" if wide else ">H"
    flags = bytes([1 if wide else 0, 0, 0, 1 if wide else 0])

    def properties(item: int, *indices: int) -> bytes:
        shown = [struct.pack(">H", 0x8000 | i) if wide else bytes([0x80 | i]) for i in indices]
        return struct.pack(number, item) + bytes([len(indices)]) + b"".join(shown)

    sizes = [box(b"ispe", bytes(4), struct.pack(">II", *size)) for size in ((4, 3), (40, 30))]
    items = [properties(1, 1), properties(2, 2, 3)]
    listed = box(b"ipco", *sizes, box(b"irot", bytes([quarters])))
    belongs = box(
        b"ipma", flags, struct.pack(">I", 2), *(items if thumbnail_first else items[::-1])
    )
    primary = box(b"pitm", flags[:3], b"\0", struct.pack(number, 2))
    meta = box(b"meta", bytes(4), box(b"hdlr", bytes(25)), primary, box(b"iprp", listed, belongs))
    return box(b"ftyp", b"heic", bytes(4), b"mif1heic") + meta + box(b"mdat", bytes(100))


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("quarters", range(4))
def test_a_photo_of_a_telephone_has_its_size(file: Path, quarters: int, wide: bool) -> None:
    for thumbnail_first in (True, False):
        file.write_bytes(heic(quarters=quarters, thumbnail_first=thumbnail_first, wide=wide))
        assert image_size(file, "image/heic") == ((30, 40) if quarters % 2 else (40, 30))


def test_boxes_may_have_long_lengths(file: Path) -> None:
    content = heic()
    start = len(box(b"ftyp", b"heic", bytes(4), b"mif1heic"))
    long = b"\0\0\0\x01free" + struct.pack(">Q", 16 + 5) + bytes(5)
    file.write_bytes(content[:start] + long + content[start:])
    assert image_size(file, "image/heic") == (30, 40)


@pytest.mark.parametrize("length", [b"\0\0\0\x02free", b"\0\0\0\x01free" + bytes(8)])
def test_a_box_that_ends_before_it_begins_is_broken(file: Path, length: bytes) -> None:
    file.write_bytes(length + heic())
    assert image_size(file, "image/heic") is None


def test_what_is_no_image_has_no_size(file: Path) -> None:
    for content in (sound(), b"", *(text.encode() for text in (*PAGES, *DRAWINGS, *TEXTS))):
        file.write_bytes(content)
        assert image_size(file, media_type(content)) is None


def test_an_image_of_another_type_is_not_read(file: Path) -> None:
    file.write_bytes(drawn("png"))
    assert image_size(file, "image/jpeg") is None


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100)))


def test_an_image_that_would_fill_the_memory_has_no_size(file: Path) -> None:
    file.write_bytes(png_header(12_000, 12_000))  # Pillow warns of these
    assert image_size(file, "image/png") == (12_000, 12_000)
    file.write_bytes(png_header(100_000, 100_000))
    assert image_size(file, "image/png") is None


def test_a_raw_photo_that_begins_with_a_thumbnail_has_no_size(file: Path) -> None:
    info = {254: 1}
    file.write_bytes(drawn("tiff", tiffinfo=info))
    assert image_size(file, "image/tiff") is None


@pytest.mark.parametrize("kind", [*DRAWN, "heic"])
def test_a_cut_image_has_a_size_or_none(file: Path, kind: str) -> None:
    whole = heic() if kind == "heic" else drawn(kind)
    sizes = set()
    for length in range(0, len(whole), 1 + len(whole) // 60):
        file.write_bytes(whole[:length])
        sizes.add(image_size(file, f"image/{kind}"))
    assert sizes <= {None, (30, 40) if kind == "heic" else (31, 17)}
    assert None in sizes


@pytest.mark.parametrize("exif", [b"Exif\0\0broken", b"Exif\0\0MM\0*\0\0\0\x08\0\x09", b"\0"])
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_broken_exif_data_turn_nothing(file: Path, kind: str, exif: bytes) -> None:
    file.write_bytes(drawn(kind, exif=exif))
    assert image_size(file, f"image/{kind}") == (31, 17)


@pytest.mark.parametrize("kind", [*DRAWN, "heic"])
@given(data=st.data())
def test_a_broken_image_is_no_error_and_no_warning(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    whole = bytearray(heic() if kind == "heic" else drawn(kind, orientation=6))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / f"broken-{kind}"
    path.write_bytes(whole)
    size = image_size(path, f"image/{kind}")
    assert size is None or min(size) > 0


def test_a_file_is_described(file: Path) -> None:
    content = drawn("jpeg", orientation=8)
    file.write_bytes(content)
    md5, sha256 = hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest()
    made = described(file, md5, sha256, len(content))
    assert made == MediaFile(md5, sha256, len(content), "image/jpeg", 17, 31)
    file.write_bytes(sound())
    assert described(file, md5, sha256, 7) == MediaFile(md5, sha256, 7, "audio/wav")


def test_pillow_is_loaded_with_the_first_image() -> None:
    import subprocess

    code = "import sys, ls_dvc.media.sniff; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
