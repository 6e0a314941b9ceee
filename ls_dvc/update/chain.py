"""A chain: snapshots that together hold the tasks of a project or view, and what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ls_dvc.labels import label_config
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.regions import named_labels
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server.interface import ServerState
from ls_dvc.snapshot import replay, snapshot_folder
from ls_dvc.snapshot.replay import Locate
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder


@dataclass(frozen=True)
class Chain:
    """Snapshots in order, and the folder of shards that replaying them makes.

    `state` is the project's when the first of what is not yet proved was begun. `settled` says
    that the tasks are those of that very state; else some may be newer than it.

    `labels` are those that regions carry and the label config does not name, by class space.
    """

    state: ServerState
    snapshots: tuple[ExportSnapshot, ...]
    folder: SnapshotFolder
    settled: bool
    labels: Mapping[str, list[str]] = field(default_factory=dict)

    def doubt(self) -> str:
        """Why these are not all the labels of `state`; empty when they are.

        The totals of tasks, annotations and predictions are the server's own. Of annotations and
        predictions it has two, of which one may be wrong.
        """
        held, told = self.folder.manifest.counts, self.state.probe
        for what, here, there in (
            ("tasks", held.tasks, told.tasks),
            ("annotations", held.annotations, told.annotations),
            ("predictions", held.predictions, told.predictions),
        ):
            counted = told.counted.get(what, there)
            if here not in (there, counted):
                return f"the export holds {here} {what}, the server counts {counted}"
        return ""


def replayed(
    locate: Locate,
    folder: Path,
    state: ServerState,
    snapshots: tuple[ExportSnapshot, ...],
    *,
    settled: bool,
) -> Chain:
    """The chain of `snapshots`, replayed into the empty `folder`.

    `ServerError` when one of them does not hold what it should.
    """
    noted = DynamicLabels(label_config.parse(state.label_config, "the label config"))
    tasks = replay.tasks(snapshots, locate)
    manifest = snapshot_folder.write(folder, replay.files(noted.noted(tasks)))
    return Chain(
        state,
        snapshots,
        SnapshotFolder(snapshot_folder.FolderOnDisk(folder), manifest),
        settled,
        noted.found(),
    )


@dataclass
class DynamicLabels:
    """The labels of controls that take them from each task's data, seen in regions."""

    config: LabelConfig
    seen: dict[str, set[str]] = field(default_factory=dict)

    def noted(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """The same tasks; their labels are noted as they pass."""
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

    def found(self) -> dict[str, list[str]]:
        """What was noted, by class space, sorted: the order of tasks must not matter."""
        return {space: sorted(names) for space, names in self.seen.items()}
