"""All controls of Label Studio at once, in projects that nobody would think of.

Whatever such a project holds, each format writes or lists every task and every region of it, keeps
its class ids, and writes files that every system takes. All of it is counted anew here, from the
raw tasks and from the files: the ledger checks itself elsewhere.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import tarfile
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet
import pytest
from hypothesis import example, given, settings
from support import media_files, projects, trainer_rules
from support.effort import examples
from support.every_control import (
    EVERYTHING,
    JOINED,
    PICTURED,
    SLOW,
    Case,
    Files,
    cases,
    documents,
    ids,
    refuses,
    rows,
    snapshot,
    tree,
    view,
)
from support.media_files import InMemory
from support.projects import Raw

from ls_dvc.convert import encode, report_files
from ls_dvc.convert.build import BuildOptions, build
from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.registry import FORMATS
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import Policy
from ls_dvc.labels.shards import start_of
from ls_dvc.progress import Silent
from ls_dvc.snapshot import media_map
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

DRAWN_WITHOUT_LABELS = ("keypoint", "keypointlabels")  # COCO has them with the box they belong to


# --- label configs


# --- tasks


# --- converting them


@dataclass(frozen=True)
class Output:
    """The files of a format by path, and what the ledger says of it."""

    files: Files
    listed: list[Raw]
    totals: Mapping[str, Any]


def useful(folder: SnapshotFolder, policy: Policy) -> list[str]:
    """The formats that have a use for the project."""
    about = encode.context_of(folder.config(), folder.classes(), folder.manifest.counts, policy)
    about = replace(about, with_media=media_map.has_media(folder))
    return [name for name in FORMATS if not refuses(name, about)]


def written(fresh: Path, folder: SnapshotFolder, options: BuildOptions) -> dict[str, Output]:
    """What the real write path makes of a snapshot, read back from the disk."""
    fresh.mkdir()
    options = replace(options, media=InMemory(*media_files.CONTENTS))
    made = build(fresh, folder, options, Silent())
    listed = json.loads(b"".join(report_files.ledger(made.ledgers)))
    report_files.classes(made.counts, made.labels).decode()
    totals = json.loads(report_files.labels(made.counts, made.ledgers))["formats"]
    names = {each.name for each in fresh.iterdir()}
    assert names - {"README.md"} == {*options.formats, "manifest.json"}
    trainer_rules.hold_folder(fresh)
    return {
        name: Output(without_card(tree(fresh / name)), dropped(listed[name]), totals[name])
        for name in options.formats
    }


def dropped(listed: list[Raw]) -> list[Raw]:
    """Without the regions that are written but for something."""
    return [each for each in listed if not each.get("written")]


def without_card(files: Files) -> Files:
    return {path: content for path, content in files.items() if path != "README.md"}


def unpacked(files: Files) -> Files:
    found = dict[str, bytes]()
    for path, content in files.items():
        if not path.endswith(".tar"):
            found[path] = content
            continue
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                held = archive.extractfile(member)
                assert held is not None
                inside = f"{path.rpartition('/')[0]}/{member.name}".lstrip("/")
                assert inside not in found
                found[inside] = held.read()
    return found


# --- paths


RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE
)
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


def assert_good_paths(paths: Iterable[str]) -> None:
    paths = list(paths)
    for part in {part for path in paths for part in path.split("/")}:
        assert 0 < len(part.encode()) <= 255
        assert not FORBIDDEN.search(part)
        assert not RESERVED.match(part)
        assert not part.endswith((".", " "))
        assert not part.startswith((".", " "))
    assert len(set(map(caseless, paths))) == len(paths), "on macOS or Windows one file is lost"


def caseless(path: str) -> str:
    """Equal for what Unicode calls a canonical caseless match."""
    apart = unicodedata.normalize("NFD", path)
    return unicodedata.normalize("NFD", apart.casefold())


# --- the account


class Entry(NamedTuple):
    """A region of a task, as the ledger names it."""

    task: int
    annotation: int
    name: str
    kind: str


def entries(case: Case, name: str) -> list[tuple[Entry, Any]]:
    """Every region that comes in, with its name."""
    return [
        (Entry(one["id"], each["id"], *named(region, place)), region)
        for one in case.raw
        for each in [*one["annotations"], *counted(one, case.policy, name)]
        for place, region in enumerate(each["result"])
    ]


def named(region: Any, place: int) -> tuple[str, str]:
    told = region if isinstance(region, dict) else {}
    return str(told.get("id") or f"#{place}"), str(told.get("type") or "")


def counted(one: Raw, policy: Policy, name: str) -> list[Raw]:
    """The prediction that counts where nobody annotated. JSON has all, as no labels of the task."""
    done = [each for each in one["annotations"] if policy.skipped or not each["was_cancelled"]]
    wanted = policy.filter.tasks is None and policy.filter.data.items() <= one["data"].items()
    wanted &= policy.annotations != "ground_truth" or policy.fallback  # a guess is no truth
    counts = policy.predictions and wanted and not done and name != "JSON"
    return one["predictions"][-1:] if counts else []  # of the highest score


def assert_accounted(case: Case, name: str, out: Output) -> list[Any]:
    """The regions that are written: all that came in but those that are listed."""
    assert {each["reason"] for each in out.listed} <= {each.value for each in Reason}
    tasks = [each["task"] for each in out.listed if "annotation" not in each]
    assert len(set(tasks)) == len(tasks) == sum(out.totals["tasks_dropped"].values())
    assert out.totals["tasks_written"] == len(case.raw) - len(tasks)
    listed, unresolved = Counter[Entry](), Counter[tuple[int, int, str]]()
    for each in out.listed:
        if "annotation" in each:
            place = (each["task"], each["annotation"], each["region"])
            if each["reason"] == Reason.UNRESOLVED_VALUE:  # the detail is the expression then
                unresolved[place] += 1
            else:
                listed[Entry(*place, each.get("detail", ""))] += 1
    left = []
    for entry, region in entries(case, name):
        if listed[entry]:
            listed[entry] -= 1
        elif unresolved[entry[:3]]:
            unresolved[entry[:3]] -= 1
        else:
            left.append(region)
    assert not +listed, "something is listed twice, or never came in"
    assert not +unresolved, "something is listed twice, or never came in"
    assert out.totals["regions_written"] == len(left)
    tasks_in_files = TASKS[name](out.files)
    expected = {each["id"] for each in case.raw} - {*tasks}
    assert tasks_in_files in (None, expected), name
    REGIONS.get(name, nothing_to_say)(out.files, left)
    return left


# --- what the files hold


def pictures(files: Files) -> Files:
    """The media that lie there: their contents are no labels."""
    return {path: each for path, each in files.items() if each in media_files.CONTENTS}


def lines(files: Files, suffix: str) -> list[Any]:
    return [json.loads(each) for some in documents(files, suffix) for each in some.split("\n")[:-1]]


def flat(files: Files) -> list[Raw]:
    tables = (each for path, each in files.items() if path.endswith(".parquet"))
    records = [pyarrow.parquet.read_table(io.BytesIO(each)).to_pylist() for each in tables]
    return [*itertools.chain(*records), *lines(files, ".jsonl")]


def coco(files: Files, part: str) -> list[Raw]:
    return [each for some in documents(files, ".json") for each in json.loads(some)[part]]


def of_json(files: Files) -> set[int]:
    return {each["id"] for some in documents(files, ".json") for each in json.loads(some)}


def of_images(files: Files) -> set[int]:
    return ids("task", rows(files, ","))


def sample_labels(files: Files) -> Files:
    """The labels in archives of samples, each of which has its task's id as its name."""
    return {path: each for path, each in unpacked(files).items() if path.endswith(".json")}


