"""Media maps in the side cache, by the digests that pins name; parts that versions share once.

It may be deleted at any time: a map is in the snapshot folder as well, which DVC keeps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.io import canonical_json
from ls_dvc.io.files import write_atomically
from ls_dvc.io.strict_values import SHA256, mapping, matching, relative_path
from ls_dvc.media.store import MediaStore
from ls_dvc.snapshot import media_map
from ls_dvc.snapshot.manifest import SnapshotFile


@dataclass(frozen=True)
class MapCache:
    """The maps in the folder `root`, which need not exist yet."""

    root: Path

    @classmethod
    def of(cls, store: MediaStore) -> MapCache:
        """The maps next to the files of a store."""
        return cls(store.root / "maps")

    def put_part(self, content: bytes) -> str:
        """Keep a file of a map; its SHA-256."""
        sha256 = canonical_json.digest(content)
        if not self.part(sha256).is_file():
            write_atomically(self.part(sha256), content)
        return sha256

    def put(self, listing: Mapping[str, str]) -> str:
        """Keep the map whose files, which are here, have the SHA-256 in `listing`; its digest."""
        digest = media_map.digest(listing)
        write_atomically(self.listing(digest), canonical_json.document(dict(listing)))
        return digest

    def files(self, digest: str) -> Iterator[SnapshotFile]:
        """The files of a map; `OSError` or `ValueError` when not all of it is here, and whole."""
        listing = _listing(self.listing(digest).read_bytes())
        if media_map.digest(listing) != digest:
            raise ValueError(f"the side cache has a damaged media map {digest[:12]}")
        for name in sorted(listing):
            content = self.part(listing[name]).read_bytes()
            if canonical_json.digest(content) != listing[name]:
                raise ValueError(
                    f"the side cache has a damaged part of the media map {digest[:12]}"
                )
            yield SnapshotFile(name, content)

    def listing(self, digest: str) -> Path:
        """Where the names of the files of a map lie, or would lie."""
        return self.root / f"{digest}.json"

    def part(self, sha256: str) -> Path:
        """Where a file of a map lies, or would lie."""
        return self.root / f"{sha256}.jsonl"


def _listing(content: bytes) -> dict[str, str]:
    """The SHA-256 by name; nothing where they are no such names, whose digest is another."""
    try:
        names = mapping(json.loads(content)).items()
        return {relative_path(name): matching(SHA256, sha256) for name, sha256 in names}
    except (ValueError, RecursionError):
        return {}
