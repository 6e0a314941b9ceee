"""When tasks changed last, as their export snapshots say; the canonical form leaves that out."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from ls_dvc.io.iso_time import parse_time
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.snapshot.replay import Locate


class _ChangedTask(msgspec.Struct):
    """A task of raw JSON. The server reads this time before it reads the task's annotations."""

    id: int
    updated_at: str


_decode = msgspec.json.Decoder(list[_ChangedTask]).decode


def since(snapshots: Iterable[ExportSnapshot], locate: Locate, moment: str) -> Mapping[int, str]:
    """The ids of the tasks in `snapshots` that changed after `moment`, and when, both ISO 8601.

    Times are as the server wrote them. `OSError` or `ValueError` when a file is not there, or does
    not say.
    """
    times: dict[int, str] = {}
    for snapshot in snapshots:
        for task_id in snapshot.removed:
            times.pop(task_id, None)
        if snapshot.tasks:
            times |= _times(locate(snapshot))
    oldest = parse_time(moment)
    return {task_id: text for task_id, text in times.items() if parse_time(text) > oldest}


def _times(path: Path) -> dict[int, str]:
    """The times in one file, which is mapped into memory and not read as a whole."""
    with path.open("rb") as raw, mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return {task.id: task.updated_at for task in _decode(content)}
