"""Adopt a snapshot that people made on the server: pin it as it is, and report what it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from ls_dvc.io.iso_time import parse_time
from ls_dvc.io.printable import printable
from ls_dvc.pin.pin import ExportSnapshot, Probe
from ls_dvc.progress import Reporter
from ls_dvc.server.cache import Cache
from ls_dvc.server.fetch import fetch_snapshot
from ls_dvc.server.interface import Server, ServerSnapshot, ServerState, SnapshotChoice
from ls_dvc.snapshot.counts import SnapshotCounts
from ls_dvc.update.chain import Chain, replayed


def adopted(
    server: Server, cache: Cache, folder: Path, choice: SnapshotChoice, report: Reporter, now: str
) -> Chain:
    """The chain of one existing snapshot, replayed into the empty `folder`.

    Which state of the project it holds cannot be known, so the next update looks again. The label
    config is the one of `now` (ISO 8601).
    """
    listed = server.find_snapshot(choice)
    snapshot = ExportSnapshot(listed.id, "adopted", listed.md5, listed.tasks)
    fetch_snapshot(server, snapshot, cache)
    state = server.state()
    chain = replayed(cache.path, folder, state, (snapshot,), consistent=True)
    counts = chain.folder.manifest.counts
    report.say(_summary(listed, counts, state, parse_time(now)))
    return replace(chain, state=replace(state, probe=_unknown_probe(counts)))


def _unknown_probe(counts: SnapshotCounts) -> Probe:
    """A probe that no server state equals."""
    return Probe(counts.tasks, counts.annotations, counts.predictions, "", "", "")


def _summary(
    listed: ServerSnapshot, counts: SnapshotCounts, state: ServerState, now: datetime
) -> str:
    current, age = state.probe, _age(now - listed.made_at)
    return (
        f"snapshot {listed.id} ({printable(listed.title)}) was made {age} ago; it holds "
        f"{counts.tasks} of {current.tasks} tasks, {counts.annotations} of {current.annotations} "
        f"annotations, {counts.predictions} of {current.predictions} predictions on the server"
    )


def _age(age: timedelta) -> str:
    """In days when there are two, else in hours, else in minutes."""
    minutes = max(0, int(age.total_seconds())) // 60
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60)} days"
    return f"{minutes // 60} h" if minutes >= 120 else f"{minutes} min"
