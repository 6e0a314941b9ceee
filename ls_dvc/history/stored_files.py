"""The files of a data set that DVC holds, put into another folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ls_dvc.history.media_places import bring, dvc_kinds
from ls_dvc.history.sources import AbsentError
from ls_dvc.history.version import Version
from ls_dvc.io.links import LinkKind, link
from ls_dvc.progress import Reporter
from ls_dvc.repo.dvc import StoredFolder
from ls_dvc.workspace import Workspace


@dataclass(frozen=True)
class StoredFiles:
    """Of a version with media they are links where DVC itself would make links, else copies."""

    workspace: Workspace
    version: Version
    source: StoredFolder
    report: Reporter

    def bring(self, names: Iterable[str]) -> None:
        """Download at once what is not on this machine, if the version has media: many files."""
        if self.version.pin.media is None:
            return
        store, objects = self.workspace.media_store, self.source.store
        md5s = {self.source.md5_of(name) for name in names}
        absent = sorted(
            md5
            for md5 in md5s - objects.in_cache(md5s)
            if not store.verified.is_whole(store.path(md5), md5)
        )
        if absent:
            try:
                bring(objects, store, absent, self.report)
            except AbsentError:  # then reading the first says what is missing
                return

    def place(self, name: str, target: Path) -> None:
        """Make the new file `target` with the content of a file of the data set."""
        if self.version.pin.media is not None:
            md5 = self.source.md5_of(name)
            cached, stored = self.source.store.cache_path(md5), self.workspace.media_store.path(md5)
            for path, kinds in ((cached, self._kinds), (stored, ("reflink", "copy"))):
                if path.is_file():
                    link(path, target, kinds)
                    return
        target.write_bytes(self.source.read(name))

    @cached_property
    def _kinds(self) -> tuple[LinkKind, ...]:
        return dvc_kinds(self.workspace)
