"""What an update decides, and the pieces it is made of, against a server that is a dict."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.fake_server import CONFIG, FakeServer
from support.random_project import RecordingReporter

from ls_dvc import update
from ls_dvc.errors import LabelsChangingError, ServerError
from ls_dvc.labels import canonical
from ls_dvc.labels.shards import TASKS_PER_SHARD
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import ExportSnapshot, Pin
from ls_dvc.server.cache import Cache
from ls_dvc.server.fetch import fetch_snapshot
from ls_dvc.server.interface import TaskRange
from ls_dvc.settings.params import UpdateSettings
from ls_dvc.snapshot import replay, snapshot_folder
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.update import deleted_tasks, notes, ranges
from ls_dvc.update.notes import InterruptedExport, UpdateNotes
from ls_dvc.update.ranges import BatchSizer, CountedRange

IDS = st.sets(st.integers(0, 6000), min_size=1, max_size=60)
NOW = "2026-01-01T00:00:00Z"


# --- which tasks are gone


def folder(path: Path, ids: set[int]) -> SnapshotFolder:
    tasks = (canonical.task({"id": each, "data": {}}) for each in sorted(ids))
    return SnapshotFolder(
        snapshot_folder.FolderOnDisk(path), snapshot_folder.write(path, replay.files(tasks))
    )


def fake(ids: set[int]) -> FakeServer:
    server = FakeServer()
    server.put(*ids)
    return server


@settings(max_examples=examples(150), deadline=None)
@given(ids=IDS, data=st.data())
def test_lost_tasks_are_found_by_counting(ids: set[int], data: st.DataObject) -> None:
    kept = {each for each in ids if data.draw(st.booleans())}
    server = fake(kept)
    with tempfile.TemporaryDirectory() as name:
        found = deleted_tasks.find_deleted(server, folder(Path(name), ids), len(kept))
    assert set(found) == ids - kept
    assert len(found) == len(ids - kept)
    assert server.counts <= len(found) * 30, "two for each halving of the shards, and of one"


def test_tasks_that_came_between_are_no_lost_ones(tmp_path: Path) -> None:
    with pytest.raises(deleted_tasks.AmbiguousCountsError, match="1 tasks were added between"):
        deleted_tasks.find_deleted(fake({1, 2, 3, 4}), folder(tmp_path, {1, 2, 4, 3000, 3001}), 4)


def test_more_tasks_than_known(tmp_path: Path) -> None:
    with pytest.raises(deleted_tasks.AmbiguousCountsError, match="has 1 tasks more"):
        deleted_tasks.find_deleted(fake({1, 2}), folder(tmp_path, {1}), 2)


def test_lost_tasks_that_lie_too_far_apart(tmp_path: Path) -> None:
    ids = set(range(2000))
    kept = {each for each in ids if each % 2}
    with pytest.raises(deleted_tasks.AmbiguousCountsError, match="too scattered"):
        deleted_tasks.find_deleted(fake(kept), folder(tmp_path, ids), len(kept))


# --- requests that stay short


@settings(max_examples=examples(100), deadline=None)
@given(ids=IDS, most=st.integers(1, 30), jobs=st.integers(1, 3))
def test_no_piece_is_larger_than_the_pace(ids: set[int], most: int, jobs: int) -> None:
    server, landed = fake(ids), list[ExportSnapshot]()
    whole = ranges.counted(server, [ranges.around(*server.bounds())])
    ranges.take(server, whole, BatchSizer(most, jobs), landed.append)
    assert sum(each.tasks for each in landed) == len(ids)
    for span in server.asked:
        assert len(server._in(span)) <= most or span.last - span.first < TASKS_PER_SHARD


def test_a_span_is_counted_once_for_each_halving() -> None:
    server = fake({1, 1001, 2001, 3001})
    ranges.take(server, [CountedRange(ranges.around(1, 3001), 4)], BatchSizer(1), lambda _: None)
    assert [each.first for each in server.asked] == [0, 1000, 2000, 3000]
    assert server.counts == 3


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_of_a_failing_request_the_finished_ones_are_heard(jobs: int) -> None:
    server, landed = fake({1, 1001, 2001, 3001, 4001}), list[ExportSnapshot]()

    def fail(span: TaskRange) -> None:
        if span.first == 2000:
            raise ServerError("no")

    server.taking = fail
    whole = ranges.counted(server, [ranges.around(1, 4001)])
    with pytest.raises(ServerError, match="no"):
        ranges.take(server, whole, BatchSizer(1, jobs), landed.append)
    assert {each.first for each in landed} >= {0, 1000}
    assert {each.id for each in landed} == set(server.made), "what was made was heard of"
    assert len(server.asked) < 5


@settings(max_examples=examples(100), deadline=None)
@given(cuts=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 20)), max_size=5))
def test_gaps_and_what_is_taken_are_all(cuts: list[tuple[int, int]]) -> None:
    taken = [ExportSnapshot(0, "range", "", 1, first, first + more) for first, more in cuts]
    gaps = list(ranges.gaps(TaskRange(10, 80), taken))
    missing = [each for gap in gaps for each in range(gap.first, gap.last + 1)]
    held = {each for one in taken for each in range(one.first, one.last + 1)}
    assert missing == [each for each in range(10, 81) if each not in held]


def test_the_pace_follows_the_server() -> None:
    pace = BatchSizer(50_000)
    pace.note(1000, 0.5)
    assert pace.limit == 4000, "no more than GROWTH times as many"
    pace.note(10, 100.0)
    assert pace.limit == 4000, "a few tasks tell little"
    pace.note(4000, 40.0)
    assert pace.limit == 1000
    pace.note(1000, 1e9)
    assert pace.limit == 1
    assert BatchSizer(7).limit == 7


# --- what an update decides


@dataclass
class Desk:
    """A fake server, a side cache, and the pin that follows."""

    root: Path
    server: FakeServer
    pin: Pin | None = None
    report: RecordingReporter = field(default_factory=RecordingReporter)

    @property
    def cache(self) -> Cache:
        return Cache(self.root / "cache")

    def update(self, *, full_every: int = 50, jobs: int = 1, **order: Any) -> Pin:
        old = self.pin
        known = UpdateSettings(tasks_per_snapshot=1, full_every=full_every, jobs=jobs)
        how = update.UpdateOptions(known, **{"pinned": lambda: old and self.folder(old), **order})
        self.report.said.clear()
        self.pin = update.update(self.server, old, self.cache, how, self.report, NOW)
        return self.pin

    def noted(self) -> InterruptedExport | None:
        """The export that the next update would resume."""
        return UpdateNotes(self.cache.root).ranges(self.server.url, self.server.state())

    def tasks(self, pin: Pin) -> list[Any]:
        return list(
            replay.tasks(pin.snapshots, lambda s: fetch_snapshot(self.server, s, self.cache))
        )

    def folder(self, pin: Pin) -> SnapshotFolder:
        path = self.root / pin.fingerprint
        if not path.exists():
            path.mkdir()
            beside = snapshot_folder.companions(pin.label_config, pin.classes)
            snapshot_folder.write(path, chain(replay.files(self.tasks(pin)), beside))
        return snapshot_folder.read(path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Of its four tasks, the last one changed an hour after the others: the overlap holds it."""
    server = fake({1, 2, 1001, 2001})
    server.put(2001)
    return Desk(tmp_path, server)