def sample_regions(files: Files, left: list[Any]) -> None:
    records = [json.loads(each)["records"] for each in sample_labels(files).values()]
    found = [each for each in itertools.chain(*records) if each["position"] is not None]
    assert Counter(each["region"] for each in found) == Counter(each.get("id") for each in left)


TASKS: Mapping[str, Callable[[Files], set[int] | None]] = {
    "JSON": of_json,
    "JSON_MIN": of_json,
    "CSV": lambda files: ids("id", rows(files, ",")),
    "TSV": lambda files: ids("id", rows(files, "\t")),
    **dict.fromkeys(("JSONL", "PARQUET"), lambda files: ids("task", flat(files))),
    **dict.fromkeys(("COCO", "BRUSH_TO_COCO"), lambda files: ids("task", coco(files, "images"))),
    **dict.fromkeys(("YOLO", "YOLO_SEG", "YOLO_OBB", "YOLO_POSE", "VOC"), of_images),
    **dict.fromkeys(("BRUSH_TO_NUMPY", "BRUSH_TO_PNG"), of_images),
    "IMAGE_FOLDER": lambda files: ids("task", lines(files, ".jsonl")),
    "WEBDATASET": lambda files: {
        json.loads(each)["task"] for each in sample_labels(files).values()
    },
    "YOLO_CLS": lambda files: {
        int(row["task"]) for row in rows(files, ",") if row.get("task") is not None
    },
    "MOT": of_images,
    "CONLL2003": lambda files: None,  # does not say
    "SPACY": lambda files: ids("id", lines(files, ".jsonl")),
    "ASR_MANIFEST": lambda files: ids("task", lines(files, ".json")),
}


