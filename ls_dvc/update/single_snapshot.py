"""All tasks at once: in one snapshot of a view or of the project, or in one answer.

There is no delta for what changed meanwhile: it is exported again until nothing does.
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
from ls_dvc.update.cleanup import discard, discard_on_failure

ATTEMPTS = 3


@dataclass(frozen=True)
class SnapshotOptions:
    """`in_bulk` asks for one answer, without a snapshot; `allow_inconsistent` takes any state."""

    in_bulk: bool = False
    allow_inconsistent: bool = False


def export(
    server: Server,
    cache: Cache,
    folder: Path,
    report: Reporter,
    options: SnapshotOptions,
) -> Chain:
    """A chain of one snapshot, replayed into a folder in `folder`.

    It is consistent, and holds as much as the server counts, unless `options` allow otherwise. If
    it fails, its snapshots are removed from the server.
    """
    for attempt in range(1, ATTEMPTS + 1):
        chain = _attempt(server, cache, folder / str(attempt), options)
        if chain.consistent or options.allow_inconsistent:
            return chain
        discard(server, chain.snapshots)
        if attempt < ATTEMPTS:
            report.say("labels changed during the export; exporting again")
    raise LabelsChangingError(
        f"labels of project {chain.state.project_id} changed during each of {ATTEMPTS} exports",
        "try again when annotators pause, or pin tasks from different moments: "
        "`ls-dvc update --allow-inconsistent`",
    )


def _attempt(server: Server, cache: Cache, folder: Path, options: SnapshotOptions) -> Chain:
    folder.mkdir()
    before = server.state()
    if options.in_bulk:
        snapshot = bulk_export.take(server, cache, folder.parent, before.probe.updated_at)
    else:
        snapshot = _snapshot(server)
    with discard_on_failure(server, [snapshot]):
        fetch_snapshot(server, snapshot, cache)
        consistent = server.state() == before
        chain = replayed(cache.path, folder, before, (snapshot,), consistent=consistent)
        if consistent and (mismatch := chain.mismatch()):
            raise ServerError(
                mismatch,
                "run `ls-dvc update` again; if it stays so, the server's export is incomplete",
            )
    return chain


def _snapshot(server: Server) -> ExportSnapshot:
    if server.view is not None:
        return server.take_view(server.view)
    return server.take(ranges.around(*server.bounds()))