def test_a_delta_of_removals_alone(desk: Desk) -> None:
    first = desk.update()
    desk.server.remove(2, 2001)
    desk.server.asked.clear()
    pin = desk.update()
    assert desk.server.asked == []
    *below, delta = pin.snapshots
    assert tuple(below) == first.snapshots
    assert delta == ExportSnapshot(0, "delta", "", 0, removed=(2, 2001))
    assert [each["id"] for each in desk.tasks(pin)] == [1, 1001]
    assert desk.folder(pin).fingerprint == pin.fingerprint
    path = desk.root / "labels.lock"
    lockfile.write(path, pin)
    assert lockfile.read(path) == pin


def test_a_task_that_goes_while_others_are_looked_for(desk: Desk) -> None:
    """The state is asked for once more when lost tasks were counted: another delta settles it."""
    first = desk.update()
    desk.server.remove(2)
    count = desk.server.count

    def counting(span: TaskRange) -> int:
        if not span.since and 2001 in desk.server.tasks:
            desk.server.remove(2001)
        return count(span)

    desk.server.count = counting  # type: ignore[method-assign]
    pin = desk.update()
    assert desk.report.said == ["labels changed during the export; exporting the changes"]
    assert pin.snapshots[:-1] == first.snapshots
    assert pin.snapshots[-1].removed == (2, 2001)


