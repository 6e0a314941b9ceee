"""All tasks in one piece: in a snapshot, of a view or of the project; or in one answer.

No delta mends what moved meanwhile, so it is taken until nothing does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ls_dvc.errors import LabelsChangingError, ServerError
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.progress import Reporter
from ls_dvc.server.cache import Cache
from ls_dvc.server.fetch import fetch_snapshot
from ls_dvc.server.interface import Server
from ls_dvc.update import bulk_export, ranges
from ls_dvc.update.chain import Chain, replayed
from ls_dvc.update.cleanup import discard, discarded_on_failure

TRIES = 3


@dataclass(frozen=True)
class SnapshotOptions:
    """How to ask: for one answer, which leaves no snapshot; for whatever is there, as it moves."""

    in_bulk: bool = False
    allow_inconsistent: bool = False


def export(
    server: Server,
    cache: Cache,
    folder: Path,
    report: Reporter,
    way: SnapshotOptions,
) -> Chain:
    """A chain of one snapshot, replayed into a folder in `folder`.

    It is settled, and holds as much as the server counts, unless `way` lets it be of no single
    moment. When it fails, what was made on the server is removed there again.
    """
    for attempt in range(1, TRIES + 1):
        chain = _once(server, cache, folder / str(attempt), way)
        if chain.settled or way.allow_inconsistent:
            return chain
        discard(server, chain.snapshots)
        if attempt < TRIES:
            report.say("labels moved during the export; exporting once more")
    raise LabelsChangingError(
        f"the labels of project {chain.state.project_id} moved during each of {TRIES} exports",
        "try again when annotators pause, or take each task as it was at a moment of its own: "
        "`ls-dvc update --allow-inconsistent`",
    )


def _once(server: Server, cache: Cache, folder: Path, way: SnapshotOptions) -> Chain:
    folder.mkdir()
    before = server.state()
    if way.in_bulk:
        snapshot = bulk_export.take(server, cache, folder.parent, before.probe.updated_at)
    else:
        snapshot = _taken(server)
    with discarded_on_failure(server, [snapshot]):
        fetch_snapshot(server, snapshot, cache)
        settled = server.state() == before
        chain = replayed(cache.path, folder, before, (snapshot,), settled=settled)
        if settled and (doubt := chain.doubt()):
            raise ServerError(
                doubt, "try again; when it stays so, the server's export leaves something out"
            )
    return chain


def _taken(server: Server) -> ExportSnapshot:
    if server.view is not None:
        return server.take_view(server.view)
    return server.take(ranges.around(*server.bounds()))
