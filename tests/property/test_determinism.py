"""Same labels, same bytes: whatever order the server answers in, whatever machine, whenever.

Run as a script, this file converts one export in one environment and prints a digest for each
file; the tests compare what it prints. The same harness on the SDK's converter has to find
differences, or it would prove nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ls_dvc.pin.pin import ExportSnapshot

YEAR = 366 * 24 * 3600
ADDRESS_AND_TEXT = """<View>
<Image name="image" value="$image"/><Text name="note" value="$note"/>
<RectangleLabels name="box" toName="image"><Label value="Car"/><Label value="Dog"/>
</RectangleLabels>
<PolygonLabels name="area" toName="image"><Label value="Road"/><Label value="Car"/></PolygonLabels>
<Choices name="weather" toName="note"><Choice value="Sun"/><Choice value="Rain"/></Choices>
</View>"""
WITH_JOINTS = ADDRESS_AND_TEXT.replace(  # with key points YOLO of the SDK is another format
    "</View>",
    """<KeyPointLabels name="spot" toName="image"><Label value="Nose"/></KeyPointLabels>
    <Choices name="light" toName="image"><Choice value="Day"/></Choices>
    <Labels name="ner" toName="note"><Label value="Word"/><Label value="Sign"/></Labels>
    <Audio name="sound" value="$sound"/><TextArea name="words" toName="sound"/></View>""",
)
FORMATS = {
    "ours": (
        "JSON",
        "JSON_MIN",
        "CSV",
        "TSV",
        "JSONL",
        "PARQUET",
        "COCO",
        "YOLO",
        "YOLO_SEG",
        "YOLO_OBB",
        "YOLO_POSE",
        "VOC",
        "IMAGE_FOLDER",
        "BRUSH_TO_NUMPY",
        "BRUSH_TO_PNG",
        "BRUSH_TO_COCO",
        "CONLL2003",
        "SPACY",
        "ASR_MANIFEST",
    ),
    "sdk": ("JSON_MIN", "CSV", "COCO", "YOLO"),
}


LAYOUTS: tuple[Any, ...] = ("loose", "shards")


@dataclass(frozen=True)
class Variation:
    """How one run differs from the first one."""

    seed: int = 0  # of the order in which the server lists things; 0 leaves them
    later: int = 0  # seconds that the clock is ahead
    env: dict[str, str] = field(default_factory=dict)
    cwd: str = "."


PLAIN = Variation(env={"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"})
VARIATIONS = (
    Variation(
        1,
        0,
        {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C", "LS_DVC_JOBS": "2"},
        "a/b",
    ),
    Variation(2, YEAR, {"PYTHONHASHSEED": "3", "TZ": "America/New_York", "LC_ALL": "POSIX"}, "a"),
    Variation(
        3, YEAR, {"PYTHONHASHSEED": "3", "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "0"}
    ),
)


# --- the script: one conversion, in the environment it finds itself in


def main(side: str, later: str, source: str) -> None:
    for name in ("pyarrow.parquet", "pandas"):  # their C code crashes on a datetime made here
        importlib.import_module(name)
    _advance_clock(int(later))
    digests = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in (_ours(source) if side == "ours" else _sdk(source))
    }
    print(json.dumps({"year": dt.datetime.now().year, "digests": digests}))  # noqa: DTZ005


def _advance_clock(by: int) -> None:
    """Put all of Python's clocks ahead, before anything else is imported."""
    now, now_ns, local = time.time, time.time_ns, time.localtime
    time.time = lambda: now() + by
    time.time_ns = lambda: now_ns() + by * 10**9
    time.localtime = lambda at=None: local(time.time() if at is None else at)

    class Ahead(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls.fromtimestamp(time.time(), tz)

    dt.datetime = Ahead  # type: ignore[misc]


def _ours(source: str) -> Iterator[tuple[str, bytes]]:
    """The raw export through replay, the snapshot folder on disk, every format and the reports."""
    from itertools import chain

    from ls_dvc.convert import build, report_files
    from ls_dvc.execution.executor import LocalProcesses
    from ls_dvc.labels import label_config
    from ls_dvc.labels.class_ids import Classes
    from ls_dvc.labels.policy import LATEST
    from ls_dvc.progress import Silent
    from ls_dvc.snapshot import replay, snapshot_folder

    raw = json.loads(Path(source).read_bytes())
    pinned = ExportSnapshot(1, "range", "m", len(raw), first=0, last=9999)
    tasks = replay.tasks([pinned], lambda _: Path(source))
    config = label_config.parse(WITH_JOINTS, "it")
    beside = snapshot_folder.companions(WITH_JOINTS, Classes().extended(config.classes()))
    with tempfile.TemporaryDirectory() as name:
        snapshot_folder.write(Path(name), chain(replay.files(tasks), beside))
        folder = snapshot_folder.read(Path(name))
        yield "fingerprint", folder.fingerprint.encode()
        jobs = int(os.environ.get("LS_DVC_JOBS", "1"))
        for layout in LAYOUTS:
            data = Path(name) / layout
            data.mkdir()
            made = build.build(
                data,
                folder,
                build.BuildOptions(FORMATS["ours"], LATEST, LocalProcesses(jobs), layout),
                Silent(),
            )
            for path in sorted(each for each in data.rglob("*") if each.is_file()):
                yield f"{layout}/{path.relative_to(data).as_posix()}", path.read_bytes()
        found, ledgers = made.counts, made.ledgers
        yield "reports/labels", report_files.labels(found, ledgers)
        yield "reports/classes", report_files.classes(found, config.labels())
        yield "reports/ledger", b"".join(report_files.ledger(ledgers))


def _sdk(source: str) -> Iterator[tuple[str, bytes]]:
    import logging

    from label_studio_sdk.converter import Converter

    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name:
        for fmt in FORMATS["sdk"]:
            target = Path(name) / fmt
            converter = Converter(ADDRESS_AND_TEXT, name, download_resources=False)
            converter.convert(source, str(target), fmt, is_dir=False)
            for path in sorted(each for each in target.rglob("*") if each.is_file()):
                yield f"{fmt}/{path.relative_to(target).as_posix()}", path.read_bytes()


# --- the tests


def shuffled(value: Any, order: random.Random) -> Any:
    """An export as another server might list it: tasks, annotations and keys in another order.

    The entries of a result stay as they are: their order is the annotator's.
    """
    if isinstance(value, list):
        return [shuffled(each, order) for each in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    order.shuffle(keys)
    made = {key: shuffled(value[key], order) for key in keys}
    for name in ("annotations", "predictions"):
        if isinstance(made.get(name), list):
            order.shuffle(made[name])
    return made


def export(side: str, seed: int) -> list[Any]:
    from support.projects import annotation, box, boxed, region, rle, showcase, task

    several = [annotation(box(each, 1, 2, 2), number=60 + each) for each in range(1, 7)]
    tasks = [*showcase(), *(boxed(each, box(each, 1, 2.5, 3)) for each in range(20, 40))]
    tasks.append(task(50, *several))
    tasks.append(boxed(1050, box(1, 2, 3, 4)))  # another shard
    painted = {"format": "rle", "rle": rle(640, 480), "brushlabels": ["Road"]}
    tasks.append(boxed(51, region("brushlabels", painted, from_name="area")))
    if side == "ours":
        nose = {"x": 15, "y": 25.5, "width": 0.3, "keypointlabels": ["Nose"]}
        joint = region("keypointlabels", nose, from_name="spot", parentID="r1", id="k1")
        turned = box(10, 20, 30, 40, "Dog", rotation=33.3)
        tasks.append(boxed(52, turned, joint, {**joint, "id": "k2", "parentID": None}))
        word = {"start": 0, "end": 4, "text": "note", "labels": ["Word", "Sign"]}
        spoken = {"start": 1.1, "end": 1.3, "text": ["one", "two"]}
        told = [
            region("labels", word, from_name="ner", to_name="note"),
            region("choices", {"choices": ["Sun"]}, from_name="weather", to_name="note", id="c"),
            region("textarea", spoken, from_name="words", to_name="sound", id="t"),
        ]
        tasks.append(boxed(53, *told, data={"image": "a.jpg", "sound": "s3://b/a.wav"}))
    for each in tasks:
        each["data"].setdefault("note", f"note {each['id']}")
        if side == "sdk":
            each["data"].pop("big", None)  # an int above 2^63 aborts its whole export
    if not seed:
        return tasks
    order = random.Random(seed)
    order.shuffle(tasks)
    return [shuffled(each, order) for each in tasks]


def run(side: str, how: Variation, folder: Path) -> dict[str, Any]:
    source = folder / f"{how.seed}.json"
    source.write_text(json.dumps(export(side, how.seed)))
    cwd = folder / how.cwd
    cwd.mkdir(parents=True, exist_ok=True)
    ran = subprocess.run(
        [sys.executable, __file__, side, str(how.later), str(source)],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **how.env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def run_all(side: str, folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    places = [folder / str(number) for number in range(1 + len(VARIATIONS))]
    for each in places:
        each.mkdir()
    with ThreadPoolExecutor(2) as pool:
        first, *others = pool.map(run, [side] * len(places), (PLAIN, *VARIATIONS), places)
    return first, others


def test_ours_is_the_same_everywhere(tmp_path: Path) -> None:
    first, others = run_all("ours", tmp_path)
    found = {"/".join(each.split("/")[:2]) for each in first["digests"]}
    assert found >= {f"{layout}/{name}" for layout in LAYOUTS for name in FORMATS["ours"]}
    assert "shards/COCO/result/0000001000.json" in first["digests"]
    assert others[1]["year"] > first["year"], "the clock was not moved"
    for each in others:
        assert each["digests"] == first["digests"]


def test_the_harness_finds_what_the_sdk_does(tmp_path: Path) -> None:
    """Order of the input, today's date, and a media key that the hash seed picks."""
    first, others = run_all("sdk", tmp_path)
    for fmt in FORMATS["sdk"]:
        mine, *theirs = [_of_format(each["digests"], fmt) for each in (first, *others)]
        assert mine, f"{fmt} wrote nothing"
        assert any(each != mine for each in theirs), f"nothing different in {fmt}"


def _of_format(digests: dict[str, str], fmt: str) -> dict[str, str]:
    return {name: each for name, each in digests.items() if name.startswith(f"{fmt}/")}


def test_the_harness_shuffles() -> None:
    plain, other = export("ours", 0), export("ours", 1)
    assert [each["id"] for each in plain] != [each["id"] for each in other]
    assert {each["id"] for each in plain} == {each["id"] for each in other}
    assert list(plain[0]) != list(other[0])
    assert json.dumps(sorted(plain, key=lambda each: each["id"]), sort_keys=True) != json.dumps(
        sorted(other, key=lambda each: each["id"]), sort_keys=True
    ), "annotations keep their order"


if __name__ == "__main__":
    main(*sys.argv[1:])
