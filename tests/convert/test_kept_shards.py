"""What is kept of shards: an incremental build has the bytes of a full one, whatever was kept."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import projects
from support.effort import examples
from support.every_control import Case, cases, refuses, snapshot, tree, view
from support.projects import annotation, region, task

from ls_dvc.convert import encode, kept_shards
from ls_dvc.convert.build import BuildOptions, build
from ls_dvc.convert.report_files import pieces
from ls_dvc.execution.executor import LocalProcesses, Work
from ls_dvc.formats.registry import FORMATS
from ls_dvc.io.kept_parts import KeptParts
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.media import MediaFile
from ls_dvc.labels.policy import LATEST, Policy
from ls_dvc.progress import Silent
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

KEEPING = [name for name in FORMATS if FORMATS[name].CONTENT is not None]
CONFIG = """<View><Image name="image" value="$image"/>
<RectangleLabels name="box" toName="image"><Label value="Car"/></RectangleLabels>
<BrushLabels name="mask" toName="image"><Label value="Sky"/></BrushLabels></View>"""
MASKS = ("BRUSH_TO_PNG", "BRUSH_TO_COCO", "BRUSH_TO_NUMPY")


@dataclass
class Counting:
    """One process that notes which shards it encoded, by format."""

    encoded: list[tuple[str, str]] = field(default_factory=list)

    def ordered(self, work: Work[Any, Any], items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self.encoded.append((work.name, *item.manifest.shards))
            yield work.function(item)


class EmptyMedia:
    """Media files without content: what is kept has their names alone."""

    def place(self, file: MediaFile, target: Path) -> None:
        target.write_bytes(b"")

    def open(self, file: MediaFile) -> BinaryIO:
        raise NotImplementedError(file)


@dataclass
class Taking:
    """One process in which each shard takes so many seconds."""

    seconds: float

    def ordered(self, work: Work[Any, Any], items: Iterable[Any]) -> Iterator[Any]:
        return (work.function(item)._replace(seconds=self.seconds) for item in items)


@pytest.fixture
def all_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_shards, "WORTH", 1e-18)


def built(
    folder: SnapshotFolder,
    formats: Sequence[str],
    parts: KeptParts | None,
    policy: Policy = LATEST,
    executor: Any = None,
) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as name:
        done_by = executor or LocalProcesses(1)
        options = BuildOptions(formats, policy, done_by, media=EmptyMedia(), parts=parts)
        reports = build(Path(name), folder, options, Silent()).reports
        contents = {each: b"".join(pieces(report)) for each, report in reports.items()}
        return {**tree(Path(name)), **contents}


def masks(*moved: int) -> list[Any]:
    """A mask and a box in each of three shards; those of `moved` are others."""

    def mask(number: int) -> Any:
        blank = 2**18 if number in moved else 0
        value = {"format": "rle", "rle": projects.rle(640, 480, blank=blank)}
        sky = region("brushlabels", {**value, "brushlabels": ["Sky"]}, from_name="mask", id="m")
        return task(number, annotation(sky, projects.box(10, 10, 20, 20)))

    return [mask(number) for number in (1, 2, 1000, 2500)]


def of_masks(path: Path, *moved: int) -> SnapshotFolder:
    classes = Classes().extended(label_config.parse(CONFIG, "it").classes())
    return snapshot(path, CONFIG, classes, masks(*moved))


def of_case(path: Path, case: Case, data: st.DataObject) -> SnapshotFolder:
    """Some of the tasks of a case, with some of its media."""
    raw = [each for each in case.raw if data.draw(st.booleans())]
    media = case.media
    if media is not None:
        media = {key: entry for key, entry in media.items() if data.draw(st.booleans())}
    config = view(case.screens)
    classes = Classes().extended(label_config.parse(config, "it").classes())
    return snapshot(path, config, classes, raw, media)


@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases(), data=st.data())
def test_any_history_makes_the_bytes_of_full_builds(
    all_worth_it: None, case: Case, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        parts, numbers = KeptParts(Path(name) / "parts"), itertools.count()
        for _ in range(3):
            folder = of_case(Path(name) / f"{next(numbers)}", case, data)
            about = encode.context_of(
                folder.config(), folder.classes(), folder.manifest.counts, case.policy
            )
            some = [each for each in KEEPING if not refuses(each, about)]
            full = built(folder, some, None, case.policy)
            assert built(folder, some, parts, case.policy) == full
            again = Counting()
            assert built(folder, some, parts, case.policy, again) == full
            assert again.encoded == [], "all of it was kept, and could be read"


def test_changed_shards_alone_are_encoded(all_worth_it: None, tmp_path: Path) -> None:
    parts, first, second = KeptParts(tmp_path / "parts"), Counting(), Counting()
    formats = ["COCO", "YOLO_SEG", "JSON", *MASKS]
    built(of_masks(tmp_path / "before"), formats, parts, executor=first)
    assert len(first.encoded) == 3 * len(formats)
    after = of_masks(tmp_path / "after", 1000)
    made = built(after, formats, parts, executor=second)
    assert second.encoded == [(name, "tasks/0000001000.jsonl") for name in formats]
    assert made == built(after, formats, None)


def test_several_processes_encode_what_is_missing(all_worth_it: None, tmp_path: Path) -> None:
    parts, formats = KeptParts(tmp_path / "parts"), ["COCO", "BRUSH_TO_PNG"]
    built(of_masks(tmp_path / "before"), formats, parts)
    after = of_masks(tmp_path / "after", 1, 2500)
    full = built(after, formats, None)
    assert built(after, formats, parts, executor=LocalProcesses(2)) == full


def flip(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("what", ["damaged", "swapped", "of another shape", "of another format"])
def test_a_part_that_is_not_the_right_one_is_made_again(
    all_worth_it: None, tmp_path: Path, what: str
) -> None:
    parts, formats = KeptParts(tmp_path / "parts"), ["COCO", "BRUSH_TO_PNG", "JSON"]
    folder = of_masks(tmp_path / "snapshot")
    full = built(folder, formats, parts)
    paths = sorted(part.path for part in parts.all())
    assert len(paths) == 3 * len(formats)
    contents = [parts.get(path.name) or b"" for path in paths]
    for path, content, other in zip(paths, contents, contents[1:] + contents[:1], strict=True):
        if what == "damaged":
            path.write_bytes(flip(path.read_bytes()))
        elif what == "swapped":
            shutil.copy(paths[(paths.index(path) + 1) % len(paths)], tmp_path / path.name)
        elif what == "of another shape":
            parts.put(path.name, msgspec.msgpack.encode({"not": len(content)}))
        else:
            pieces, *rest = msgspec.msgpack.decode(other)
            odd = [[number, 7] for number, _ in pieces]
            parts.put(path.name, msgspec.msgpack.encode([odd, *rest]))
    for path in tmp_path.glob("[0-9a-f]*"):
        path.replace(parts.path(path.name))
    executor = Counting()
    assert built(folder, formats, parts, executor=executor) == full
    assert len(executor.encoded) == len(paths)
    assert built(folder, formats, parts, executor=Counting()) == full


def test_a_full_disk_makes_it_slower(all_worth_it: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    folder, parts = of_masks(tmp_path / "snapshot"), KeptParts(tmp_path / "file")
    assert built(folder, ["COCO"], parts) == built(folder, ["COCO"], None)


def test_other_settings_have_other_parts(all_worth_it: None, tmp_path: Path) -> None:
    parts, folder = KeptParts(tmp_path / "parts"), of_masks(tmp_path / "snapshot")
    for policy in (LATEST, Policy(annotations="all"), Policy(skipped=True)):
        executor = Counting()
        made = built(folder, ["COCO"], parts, policy, executor)
        assert len(executor.encoded) == 3
        assert made == built(folder, ["COCO"], None, policy)


def test_only_what_is_dear_is_kept(tmp_path: Path) -> None:
    parts, folder = KeptParts(tmp_path / "parts"), of_masks(tmp_path / "masks")
    built(folder, MASKS, parts, executor=Taking(0.000001))
    assert parts.all() == []
    built(folder, MASKS, parts, executor=Taking(0.01))
    assert len(parts.all()) == 3 * len(MASKS)
