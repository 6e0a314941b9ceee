"""The data set folder: one folder a format, and a manifest over them.

data/dataset/
  manifest.json            the labels it was made from, a digest for each format
  COCO/result.json
  YOLO/labels/…
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from ls_dvc import canonical
from ls_dvc.errors import BugError
from ls_dvc.formats.base import Chunk
from ls_dvc.shards import start_of

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Written:
    """What a format's folder holds. `sha256` covers the paths and contents of all files."""

    files: int
    bytes: int
    sha256: str


def write_format(folder: Path, chunks: Iterable[Chunk], *, archived: bool = False) -> Written:
    """Write a format's files below `folder`, which is made.

    `archived` puts the small files of tasks into tar archives, one for each shard of ids: DVC
    is slow with many files, and a changed label still touches one archive.
    """
    folder.mkdir()
    made = {""}
    digests: dict[str, str] = {}
    size = 0
    for path, stretch in groupby(tarred(chunks) if archived else chunks, key=_path):
        _require_fresh(path, digests)
        parent = path.rpartition("/")[0]
        if parent not in made:
            (folder / parent).mkdir(parents=True, exist_ok=True)
            made.add(parent)
        seen = hashlib.sha256()
        with open(f"{folder}/{path}", "wb") as out:  # noqa: PTH123  (a Path for each costs more)
            for chunk in stretch:
                seen.update(chunk.data)
                size += out.write(chunk.data)
        digests[path] = seen.hexdigest()
    return Written(len(digests), size, _digest(digests))


def tarred(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """The same, but for files of tasks: `labels/a.txt` becomes a member of `labels/<shard>.tar`.

    Bytes depend on names and contents alone: no owner, no time, no host.
    """
    for archive, members in groupby(chunks, key=_archive):
        if archive is None:
            yield from members
            continue
        for path, stretch in groupby(members, key=_path):
            data = b"".join(each.data for each in stretch)
            about = tarfile.TarInfo(PurePosixPath(path).name)
            about.size, about.mode = len(data), 0o644
            head = about.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
            yield Chunk(archive, head + data + bytes(-len(data) % tarfile.BLOCKSIZE))
        yield Chunk(archive, bytes(2 * tarfile.BLOCKSIZE))


def _path(chunk: Chunk) -> str:
    return chunk.path


def _archive(chunk: Chunk) -> str | None:
    if chunk.task is None:
        return None
    return str(PurePosixPath(chunk.path).parent / f"{start_of(chunk.task):010d}.tar")


def write_manifest(folder: Path, fingerprint: str, formats: Mapping[str, Written]) -> None:
    """Write the manifest of a data set made from the labels `fingerprint`."""
    document = {"fingerprint": fingerprint, "formats": {k: vars(v) for k, v in formats.items()}}
    (folder / MANIFEST).write_bytes(canonical.document(document))


def problems(folder: Path, fingerprint: str) -> list[str]:
    """What is wrong with a data set, by reading every byte of it; empty when it is whole."""
    try:
        document = json.loads((folder / MANIFEST).read_bytes())
        formats = {name: Written(**entry) for name, entry in document["formats"].items()}
        made_from = str(document["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return [f"{folder / MANIFEST} cannot be read: {error}"]
    found = [] if made_from == fingerprint else [_other_labels(folder, made_from, fingerprint)]
    for name, entry in formats.items():
        if reread(folder / name) != entry:
            found.append(f"{folder / name} was changed since it was converted")
    return found


def reread(folder: Path) -> Written:
    """What a format's folder holds, from its bytes."""
    paths = sorted(each for each in folder.rglob("*") if each.is_file())
    digests = {p.relative_to(folder).as_posix(): _sha256(p) for p in paths}
    return Written(len(digests), sum(p.stat().st_size for p in paths), _digest(digests))


def _other_labels(folder: Path, made_from: str, fingerprint: str) -> str:
    return f"{folder} was made from the labels {made_from[:12]}, the pin is {fingerprint[:12]}"


def _require_fresh(path: str, known: Mapping[str, Any]) -> None:
    """`BugError` unless `path` stays in its folder, is written plainly, and is new."""
    if path in known or not {"", ".", ".."}.isdisjoint(path.split("/")):
        raise BugError(f"a format wants to write {path!r}")


def _digest(digests: Mapping[str, str]) -> str:
    return canonical.digest(canonical.line(digests))


def _sha256(path: Path) -> str:
    seen = hashlib.sha256()
    with path.open("rb") as content:
        while block := content.read(1 << 20):
            seen.update(block)
    return seen.hexdigest()
