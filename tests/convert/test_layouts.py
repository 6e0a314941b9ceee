"""`layout: shards`: a format that is one document is a whole document for each 1,000 task ids."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from support import projects, workspace
from support.every_control import JOINED, snapshot, tree
from support.projects import Raw, annotation, boxed, choice, region, task
from support.projects import box as drawn

from ls_dvc.convert.build import BuildOptions, build
from ls_dvc.errors import LsDvcError
from ls_dvc.execution.executor import LocalProcesses
from ls_dvc.formats.image import coco
from ls_dvc.formats.interface import Layout, Pieces
from ls_dvc.formats.registry import FORMATS
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import LATEST, Policy, Split
from ls_dvc.labels.splits import split_of
from ls_dvc.progress import Silent
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

CONFIG = """<View><Image name="image" value="$image"/>
<RectangleLabels name="box" toName="image"><Label value="Car"/><Label value="Dog"/>
</RectangleLabels>
<BrushLabels name="mask" toName="image"><Label value="Sky"/></BrushLabels>
<KeyPointLabels name="spot" toName="image"><Label value="Nose"/></KeyPointLabels>
<Choices name="light" toName="image"><Choice value="Day"/><Choice value="Night"/></Choices>
<Text name="text" value="$text"/>
<Labels name="ner" toName="text"><Label value="PER"/><Label value="ORG"/></Labels>
<Audio name="sound" value="$sound"/><TextArea name="words" toName="sound"/>
<Video name="film" value="$film"/><VideoRectangle name="track" toName="film"/>
<Labels name="actor" toName="film"><Label value="Cat"/></Labels></View>"""
IDS = (1, 2, 999, 1000, 1500, 2500, 2501)
NO_MEDIA = tuple(each for each in FORMATS if each not in ("WEBDATASET", "YOLO_CLS"))
SHARDS = ("0000000000", "0000001000", "0000002000")
# IMAGE_FOLDER names files as `imagefolder` wants them: test_image_folder.py.
NAMED_BY_SHARD = [name for name in JOINED if name != "IMAGE_FOLDER"]
SHARES = Split((("train", 0.6), ("val", 0.2), ("test", 0.2)))


def film(*, moved: bool) -> Raw:
    box = {"frame": 1, "x": 20 if moved else 10, "y": 10, "width": 5, "height": 5, "rotation": 0}
    return {"sequence": [{**box, "enabled": True}], "framesCount": 2, "labels": ["Cat"]}


def everything(number: int, *, moved: bool = False) -> Raw:
    """A task that every format writes; all images have one name. `moved`: all labels are others."""
    word = {"start": 0, "end": 5, "text": "Maria", "labels": ["ORG" if moved else "PER"]}
    sky = {"format": "rle", "rle": projects.rle(640, 480, blank=2**18 if moved else 0)}
    nose = {"x": 12 if moved else 11, "y": 11, "width": 0.5, "keypointlabels": ["Nose"]}
    result = [
        drawn(10, 10, 30 if moved else 20, 20),
        region("brushlabels", {**sky, "brushlabels": ["Sky"]}, from_name="mask", id="m"),
        region("keypointlabels", nose, from_name="spot", parentID="r1", id="k"),
        choice("Night" if moved else "Day", control="light", id="c"),
        region("labels", word, from_name="ner", to_name="text", id="w"),
        region(
            "textarea",
            {"text": ["two" if moved else "one"]},
            from_name="words",
            to_name="sound",
            id="t",
        ),
        region("videorectangle", film(moved=moved), from_name="track", to_name="film", id="f"),
    ]
    data = {"image": f"/{number}/a.jpg", "text": "Maria sings", "sound": f"/{number}.wav"}
    data |= {"film": f"/{number}/a.mp4", "width": 64, "height": 48}
    return task(number, annotation(*result), data=data)


def prepared(folder: Path, *moved: int) -> SnapshotFolder:
    config = label_config.parse(CONFIG, "it")
    classes = Classes().extended(config.classes())
    return snapshot(folder, CONFIG, classes, [everything(n, moved=n in moved) for n in IDS])


def written(
    folder: Path, *moved: int, layout: Layout = "shards", policy: Policy = LATEST, jobs: int = 1
) -> dict[str, bytes]:
    """What all formats make of the project, by path."""
    folder.mkdir()
    (folder / "data").mkdir()
    order = BuildOptions(NO_MEDIA, policy, LocalProcesses(jobs), layout)
    build(folder / "data", prepared(folder / "snapshot", *moved), order, Silent())
    return tree(folder / "data")


def of(name: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """The files of a format, sorted; not its card, which no label changes."""
    mine = (path for path in sorted(files) if path.startswith(f"{name}/"))
    mine = (path for path in mine if path != f"{name}/README.md")
    return {path.removeprefix(f"{name}/"): files[path] for path in mine}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return written(tmp_path_factory.mktemp("made") / "it")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return written(tmp_path_factory.mktemp("changed") / "it", 1500)


@pytest.fixture(scope="module")
def loose(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return written(tmp_path_factory.mktemp("loose") / "it", layout="loose")


def test_which_formats_are_documents(loose: dict[str, bytes]) -> None:
    assert {name for name in NO_MEDIA if len(of(name, loose)) == 1} == {*JOINED}


FOLDERS = ("MOT",)  # a folder for each task: few and large, and never in archives


@pytest.mark.parametrize("name", [each for each in NO_MEDIA if each not in FOLDERS])
def test_a_changed_label_makes_one_file_new(
    name: str, made: dict[str, bytes], changed: dict[str, bytes]
) -> None:
    before, after = of(name, made), of(name, changed)
    assert before.keys() == after.keys()
    moved = [path for path in before if before[path] != after[path]]
    assert [re.search(r"/(\d{10})[./]\w+", f"/{path}")[1] for path in moved] == ["0000001000"]


def shard_path(name: str, stem: str, shard: str, ending: str) -> str:
    """Where the document of a shard is; `imagefolder` wants its own name of the document."""
    folder_first = name == "IMAGE_FOLDER"
    return f"{shard}/{stem}.{ending}" if folder_first else f"{stem}/{shard}.{ending}"


@pytest.mark.parametrize("name", JOINED)
def test_the_documents_joined_are_the_one(
    name: str, made: dict[str, bytes], loose: dict[str, bytes]
) -> None:
    (path, whole), parts = *of(name, loose).items(), of(name, made)
    stem, _, ending = path.partition(".")
    assert list(parts) == [shard_path(name, stem, each, ending) for each in SHARDS]
    assert JOINED[name](list(parts.values())) == JOINED[name]([whole])


@pytest.mark.parametrize("name", [each for each in NO_MEDIA if each not in (*JOINED, *FOLDERS)])
def test_small_files_are_in_archives(name: str, made: dict[str, bytes], tmp_path: Path) -> None:
    packed = written(tmp_path / "tar", layout="tar")
    assert of(name, made) == of(name, packed)
    assert [path[-14:-4] for path in of(name, made) if path.endswith(".tar")] == [*SHARDS]


def test_the_bytes_do_not_depend_on_the_number_of_processes(
    made: dict[str, bytes], tmp_path: Path
) -> None:
    assert written(tmp_path / "two", jobs=2) == made


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_damaged_shard_is_told_whoever_reads_it(tmp_path: Path, jobs: int) -> None:
    folder, fresh = prepared(tmp_path / "snapshot"), tmp_path / "fresh"
    fresh.mkdir()
    shard = next(tmp_path.rglob("0000001000.jsonl"))
    shard.write_bytes(shard.read_bytes().replace(b"Car", b"Cat"))
    with pytest.raises(LsDvcError, match=r"0000001000\.jsonl was changed") as caught:
        build(fresh, folder, BuildOptions(("COCO",), LATEST, LocalProcesses(jobs)), Silent())
    assert "dvc checkout" in caught.value.hint


def test_splits(tmp_path: Path) -> None:
    """A document for those shards of which a split has a task."""
    policy = Policy(split=SHARES)
    sides = {f"{split_of(everything(n), SHARES)}/{n // 1000 * 1000:010d}" for n in IDS}
    assert 3 < len(sides) < 9
    files = written(tmp_path / "shards", policy=policy)
    loose = written(tmp_path / "loose", layout="loose", policy=policy)
    for name in NAMED_BY_SHARD:
        parts = of(name, files)
        assert {path.partition(".")[0] for path in parts} == sides
        for path, whole in of(name, loose).items():
            mine = [parts[each] for each in parts if each.startswith(f"{path.partition('.')[0]}/")]
            assert JOINED[name](mine) == JOINED[name]([whole])


@pytest.mark.parametrize("name", NAMED_BY_SHARD)
def test_a_split_without_a_task_has_one_empty_document(name: str) -> None:
    sure = Policy(split=Split((("train", 1), ("val", 1e-12))))
    raw = [everything(each) for each in IDS]
    files = projects.convert(name, raw, CONFIG, policy=sure, sharded=True).files
    empty = projects.convert(name, [], CONFIG).files
    ending = next(iter(empty)).partition(".")[2]
    assert [path for path in files if path.startswith("val/")] == [f"val/0000000000.{ending}"]
    assert len(files) == 4
    if name not in ("CSV", "TSV", "JSON_MIN"):  # their columns are those of the whole project
        assert [files[f"val/0000000000.{ending}"]] == list(empty.values())
    assert JOINED[name]([files[f"val/0000000000.{ending}"]]) is not None


# --- ids in COCO


GOLDEN = """{"info": {"description":"Label Studio annotations, written by ls-dvc"},
"licenses": [],
"categories": [
{"id":1,"name":"Car"},
{"id":2,"name":"Dog"},
{"id":3,"name":"Road"},
{"id":4,"name":"Sky"}
],
"annotations": [
{"id":1500000001,"image_id":1500,"area":36864.0,"bbox":[64.0,96.0,192.0,192.0],"category_id":1,\
"iscrowd":0,"region":"r1","segmentation":[[64.0,96.0,256.0,96.0,256.0,288.0,64.0,288.0]]},
{"id":1500000002,"image_id":1500,"area":36864.0,"bbox":[64.0,96.0,192.0,192.0],"category_id":2,\
"iscrowd":0,"region":"r2","segmentation":[[64.0,96.0,256.0,96.0,256.0,288.0,64.0,288.0]]}
],
"images": [
{"id":1500,"file_name":"a-1500.jpg","coco_url":"/y/a.jpg","height":480,"task":1500,"width":640}
]}
"""


def test_golden() -> None:
    """The name is that of all layouts, though the namesake is in another document."""
    both = [drawn(10, 20, 30, 40), drawn(10, 20, 30, 40, "Dog", id="r2")]
    raw = [
        boxed(1, drawn(1, 2, 3, 4), data={"image": "/x/a.jpg"}),
        boxed(1500, *both, data={"image": "/y/a.jpg"}),
    ]
    out = projects.convert("COCO", raw, sharded=True)
    assert list(out.files) == ["result/0000000000.json", "result/0000001000.json"]
    assert out.text("result/0000001000.json") == GOLDEN


def coco_ids(*raw: Raw, config: str = projects.SHAPES) -> dict[str, list[tuple[int, int]]]:
    """(task, id) of images and annotations."""
    files = projects.convert("COCO", raw, config, sharded=True).files
    found: dict[str, list[tuple[int, int]]] = {"images": [], "annotations": []}
    for document in map(json.loads, files.values()):
        tasks = {each["id"]: each["task"] for each in document["images"]}
        found["images"] += [(tasks[each["id"]], each["id"]) for each in document["images"]]
        found["annotations"] += [
            (tasks[each["image_id"]], each["id"]) for each in document["annotations"]
        ]
    return found


def test_no_id_moves_when_other_tasks_change() -> None:
    raw = [boxed(n, drawn(1, 1, 2, 2), drawn(3, 3, 2, 2, id="r2")) for n in (5, 6, 1001)]
    more = [boxed(4, drawn(1, 1, 2, 2)), boxed(5, drawn(1, 1, 2, 2)), *raw[1:]]
    before, after = coco_ids(*raw), coco_ids(*more)
    assert [each for each in before["annotations"] if each[0] > 5] == [
        *[(6, 6_000_001), (6, 6_000_002)],
        *[(1001, 1_001_000_001), (1001, 1_001_000_002)],
    ]
    assert {*before["annotations"][2:]} <= {*after["annotations"]}


def test_a_task_with_several_images() -> None:
    pages = {"pages": ["a.jpg", "b.jpg"]}
    raw = [
        boxed(n, *(drawn(1, 1, 2, 2, item_index=place) for place in (0, 1)), data=pages)
        for n in (1, 2000)
    ]
    found = coco_ids(*raw, config=projects.PAGES)
    expected = [(n, n * 1_000_000 + each) for n in (1, 2000) for each in (1, 2)]
    assert found == {"images": expected, "annotations": expected}


def test_a_task_with_more_annotations_than_ids() -> None:
    """The next task's ids would be given twice."""
    about = projects.about(projects.SHAPES, [], sharded=True)
    entries = [b'"region":"r"}'] * 999_999
    fits = (7, "a", ".jpg", b'"task":7}', entries, None)
    last = list(coco.assemble(Pieces([(7, [fits])]), about))
    assert any(b'{"id":7999999,' in each.data for each in last)
    over = (*fits[:4], entries + entries[:1], None)
    with pytest.raises(LsDvcError, match="task 7 has a million annotations") as caught:
        list(coco.assemble(Pieces([(7, [over])]), about))
    assert "label_studio.layout" in caught.value.hint


