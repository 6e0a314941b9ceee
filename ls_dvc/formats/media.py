"""What the media map says about an address, for the formats that write media next to labels."""

from __future__ import annotations

from collections.abc import Callable, Collection

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.interface import FormatContext
from ls_dvc.formats.outcomes import Outcome, Reason
from ls_dvc.labels.geometry import Size
from ls_dvc.labels.media import UNKNOWN_TYPE, MediaEntry, MediaFile

IsRead = Callable[[str], bool]
"""Whether the trainers of a format read files of a MIME type."""


def is_image(mime_type: str) -> bool:
    """Whether common readers of images read the type.

    What has no type may be an image for readers of its own (DICOM, say). SVG has no pixels.
    """
    return mime_type == UNKNOWN_TYPE or (
        mime_type.startswith("image/") and mime_type != "image/svg+xml"
    )


def media_outcome(entry: MediaEntry | None, is_read: IsRead) -> Outcome:
    """Why nothing of what is at an address can be written; None where it can be.

    It can where media are off, or without an entry: then the address alone is written.
    """
    if entry is None:
        return None
    if entry.file is None:
        return Reason.MEDIA_MISSING
    return None if is_read(entry.file.type) else Reason.UNSUPPORTED_MEDIA


def check_media(context: FormatContext, name: str) -> None:
    """`LsDvcError` where media are off, for a format that consists of them."""
    if not context.with_media:
        raise LsDvcError(
            f"{name} consists of the media files themselves, and label_studio.media is not set",
            "set `media: {tasks: labeled}` below label_studio in params.yaml and run "
            f"`ls-dvc update`, or take {name} out of label_studio.formats",
        )


def size_of(file: MediaFile | None) -> Size | None:
    """The size of an image in pixels; None where it is not known."""
    if file is None or not file.width or not file.height:
        return None
    return Size(file.width, file.height)


def extension_of(
    file: MediaFile | None, suggested: str, readable: Collection[str] | None = None
) -> str:
    """How the name of a file ends, with the dot: as `suggested` by its address where that is right.

    `readable`: only these, in lower case, are right. Without a file nothing is known to be wrong.
    """
    if file is None:
        return suggested
    extension = file.extension_like(suggested)
    is_right = readable is None or extension.lower() in readable
    return extension if is_right else file.extension
