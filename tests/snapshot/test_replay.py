"""From raw snapshots to shards: order, deltas, and what a snapshot must hold."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from ls_dvc.errors import LsDvcError, ServerError
from ls_dvc.io import canonical_json
from ls_dvc.labels import canonical
from ls_dvc.labels.class_ids import Classes
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.snapshot import layers, replay, snapshot_folder
from ls_dvc.snapshot.manifest import Manifest


def raw(task_id: int, text: str = "") -> dict[str, Any]:
    return {
        "id": task_id,
        "data": {"text": text or f"t{task_id}"},
        "annotations": [],
        "predictions": [],
        "drafts": [{"id": 1, "user": "a@example.com"}],
        "updated_at": "2026-01-01T00:00:00Z",
        "total_annotations": 0,
    }


class Store:
    """Raw snapshots in a folder, as the side cache holds them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.snapshots: list[ExportSnapshot] = []

    def add(self, kind: Any, tasks: list[dict[str, Any]], **fields: Any) -> None:
        number = len(self.snapshots)
        (self.folder / f"{number}").write_text(json.dumps(tasks))
        self.snapshots.append(ExportSnapshot(number, kind, "m", len(tasks), **fields))

    def tasks(self) -> list[dict[str, Any]]:
        return list(replay.tasks(self.snapshots, lambda each: self.folder / str(each.id)))


def test_ranges_in_any_order_and_tasks_in_any_order(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add("range", [raw(1500), raw(1002)], first=1000, last=1999)
    store.add("range", [raw(7), raw(3)], first=0, last=999)
    assert [each["id"] for each in store.tasks()] == [3, 7, 1002, 1500]
    assert [each.name for each in replay.files(store.tasks())] == [
        "tasks/0000000000.jsonl",
        "tasks/0000001000.jsonl",
    ]


def test_what_is_no_list_of_tasks_is_refused(tmp_path: Path) -> None:
    """The SDK's converter makes an empty data set of it, successfully."""
    store = Store(tmp_path)
    store.add("range", [], first=0, last=999)
    (tmp_path / "0").write_text('{"detail": "no"}')
    with pytest.raises(ServerError, match="snapshot 0 is not a list of tasks"):
        store.tasks()


def test_nothing_volatile_and_no_e_mail_is_left(tmp_path: Path) -> None:
    store = Store(tmp_path)
    task = raw(3)
    author = {"id": 9, "email": "b@example.com"}
    task["annotations"] = [{"id": 1, "completed_by": author, "result": None, "updated_at": "x"}]
    store.add("range", [task], first=0, last=999)
    content = next(replay.files(store.tasks())).content
    assert json.loads(content)["annotations"] == [{"completed_by": 9, "id": 1, "result": []}]
    assert b"example.com" not in content
    assert b"updated_at" not in content


@settings(max_examples=examples(60), deadline=None)
@given(
    start=st.sets(st.integers(0, 2500), max_size=12),
    steps=st.lists(
        st.tuples(
            st.sets(st.integers(0, 4000), max_size=4), st.sets(st.integers(0, 2500), max_size=4)
        ),
        max_size=4,
    ),
    seed=st.randoms(use_true_random=False),
)
def test_deltas_over_ranges_give_what_a_full_export_gives(
    tmp_path_factory: pytest.TempPathFactory,
    start: set[int],
    steps: list[tuple[set[int], set[int]]],
    seed: random.Random,
) -> None:
    chain = Store(tmp_path_factory.mktemp("chain"))
    state = {each: raw(each) for each in start}
    for first in (0, 1000, 2000):
        inside = [task for task in state.values() if first <= task["id"] < first + 1000]
        seed.shuffle(inside)
        chain.add("range", inside, first=first, last=first + 999)
    for number, (changed, removed) in enumerate(steps):
        gone = {each for each in removed if each in state} - changed
        for each in gone:
            del state[each]
        state |= {each: raw(each, f"change {number}") for each in changed}
        chain.add("delta", [state[each] for each in changed], removed=tuple(gone))
    full = [canonical.task(state[each]) for each in sorted(state)]
    assert chain.tasks() == full


WAYS = pytest.mark.parametrize("whole", [0, layers.WHOLE], ids=["indexed", "held"])


@WAYS
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (json.dumps([raw(1)]), "holds 1 tasks where 2"),
        (json.dumps([raw(1), raw(1)]), "holds 2 tasks where 2"),
        (json.dumps([raw(1), raw(1000)]), "task 1000, which is not in the asked range 0-999"),
        (json.dumps({"detail": "no"}), "is not a list of tasks: Expecting"),
        (json.dumps([raw(1), raw(2)])[:-1], "is not a list of tasks: Expecting"),
        (json.dumps([raw(1), raw(2)]) + "]", "is not a list of tasks: Extra data"),
        (json.dumps([raw(1), {"detail": "no"}]), "something that has no id"),
        (json.dumps([raw(1), None]), "something that has no id"),
        ("", "is not a list of tasks: Expecting"),
    ],
)
def test_a_snapshot_that_holds_something_else(
    tmp_path: Path, content: str, words: str, whole: int
) -> None:
    (tmp_path / "x").write_text(content)
    with pytest.raises(ServerError, match=words):
        layers.load(tmp_path / "x", ExportSnapshot(1, "range", "m", 2, 0, 999), whole)


