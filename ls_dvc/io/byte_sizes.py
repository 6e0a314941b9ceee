"""Sizes of files for people, in the units in which settings take them."""

from __future__ import annotations

_UNITS = ("kB", "MB", "GB", "TB", "PB")


def in_units(size: int) -> str:
    """A number of bytes in the unit that leaves one to three digits before the point: `1.5 MB`.

    Units count in thousands.
    """
    if size < 1000:
        return f"{size} bytes" if size != 1 else "1 byte"
    shown, place = size / 1000, 0
    while round(shown, 1) >= 1000 and place < len(_UNITS) - 1:
        shown, place = shown / 1000, place + 1
    return f"{shown:,.1f} {_UNITS[place]}"