def test_a_delta_that_is_too_much_for_one_request(desk: Desk) -> None:
    desk.update()
    desk.server.put(1, 1001, text="new")
    desk.server.asked.clear()
    desk.update()
    asked = [(each.first, each.last) for each in desk.server.asked]
    assert asked == [(0, 999), (1000, 1999), (2000, 2999)]


def test_what_did_not_move_is_discarded(desk: Desk) -> None:
    first = desk.update()
    desk.server.put(2)
    assert desk.update() is first
    assert desk.server.made.keys() == {each.id for each in first.snapshots}
    desk.server.asked.clear()
    assert desk.update() is first
    assert desk.server.asked == [], "remembered"


def move_the_config(desk: Desk) -> None:
    desk.server.label_config = CONFIG.replace('"A"', '"B"')


def move_the_address(desk: Desk) -> None:
    desk.server.url = "http://other"


def move_much(desk: Desk) -> None:
    desk.server.put(*range(3000, 4200))


@pytest.mark.parametrize(
    ("change", "order", "reason"),
    [
        (move_the_config, {}, "the label config changed"),
        (move_the_address, {}, "http://fake was pinned, not http://other"),
        (move_much, {}, "1201 of 1204 tasks changed since the last full export"),
        (lambda _: None, {"full_every": 0}, "0 deltas were made since the last full export"),
        (lambda _: None, {"pinned": lambda: None}, "the pinned labels are not available locally"),
    ],
)
def test_why_everything_is_taken(
    desk: Desk, change: Callable[[Desk], None], order: dict[str, Any], reason: str
) -> None:
    first = desk.update()
    desk.server.put(1, text="new")
    change(desk)
    pin = desk.update(**order)
    assert desk.report.said == [f"{reason}: exporting all tasks"]
    assert not set(pin.snapshots) & set(first.snapshots)
    assert {each.kind for each in pin.snapshots} == {"range"}


def test_after_so_many_deltas_everything_is_taken(desk: Desk) -> None:
    kinds = []
    for number in range(5):
        desk.server.put(1, text=f"{number}")
        kinds.append([each.kind for each in desk.update(full_every=3).snapshots].count("delta"))
    assert kinds == [0, 1, 2, 3, 0]


def test_labels_that_move_in_each_of_five_exports(desk: Desk) -> None:
    first = desk.update()
    made = set(desk.server.made)
    desk.server.put(1, text="new")
    desk.server.taking = lambda _: desk.server.put(2, text=f"{desk.server.clock}")
    with pytest.raises(LabelsChangingError, match="changed during each of 5 exports"):
        desk.update()
    assert set(desk.server.made) == made == {each.id for each in first.snapshots}
    moving = desk.update(allow_inconsistent=True)
    assert moving.snapshots[:3] == first.snapshots
    assert desk.tasks(moving)[0]["data"] == {"text": "new"}


# --- an export that was cut short


def cut(desk: Desk, after: int) -> None:
    """Let a first update fail once so many ranges have landed."""

    def fail(_: TaskRange) -> None:
        if len(desk.server.asked) == after:
            raise ServerError("cut")

    desk.server.taking = fail
    with pytest.raises(ServerError, match="cut"):
        desk.update()
    desk.server.taking = lambda _: None
    desk.server.asked.clear()


