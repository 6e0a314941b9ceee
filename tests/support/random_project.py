"""A project that changes at random; each update in between is compared with a full export.

The export is one snapshot of all tasks, taken right after the update. How the updates came about is
counted: if each of them had exported everything, the comparison would prove nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.labels.canonical import Task
from ls_dvc.pin.pin import Pin
from ls_dvc.progress import Silent
from ls_dvc.server.admin import Admin
from ls_dvc.server.fetch import fetch_snapshot
from ls_dvc.snapshot import layers, replay
from ls_dvc.snapshot.manifest import Manifest
from ls_dvc.update import ranges
from support.live_project import LiveProject, live, spread
from support.mutations import CONFIG, Scene, text

ALL = "exporting all tasks"


@dataclass
class RecordingReporter(Silent):
    """Notes what is said."""

    said: list[str] = field(default_factory=list)

    def say(self, message: str) -> None:
        self.said.append(message)


@dataclass
class Play:
    """One project, the pin that follows it, and what its updates did."""

    scene: Scene
    live: LiveProject
    pin: Pin | None = None
    outcomes: Counter[str] = field(default_factory=Counter)

    def mutate(self, name: str, number: int) -> None:
        self.scene.play(name, number)

    def update(self, *, full: bool = False) -> None:
        """Move the pin, and hold it against the truth; what it said of a full export is counted."""
        if not self.scene.tasks():
            self.scene.admin.import_tasks(self.scene.project, [text("again")])
        report, old = RecordingReporter(), self.pin
        self.pin = self.live.update(old, tasks_per_snapshot=20_000, full=full, report=report)
        self.outcomes[_outcome(old, self.pin, full, report)] += 1
        self.check()

    def check(self) -> None:
        """The chain of the pin and a fresh snapshot of everything make the same bytes."""
        assert self.pin is not None
        held, true = _manifest(self.live.tasks(self.pin)), _manifest(self.truth())
        assert dict(held.shards) == dict(true.shards)
        assert held.counts == true.counts
        assert (self.pin.tasks, self.pin.annotations) == (
            true.counts.tasks,
            true.counts.annotations,
        )
        assert self.live.folder(self.pin).fingerprint == self.pin.fingerprint

    def truth(self) -> list[Task]:
        """What one snapshot of all tasks says; it is removed again."""
        server = self.live.server
        taken = server.take(ranges.around(*server.bounds()))
        layer = layers.load(fetch_snapshot(server, taken, self.live.cache), taken)
        server.discard(taken)
        tasks = (task for start in layer.starts for task in layer.shard(start).values() if task)
        return sorted(tasks, key=lambda each: each["id"])

    def run(self, steps: str) -> None:
        """Steps as `annotate:1 update delete_task:0 update`."""
        for each in steps.split():
            name, _, number = each.partition(":")
            if name == "update":
                self.update()
            else:
                self.mutate(name, int(number))


def _outcome(old: Pin | None, new: Pin, full: bool, report: RecordingReporter) -> str:
    if old is None or full:
        return "asked for all"
    if new is old:
        return "kept"
    reasons = [each.removesuffix(f": {ALL}") for each in report.said if each.endswith(ALL)]
    if reasons:
        return f"all, for {reasons[0]}"
    assert set(new.snapshots) > set(old.snapshots)
    return "delta"


def _manifest(tasks: list[Task]) -> Manifest:
    return Manifest.of(replay.files(tasks))


@contextmanager
def playing(studio: LocalServer, folder: Path) -> Iterator[Play]:
    """A project of six tasks in two shards."""
    admin = Admin(studio.url, studio.api_key)
    tasks = [text("t0"), text("t1"), text("t1")]
    with ExitStack() as stack:
        stack.callback(admin.close)
        project, *_ = spread(admin, CONFIG, tasks)
        chain = stack.enter_context(live(studio, project, folder))
        yield Play(Scene(admin, project, studio.data_dir / "local"), chain)
