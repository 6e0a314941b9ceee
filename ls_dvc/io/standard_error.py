"""Words on standard error, from those who were given no reporter."""

from __future__ import annotations

import sys

from ls_dvc.io.printable import printable_lines


def tell(text: str) -> None:
    """Write a text, made printable, and the end of its last line."""
    sys.stderr.write(f"{printable_lines(text)}\n")
    sys.stderr.flush()