@pytest.mark.parametrize("after", [1, 2])
def test_a_run_that_was_cut_asks_for_the_rest(desk: Desk, after: int) -> None:
    cut(desk, after)
    pin = desk.update()
    assert len(desk.server.asked) == 3 - after
    assert [each["id"] for each in desk.tasks(pin)] == [1, 2, 1001, 2001]
    assert not [*desk.cache.root.glob("landed-*")]


def test_what_changed_in_between_is_a_delta(desk: Desk) -> None:
    cut(desk, 2)
    desk.server.put(1, text="new")
    pin = desk.update()
    assert {each.kind for each in pin.snapshots[:3]} == {"range"}
    assert {each.kind for each in pin.snapshots[3:]} == {"delta"}
    assert desk.tasks(pin)[0]["data"] == {"text": "new"}


def grow_old(desk: Desk) -> None:
    (noted,) = desk.cache.root.glob("landed-*")
    past = time.time() - notes.RESUME_SECONDS - 1
    os.utime(noted, (past, past))


def break_off(desk: Desk) -> None:
    (noted,) = desk.cache.root.glob("landed-*")
    noted.write_bytes(noted.read_bytes()[:-20])


@pytest.mark.parametrize("change", [grow_old, break_off, move_the_config, move_the_address])
def test_a_cut_run_that_is_begun_anew(desk: Desk, change: Callable[[Desk], None]) -> None:
    cut(desk, 2)
    change(desk)
    desk.update()
    assert len(desk.server.asked) == 3


def test_a_range_that_was_lost_here_is_downloaded_again(desk: Desk) -> None:
    cut(desk, 2)
    noted = desk.noted()
    assert noted is not None
    assert (noted.started, len(noted.ranges)) == (desk.server.state(), 2)
    desk.cache.path(noted.ranges[0]).unlink(missing_ok=True)
    pin = desk.update()
    assert len(desk.server.asked) == 1
    assert [each["id"] for each in desk.tasks(pin)] == [1, 2, 1001, 2001]


@pytest.mark.parametrize("gone", [[0], [1], [0, 1]])
def test_a_range_that_the_server_lost_is_asked_for_again(desk: Desk, gone: list[int]) -> None:
    """Or the pin would name what a clone cannot download."""
    cut(desk, 2)
    noted = desk.noted()
    assert noted is not None
    for each in gone:
        desk.server.discard(noted.ranges[each])
    desk.server.put(1, text="new")
    pin = desk.update()
    assert {each.id for each in pin.snapshots} <= set(desk.server.made)
    assert [each.kind for each in pin.snapshots].count("range") == 3
    assert desk.tasks(pin)[0]["data"] == {"text": "new"}
    assert len(gone) < 2 or len(pin.snapshots) == 3, "nothing was left to take up"


def test_the_next_range_is_asked_for_before_the_last_one_is_read(desk: Desk) -> None:
    asked = Event()

    def taking(_: TaskRange) -> None:
        if len(desk.server.asked) == 2:
            asked.set()

    def download(snapshot: ExportSnapshot, part: Path, arrived: Callable[[int], None]) -> None:
        assert asked.wait(10), "the third is on its way while the first is downloaded"
        fetched(snapshot, part, arrived)

    fetched = desk.server.download
    desk.server.taking = taking
    desk.server.download = download  # type: ignore[method-assign]
    pin = desk.update()
    assert desk.folder(pin).fingerprint == pin.fingerprint


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_one_snapshot_at_a_time_for_each_job(tmp_path: Path, jobs: int) -> None:
    server, under_way, most = fake({1, 1001, 2001, 3001, 4001}), Counter[str](), list[int]()

    def taking(_: TaskRange) -> None:
        with server.lock:
            under_way["now"] += 1
            most.append(under_way["now"])
        time.sleep(0.05)
        with server.lock:
            under_way["now"] -= 1

    server.taking = taking
    Desk(tmp_path, server).update(jobs=jobs)
    assert max(most) == jobs


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("failing", range(3))
def test_what_a_failing_download_leaves_is_noted(desk: Desk, jobs: int, failing: int) -> None:
    """All that the server has finished, but for what cannot be had; the next try goes on there."""
    fetched, lost = desk.server.download, list[int]()

    def download(snapshot: ExportSnapshot, part: Path, arrived: Callable[[int], None]) -> None:
        if snapshot.first == failing * 1000:
            lost.append(snapshot.id)
            raise ServerError("broke off")
        fetched(snapshot, part, arrived)

    desk.server.download = download  # type: ignore[method-assign]
    with pytest.raises(ServerError, match="broke off"):
        desk.update(jobs=jobs)
    noted = desk.noted()
    assert noted is not None
    assert {each.id for each in noted.ranges} == set(desk.server.made)
    assert not set(lost) & set(desk.server.made)
    desk.server.download = fetched  # type: ignore[method-assign]
    desk.server.asked.clear()
    pin = desk.update()
    assert len(desk.server.asked) == 3 - len(noted.ranges)
    assert set(desk.server.made) == {each.id for each in pin.snapshots}


