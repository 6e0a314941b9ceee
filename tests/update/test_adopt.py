"""A snapshot that people made: what is said of it, and what the next update thinks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from support.fake_server import FakeServer
from support.random_project import RecordingReporter

from ls_dvc.server.cache import Cache
from ls_dvc.server.interface import LARGEST_ID, ServerSnapshot, SnapshotChoice, TaskRange
from ls_dvc.update import adopt

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)


@dataclass
class Listing(FakeServer):
    """Its only snapshot was made at `made_at`."""

    made_at: datetime = NOW

    def find_snapshot(self, _: SnapshotChoice) -> ServerSnapshot:
        taken = self.take(TaskRange(0, LARGEST_ID))
        return ServerSnapshot(taken.id, "by hand", self.made_at, taken.tasks, True, taken.md5)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(days=3), "made 3 days ago"),
        (timedelta(days=2), "made 2 days ago"),
        (timedelta(hours=47), "made 47 h ago"),
        (timedelta(hours=2), "made 2 h ago"),
        (timedelta(minutes=119, seconds=59), "made 119 min ago"),
        (timedelta(seconds=-90), "made 0 min ago"),
    ],
)
def test_an_adopted_snapshot(tmp_path: Path, age: timedelta, words: str) -> None:
    server, report = Listing(made_at=NOW - age), RecordingReporter()
    server.put(1, 2, 1000)
    folder, cache = tmp_path / "labels", Cache(tmp_path / "cache")
    folder.mkdir()
    chain = adopt.adopted(server, cache, folder, "latest", report, f"{NOW:%Y-%m-%dT%H:%M:%SZ}")
    (snapshot,) = chain.snapshots
    assert (snapshot.kind, snapshot.tasks) == ("adopted", 3)
    assert cache.holds(snapshot)
    assert [each["id"] for each in chain.folder.tasks()] == [1, 2, 1000]
    assert chain.state.probe.tasks == 3
    assert chain.state.probe != server.state().probe  # the next update looks again
    assert chain.state.label_config == server.label_config
    (said,) = report.said
    assert words in said
    assert "it holds 3 of 3 tasks" in said
