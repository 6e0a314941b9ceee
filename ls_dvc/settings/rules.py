"""Rules for single settings: each takes a value and returns it, or raises `ValueError`."""

from __future__ import annotations

import re
from math import fsum
from pathlib import PurePosixPath
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.registry import FORMATS
from ls_dvc.io.filenames import is_reserved
from ls_dvc.settings import engines
from ls_dvc.settings.addresses import server_address
from ls_dvc.settings.schema import nearest


def server_url(value: str) -> str:
    """An http or https address without credentials; a slash at its end is removed."""
    return server_address(value)


_WITH_MEDIA = "which has the images too where label_studio.media is set"


# Formats of Label Studio that ls-dvc does not write, and why.
_NOT_WRITTEN = {
    "COCO_WITH_IMAGES": f"take COCO, {_WITH_MEDIA}",
    "YOLO_WITH_IMAGES": f"take YOLO, {_WITH_MEDIA}",
    "YOLO_OBB_WITH_IMAGES": f"take YOLO_OBB, {_WITH_MEDIA}",
    "CSV_OLD": "Label Studio writes nothing for it either; take CSV",
}


def format_name(value: str) -> str:
    """A format that ls-dvc or Label Studio's server can write."""
    if value in _NOT_WRITTEN:
        raise ValueError(f"{value} is not written by ls-dvc: {_NOT_WRITTEN[value]}")
    if value not in FORMATS and value not in engines.SERVED_ALONE:
        raise ValueError(f"there is no format {value!r}{nearest(value, FORMATS)}")
    return value


def distinct_formats(value: list[str]) -> list[str]:
    """At least one format, none of them twice."""
    if not value:
        raise ValueError("must name at least one format")
    if len(set(value)) != len(value):
        raise ValueError("must not name a format twice")
    return value


def folder_below(value: str) -> str:
    """A folder below the one of params.yaml."""
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or path in (PurePosixPath(""), PurePosixPath(".")):
        raise ValueError("must be a folder below the one of params.yaml")
    return str(path)


def class_renames(value: dict[str, str]) -> dict[str, str]:
    """New names by old names, without chains."""
    for old, new in value.items():
        if new in value or old == new or list(value.values()).count(new) > 1:
            raise ValueError(f"{old!r} cannot become {new!r}: each name can be renamed once")
    return value


def split_shares(value: dict[str, Any]) -> dict[str, Any]:
    """Shares that add up to 1, by names that every file system can hold; and `by`."""
    shares = {name: share for name, share in value.items() if name != "by"}
    for name, share in shares.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
            raise ValueError(f"the share of {name} must be a number above 0, at most 1")
        _require_file_name(name)
        if [other.lower() for other in shares].count(name.lower()) > 1:
            raise ValueError(f"{name!r} differs from another split only by case")
    if shares and abs(fsum(shares.values()) - 1) > 1e-9:
        raise ValueError(f"the shares add up to {fsum(shares.values()):g}, not 1")
    if not isinstance(value.get("by", ""), str) or ("by" in value and not shares):
        raise ValueError("by must name a key of the tasks' data, and needs shares")
    return value


_NAME = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST = 64  # characters of the name of a split


def _require_file_name(split: str) -> None:
    """The name of a split becomes part of file names, on Windows and macOS too."""
    if not _NAME.fullmatch(split):
        raise ValueError(f"{split!r} must be letters, digits, - and _")
    if len(split) > _LONGEST:
        raise ValueError(f"{split!r} must have at most {_LONGEST} characters")
    if is_reserved(split):
        raise ValueError(f"{split!r} is the name of a device on Windows, so no file can have it")


def require_format(name: str, *, served: bool = False) -> None:
    """`LsDvcError` with the nearest right name unless ls-dvc can write the format.

    With `served`, formats that only the server can write are allowed too.
    """
    hint = f"formats are {', '.join(FORMATS)}"
    try:
        format_name(name)
    except ValueError as error:
        raise LsDvcError(str(error), hint) from None
    if name in engines.SERVED_ALONE and not served:
        raise LsDvcError(engines.alone(name), hint)
