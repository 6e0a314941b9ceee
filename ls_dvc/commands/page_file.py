"""Where a page is written: a new file, or one that was such a page before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.io.files import is_there, write_atomically
from ls_dvc.pages.document import GENERATOR

_AROUND = 200  # bytes around each image
_HEAD = 4096  # bytes, in which a page says what made it


@dataclass
class ImageRoom:
    """The bytes of a page that are left for images."""

    left: int

    def take(self, image: bytes, other: int = 0) -> bool:
        """Whether an image still fits as base64, with `other` bytes; then they are taken."""
        size = len(image) // 3 * 4 + 4 + other + _AROUND
        if size > self.left:
            return False
        self.left -= size
        return True


def require_writable(path: Path) -> None:
    """`LsDvcError` if there is a file that ls-dvc did not make."""
    if is_there(path):
        with path.open("rb") as file:
            if GENERATOR.encode() not in file.read(_HEAD):
                raise LsDvcError(
                    f"{path} is there, and is no page of ls-dvc", "name another file, or remove it"
                )


def write_page(path: Path, content: bytes) -> None:
    """Put a page there; `LsDvcError` as in `require_writable`."""
    require_writable(path)
    write_atomically(path, content)