def test_a_shard_at_a_time_is_in_memory() -> None:
    drawn_from = iter(
        [(n, [(n, "a", ".jpg", b'"task":1}', [b'"region":"r"}'], None)]) for n in range(5000)]
    )
    chunks = coco.assemble(Pieces(drawn_from), projects.about(projects.SHAPES, [], sharded=True))
    first = next(itertools.groupby(chunks, key=lambda each: each.path))
    assert sum(each.data.count(b'"image_id"') for each in first[1]) == 1000
    assert next(drawn_from)[0] == 1001, "one is read ahead, to see that a shard is at its end"


# --- readers


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # pycocotools with numpy 2
@pytest.mark.parametrize("name", ["COCO", "BRUSH_TO_COCO"])
def test_pycocotools_reads_each(name: str, made: dict[str, bytes], tmp_path: Path) -> None:
    from pycocotools.coco import COCO

    seen: list[int] = []
    for path, content in of(name, made).items():
        (tmp_path / "it.json").write_bytes(content)
        data = COCO(str(tmp_path / "it.json"))
        assert {each["name"] for each in data.loadCats(data.getCatIds())} >= {"Car", "Sky"}
        assert {f"result/{each // 1000 * 1000:010d}.json" for each in data.getImgIds()} == {path}
        seen += data.getImgIds()
        for image in data.getImgIds():
            (sky,) = data.loadAnns(data.getAnnIds(imgIds=[image], catIds=data.getCatIds(["Sky"])))
            assert data.annToMask(sky).sum() == 640 * 480
    assert seen == [*IDS]


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_the_example_of_the_docs(
    made: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, content in made.items():
        target = tmp_path / "data/dataset" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    page = (Path(__file__).parents[2] / "docs/formats.md").read_text()
    code = page.partition("<!-- joined -->\n```python\n")[2].partition("```")[0]
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(code, "formats.md", "exec"), names)
    assert list(names["rows"]["id"]) == [*IDS]
    assert list(dict.fromkeys(names["frame"]["task"])) == [*IDS]
    whole = names["whole"]
    assert whole.getImgIds() == [*IDS]
    assert len(whole.anns) == len(whole.dataset["annotations"]) == 2 * len(IDS)


# --- the command


def test_the_setting(tmp_path: Path) -> None:
    """`convert` lays out what the settings say."""
    space = workspace.make(tmp_path, "http://127.0.0.1:9", "k", 1, "COCO", "YOLO")
    space.edit("params.yaml", "layout: loose", "layout: shards")
    (tmp_path / "data").mkdir(exist_ok=True)
    prepared(tmp_path / "data/snapshot")
    space.ls("convert")
    found = {each for each in tree(tmp_path / "data/dataset") if each[-3:] in ("tar", "son")}
    assert found == {
        "manifest.json",
        *(f"COCO/result/{each}.json" for each in SHARDS),
        *(f"YOLO/labels/{each}.tar" for each in SHARDS),
    }
