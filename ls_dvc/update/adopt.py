"""A snapshot that people made on the server, as the labels: taken as it is, and told what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from ls_dvc.io.iso_time import parse_time
from ls_dvc.pin.pin import ExportSnapshot, Probe
from ls_dvc.progress import Reporter
from ls_dvc.server.cache import Cache
from ls_dvc.server.fetch import fetch_snapshot
from ls_dvc.server.interface import MadeSnapshot, Server, ServerState, SnapshotChoice
from ls_dvc.snapshot.counts import SnapshotCounts
from ls_dvc.update.chain import Chain, replayed


def adopted(
    server: Server, cache: Cache, folder: Path, wanted: SnapshotChoice, report: Reporter, now: str
) -> Chain:
    """The chain of one snapshot that is there already, replayed into the empty `folder`.

    Its state is that of no moment that can be known, so the next update will look again. The label
    config is the one of `now` (ISO 8601).
    """
    made = server.made(wanted)
    snapshot = ExportSnapshot(made.id, "adopted", made.md5, made.tasks)
    fetch_snapshot(server, snapshot, cache)
    state = server.state()
    chain = replayed(cache.path, folder, state, (snapshot,), settled=True)
    held = chain.folder.manifest.counts
    report.say(_told(made, held, state, parse_time(now)))
    return replace(chain, state=replace(state, probe=_unknown(held)))


def _unknown(held: SnapshotCounts) -> Probe:
    """A probe that equals none of a server."""
    return Probe(held.tasks, held.annotations, held.predictions, "", "", "")


def _told(made: MadeSnapshot, held: SnapshotCounts, state: ServerState, now: datetime) -> str:
    there = state.probe
    return (
        f"snapshot {made.id} ({made.title}) was made {_age(now - made.made_at)} ago; it holds "
        f"{held.tasks} of {there.tasks} tasks, {held.annotations} of {there.annotations} "
        f"annotations, {held.predictions} of {there.predictions} predictions that are there now"
    )


def _age(age: timedelta) -> str:
    """In days when there are two, else in hours, else in minutes."""
    minutes = max(0, int(age.total_seconds())) // 60
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60)} days"
    return f"{minutes // 60} h" if minutes >= 120 else f"{minutes} min"
