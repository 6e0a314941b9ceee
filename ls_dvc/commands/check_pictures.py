"""The pictures of the snapshot as the rule LD806 compares them: those that are on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ls_dvc.history.media_sources import MediaSources
from ls_dvc.history.version import workspace_version
from ls_dvc.io import kept_parts
from ls_dvc.labels.media import MediaEntry
from ls_dvc.media.picture_hash import BITS, picture_hash
from ls_dvc.progress import Reporter
from ls_dvc.snapshot import media_map
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace

RULE = "LD806"


def picture_hashes(
    workspace: Workspace, folder: SnapshotFolder, report: Reporter
) -> Mapping[str, int]:
    """The difference hash of each picture by its SHA-256; says how many are not here.

    Nothing is downloaded, and a picture is decoded once: its hash is kept in the side cache.
    """
    kept, hashes, left = workspace.cache.parts, dict[str, int](), dict[str, MediaEntry]()
    for digest, entry in _pictures(media_map.entries(folder)).items():
        content = kept.get(_key(digest))
        if content is None:
            left[digest] = entry
        elif content:
            hashes[digest] = int.from_bytes(content, "big")
    if not left:
        return hashes
    sources = MediaSources(workspace, workspace_version(workspace), report, is_local=True)
    with report.bar("looking at pictures", len(left)) as bar:
        for file, opened in sources.opened([*left.values()]):
            found = picture_hash(opened, file.type)
            kept.put(_key(file.sha256), b"" if found is None else found.to_bytes(BITS // 8, "big"))
            if found is not None:
                hashes[file.sha256] = found
            left.pop(file.sha256, None)
            bar.advance(1)
    if left:
        report.say(f"{RULE}: {len(left):,} pictures are not here; `dvc pull` brings them")
    return hashes


def _pictures(entries: Iterable[MediaEntry]) -> Mapping[str, MediaEntry]:
    """An entry for each picture, by its SHA-256."""
    found = dict[str, MediaEntry]()
    for entry in entries:
        if entry.file is not None and entry.file.type.startswith("image/"):
            found.setdefault(entry.file.sha256, entry)
    return found


def _key(digest: str) -> str:
    return kept_parts.key_of(picture_hash=digest)