def test_an_interrupt_leaves_what_is_finished(desk: Desk) -> None:
    def interrupt(_: TaskRange) -> None:
        if len(desk.server.asked) == 2:
            raise KeyboardInterrupt

    desk.server.taking = interrupt
    with pytest.raises(KeyboardInterrupt):
        desk.update()
    desk.server.taking = lambda _: None
    desk.server.asked.clear()
    pin = desk.update()
    assert len(desk.server.asked) == 1
    assert set(desk.server.made) == {each.id for each in pin.snapshots}


def test_of_a_server_that_sends_other_tasks_nothing_is_kept(desk: Desk) -> None:
    """What was not looked into is not to be trusted either."""
    within = desk.server._in
    desk.server._in = lambda span: within(TaskRange(0, 9999))  # type: ignore[method-assign]
    with pytest.raises(ServerError, match="not in the asked range"):
        desk.update(jobs=2)
    assert not desk.server.made
    assert desk.noted() is None


def once(desk: Desk, first: int, change: Callable[[FakeServer], None]) -> None:
    """Let `change` happen when the snapshot from the id `first` on is asked for."""

    def taking(span: TaskRange) -> None:
        if span.first == first:
            desk.server.taking = lambda _: None
            change(desk.server)

    desk.server.taking = taking


def test_tasks_that_are_skipped_during_a_full_export(desk: Desk) -> None:
    """A range held one of them already, which belongs to no state that was asked for."""
    once(desk, 1000, lambda server: server.skip(1, 1001))
    pin = desk.update()
    assert desk.report.said == [], "one full export and a delta"
    skipped = [each["id"] for each in desk.tasks(pin) if each["annotations"]]
    assert skipped == [1, 1001]


def test_a_skipped_annotation_that_an_action_moves_during_a_full_export(desk: Desk) -> None:
    """It touches neither task, and both ranges held it."""
    desk.server.skip(1)
    desk.server.put(2001)

    def move(server: FakeServer) -> None:
        server.tasks[1001]["annotations"] = server.tasks[1].pop("annotations")
        server.put(2001, text="new")

    once(desk, 1000, move)
    pin = desk.update()
    assert desk.report.said[-1].startswith("the export holds other skipped annotations")
    assert [each["id"] for each in desk.tasks(pin) if each["annotations"]] == [1001]


def test_a_moving_pin_names_the_tasks_that_are_gone(desk: Desk) -> None:
    """Or `dvc repro` would make other labels than those that the fingerprint is of."""
    desk.update()
    desk.server.remove(2)
    desk.server.put(1001)
    desk.server.taking = lambda _: desk.server.put(1, text=f"{desk.server.clock}")
    pin = desk.update(allow_inconsistent=True)
    assert pin.snapshots[-1].kind == "delta"
    assert 2 not in [each["id"] for each in desk.tasks(pin)]
    assert desk.folder(pin).fingerprint == pin.fingerprint
