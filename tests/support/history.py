"""Versions of small projects: snapshot folders on the disk, and random edits of an export."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from ls_dvc.io import canonical_json
from ls_dvc.labeldiff import LabelDiff, compare
from ls_dvc.labels import canonical
from ls_dvc.labels.class_ids import Classes
from ls_dvc.snapshot import replay, snapshot_folder
from ls_dvc.snapshot.snapshot_folder import FolderOnDisk, SnapshotFolder
from support.projects import GOOD_REGIONS, REGIONS, SHAPES, Raw, annotation, exports

CLASSES = Classes.of({"image": ["Car", "Dog", "Road"]})


@dataclass(frozen=True)
class Watched:
    """A source that notes what was read."""

    source: FolderOnDisk
    reads: list[str] = field(default_factory=list)

    def read(self, name: str) -> bytes:
        self.reads.append(name)
        return self.source.read(name)

    def names(self) -> set[str]:
        return self.source.names()

    def __str__(self) -> str:
        return str(self.source)


def snapshot(
    path: Path, raw: Sequence[Raw], config: str = SHAPES, classes: Classes = CLASSES
) -> Path:
    """The folder that `ls-dvc export` writes for these tasks."""
    path.mkdir(parents=True)
    tasks = sorted(map(canonical.task, raw), key=lambda each: each["id"])
    snapshot_folder.write(
        path, [*replay.files(tasks), *snapshot_folder.companions(config, classes)]
    )
    return path


@contextmanager
def folders(*versions: Sequence[Raw], **beside: Any) -> Iterator[list[SnapshotFolder]]:
    with tempfile.TemporaryDirectory() as name:
        places = [Path(name) / str(number) for number in range(len(versions))]
        pairs = zip(places, versions, strict=True)
        yield [snapshot_folder.read(snapshot(place, raw, **beside)) for place, raw in pairs]


def difference(old: Sequence[Raw], new: Sequence[Raw], **beside: Any) -> LabelDiff:
    with folders(old, new, **beside) as (before, after):
        return compare(before, after)


def lines(raw: Sequence[Raw]) -> dict[int, bytes]:
    """The canonical line of each task, as it is read back."""
    made = (json.loads(canonical_json.line(canonical.task(each))) for each in raw)
    return {each["id"]: canonical_json.line(each) for each in made}


# --- random edits

Edit = Callable[[st.DrawFn, list[Raw]], None]


def _delete(draw: st.DrawFn, some: list[Any]) -> None:
    if some:
        del some[draw(st.integers(0, len(some) - 1))]


def _data(draw: st.DrawFn, tasks: list[Raw]) -> None:
    for each in _one(draw, tasks):
        name = draw(st.sampled_from(["data", "meta", "inner_id", "created_at"]))
        if isinstance(each[name], dict):
            each[name][draw(st.sampled_from(["image", "note"]))] = draw(st.sampled_from([1, 1.0]))
        else:
            each[name] = draw(st.sampled_from([None, 1, "x", {}, [0]]))


def _predictions(draw: st.DrawFn, tasks: list[Raw]) -> None:
    for each in _one(draw, tasks):
        each["predictions"] = draw(st.sampled_from([[], [{"id": 1, "score": 0.5}]]))


def _annotations(draw: st.DrawFn, tasks: list[Raw]) -> None:
    for each in _one(draw, tasks):
        if draw(st.booleans()):
            each["annotations"].append(annotation(number=draw(st.integers(1, 40))))
        else:
            _delete(draw, each["annotations"])


def _fields(draw: st.DrawFn, tasks: list[Raw]) -> None:
    for task in _one(draw, tasks):
        for each in _one(draw, task["annotations"]):
            name = draw(st.sampled_from(["was_cancelled", "lead_time", "completed_by", "id"]))
            each[name] = draw(st.sampled_from([True, False, None, 1, 1.0, 8]))
            each["id"] = each["id"] or 0


def _results(draw: st.DrawFn, tasks: list[Raw]) -> None:
    for task in _one(draw, tasks):
        for each in _one(draw, task["annotations"]):
            if isinstance(each["result"], list):
                draw(st.sampled_from([_insert, _delete, _shuffle, _twist, _twist]))(
                    draw, each["result"]
                )


def _insert(draw: st.DrawFn, result: list[Any]) -> None:
    place = draw(st.integers(0, len(result)))
    copied = [copy.deepcopy(each) for each in result]
    result.insert(place, draw(st.sampled_from(copied) if copied else REGIONS | GOOD_REGIONS))


def _shuffle(draw: st.DrawFn, result: list[Any]) -> None:
    result[:] = draw(st.permutations(result))


def _twist(draw: st.DrawFn, result: list[Any]) -> None:
    """Change something in a region, at times as little as 10 to 10.0."""
    for each in (one for one in _one(draw, result) if isinstance(one, dict)):
        inner = each.get("value")
        at = inner if isinstance(inner, dict) and inner and draw(st.booleans()) else each
        key = draw(st.sampled_from([*map(str, at), "new"]))
        was = at.get(key)
        whole = isinstance(was, float) and was.is_integer() and abs(was) < 2**53
        at[key] = int(was) if whole else draw(st.sampled_from([None, [], "Car", ["Dog"], 5, 5.0]))


def _one(draw: st.DrawFn, some: list[Any]) -> list[Any]:
    return [draw(st.sampled_from(some))] if some else []


EDITS: list[Edit] = [_delete, _data, _predictions, _annotations, _fields, *[_results] * 4]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Raw], list[Raw]]:
    """An export and what became of it."""
    old = draw(exports())
    new = copy.deepcopy(old)
    for edit in draw(st.lists(st.sampled_from(EDITS), max_size=4)):
        edit(draw, new)
    known = {each["id"] for each in old}
    added = draw(st.just([]) | exports())
    return old, [*new, *(each for each in added if each["id"] not in known)]