def labels_on(region: Any) -> set[str]:
    """The labels of a region; none on a shape whose labels are a region of their own."""
    kind = str(region.get("type"))
    return {*region["value"][kind]} if kind.endswith("labels") else set()


def is_spot(region: Any) -> bool:
    value = region["value"]
    return "x" in value and not value.keys() & {"height", "radiusX", "points", "rle"}


def count_of_labels(left: list[Any]) -> int:
    return sum(len(labels_on(each)) for each in left)


def flat_regions(files: Files, left: list[Any]) -> None:
    found = [each for each in flat(files) if each["position"] is not None]
    told = Counter(each["region"] for each in found)
    assert told == Counter(each.get("id") for each in left)


def coco_regions(files: Files, left: list[Any]) -> None:
    found = {each["region"] for each in coco(files, "annotations")}
    assert found <= {each["id"] for each in left}
    assert {each["id"] for each in left if not is_spot(each)} <= found
    for each in map(json.loads, documents(files, ".json")):
        images = {image["id"] for image in each["images"]}
        assert len(images) == len(each["images"])
        assert {drawn["image_id"] for drawn in each["annotations"]} <= images


def yolo_regions(files: Files, left: list[Any]) -> None:
    labels = [each for path, each in files.items() if path.startswith("labels/")]
    boxes = [each for each in left if not is_spot(each)]
    assert sum(each.count(b"\n") for each in labels) == count_of_labels(boxes)
    assert {row["labels"] for row in rows(files, ",")} == {p for p in files if p[:7] == "labels/"}


def voc_regions(files: Files, left: list[Any]) -> None:
    found = sum(each.count("<object>") for each in documents(files, ".xml"))
    assert found == count_of_labels(left)


def brush_regions(files: Files, left: list[Any]) -> None:
    masks = [row for row in rows(files, ",") if row.get("mask")]
    assert len(masks) == count_of_labels(left)
    assert {row["region"] for row in masks} == {each["id"] for each in left}
    others = {path for path in files if not path.endswith(".csv") and path not in pictures(files)}
    assert {row["mask"] for row in masks} == others


def conll_regions(files: Files, left: list[Any]) -> None:
    found = [re.findall(" -X- _ B-", each) for each in documents(files, ".conll")]
    assert sum(map(len, found)) == len(left)


def spacy_regions(files: Files, left: list[Any]) -> None:
    found = sum(len(each["spans"]) for each in lines(files, ".jsonl"))
    assert found == count_of_labels(left)


def asr_regions(files: Files, left: list[Any]) -> None:
    """A line may hold several texts, but none without one."""
    found = lines(files, ".json")
    assert bool(found) == bool(left)
    assert len(found) <= sum(each["type"] == "textarea" for each in left)
    assert all(each["text"] for each in found)


def nothing_to_say(files: Files, left: list[Any]) -> None:
    """The file does not tell one region from another."""


REGIONS: Mapping[str, Callable[[Files, list[Any]], None]] = {
    **dict.fromkeys(("JSONL", "PARQUET"), flat_regions),
    **dict.fromkeys(("COCO", "BRUSH_TO_COCO"), coco_regions),
    **dict.fromkeys(("YOLO", "YOLO_SEG", "YOLO_OBB", "YOLO_POSE"), yolo_regions),
    "VOC": voc_regions,
    **dict.fromkeys(("IMAGE_FOLDER", "YOLO_CLS"), nothing_to_say),
    "WEBDATASET": sample_regions,
    **dict.fromkeys(("BRUSH_TO_NUMPY", "BRUSH_TO_PNG"), brush_regions),
    "CONLL2003": conll_regions,
    "SPACY": spacy_regions,
    "ASR_MANIFEST": asr_regions,
}


# --- class ids


def registry(config: str, before: Classes) -> Classes:
    parsed = label_config.parse(config, "the config")
    return before.extended(parsed.classes(), parsed.class_ids())


def assert_ids_stay(old: Classes, new: Classes) -> None:
    for space in new.spaces:
        names = new.names(space)
        assert len(set(names)) == len(names)
        assert names[: len(old.names(space))] == old.names(space)


def categories(out: Output) -> dict[str, int]:
    told = json.loads(documents(out.files, ".json")[0])["categories"]
    assert len({each["id"] for each in told}) == len(told)
    return {each["name"]: each["id"] for each in told}


def classified(out: Output) -> set[tuple[str, int]]:
    return {(each["region"], each["category_id"]) for each in coco(out.files, "annotations")}


def assert_classes_stay(before: Mapping[str, Output], after: Mapping[str, Output]) -> None:
    """Under a label config that has grown, whatever was written has the class that it had."""
    if "COCO" not in before:
        return
    assert categories(before["COCO"]).items() <= categories(after["COCO"]).items()
    assert classified(before["COCO"]) <= classified(after["COCO"])
    old, new = (each["YOLO"].files["classes.txt"] for each in (before, after))
    assert new.startswith(old)


