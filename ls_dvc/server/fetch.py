"""Fetch snapshots and server conversions into the side cache."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ls_dvc.errors import ConversionError, ServerError
from ls_dvc.io import safe_archive
from ls_dvc.pin.pin import (
    ExportSnapshot,
)
from ls_dvc.server.cache import Cache
from ls_dvc.server.interface import Server


@dataclass(frozen=True)
class ConversionRequest:
    """A format of a snapshot; the server has `seconds` to write it."""

    snapshot: ExportSnapshot
    name: str
    seconds: float


def fetch_conversion(server: Server, request: ConversionRequest, cache: Cache, folder: Path) -> str:
    """Let the server convert, and keep what it sends in the side cache; the archive's SHA-256.

    `folder`, of the same disk, is for files on the way there. `ConversionError` when the server
    fails, is too late, or writes nothing; `ServerError` when what it sends cannot be taken.
    """
    raw, archive = folder / f"{request.name}.raw", folder / f"{request.name}.tar"
    ending = server.convert(request.snapshot, request.name, request.seconds, raw)
    single = "" if _is_zip(raw, ending) else f"result{ending}"
    try:
        files = safe_archive.normalise(raw, single, archive)
    except safe_archive.UnsafeError as error:
        raise ServerError(
            f"what {server.url} sent as {request.name} is not taken: {error}",
            f"set label_studio.engines.{request.name}: ls-dvc in params.yaml to do without it",
        ) from error
    raw.unlink()
    if not files:
        raise ConversionError(
            f"{server.url} wrote nothing as {request.name} of snapshot {request.snapshot.id}",
            f"has this project anything for {request.name}? `ls-dvc formats` says",
            "failed",
        )
    return cache.put_archive(archive)


def _is_zip(raw: Path, ending: str) -> bool:
    """By its name, as a document that is the only one may be a zip file in itself."""
    if ending:
        return ending == ".zip"
    with raw.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def fetch_snapshot(server: Server, snapshot: ExportSnapshot, cache: Cache) -> Path:
    """The file with a snapshot's raw JSON: the one in the side cache, or a fresh download."""
    return cache.get(snapshot, lambda wanted, part: server.download(wanted, part, lambda _: None))
