"""How many tasks differ between two versions that are available locally."""

from __future__ import annotations

from collections.abc import Iterable

from ls_dvc.labels import canonical
from ls_dvc.pin.pin import TaskChangeCounts
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder


def changes(base: SnapshotFolder, new: SnapshotFolder) -> TaskChangeCounts:
    """The counts against `base`; equal shards are not read, and equal lines not parsed."""
    added = changed = removed = 0
    old, now = base.manifest.shards, new.manifest.shards
    for name in old.keys() | now.keys():
        if old.get(name) == now.get(name):
            continue
        old_lines, new_lines = set(base.lines_in(name)), set(new.lines_in(name))
        before, after = _ids(old_lines - new_lines), _ids(new_lines - old_lines)
        added += len(after - before)
        changed += len(after & before)
        removed += len(before - after)
    return TaskChangeCounts(base.fingerprint, added, changed, removed)


def _ids(lines: Iterable[bytes]) -> set[int]:
    return {canonical.parse(line)["id"] for line in lines}
