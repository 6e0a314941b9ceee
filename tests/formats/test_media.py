"""What the media map says about an address: whether it can be written, its size, its extension."""

from __future__ import annotations

import pytest

from ls_dvc.formats import media
from ls_dvc.formats.outcomes import Reason
from ls_dvc.labels.geometry import Size
from ls_dvc.labels.media import UNKNOWN_TYPE, MediaEntry, MediaFile


def file(mime_type: str, *size: int | None) -> MediaFile:
    return MediaFile("0" * 32, "0" * 64, 1, mime_type, *size)


def entry(found: MediaFile | None) -> MediaEntry:
    return MediaEntry(1, "image", None, "a.jpg", found, "" if found else "not-found")


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (None, None),
        (entry(None), Reason.MEDIA_MISSING),
        (entry(file("image/jpeg")), None),
        (entry(file("image/gif")), None),
        (entry(file(UNKNOWN_TYPE)), None),
        (entry(file("image/svg+xml")), Reason.UNSUPPORTED_MEDIA),
        (entry(file("application/pdf")), Reason.UNSUPPORTED_MEDIA),
        (entry(file("text/html")), Reason.UNSUPPORTED_MEDIA),
    ],
)
def test_what_becomes_of_an_address(found: MediaEntry | None, outcome: Reason | None) -> None:
    assert media.media_outcome(found, media.is_image) is outcome


def test_sizes() -> None:
    assert media.size_of(None) is None
    assert media.size_of(file("image/jpeg")) is None
    assert media.size_of(file("image/jpeg", 0, 5)) is None
    assert media.size_of(file("image/jpeg", 4, 5)) == Size(4, 5)


@pytest.mark.parametrize(
    ("mime_type", "suggested", "readable", "expected"),
    [
        ("image/jpeg", ".JPEG", None, ".JPEG"),
        ("image/jpeg", ".jpe", {".jpg", ".jpeg"}, ".jpg"),
        ("image/jpeg", ".JPG", {".jpg"}, ".JPG"),
        ("image/png", ".jpg", None, ".png"),
        ("image/png", "", None, ".png"),
        (UNKNOWN_TYPE, ".dcm", None, ".dcm"),
    ],
)
def test_extensions(
    mime_type: str, suggested: str, readable: set[str] | None, expected: str
) -> None:
    assert media.extension_of(file(mime_type), suggested, readable) == expected
    assert media.extension_of(None, suggested, readable) == suggested
