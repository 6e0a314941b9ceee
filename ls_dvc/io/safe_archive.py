"""What a server sends of a conversion, made into one archive of bytes that are always the same.

It sends a zip file, or the only file that it wrote. It is not trusted: no path may lead out of its
folder, nothing may be a link, and there are bounds on how much of it there is. What the converter
takes from the clock or from chance goes, so that converting a snapshot twice gives the same bytes.
"""

from __future__ import annotations

import io
import json
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ls_dvc.io import canonical_json

NESTED = ".dclx"  # a zip file in itself: a document with its pages
_LONGEST = 255  # bytes of a name, on most file systems
_NAMES: Any = {"encoding": "utf-8", "errors": "surrogateescape"}  # in any locale


class UnsafeError(ValueError):
    """Not what a converter writes; says what is wrong with it."""


@dataclass(frozen=True)
class ArchiveLimits:
    """The most that is taken: `files`, and bytes of all of them together when unpacked."""

    files: int = 2_000_000
    size: int = 16 << 30


@dataclass
class _Left:
    """How much may still come."""

    bytes: int


def normalise(raw: Path, single: str, to: Path, bounds: ArchiveLimits | None = None) -> int:
    """Write what is in `raw` into the tar archive `to`; the number of files in it.

    `single` is what to call the only file; empty when `raw` is a zip file. `UnsafeError` when it
    is damaged, too much, or wants to be anywhere else than in a folder of its own.
    """
    limits = bounds or ArchiveLimits()
    with raw.open("rb") as source:
        try:
            if single:
                require_path(single)
                return _pack(to, [(single, _limited(source, _Left(limits.size)))])
            with zipfile.ZipFile(source) as zipped:
                return _pack(to, _members(zipped, limits))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
            raise UnsafeError(f"it is damaged: {error}") from error


def members(archive: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """The files of an archive that `normalise` wrote, by path; `UnsafeError` for any other."""
    try:
        with tarfile.open(fileobj=archive, mode="r:", **_NAMES) as tar:
            for each in tar:
                require_path(each.name)
                content = tar.extractfile(each) if each.isreg() else None
                if content is None:
                    raise UnsafeError(f"{each.name!r} is no file")
                yield each.name, content.read()
    except tarfile.TarError as error:
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
    """The files by path, in order; folders are those that the paths name."""
    entries = [each for each in zipped.infolist() if not _is_folder(each)]
    if len(entries) > limits.files:
        raise UnsafeError(f"it has {len(entries)} files; {limits.files} are the most")
    names = {each.filename for each in entries}
    if len(names) != len(entries):
        raise UnsafeError("it has two files of one path")
    folders = {"/".join(parts[:end]) for parts in _split(names) for end in range(1, len(parts))}
    if both := sorted(folders & names):
        raise UnsafeError(f"{both[0]!r} is a file and a folder in it")
    left = _Left(limits.size)
    for each in sorted(entries, key=lambda one: one.filename):
        with zipped.open(each) as content:
            yield each.filename, _limited(content, left)


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    """Also checks the entry; those of folders are looked at and left out."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UnsafeError(f"{entry.filename!r} is a link, or no file")
    if entry.flag_bits & 1:
        raise UnsafeError(f"{entry.filename!r} is encrypted")
    require_path(entry.filename.removesuffix("/"))
    return entry.is_dir()


def _split(names: Iterable[str]) -> Iterator[list[str]]:
    return (each.split("/") for each in names)


def _limited(content: IO[bytes], left: _Left) -> bytes:
    """All of it; what it says of its own size counts for nothing."""
    read = content.read(left.bytes + 1)
    if len(read) > left.bytes:
        raise UnsafeError("it is larger, unpacked, than is taken")
    left.bytes -= len(read)
    return read


def _pack(to: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Bytes depend on paths and contents alone: no owner, no time, no host."""
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
    """The content without what differs from one conversion to the next."""
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
    """Of when it was converted, nothing is left."""
    info = document.get("info")
    if not isinstance(info, dict):
        return document
    kept = {key: value for key, value in info.items() if key not in ("year", "date_created")}
    return {**document, "info": kept}


def _recoloured(document: dict[str, Any]) -> dict[str, Any]:
    """Colours are drawn by lot; here they follow from the names."""
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
    """A zip file with the same content in the same order: no time, and no other's compression."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        left = _Left(ArchiveLimits().size)
        for each in old.infolist():
            if each.is_dir():
                continue
            about = zipfile.ZipInfo(each.filename)
            about.create_system = 3  # whatever this one is
            with old.open(each) as file:
                new.writestr(about, _limited(file, left))
    return out.getvalue()