def test_text_that_is_not_utf_8_is_the_servers_fault(tmp_path: Path) -> None:
    content = json.dumps([raw(1, "?")]).encode().replace(b"?", b"\xff")
    (tmp_path / "x").write_bytes(content)
    found = ExportSnapshot(1, "range", "m", 1, 0, 999)
    with pytest.raises(ServerError, match="utf-8"):
        layers.load(tmp_path / "x", found)
    with pytest.raises(ServerError, match="utf-8"):
        layers.load(tmp_path / "x", found, whole=0).shard(0)


TEXTS = st.text(st.characters(exclude_categories=()), max_size=8)
VALUES = st.one_of(
    TEXTS, st.none(), st.floats(), st.integers(-(2**80), 2**80), st.lists(TEXTS, max_size=3)
)


@settings(max_examples=examples(100), deadline=None)
@given(
    data=st.dictionaries(st.integers(0, 3500), VALUES, max_size=12),
    seed=st.randoms(use_true_random=False),
    escaped=st.booleans(),
)
def test_an_index_finds_what_is_found_at_once(
    tmp_path_factory: pytest.TempPathFactory,
    data: dict[int, Any],
    seed: random.Random,
    escaped: bool,
) -> None:
    tasks = [{**raw(each), "data": {"text": value}} for each, value in data.items()]
    seed.shuffle(tasks)
    path = tmp_path_factory.mktemp("layer") / "x"
    path.write_bytes(json.dumps(tasks, ensure_ascii=escaped).encode(errors="surrogatepass"))
    pinned = ExportSnapshot(1, "range", "m", len(tasks), 0, 3999)
    indexed, held = layers.load(path, pinned, whole=0), layers.load(path, pinned)
    assert set(indexed.starts) == set(held.starts) == {each // 1000 * 1000 for each in data}
    for start in (0, 1000, 2000, 3000):
        written = [
            canonical_json.text(sorted(each.shard(start).items())) for each in (indexed, held)
        ]
        assert written[0] == written[1]


def test_ranges_need_not_begin_where_shards_do(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add("range", [raw(1), raw(1400)], first=0, last=1499)
    store.add("range", [raw(1500)], first=1500, last=1999)
    store.add("delta", [raw(1400, "new"), raw(1600), raw(1200), raw(2500)], removed=(1500, 7))
    texts = {each["id"]: each["data"]["text"] for each in store.tasks()}
    assert list(texts) == [1, 1200, 1400, 1600, 2500]
    assert texts[1400] == "new"


def test_each_task_comes_once_where_ranges_meet_and_end(tmp_path: Path) -> None:
    """One range ends with the first id of a shard, the next within one; a delta touches each end.

    Each of these ids would be lost, or come twice, if a bound were one or two off.
    """
    store = Store(tmp_path)
    store.add("range", [raw(998), raw(999), raw(1000)], first=0, last=1000)
    store.add("range", [raw(1001), raw(1498), raw(1499)], first=1001, last=1499)
    ends = (999, 1000, 1001, 1002, 1498, 1499)
    store.add("delta", [raw(each, "new") for each in (*ends, 1500, 1501)])
    texts = [(each["id"], each["data"]["text"]) for each in store.tasks()]
    assert texts == [(998, "t998"), *((each, "new") for each in (*ends, 1500, 1501))]


def test_a_range_that_ends_with_the_first_id_of_a_shard(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add("range", [raw(999), raw(1000)], first=0, last=1000)
    assert [each["id"] for each in store.tasks()] == [999, 1000]


def write(folder: Path, count: int = 1500) -> Manifest:
    tasks = (canonical.task(raw(each)) for each in range(count))
    files = [
        *replay.files(tasks),
        *snapshot_folder.companions("<View/>", Classes.of({"text": ["A"]})),
    ]
    return snapshot_folder.write(folder, files)


def test_a_snapshot_folder_reads_back(tmp_path: Path) -> None:
    made = write(tmp_path)
    folder = snapshot_folder.read(tmp_path)
    folder.check()
    assert folder.fingerprint == made.fingerprint
    assert [each["id"] for each in folder.tasks()] == list(range(1500))
    assert (folder.config(), folder.classes()) == ("<View/>", Classes.of({"text": ["A"]}))
    assert (made.counts.tasks, made.counts.annotations) == (1500, 0)


@pytest.mark.parametrize("name", ["tasks/0000001000.jsonl", "label_config.xml", "classes.json"])
def test_a_changed_file_is_noticed(tmp_path: Path, name: str) -> None:
    write(tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b"\n")
    with pytest.raises(LsDvcError, match=name):
        snapshot_folder.read(tmp_path).check()


def test_missing_extra_and_manifest(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "tasks" / "extra").write_text("")
    with pytest.raises(LsDvcError, match="extra does not belong"):
        snapshot_folder.read(tmp_path).check()
    (tmp_path / "tasks" / "0000000000.jsonl").unlink()
    with pytest.raises(LsDvcError, match="0000000000"):
        list(snapshot_folder.read(tmp_path).tasks())
    manifest = (tmp_path / "manifest.json").read_text()
    (tmp_path / "manifest.json").write_text(manifest.replace('"tasks": 1000', '"tasks": 1'))
    snapshot_folder.read(tmp_path)
    (tmp_path / "manifest.json").write_text(re.sub(r"[0-9a-f]{64}", "0" * 64, manifest, count=1))
    with pytest.raises(LsDvcError, match="was changed"):
        snapshot_folder.read(tmp_path)
