"""What updates note for later ones, in the side cache: finished ranges, and what was seen."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ls_dvc.io import canonical_json
from ls_dvc.io.files import write_atomically
from ls_dvc.io.strict_values import count, text
from ls_dvc.pin import plain_values
from ls_dvc.pin.pin import ExportSnapshot, Probe
from ls_dvc.server.interface import ServerState

RESUME_SECONDS = 6 * 3600.0  # after which an interrupted export starts again from nothing


@dataclass(frozen=True)
class InterruptedExport:
    """The ranges that the server finished of an export that started in the state `started`."""

    started: ServerState
    ranges: list[ExportSnapshot]


@dataclass(frozen=True)
class UpdateNotes:
    """The notes in the side cache `root`; a note that cannot be read counts as missing."""

    root: Path

    def save_ranges(
        self, url: str, started: ServerState, snapshots: Iterable[ExportSnapshot]
    ) -> None:
        """Note which ranges of the export that started in that state the server has finished."""
        ranges = [asdict(snapshot) for snapshot in snapshots]
        document = {"url": url, "begun": asdict(started), "ranges": ranges}
        write_atomically(self._ranges_file(started.project_id), canonical_json.document(document))

    def ranges(self, url: str, now: ServerState) -> InterruptedExport | None:
        """The export of this project that was interrupted, if it can be resumed.

        It can for `RESUME_SECONDS`, while nothing but the labels and the title changed.
        """
        path = self._ranges_file(now.project_id)
        try:
            document = json.loads(path.read_bytes())
            is_recent = time.time() - path.stat().st_mtime < RESUME_SECONDS
            export = _interrupted(document)
            is_same_server = document["url"] == url
        except _UNREADABLE:
            return None
        then = export.started
        is_same_project = replace(now, probe=then.probe, title=then.title) == then
        return export if is_same_server and is_same_project and is_recent else None

    def forget_ranges(self, project_id: int) -> None:
        """No export of this project is to be resumed."""
        self._ranges_file(project_id).unlink(missing_ok=True)

    def save_probe(self, fingerprint: str, probe: Probe) -> None:
        """Note that the server holds just these labels in the state `probe`."""
        document = {"fingerprint": fingerprint, "probe": asdict(probe)}
        write_atomically(self.root / "seen.json", canonical_json.document(document))

    def probe(self, fingerprint: str) -> Probe | None:
        """The state noted for these labels, if it is the last one noted."""
        try:
            document = json.loads((self.root / "seen.json").read_bytes())
            is_noted = document["fingerprint"] == fingerprint
            return plain_values.probe(document["probe"]) if is_noted else None
        except _UNREADABLE:
            return None

    def _ranges_file(self, project_id: int) -> Path:
        return self.root / f"landed-{project_id}.json"


def _interrupted(document: Any) -> InterruptedExport:
    state = document["begun"]
    started = ServerState(
        project_id=count(state["project_id"]),
        title=text(state["title"]),
        label_config=text(state["label_config"]),
        probe=plain_values.probe(state["probe"]),
    )
    return InterruptedExport(started, [*map(plain_values.export_snapshot, document["ranges"])])


_UNREADABLE = (OSError, ValueError, KeyError, TypeError, RecursionError)
