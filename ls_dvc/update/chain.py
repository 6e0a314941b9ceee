"""A chain: snapshots that together hold the tasks of a project or view, and what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ls_dvc.labels import label_config
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.regions import named_labels
from ls_dvc.pin.pin import ExportSnapshot, Probe
from ls_dvc.server.interface import ServerState
from ls_dvc.snapshot import rebuild, snapshot_folder
from ls_dvc.snapshot.replay import Locate
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder


@dataclass(frozen=True)
class Chain:
    """Snapshots in order, and the folder of shards that replaying them makes.

    `state` is the project's state when the first snapshot that is not proved yet was started.
    `consistent`: the tasks are those of that very state; otherwise some may be newer.
    `labels`: labels of regions that the label config does not name, by class space.
    """

    state: ServerState
    snapshots: tuple[ExportSnapshot, ...]
    folder: SnapshotFolder
    consistent: bool
    labels: Mapping[str, list[str]] = field(default_factory=dict)

    def mismatch(self) -> str:
        """How the counts differ from those of `state`; empty when they agree.

        The server has two totals of annotations and predictions, of which a few actions leave one
        wrong, so either will do; of predictions the one that the count by model agrees with.
        """
        held, reported = self.folder.manifest.counts, self.state.probe
        for what, exported, total in (
            ("tasks", held.tasks, reported.tasks),
            ("annotations", held.annotations, reported.annotations),
            ("predictions", held.predictions, reported.predictions),
        ):
            counted = reported.counted.get(what, total)
            totals = {total, counted}
            if what == "predictions":
                totals = totals & {_by_model(reported)} or totals
            if exported not in totals:
                return f"the export holds {exported} {what}, the server counts {counted}"
        return ""


def _by_model(probe: Probe) -> int | None:
    """How many predictions the models made; None where that is not known.

    Those without a model are a group that the server counts as 0. Without any group there is no
    prediction if the project's own count says so, too: an old server has no groups.
    """
    if not probe.models:
        return 0 if probe.counted.get("predictions") == 0 else None
    return sum(probe.models.values()) if all(probe.models.values()) else None


def replayed(
    locate: Locate,
    folder: Path,
    state: ServerState,
    snapshots: tuple[ExportSnapshot, ...],
    *,
    consistent: bool,
) -> Chain:
    """The chain of `snapshots`, replayed into the empty `folder`.

    `ServerError` when one of them does not hold the tasks that it should.
    """
    dynamic_labels = DynamicLabels(label_config.parse(state.label_config, "the label config"))
    shards = rebuild.shard_files(snapshots, locate, passing=dynamic_labels.collecting)
    manifest = snapshot_folder.write(folder, shards)
    return Chain(
        state,
        snapshots,
        SnapshotFolder(snapshot_folder.FolderOnDisk(folder), manifest),
        consistent,
        dynamic_labels.by_space(),
    )


@dataclass
class DynamicLabels:
    """Labels of controls that take them from each task's data, collected from regions."""

    config: LabelConfig
    seen: dict[str, set[str]] = field(default_factory=dict)

    def collecting(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """The same tasks; their labels are collected as they pass."""
        dynamic = {
            c.name: self.config.space_of(c)
            for c in self.config.controls.values()
            if c.dynamic and c.draws_regions
        }
        for task in tasks:
            for annotation in task["annotations"] if dynamic else ():
                for region in annotation["result"]:
                    for control, label in named_labels(region):
                        name = self.config.declared_control(control)
                        if name in dynamic:
                            self.seen.setdefault(dynamic[name], set()).add(label)
            yield task

    def by_space(self) -> dict[str, list[str]]:
        """The labels collected, by class space, sorted: the order of tasks must not matter."""
        return {space: sorted(names) for space, names in self.seen.items()}
