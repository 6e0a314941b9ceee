"""An export in bounded memory: its peak is that of the process, and does not follow the project."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from support import projects, workspace
from support.workspace import BIN, Workspace

from ls_dvc.labels import canonical, label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import ExportSnapshot, Pin, Probe
from ls_dvc.snapshot import replay, snapshot_folder
from ls_dvc.snapshot.manifest import Manifest

LAUNCHER = Path(__file__).parents[2] / "bench" / "launcher.py"
CONFIG = (
    '<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">'
    '<Label value="Car"/><Label value="Straße"/></RectangleLabels></View>'
)
MB = 1_000_000


def raw(number: int) -> dict[str, Any]:
    """A task with two boxes as the server exports it, bookkeeping and all: 1.5 kB."""
    stamp = {"created_at": "2026-01-01T00:00:00.000000Z", "updated_at": "2026-01-02T00:00:00.0Z"}
    annotation = {
        "id": 3 * number,
        "completed_by": 1 + number % 5,
        "result": [_box(number, label) for label in ("Car", "Straße")],
        "was_cancelled": False,
        "lead_time": number % 60 + 0.125,
        "unique_id": f"0b3c1d2e-0000-4000-8000-{number:012}",
        "parent_annotation": None,
        "result_count": 2,
        **stamp,
    }
    return {
        "id": number,
        "inner_id": number,
        "data": {"image": f"https://images.example.com/{number:07}.jpg", "place": "Łódź 東京"},
        "annotations": [annotation],
        "predictions": [],
        "drafts": [],
        "total_annotations": 1,
        "comment_authors": [],
        **stamp,
    }


def _box(number: int, label: str) -> dict[str, Any]:
    place = {"x": number % 97 / 7, "y": number % 89 / 7, "width": number % 83 / 7, "height": 12.5}
    return {
        "id": f"{number}-{label}",
        "type": "rectanglelabels",
        "from_name": "box",
        "to_name": "image",
        "original_width": 1920,
        "original_height": 1080,
        "value": {**place, "rotation": 0, "rectanglelabels": [label]},
    }


@dataclass(frozen=True)
class Shelf:
    """Raw snapshots in a folder, a file each, as the server keeps them; who fetched some."""

    folder: Path
    callers: list[Any] = field(default_factory=list)

    def add(self, number: int, ids: Sequence[int], first: int, last: int) -> ExportSnapshot:
        """A snapshot of the tasks `ids`, in that order."""
        md5 = hashlib.md5(usedforsecurity=False)
        with (self.folder / f"{number}").open("wb") as out:
            for part in _array(ids):
                out.write(part)
                md5.update(part)
        return ExportSnapshot(number, "range", md5.hexdigest(), len(ids), first, last)

    def ranges(self, tasks: int, each: int = 3000) -> Iterator[ExportSnapshot]:
        """All tasks, ordered, in snapshots of `each`."""
        for first in range(0, tasks + 1, each):
            ids = range(max(first, 1), min(first + each, tasks + 1))
            yield self.add(1 + first, ids, first, first + each - 1)

    def bulk(self, tasks: int) -> Iterator[ExportSnapshot]:
        """All tasks in one snapshot, in no order."""
        ids = list(range(1, tasks + 1))
        random.Random(0).shuffle(ids)
        yield self.add(0, ids, 0, tasks)


def _array(ids: Iterable[int]) -> Iterator[bytes]:
    before = b"["
    for each in ids:
        yield before + json.dumps(raw(each), ensure_ascii=False).encode()
        before = b", "
    yield b"]"


@contextmanager
def served(shelf: Shelf) -> Iterator[str]:
    """The address of what serves the downloads of `shelf`, and nothing else."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            shelf.callers.append(self.client_address)

        def do_GET(self) -> None:
            number = self.path.removeprefix("/api/projects/1/exports/").partition("/download?")[0]
            path = shelf.folder / number
            assert self.headers["Range"] == "bytes=0-"
            size = path.stat().st_size
            self.send_response(206)
            self.send_header("Content-Length", str(size))
            self.send_header("Content-Range", f"bytes 0-{size - 1}/{size}")
            self.end_headers()
            with path.open("rb") as content:
                shutil.copyfileobj(content, self.wfile)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fingerprint(tasks: int) -> str:
    """What the labels are called when no raw snapshot is read to make them."""
    made = replay.files(canonical.task(raw(each)) for each in range(1, tasks + 1))
    beside = snapshot_folder.companions(CONFIG, classes())
    return Manifest.of(made).with_files(beside).fingerprint


def classes() -> Classes:
    return Classes().extended(label_config.parse(CONFIG, "it").classes())


