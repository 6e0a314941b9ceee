"""Files for which nobody is asked: in the address itself, or in the repository."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from urllib.parse import unquote_to_bytes

from ls_dvc.media.addresses import InlineFile, RootedFile
from ls_dvc.media.arrival import Arrival
from ls_dvc.media.results import MissingMediaError

_CHUNK = 1 << 20  # bytes


def decode(source: InlineFile, arrival: Arrival) -> str:
    """The file in a `data:` address."""
    kind, comma, text = source.address.partition(",")
    if not comma:
        raise MissingMediaError("undecodable", "a data: address needs a comma")
    arrival.expect(len(text) * 3 // 4)
    content = unquote_to_bytes(text)
    if kind.lower().endswith(";base64"):
        try:
            content = base64.b64decode(content, validate=True)
        except binascii.Error as error:
            raise MissingMediaError("undecodable", f"it is no base64: {error}") from None
    arrival.write(content)
    return ""


def copy(source: RootedFile, folder: Path, arrival: Arrival) -> str:
    """A file below `folder`, that of params.yaml; no link leads out of it (or into DVC's cache)."""
    path = folder / source.folder / source.path
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):
        raise MissingMediaError("not-found", f"{source.folder} does not have it") from None
    if not any(real.is_relative_to(each) for each in _roots(folder.resolve())):
        raise MissingMediaError("forbidden", f"a link in {source.folder} leads out of the folder")
    if not real.is_file():
        raise MissingMediaError("not-found", f"it is no file in {source.folder}")
    arrival.expect(real.stat().st_size)
    with real.open("rb") as content:
        while chunk := content.read(_CHUNK):
            arrival.write(chunk)
    return ""


def _roots(folder: Path) -> list[Path]:
    caches = [each / ".dvc" / "cache" for each in (folder, *folder.parents)]
    return [folder, *(each for each in caches if each.is_dir())]
