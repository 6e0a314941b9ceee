"""Media for tests: entries of the media map, and a source that has their contents in memory."""

from __future__ import annotations

import hashlib
import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from ls_dvc.convert import dataset_folder, dataset_writer, encode
from ls_dvc.convert.encode import EncodedShard
from ls_dvc.convert.label_counts import LabelCounts
from ls_dvc.convert.ledger import Ledger
from ls_dvc.formats.interface import FormatContext, Layout
from ls_dvc.formats.registry import FORMATS
from ls_dvc.io import canonical_json
from ls_dvc.labels import canonical
from ls_dvc.labels.media import MediaEntry, MediaFile
from ls_dvc.labels.policy import LATEST, Policy
from ls_dvc.labels.shards import start_of
from support import projects
from support.projects import Raw


@dataclass
class FakeMedia:
    """Contents by MD5, and the entries that lead to them, by address."""

    contents: dict[str, bytes] = field(default_factory=dict)
    entries: dict[str, MediaEntry] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)

    def has(self, address: str, content: bytes, kind: str, task: int = 1) -> MediaFile:
        """A file at an address, of a MIME type."""
        size = Image.open(io.BytesIO(content)).size if kind in PILLOWS else (None, None)
        digests = (hashlib.md5(content, usedforsecurity=False), hashlib.sha256(content))
        md5, sha256 = (each.hexdigest() for each in digests)
        file = MediaFile(md5, sha256, len(content), kind, *size)
        self.contents[md5] = content
        self.entries[address] = MediaEntry(task, "image", None, address, file)
        return file

    def lacks(self, address: str, task: int = 1, reason: str = "not-found") -> None:
        """An address that led to nothing."""
        self.entries[address] = MediaEntry(task, "image", None, address, missing=reason)

    def place(self, file: MediaFile, target: Path) -> None:
        target.write_bytes(self.contents[file.md5])

    def open(self, file: MediaFile) -> BinaryIO:
        """As an archive has it: other content follows."""
        self.opened.append(file.md5)
        return io.BytesIO(self.contents[file.md5] + b"what follows")


PILLOWS: Mapping[str, str] = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF"}


def picture(red: int, kind: str = "image/png", size: tuple[int, int] = (4, 3)) -> bytes:
    """A small picture of one color."""
    out = io.BytesIO()
    Image.new("RGB", size, (red, 0, 0)).save(out, PILLOWS[kind])
    return out.getvalue()


def write(  # noqa: PLR0913, RUF100
    folder: Path,
    name: str,
    raw: Sequence[Raw],
    config: str,
    media: FakeMedia | None,
    policy: Policy = LATEST,
    layout: Layout = "loose",
) -> Ledger:
    """Write a format of an export into `folder`, as `convert` does it."""
    tasks = sorted(map(canonical.task, raw), key=lambda each: each["id"])
    context = replace(
        projects.about(config, tasks, policy=policy, sharded=layout == "shards"),
        with_media=media is not None,
    )
    entries = media.entries if media else None

    def shards(here: FormatContext) -> Iterator[EncodedShard]:
        here = replace(here, media=entries)
        for _, some in itertools.groupby(tasks, key=lambda each: start_of(each["id"])):
            lines = map(canonical_json.line, some)
            yield encode.encode_shard(lines, policy, FORMATS[name], here, FORMATS[name].FAST_PATH)

    ledger = Ledger()
    chunks = encode.convert(shards, FORMATS[name], context, LabelCounts(), ledger)
    archived = layout != "loose"
    summary = dataset_writer.write_format(folder, chunks, media, archived=archived)
    assert dataset_folder.reread(folder) == summary
    return ledger


def reasons(ledger: Ledger) -> list[tuple[int, str | None, str]]:
    """(task, region or None for the task itself, reason) of everything not written."""
    return [(each.task, each.region, each.reason.value) for each in ledger.entries]


def files(folder: Path) -> dict[str, bytes]:
    """By path."""
    found = (each for each in sorted(folder.rglob("*")) if each.is_file())
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in found}
