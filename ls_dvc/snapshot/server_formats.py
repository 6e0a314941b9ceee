"""What the server wrote of the labels, as a part of the snapshot folder: an archive for a format.

    data/snapshot/
      converted/formats.json   which formats these are, and where ls-dvc writes them
      converted/YOLO.tar       the files of one, as `archive` has made them steady

They are content, and the fingerprint covers them: `dvc pull` brings them, and no server is needed.
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
    """The files in a snapshot folder; none where the server was to write nothing."""
    outcomes = tuple(outcomes)
    if not outcomes:
        return
    said = {each.format: {"why": each.why} if each.why else {} for each in outcomes}
    yield SnapshotFile(RECORD, canonical_json.document(said))
    for each in outcomes:
        if each.sha256:
            yield SnapshotFile(path(each.format), read(each))


def path(name: str) -> str:
    """The archive of a format in a snapshot folder."""
    return f"{FOLDER}{name}.tar"


def archive_in(folder: SnapshotFolder, wanted: ServerConversion) -> bytes | None:
    """That very archive in a snapshot folder; None when there is none, or another one."""
    entry = folder.manifest.files.get(path(wanted.format))
    fits = entry is not None and entry.sha256 == wanted.sha256
    return folder.content(path(wanted.format)) if fits else None


def without(folder: SnapshotFolder) -> SnapshotFolder:
    """The labels alone."""
    return folder.patched((), [each for each in folder.manifest.files if each.startswith(FOLDER)])


def outcomes(folder: SnapshotFolder) -> Mapping[str, str]:
    """The formats that the server was to write, and where it did not, why."""
    if RECORD not in folder.manifest.files:
        return {}
    said = json.loads(folder.content(RECORD))
    return {name: str(each.get("why", "")) for name, each in said.items()}


def served(folder: SnapshotFolder, wanted: Mapping[str, bool]) -> tuple[str, ...]:
    """Those of the `wanted` formats that the server wrote; of the others, our own stand in.

    True in `wanted` where they may. `LsDvcError` when the folder is not of these settings.
    """
    found = outcomes(folder)
    for name, has_fallback in wanted.items():
        if name not in found:
            raise LsDvcError(
                f"{folder.source} has nothing that the server wrote as {name}, which "
                "label_studio.engines asks for",
                "`ls-dvc update` lets the server convert, then `dvc repro`",
            )
        if found[name] and not has_fallback:
            raise LsDvcError(
                f"the server's conversion to {name} {words(found[name])} when the labels were "
                f"pinned, and label_studio.engines.{name} has no fallback",
                f"`ls-dvc update` asks the server again; {{{name}: {{by: server, fallback: "
                "ls-dvc}} in label_studio.engines lets ls-dvc write it",
            )
    return tuple(name for name in wanted if not found[name])


def chunks(folder: SnapshotFolder, name: str) -> Iterator[Chunk]:
    """The files that the server wrote as one format."""
    try:
        for each, content in safe_archive.members(io.BytesIO(folder.content(path(name)))):
            yield Chunk(each, content)
    except safe_archive.UnsafeError as error:
        raise LsDvcError(f"{folder.source}/{path(name)} is not taken: {error}") from error


def words(why: str) -> str:
    """What became of a conversion, as a verb."""
    return "failed" if why == "failed" else "was stuck"
