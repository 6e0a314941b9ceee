"""A delta: the tasks changed since a chain was consistent, proved to be all of them.

The server lists tasks touched since a time. It does not list deleted ones (`deleted_tasks` finds
them), and some changes touch no task: they show in its totals or its summary. A delta that cannot
be proved complete is `Unproven`, and a full export takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ls_dvc.execution.background import BackgroundTasks
from ls_dvc.labels import label_config
from ls_dvc.labels.shards import TASKS_PER_SHARD
from ls_dvc.pin.pin import ExportSnapshot, Probe
from ls_dvc.server.cache import Cache
from ls_dvc.server.fetch import fetch_snapshot
from ls_dvc.server.interface import Server, ServerState
from ls_dvc.snapshot import layers, replay
from ls_dvc.update import overlap, ranges
from ls_dvc.update.chain import Chain, DynamicLabels
from ls_dvc.update.cleanup import discard, discard_on_failure
from ls_dvc.update.deleted_tasks import AmbiguousCountsError, find_deleted
from ls_dvc.update.overlap import ChangedTasks
from ls_dvc.update.ranges import BatchSizer

CACHED = "cache_"  # how the action "Cache labels" begins the keys that it writes


@dataclass(frozen=True)
class Unproven:
    """Why a delta cannot be shown to be complete."""

    reason: str


def extended(
    server: Server, cache: Cache, chain: Chain, before: ServerState, sizer: BatchSizer
) -> Chain | Unproven:
    """`chain` with what changed since; `before` is the project's state now.

    It is consistent if no labels changed meanwhile. If it fails or is unproven, its snapshots are
    removed from the server.
    """
    if before.probe == chain.state.probe and chain.consistent:
        return chain
    if before.label_config != chain.state.label_config:
        return Unproven("the label config changed")
    changed = overlap.changed_tasks(server, cache, chain)
    if reason := _too_heavy(chain, changed.count, before.probe.tasks):
        return Unproven(reason)
    taken: list[ExportSnapshot] = []
    with discard_on_failure(server, taken):
        try:
            ranges.take(server, changed.ranges, sizer, taken.append)
            result = _extended(server, cache, chain, before, taken, changed)
        except AmbiguousCountsError as error:
            result = Unproven(f"deleted tasks cannot be identified: {error}")
    if isinstance(result, Unproven):
        discard(server, taken)
    return result


def _too_heavy(chain: Chain, tasks: int, of: int) -> str:
    """Why a full export is better than a delta of so many tasks; empty if it is not."""
    weight = tasks + sum(snapshot.tasks for snapshot in chain.snapshots if snapshot.kind == "delta")
    if chain.consistent and weight > max(TASKS_PER_SHARD, of // 2):
        return f"{weight} of {of} tasks changed since the last full export"
    return ""


def _extended(
    server: Server,
    cache: Cache,
    chain: Chain,
    before: ServerState,
    taken: list[ExportSnapshot],
    changed: ChangedTasks,
) -> Chain | Unproven:
    """`chain` with the snapshots `taken` over it. Changes show while they are downloaded."""
    dynamic_labels = DynamicLabels(label_config.parse(before.label_config, "the label config"))
    with BackgroundTasks() as background:
        state = background.start(server.state)
        deltas = [
            layers.load(fetch_snapshot(server, snapshot, cache), snapshot) for snapshot in taken
        ]
        folder = replay.over(chain.folder, deltas, dynamic_labels.collecting)
    deleted = find_deleted(server, folder, before.probe.tasks)
    if deleted:
        folder = replay.over(folder, [layers.RemovedLayer.of(deleted)])
    after = server.state() if deleted else state.result()
    snapshots = (*chain.snapshots, *_with_removed(taken, deleted))
    labels = _merged(chain.labels, dynamic_labels.by_space())
    if after != before:
        return Chain(chain.state, snapshots, folder, consistent=False, labels=labels)
    result = Chain(before, snapshots, folder, consistent=True, labels=labels)
    mismatch = result.mismatch() or _other_counts(chain, result) or _silent_changes(chain, result)
    mismatch = mismatch or changed.mismatch(deltas, deleted)
    return Unproven(mismatch) if mismatch else result


def _with_removed(taken: list[ExportSnapshot], deleted: tuple[int, ...]) -> list[ExportSnapshot]:
    """The deltas, of which the first names the removed tasks; one without tasks if need be."""
    if not deleted:
        return taken
    first = taken[0] if taken else ExportSnapshot(0, "delta", "", 0)
    return [replace(first, removed=deleted), *taken[1:]]


def _other_counts(old: Chain, new: Chain) -> str:
    """What actions that touch no task moved or replaced, though the totals are right.

    "Remove duplicates" moves skipped annotations to other tasks; deleted predictions of one
    model may be as many as the imported ones of another. What an inconsistent chain held of
    them belongs to no state that could be compared with.
    """
    then, now = old.state.probe, new.state.probe
    before, held = old.folder.manifest.counts, new.folder.manifest.counts
    odd = before.skipped - _skipped(then) if old.consistent else 0
    if now.counted and held.skipped - _skipped(now) != odd:
        return "the export holds other skipped annotations than the server counts"
    if now.predicted_at and (now.models, now.predicted_at) != (held.models, held.predicted_at):
        return "the export holds other predictions than the server counts by model"
    return ""


def _skipped(probe: Probe) -> int:
    return probe.counted.get("skipped", 0)


def _silent_changes(old: Chain, new: Chain) -> str:
    """What on the server changed the data of tasks without touching them; empty when nothing did.

    A few actions do. The server's own counts of the data's keys tell of them, but only roughly:
    every save of an annotation adds one to each.
    """
    then, now, held = old.state.probe, new.state.probe, new.folder.manifest.counts
    if then.summary == now.summary:
        return ""
    # A chain of several moments may hold a key in some of the tasks that got it, not in all.
    known = old.folder.manifest.counts.columns.keys() if old.consistent else ()
    new_keys = now.columns.keys() - then.columns.keys() - {*known}
    if new_keys:
        return f"tasks have the data {min(new_keys)!r}, which may be written without touching them"
    cached = sorted(key for key in held.columns if key.startswith(CACHED))
    if cached:
        return f"the data {cached[0]!r} is written by an action that touches no task"
    added = max((now.columns[key] - then.columns.get(key, 0) for key in now.columns), default=0)
    if added >= held.tasks:
        return "an action seems to have changed the data of all tasks"
    if then.newest == now.newest and old.folder.fingerprint == new.folder.fingerprint:
        return "the project's summary changed, and no task did"
    return ""


def _merged(
    labels: Mapping[str, list[str]], more_labels: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    return {
        space: sorted({*labels.get(space, ()), *more_labels.get(space, ())})
        for space in {*labels, *more_labels}
    }
