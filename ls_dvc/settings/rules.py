"""What single settings must be; each rule raises `ValueError` in the words of a message."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.registry import FORMATS
from ls_dvc.io.filenames import is_reserved
from ls_dvc.settings import engines
from ls_dvc.settings.schema import nearest


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must begin with http:// or https:// and name a host")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password")
    return value.rstrip("/")


_NO_IMAGES = "a data set holds labels and the addresses of images; take"


# Formats of Label Studio that ls-dvc does not write, and why.
_NOT_WRITTEN = {
    "COCO_WITH_IMAGES": f"{_NO_IMAGES} COCO, whose coco_url says where each image is",
    "YOLO_WITH_IMAGES": f"{_NO_IMAGES} YOLO, whose images.csv says where each image is",
    "YOLO_OBB_WITH_IMAGES": f"{_NO_IMAGES} YOLO_OBB, whose images.csv says where each image is",
    "CSV_OLD": "Label Studio writes nothing for it either; take CSV",
}


def _format(value: str) -> str:
    if value in _NOT_WRITTEN:
        raise ValueError(f"{value} is not written by ls-dvc: {_NOT_WRITTEN[value]}")
    if value not in FORMATS and value not in engines.SERVED_ALONE:
        raise ValueError(f"there is no format {value!r}{nearest(value, FORMATS)}")
    return value


def _distinct(value: list[str]) -> list[str]:
    if not value:
        raise ValueError("names nothing")
    if len(set(value)) != len(value):
        raise ValueError("names a format twice")
    return value


def _folder(value: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or path in (PurePosixPath(""), PurePosixPath(".")):
        raise ValueError("must be a folder below the one of params.yaml")
    return str(path)


def _renames(value: dict[str, str]) -> dict[str, str]:
    for old, new in value.items():
        if new in value or old == new or list(value.values()).count(new) > 1:
            raise ValueError(f"{old!r} cannot become {new!r}: each old name to one new name")
    return value


def _split(value: dict[str, Any]) -> dict[str, Any]:
    shares = {name: share for name, share in value.items() if name != "by"}
    for name, share in shares.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
            raise ValueError(f"the share of {name} must be a number above 0, at most 1")
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} must be letters, digits, - and _")
        if [each.lower() for each in shares].count(name.lower()) > 1 or len(name) > LONGEST:
            raise ValueError(f"{name!r} names files: at most {LONGEST} characters, of its own")
        if is_reserved(name):
            raise ValueError(f"{name!r} is the name of a device on Windows, and names files")
    if shares and abs(sum(shares.values()) - 1) > 1e-9:
        raise ValueError(f"the shares make {sum(shares.values()):g}, not 1")
    if not isinstance(value.get("by", ""), str) or ("by" in value and not shares):
        raise ValueError("by must name a key of the tasks' data, and needs shares")
    return value


_NAME = re.compile(r"[A-Za-z0-9_-]+")


LONGEST = 64  # characters of a split's name; macOS and Windows take a and A for one


def require_format(name: str, *, served: bool = False) -> None:
    """`LsDvcError` with the nearest right name unless there is such a format.

    One that servers alone can write will do when it is `served`.
    """
    hint = f"formats are {', '.join(FORMATS)}"
    try:
        _format(name)
    except ValueError as error:
        raise LsDvcError(str(error), hint) from None
    if name in engines.SERVED_ALONE and not served:
        raise LsDvcError(engines.alone(name), hint)
