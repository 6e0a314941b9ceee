"""How many tasks differ between a version that lies ready and one whose shards come by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ls_dvc import canonical
from ls_dvc.lock import Changes
from ls_dvc.shards import File, Folder


@dataclass
class Tally:
    """Counts against `base` as shards pass through `counted`; equal shards are not read."""

    base: Folder
    seen: set[str] = field(default_factory=set)
    found: Counter[str] = field(default_factory=Counter)

    def counted(self, files: Iterable[File]) -> Iterator[File]:
        """The same files; each is a shard of the new version."""
        for each in files:
            self.seen.add(each.name)
            self._count(each)
            yield each

    def changes(self) -> Changes:
        """The counts, once every shard has passed."""
        gone = self.base.manifest.shards.keys() - self.seen
        lost = sum(self.base.manifest.files[name].counts.tasks for name in gone)
        removed = self.found["removed"] + lost
        added, changed = self.found["added"], self.found["changed"]
        return Changes(self.base.fingerprint, added, changed, removed)

    def _count(self, file: File) -> None:
        entry = self.base.manifest.files.get(file.name)
        if entry and entry.sha256 == canonical.digest(file.content):
            return
        old, new = set(self.base.lines_in(file.name)), set(file.content.splitlines())
        before, after = _ids(old - new), _ids(new - old)
        self.found["added"] += len(after - before)
        self.found["changed"] += len(after & before)
        self.found["removed"] += len(before - after)


def _ids(lines: Iterable[bytes]) -> set[int]:
    return {canonical.parse(each)["id"] for each in lines}