def pin(url: str, tasks: int, snapshots: Iterable[ExportSnapshot], made: str) -> Pin:
    return Pin(
        fingerprint=made,
        project_id=1,
        title="Many",
        url=url,
        tasks=tasks,
        annotations=tasks,
        label_config=CONFIG,
        classes=classes(),
        snapshots=tuple(snapshots),
        probe=Probe(tasks, tasks, 0, "2026-01-02T00:00:00Z", "c", "s"),
        pinned_at="2026-01-03T00:00:00Z",
    )


def peak(space: Workspace, command: str = "export") -> int:
    """The most memory that a command had at once, in bytes."""
    note = space.path / "note"
    space.run(sys.executable, str(LAUNCHER), str(note), str(BIN / "ls-dvc"), command)
    code, seconds, size, _ = note.read_text().split()
    assert code == "0", code
    print(f"{int(size) / MB:.0f} MB, {float(seconds):.1f} s")  # shown by `pytest -s`
    return int(size)


def peaks(folder: Path, tasks: int) -> dict[str, int]:
    """The peaks of exports from many ranges, and from one file that is not in order."""
    made, found = fingerprint(tasks), {}
    for way in (Shelf.ranges, Shelf.bulk):
        shelf = Shelf(folder / "shelf")
        shelf.folder.mkdir()
        with served(shelf) as url:
            space = workspace.make(folder / "space", url, "k", 1, "JSON")
            lockfile.write(space.path / lockfile.NAME, pin(url, tasks, way(shelf, tasks), made))
            found[way.__name__] = peak(space)
        assert len(shelf.callers) == 1, "every connection takes memory and time of its own"
        shutil.rmtree(space.path)
        shutil.rmtree(shelf.folder)
    return found


@pytest.mark.slow
def test_an_export_of_many_tasks(tmp_path: Path) -> None:
    """The process itself has 75 MB; one that holds all of these tasks would have 250 MB."""
    found = peaks(tmp_path, 25_000)
    assert max(found.values()) <= 150 * MB, found


@pytest.mark.soak
def test_an_export_of_a_million_tasks(tmp_path: Path) -> None:
    found = peaks(tmp_path, 1_000_000)
    assert max(found.values()) <= 400 * MB, found


def crowded(number: int) -> dict[str, Any]:
    """500 annotations."""
    one = raw(number)
    made = [{**one["annotations"][0], "id": 1000 * number + each} for each in range(500)]
    return {**one, "annotations": made}


def varied(number: int) -> dict[str, Any]:
    """2,000 boxes, each with a label of its own."""
    one = raw(number)
    one["annotations"][0]["result"] = [_box(number, f"L{each}") for each in range(2000)]
    return one


def painted(number: int) -> dict[str, Any]:
    """A mask of 5 MB of JSON: noise, which cannot be packed."""
    one = raw(number)
    noise = random.Random(number).choices(("00000000", "11111111"), k=600 * 460)
    value = {"format": "rle", "rle": projects.rle_of_all(noise), "brushlabels": ["M"]}
    mask = {**_box(number, "Car"), "type": "brushlabels", "from_name": "brush", "value": value}
    one["annotations"][0]["result"] = [{**mask, "original_width": 600, "original_height": 460}]
    return one


LABELS = "".join(f'<Label value="L{each}"/>' for each in range(2000))
WIDE = CONFIG.replace('<Label value="Car"/>', f'<Label value="Car"/>{LABELS}').replace(
    "</View>", '<BrushLabels name="brush" toName="image"><Label value="M"/></BrushLabels></View>'
)
HEAVY = {"crowded": crowded, "varied": varied, "painted": painted}


@pytest.mark.soak
@pytest.mark.parametrize(
    ("task", "tasks", "formats", "most"),
    [
        ("crowded", 100, ("JSON", "COCO"), 350),
        ("varied", 200, ("JSON", "COCO", "YOLO"), 900),
        ("painted", 40, ("JSON", "COCO", "BRUSH_TO_PNG"), 900),
    ],
)
def test_heavy_tasks(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    task: str,
    tasks: int,
    formats: tuple[str, ...],
    most: int,
) -> None:
    """An export and a conversion of them, in the memory of some of them."""
    module, make = sys.modules[__name__], HEAVY[task]
    heavy = {number: make(number) for number in range(1, tasks + 1)}
    monkeypatch.setattr(module, "CONFIG", WIDE)
    monkeypatch.setattr(module, "raw", heavy.__getitem__)
    shelf = Shelf(tmp_path / "shelf")
    shelf.folder.mkdir()
    with served(shelf) as url:
        space = workspace.make(tmp_path / "space", url, "k", 1, *formats)
        labels = pin(url, tasks, shelf.bulk(tasks), fingerprint(tasks))
        lockfile.write(space.path / lockfile.NAME, labels)
        print(task, sum(each.stat().st_size for each in shelf.folder.iterdir()) // MB, "MB of JSON")
        found = [peak(space), peak(space, "convert")]
    assert max(found) <= most * MB, found
