"""The data set folder: a folder for each format, and a manifest of them.

data/dataset/
  manifest.json            the labels it was made from, a digest for each format
  README.md                the card for Hugging Face's `load_dataset`, where a format is a table
  COCO/result.json
  YOLO/labels/…
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from ls_dvc.errors import BugError, LsDvcError
from ls_dvc.formats.interface import Chunk
from ls_dvc.io import canonical_json
from ls_dvc.labels.media import MediaFile
from ls_dvc.labels.shards import start_of

MANIFEST = "manifest.json"
CARD = "README.md"
CACHE = ".cache"  # how the files end that training writes next to labels; DVC ignores them


@dataclass(frozen=True)
class FormatSummary:
    """What a format's folder holds. `sha256` covers the paths and contents of all files.

    It is the sum of one digest per file, so files can come in any order. `writer` is the version
    of ls-dvc's writer of the format; None where the server wrote it, and in data sets made before
    writers had versions.
    """

    files: int
    bytes: int
    sha256: str
    writer: int | None = None

    def document(self) -> dict[str, object]:
        """The entry in the manifest."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class DatasetManifest:
    """The labels that a data set was made from, and what each format's folder holds."""

    fingerprint: str
    formats: Mapping[str, FormatSummary]
    card: str | None = None  # the SHA-256 of README.md


class MediaSource(Protocol):
    """Where the media that a format names can be had."""

    def place(self, file: MediaFile, target: Path) -> None:
        """Make the new file `target` with this content; `LsDvcError` when it cannot be had."""

    def read(self, file: MediaFile) -> bytes:
        """Its content."""


def write_format(
    folder: Path,
    chunks: Iterable[Chunk],
    media: MediaSource | None = None,
    *,
    archived: bool = False,
) -> FormatSummary:
    """Write a format's files below `folder`, which is made.

    `archived` puts the small files of tasks into a tar archive for each shard: DVC is slow with
    many files, and a changed label still changes only one archive. `media` has the files that
    chunks name.
    """
    folder.mkdir()
    with LooseFiles(folder, media) as files:
        archives = ShardArchives(files)
        for (path, task, file), group in groupby(chunks, key=attrgetter("path", "task", "file")):
            if file is not None:
                if archived and task is not None:
                    archives.add(path, task, files.content(file))
                else:
                    files.place(path, file)
            elif task is None:
                for chunk in group:
                    files.extend(path, chunk.data)
            elif archived:
                archives.add(path, task, b"".join([chunk.data for chunk in group]))
            else:
                files.add(path, b"".join([chunk.data for chunk in group]))
        archives.end()
    return files.summary()


@dataclass
class LooseFiles:
    """The files of a folder as they are written; no path twice, and none outside."""

    folder: Path
    media: MediaSource | None = None
    folders: set[str] = field(default_factory=lambda: {""})
    open: dict[str, tuple[BinaryIO, hashlib._Hash]] = field(default_factory=dict)
    count: int = 0
    size: int = 0
    sum: int = 0

    def add(self, path: str, data: bytes) -> None:
        """Write a whole file, unbuffered: a buffer for each of many small files costs more."""
        with self._create(path, buffering=0) as out:
            left = memoryview(data)
            while left:
                left = left[out.write(left) :]
        self._count(path, len(data), hashlib.sha256(data))

    def place(self, path: str, file: MediaFile) -> None:
        """Make a file of the media's: a link where the disk can, else a copy."""
        self._make_parent(path)
        target = self.folder / path
        if target.exists():
            raise BugError(f"a format writes {path!r} twice")
        self._media.place(file, target)
        self.count += 1
        self.size += file.size
        self.sum += _file_digest(path, bytes.fromhex(file.sha256))

    def content(self, file: MediaFile) -> bytes:
        """The content of a file of the media's."""
        return self._media.read(file)

    @property
    def _media(self) -> MediaSource:
        if self.media is None:
            raise BugError("a format writes media, and there are none")
        return self.media

    def extend(self, path: str, data: bytes) -> None:
        """Append to a file, which is created if it is not there, and stays open."""
        if path not in self.open:
            self.open[path] = self._create(path), hashlib.sha256()
        out, digest = self.open[path]
        digest.update(data)
        out.write(data)

    def close(self, path: str) -> None:
        """Close a file and add it to the summary."""
        out, digest = self.open.pop(path)
        with out:
            size = out.tell()
        self._count(path, size, digest)

    def summary(self) -> FormatSummary:
        """All that was written, once every file is closed."""
        return FormatSummary(self.count, self.size, _sum(self.sum))

    def __enter__(self) -> LooseFiles:
        return self

    def __exit__(self, *_: object) -> None:
        for path in list(self.open):
            self.close(path)

    def _count(self, path: str, size: int, content: hashlib._Hash) -> None:
        self.count += 1
        self.size += size
        self.sum += _file_digest(path, content.digest())

    def _make_parent(self, path: str) -> None:
        if not {"", ".", ".."}.isdisjoint(path.split("/")):
            raise BugError(f"a format writes outside its folder: {path!r}")
        parent = path.rpartition("/")[0]
        if parent not in self.folders:
            (self.folder / parent).mkdir(parents=True, exist_ok=True)
            self.folders.add(parent)

    def _create(self, path: str, buffering: int = -1) -> BinaryIO:
        self._make_parent(path)
        try:
            return open(f"{self.folder}/{path}", "xb", buffering)  # noqa: PTH123  (a Path is slow)
        except FileExistsError as error:
            raise BugError(f"a format writes {path!r} twice") from error


