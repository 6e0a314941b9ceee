"""All tasks anew, range by range; a run that was cut short is taken up where it was."""

from __future__ import annotations

from pathlib import Path

from ls_dvc.cache import Cache
from ls_dvc.errors import ServerError
from ls_dvc.lock import Snapshot
from ls_dvc.protocol import Server, discard, discarded_on_failure, fetch
from ls_dvc.report import Reporter
from ls_dvc.update import spans
from ls_dvc.update.chain import Chain, replayed
from ls_dvc.update.spans import Pace


def export(
    server: Server,
    cache: Cache,
    folder: Path,
    pace: Pace,
    report: Reporter,
) -> Chain:
    """A chain of ranges, replayed into the empty `folder`.

    A range that has landed in the side cache stays there, and on the server, when this fails: the
    next call does not ask for it again. What changed since then is a matter of a delta, so the
    chain's state is that of the first try.
    """
    before = server.state()
    begun, landed = cache.landed(server.url, before) or (before, [])
    with report.bar("exporting tasks", before.probe.tasks) as bar:
        bar.advance(sum(each.tasks for each in landed))

        def land(snapshot: Snapshot) -> None:
            with discarded_on_failure(server, [snapshot]):
                fetch(server, snapshot, cache)
            landed.append(snapshot)
            cache.land(server.url, begun, landed)
            bar.advance(snapshot.tasks)

        missing = spans.gaps(spans.around(*server.bounds()), landed)
        spans.take(server, spans.counted(server, missing), pace, land)
    after = server.state()
    try:
        snapshots = tuple(sorted(landed, key=lambda each: each.first))
        return replayed(cache.path, folder, begun, snapshots, settled=after == begun)
    except ServerError:  # what landed is not what was asked for
        cache.forget_landed(begun.project_id)
        discard(server, landed)
        raise
