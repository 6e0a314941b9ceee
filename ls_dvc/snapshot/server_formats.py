"""Formats that the server wrote, as a part of the snapshot folder: an archive for each.

    data/snapshot/
      converted/formats.json   which formats these are, and for which ls-dvc is the fallback
      converted/YOLO.tar       the files of one format, normalised by `safe_archive`

The fingerprint covers them, so `dvc pull` brings them and no server is needed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.interface import Chunk
from ls_dvc.io import canonical_json, safe_archive
from ls_dvc.pin.pin import ServerConversion
from ls_dvc.snapshot.manifest import SnapshotFile
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

FOLDER = "converted/"
RECORD = f"{FOLDER}formats.json"

ReadArchive = Callable[[ServerConversion], bytes]


def files(outcomes: Iterable[ServerConversion], read: ReadArchive) -> Iterator[SnapshotFile]:
    """The files in a snapshot folder; none where the server was asked for no format."""
    outcomes = tuple(outcomes)
    if not outcomes:
        return
    record = {outcome.format: {"why": outcome.why} if outcome.why else {} for outcome in outcomes}
    yield SnapshotFile(RECORD, canonical_json.document(record))
    for outcome in outcomes:
        if outcome.sha256:
            yield SnapshotFile(path(outcome.format), read(outcome))


def path(name: str) -> str:
    """The archive of a format in a snapshot folder."""
    return f"{FOLDER}{name}.tar"


def archive_in(folder: SnapshotFolder, wanted: ServerConversion) -> bytes | None:
    """The archive with the wanted digest in a snapshot folder; None when it is not in it."""
    entry = folder.manifest.files.get(path(wanted.format))
    same = entry is not None and entry.sha256 == wanted.sha256
    return folder.content(path(wanted.format)) if same else None


def without(folder: SnapshotFolder) -> SnapshotFolder:
    """The folder without what the server wrote: the labels alone."""
    return folder.patched((), [name for name in folder.manifest.files if name.startswith(FOLDER)])


def outcomes(folder: SnapshotFolder) -> Mapping[str, str]:
    """The formats that the server was asked to write, each with why it did not, or empty text."""
    if RECORD not in folder.manifest.files:
        return {}
    record = json.loads(folder.content(RECORD))
    return {name: str(outcome.get("why", "")) for name, outcome in record.items()}


def served(folder: SnapshotFolder, wanted: Mapping[str, bool]) -> tuple[str, ...]:
    """Those of the `wanted` formats that the server wrote; ls-dvc writes the others.

    `wanted` has True where ls-dvc is the fallback. `LsDvcError` when the server did not write a
    format that has no fallback, or was not asked for it.
    """
    failures = outcomes(folder)
    for name, has_fallback in wanted.items():
        if name not in failures:
            raise LsDvcError(
                f"{folder.source} has nothing that the server wrote as {name}, which "
                "label_studio.engines asks for",
                "run `ls-dvc update` to let the server convert",
            )
        if failures[name] and not has_fallback:
            raise LsDvcError(
                f"the server's conversion to {name} {words(failures[name])} when the labels were "
                f"pinned, and label_studio.engines.{name} has no fallback",
                f"run `ls-dvc update` to ask the server again, or set {name}: {{by: server, "
                "fallback: ls-dvc} in label_studio.engines",
            )
    return tuple(name for name in wanted if not failures[name])


def chunks(folder: SnapshotFolder, name: str) -> Iterator[Chunk]:
    """The files that the server wrote as one format."""
    try:
        for member, content in safe_archive.members(io.BytesIO(folder.content(path(name)))):
            yield Chunk(member, content)
    except safe_archive.UnsafeError as error:
        raise LsDvcError(f"{folder.source}/{path(name)} is refused: {error}") from error


def words(why: str) -> str:
    """What became of a conversion, as a verb."""
    return "failed" if why == "failed" else "was stuck"
