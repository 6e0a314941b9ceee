"""All tasks in one piece: of a view in a snapshot, or of the project in one answer.

No delta mends what moved meanwhile, so it is taken until nothing does.
"""

from __future__ import annotations

from pathlib import Path

from ls_dvc.cache import Cache
from ls_dvc.errors import LabelsMovingError, ServerError
from ls_dvc.lock import ServerState, Snapshot
from ls_dvc.protocol import Server, discard, discarded_on_failure, fetch
from ls_dvc.report import Reporter
from ls_dvc.update import bulk
from ls_dvc.update.chain import Chain, replayed

TRIES = 3


def export(
    server: Server,
    cache: Cache,
    folder: Path,
    report: Reporter,
    *,
    allow_moving: bool,
) -> Chain:
    """A chain of one snapshot, replayed into a folder in `folder`.

    It is settled, and holds as much as the server counts, unless `allow_moving` lets it be of no
    single moment. When it fails, what was made on the server is removed there again.
    """
    for attempt in range(1, TRIES + 1):
        chain = _once(server, cache, folder / str(attempt))
        if chain.settled or allow_moving:
            return chain
        discard(server, chain.snapshots)
        if attempt < TRIES:
            report.say("labels moved during the export; exporting once more")
    raise LabelsMovingError(
        f"the labels of project {chain.state.project_id} moved during each of {TRIES} exports",
        "try again when annotators pause, or take each task as it was at a moment of its own: "
        "`ls-dvc update --allow-moving`",
    )


def _once(server: Server, cache: Cache, folder: Path) -> Chain:
    folder.mkdir()
    before = server.state()
    snapshot = _taken(server, cache, folder.parent, before)
    with discarded_on_failure(server, [snapshot]):
        fetch(server, snapshot, cache)
        settled = server.state() == before
        chain = replayed(cache.path, folder, before, (snapshot,), settled=settled)
        if settled and (doubt := chain.doubt()):
            raise ServerError(
                doubt, "try again; when it stays so, the server's export leaves something out"
            )
    return chain


def _taken(server: Server, cache: Cache, folder: Path, state: ServerState) -> Snapshot:
    if server.view is not None:
        return server.take_view(server.view)
    return bulk.take(server, cache, folder, state.probe.updated_at)