@dataclass
class ShardArchives:
    """Small files as members of archives: `labels/a.txt` goes into `labels/<shard>.tar`.

    Their bytes depend on names and contents alone: no owner, no time, no host.
    """

    files: LooseFiles
    path: str = ""

    def add(self, path: str, task: int, data: bytes) -> None:
        """Put a file into the archive of its task's shard; shards come in order."""
        archive = str(PurePosixPath(path).parent / f"{start_of(task):010d}.tar")
        if archive != self.path:
            self.end()
            self.path = archive
        member = tarfile.TarInfo(PurePosixPath(path).name)
        member.size, member.mode = len(data), 0o644
        header = member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
        self.files.extend(archive, header + data + bytes(-len(data) % tarfile.BLOCKSIZE))

    def end(self) -> None:
        """Finish the current archive, if there is one."""
        if self.path:
            self.files.extend(self.path, bytes(2 * tarfile.BLOCKSIZE))
            self.files.close(self.path)
        self.path = ""


def write_manifest(
    folder: Path, fingerprint: str, formats: Mapping[str, FormatSummary], card: bytes = b""
) -> None:
    """Write the manifest of a data set made from the labels `fingerprint`, and its card if any."""
    document = {
        "fingerprint": fingerprint,
        "formats": {name: summary.document() for name, summary in formats.items()},
    }
    if card:
        (folder / CARD).write_bytes(card)
        document["card"] = hashlib.sha256(card).hexdigest()
    (folder / MANIFEST).write_bytes(canonical_json.document(document))


def parse_manifest(content: bytes, where: str) -> DatasetManifest:
    """The manifest in `content`; `LsDvcError` names `where` when it is none."""
    try:
        document = json.loads(content)
        formats = {name: _summary(entry) for name, entry in document["formats"].items()}
        return DatasetManifest(str(document["fingerprint"]), formats, document.get("card"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LsDvcError(f"{where} cannot be read: {error}", "run `dvc repro`") from error


def _summary(entry: Mapping[str, Any]) -> FormatSummary:
    writer = entry.get("writer")
    if not isinstance(entry["sha256"], str) or not isinstance(writer, int | None):
        raise TypeError("an entry of a format has values of other types")
    return FormatSummary(int(entry["files"]), int(entry["bytes"]), entry["sha256"], writer)


def problems(folder: Path, fingerprint: str) -> list[str]:
    """What is wrong with a data set, by reading every byte of it; empty when it is whole."""
    try:
        manifest = read_manifest(folder)
    except LsDvcError as error:
        return [str(error)]
    made_from = manifest.fingerprint
    wrong = [] if made_from == fingerprint else [_other_labels(folder, made_from, fingerprint)]
    for name, summary in manifest.formats.items():
        if replace(reread(folder / name), writer=summary.writer) != summary:
            wrong.append(f"{folder / name} was changed since it was converted")
    if _card_digest(folder) != manifest.card:
        wrong.append(f"{folder / CARD} was changed since it was converted")
    return wrong


def _card_digest(folder: Path) -> str | None:
    path = folder / CARD
    return _sha256(path).hex() if path.is_file() else None


def read_manifest(folder: Path) -> DatasetManifest:
    """The manifest of the data set in `folder`."""
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LsDvcError(f"{path} cannot be read: {error.strerror}", "run `dvc repro`") from error
    return parse_manifest(content, str(path))


def reread(folder: Path) -> FormatSummary:
    """What a format's folder holds, from its bytes, without the caches of training."""
    paths = [each for each in folder.rglob("*") if each.is_file() and each.suffix != CACHE]
    found = [_file_digest(each.relative_to(folder).as_posix(), _sha256(each)) for each in paths]
    return FormatSummary(len(paths), sum(each.stat().st_size for each in paths), _sum(sum(found)))


def _other_labels(folder: Path, made_from: str, fingerprint: str) -> str:
    return f"{folder} was made from the labels {made_from[:12]}, the pin is {fingerprint[:12]}"


def _file_digest(path: str, content: bytes) -> int:
    """Of a file at `path` whose content has this SHA-256."""
    named = path.encode(errors="surrogateescape") + b"\0" + content
    return int.from_bytes(hashlib.sha256(named).digest(), "big")


def _sum(digests: int) -> str:
    return f"{digests % 2**256:064x}"


def _sha256(path: Path) -> bytes:
    seen = hashlib.sha256()
    with path.open("rb") as content:
        while block := content.read(1 << 20):
            seen.update(block)
    return seen.digest()
