"""Use case: remove fetched media that no version needs, or that DVC's cache has as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

from ls_dvc.commands.prune import MinimumAge, PruneResult
from ls_dvc.history.snapshot_sources import dvc_store
from ls_dvc.labels import media
from ls_dvc.media.map_cache import MapCache
from ls_dvc.media.store import MediaStore
from ls_dvc.pin.references import References
from ls_dvc.repo.dvc import DvcStore
from ls_dvc.server.cache import UnneededFile
from ls_dvc.snapshot.media_map import SUMMARY
from ls_dvc.workspace import Workspace


def in_media_store(
    workspace: Workspace,
    remove: Callable[[UnneededFile], None],
    needed: References,
    age: MinimumAge,
) -> Iterator[PruneResult[UnneededFile]]:
    """Remove files of the media store, one after the other.

    A file stays unless DVC's cache has it too, undamaged, or the maps of all pins are here and
    none of them names it.
    """
    store, objects = workspace.media_store, dvc_store(workspace)
    named = _named(MapCache.of(store), needed.maps)
    for path in store.files():
        if _is_old(path, age) and _is_unneeded(store.md5_of(path), named, store, objects):
            yield _removed(path, remove)


def remove_media(file: UnneededFile) -> None:
    """Remove one of them."""
    file.path.unlink(missing_ok=True)


def _is_old(path: Path, age: MinimumAge) -> bool:
    return age.is_reached_by(datetime.fromtimestamp(path.stat().st_mtime, timezone.utc))


def _is_unneeded(md5: str, named: set[bytes] | None, store: MediaStore, objects: DvcStore) -> bool:
    if named is not None and bytes.fromhex(md5) not in named:
        return True
    return store.verified.is_whole(objects.cache_path(md5), md5)


def _named(maps: MapCache, digests: frozenset[str]) -> set[bytes] | None:
    """The MD5 of every file that the maps name; None when one of them is not here."""
    named = set[bytes]()
    for digest in digests:
        try:
            for part in maps.files(digest):
                lines = part.content if part.name != SUMMARY else b""
                files = (entry.file for entry in media.parse(lines))
                named.update(bytes.fromhex(file.md5) for file in files if file is not None)
        except (OSError, ValueError):
            return None
    return named


def _removed(path: Path, remove: Callable[[UnneededFile], None]) -> PruneResult[UnneededFile]:
    stat = path.stat()
    file = UnneededFile(path, stat.st_size, stat.st_mtime)
    remove(file)
    return PruneResult(file)