# --- the properties


def assert_only_wanted(case: Case, records: list[Raw]) -> None:
    """No label that the settings leave out, whoever or whatever made it."""
    wanted = case.policy.filter
    for record in records:
        if str(record["type"]).endswith(("labels", "choices", "rectangle")):
            found = {*(record["labels"] or ()), *(record["choices"] or ())}
            assert not found & wanted.drop
            assert not wanted.keep or found <= wanted.keep


def assert_same_in_shards(
    case: Case, name: str, out: Output, packed: Output, sharded: Output
) -> None:
    """Documents of some tasks each, which hold together what the one of all holds."""
    assert (sharded.listed, sharded.totals) == (out.listed, out.totals)
    if name not in JOINED:
        assert sharded.files == packed.files
        return
    assert_accounted(case, name, sharded)
    assert_good_paths(sharded.files)
    if name == "IMAGE_FOLDER":  # has a folder for each shard: test_image_folder.py
        return
    apart, shown = unpacked(sharded.files), pictures(out.files)
    assert pictures(apart) == shown
    folders = documents_by_split({path: apart[path] for path in apart.keys() - shown.keys()})
    whole = {path: out.files[path] for path in out.files.keys() - shown.keys()}
    assert folders.keys() == {path.rpartition(".")[0] for path in whole}
    for path, content in whole.items():
        stem, _, ending = path.rpartition(".")
        assert JOINED[name](list(folders[stem].values())) == JOINED[name]([content])
        for start, each in folders[stem].items():
            tasks = TASKS[name]({f"x.{ending}": each}) or {int(start)}
            assert {f"{start_of(task):010d}" for task in tasks} == {start}
    if name in ("COCO", "BRUSH_TO_COCO"):
        for part in ("annotations", "images"):
            found = [each["id"] for each in coco(sharded.files, part)]
            assert len({*found}) == len(found), "ids of two documents clash"


def documents_by_split(files: Files) -> dict[str, dict[str, bytes]]:
    """Each document by its folder, which is named like the document of all, and its first id."""
    found: dict[str, dict[str, bytes]] = {}
    for path, content in sorted(files.items()):
        folder, _, name = path.rpartition("/")
        found.setdefault(folder, {})[name.partition(".")[0]] = content
    return found


def assert_sound(case: Case, wrote: Counter[str], several: Counter[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        classes = registry(case.config, Classes())
        folder = snapshot(place / "snapshot", case.config, classes, case.raw, case.media)
        formats = useful(folder, case.policy)
        loose = written(place / "loose", folder, BuildOptions(formats, case.policy))
        packed = written(place / "tar", folder, BuildOptions(formats, case.policy, layout="tar"))
        sharded = written(
            place / "shards", folder, BuildOptions(formats, case.policy, layout="shards")
        )
        later = registry(view(case.later), classes)
        assert_ids_stay(classes, later)
        grown = snapshot(place / "later", view(case.later), later, case.raw, case.media)
        ids_only = [each for each in formats if each in projects.PICTURES]
        after = (
            written(place / "after", grown, BuildOptions(ids_only, case.policy)) if ids_only else {}
        )
        made = {"snapshot", "loose", "tar", "shards", "later", *(["after"] if ids_only else [])}
        assert {each.name for each in place.iterdir()} == made, "something lies outside"
    assert_classes_stay(loose, after)
    assert_only_wanted(case, flat(loose["JSONL"].files))
    for name, out in loose.items():
        wrote[name] += len(assert_accounted(case, name, out))
        assert_good_paths(out.files)
        assert_good_paths(packed[name].files)
        assert unpacked(packed[name].files) == unpacked(out.files)
        assert (packed[name].listed, packed[name].totals) == (out.listed, out.totals)
        assert_same_in_shards(case, name, out, packed[name], sharded[name])
        several[name] += len(sharded[name].files) > max(1, len(out.files))


def run(wrote: Counter[str], several: Counter[str], **profile: Any) -> None:
    @settings(deadline=None, suppress_health_check=SLOW, **profile)
    @given(case=cases())
    @example(EVERYTHING)
    @example(PICTURED)
    def holds(case: Case) -> None:
        assert_sound(case, wrote, several)

    holds()


def test_any_project() -> None:
    wrote, several = Counter[str](), Counter[str]()
    run(wrote, several, max_examples=examples(100), derandomize=True)
    assert {name for name in FORMATS if wrote[name]} == {*FORMATS}, "a test of nothing"
    assert {name for name in JOINED if several[name]} == {*JOINED}, "a test of single shards"


@pytest.mark.soak
def test_any_project_for_long() -> None:
    run(Counter(), Counter(), max_examples=5000)
