"""The result of a conversion on the server as one tar archive with reproducible bytes.

The server sends a zip file, or the only file of the result. Neither is trusted: paths must stay in
their folder, links are refused, and files and bytes are limited. Dates and random colours of the
converter are removed, so that two conversions of a snapshot have the same bytes.
"""

from __future__ import annotations

import io
import json
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ls_dvc.io import canonical_json

NESTED = ".dclx"  # a zip file in itself: a document with its pages
_LONGEST = 255  # bytes of a name, on most file systems
_NAMES: Any = {"encoding": "utf-8", "errors": "surrogateescape"}  # in any locale


# What zipfile and tarfile raise of damaged content, as they read numbers and names from it.
_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    struct.error,
    lzma.LZMAError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    OverflowError,
)


class UnsafeError(ValueError):
    """The archive is damaged, too large, or unsafe; the message says why."""


@dataclass(frozen=True)
class ArchiveLimits:
    """The most `files`, and bytes unpacked of all of them and of one, that are accepted.

    One file at a time is in memory.
    """

    files: int = 1_000_000
    size: int = 16 << 30
    file: int = 1 << 30


@dataclass
class _Budget:
    """How many bytes are still accepted, and how many of one file."""

    bytes: int
    file: int


def normalise(raw: Path, single: str, to: Path, bounds: ArchiveLimits | None = None) -> int:
    """Write the content of `raw` to the tar archive `to`; returns the number of files.

    `single`: the name of the only file; empty when `raw` is a zip file. `UnsafeError` when it is
    damaged, too large, or has unsafe paths.
    """
    limits = bounds or ArchiveLimits()
    with raw.open("rb") as source:
        try:
            if single:
                require_path(single)
                return _pack(to, [(single, _limited(source, _Budget(limits.size, limits.file)))])
            with zipfile.ZipFile(source) as zipped:
                return _pack(to, _members(zipped, limits))
        except UnsafeError:
            raise
        except _DAMAGED as error:
            raise UnsafeError(f"it is damaged: {error}") from error


def members(archive: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """The files of an archive that `normalise` wrote, by path; `UnsafeError` for any other."""
    try:
        with tarfile.open(fileobj=archive, mode="r:", **_NAMES) as tar:
            for each in tar:
                require_path(each.name)
                content = tar.extractfile(each) if each.isreg() else None
                if content is None:
                    raise UnsafeError(f"{each.name!r} is no file")  # noqa: TRY301
                yield each.name, content.read()
    except UnsafeError:
        raise
    except _DAMAGED as error:
        raise UnsafeError(f"it is damaged: {error}") from error


def require_path(path: str) -> None:
    """`UnsafeError` unless `path` stays in its folder, everywhere, and can be written."""
    parts = path.split("/")
    if not {"", ".", ".."}.isdisjoint(parts) or "\\" in path or ":" in parts[0]:
        raise UnsafeError(f"the path {path!r} leads elsewhere")
    if any(ord(each) < ord(" ") or ord(each) == 127 for each in path):
        raise UnsafeError(f"the path {path!r} has control characters")
    if max(len(each.encode(errors="surrogateescape")) for each in parts) > _LONGEST:
        raise UnsafeError(f"the path {path[:60]!r}… has a part of more than {_LONGEST} bytes")


def _members(zipped: zipfile.ZipFile, limits: ArchiveLimits) -> Iterator[tuple[str, bytes]]:
    """The files in order of their paths."""
    entries = [each for each in zipped.infolist() if not _is_folder(each)]
    if len(entries) > limits.files:
        raise UnsafeError(f"it has {len(entries)} files; {limits.files} are the most")
    names = {each.filename for each in entries}
    if len(names) != len(entries):
        raise UnsafeError("it has two files of one path")
    folders = {"/".join(parts[:end]) for parts in _split(names) for end in range(1, len(parts))}
    if both := sorted(folders & names):
        raise UnsafeError(f"{both[0]!r} is a file and a folder in it")
    left = _Budget(limits.size, limits.file)
    for each in sorted(entries, key=lambda one: one.filename):
        with zipped.open(each) as content:
            yield each.filename, _limited(content, left)


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a folder; `UnsafeError` when it is neither folder nor plain file."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UnsafeError(f"{entry.filename!r} is a link, or no file")
    if entry.flag_bits & 1:
        raise UnsafeError(f"{entry.filename!r} is encrypted")
    require_path(entry.filename.removesuffix("/"))
    return entry.is_dir()


def _split(names: Iterable[str]) -> Iterator[list[str]]:
    return (each.split("/") for each in names)


def _limited(content: IO[bytes], left: _Budget) -> bytes:
    """The whole content, whatever size the archive says; `UnsafeError` beyond the limit."""
    most = min(left.bytes, left.file)
    read = content.read(most + 1)
    if len(read) > most:
        raise UnsafeError("it is larger, unpacked, than the limit")
    left.bytes -= len(read)
    return read


def _pack(to: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write an archive that depends on paths and contents alone: no owner, time or host."""
    count = 0
    with tarfile.open(to, "w", format=tarfile.GNU_FORMAT, **_NAMES) as tar:
        for path, content in files:
            steady = _steady(path, content)
            about = tarfile.TarInfo(path)
            about.size, about.mode = len(steady), 0o644
            tar.addfile(about, io.BytesIO(steady))
            count += 1
    return count


def _steady(path: str, content: bytes) -> bytes:
    """The content without what differs between conversions."""
    if path.endswith(NESTED):
        return _rezipped(content)
    made = _CLEANED.get(path.rpartition("/")[2])
    if made is None:
        return content
    try:
        document = json.loads(content)
    except ValueError as error:
        raise UnsafeError(f"{path!r} is no JSON: {error}") from error
    return canonical_json.document(made(document)) if isinstance(document, dict) else content


def _undated(document: dict[str, Any]) -> dict[str, Any]:
    """Without the time of the conversion."""
    info = document.get("info")
    if not isinstance(info, dict):
        return document
    kept = {key: value for key, value in info.items() if key not in ("year", "date_created")}
    return {**document, "info": kept}


def _recoloured(document: dict[str, Any]) -> dict[str, Any]:
    """With colours made from the names; the converter takes random ones."""
    categories = document.get("categories")
    if not isinstance(categories, list):
        return _undated(document)
    steady = [
        {**each, "color": f"#{canonical_json.digest(str(each.get('name')).encode())[:6]}"}
        if isinstance(each, dict) and "color" in each
        else each
        for each in categories
    ]
    return _undated({**document, "categories": steady})


Cleaner = Callable[[dict[str, Any]], dict[str, Any]]
# JSON documents that hold a date or a colour, by the names that Label Studio gives them.
_CLEANED: dict[str, Cleaner] = {
    "result.json": _undated,  # COCO; what JSON_MIN writes is a list
    "result_coco.json": _recoloured,  # BRUSH_TO_COCO
    "notes.json": _undated,  # YOLO, YOLO_OBB
}


def _rezipped(content: bytes) -> bytes:
    """A zip file with the same content in the same order, not compressed, without times."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        left = _Budget(ArchiveLimits().file, ArchiveLimits().file)
        for each in old.infolist():
            if each.is_dir():
                continue
            about = zipfile.ZipInfo(each.filename)
            about.create_system = 3  # whatever this one is
            with old.open(each) as file:
                new.writestr(about, _limited(file, left))
    return out.getvalue()
