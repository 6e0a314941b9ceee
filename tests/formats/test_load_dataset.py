"""Hugging Face's `load_dataset` reads every document by its card, with splits and types."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import datasets
import pyarrow.json
import pytest
from support import projects
from support.every_control import snapshot
from support.projects import Raw, annotation, box, boxed, choice, region, task

from ls_dvc.convert import dataset_folder
from ls_dvc.convert.build import BuildOptions, build
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import Policy, Split
from ls_dvc.progress import Silent

Load = Callable[..., Any]
RECORDS = ("JSON", "JSON_MIN", "CSV", "TSV", "JSONL", "PARQUET")
SPLIT = Policy(split=Split((("train", 0.5), ("val-2", 0.5)), "part"))
# By the data key `part`, which has one value a split.
TRAIN, VAL = "d", "a"


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """`load_dataset` without a network, with a cache of its own."""
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()

    def loaded(folder: Path) -> Any:
        return datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))

    return loaded


def write(folder: Path, fmt: str, raw: Iterable[Raw], config: str, **options: Any) -> Path:
    """The folder of a format."""
    out = projects.convert(fmt, list(raw), config, **options)
    for path, content in {**out.files, "README.md": out.card.encode()}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def mixed() -> list[Raw]:
    """Columns that are null throughout the one split, and hold other types in the other."""
    bare = annotation(lead_time=None, completed_by=None)
    about = region("rating", {"x": 1, "y": 2, "width": 3, "height": 4, "rating": 3}, id="b")
    return [
        task(1, bare, data={"image": "1.jpg", "part": TRAIN, "code": None}),
        boxed(2, choice("Sun"), data={"image": "2.jpg", "part": TRAIN, "code": "NA"}),
        boxed(3, choice("Sun", "Rain"), data={"image": "3.jpg", "part": VAL, "code": 5}),
        boxed(
            4,
            box(1, 2, 3, 4, id="b"),
            {**about, "from_name": "note"},
            data={"image": "4.jpg", "part": VAL, "code": 'a,b\n"c"'},
        ),
    ]


@pytest.mark.parametrize("fmt", RECORDS)
@pytest.mark.parametrize("sharded", [False, True])
def test_records_with_splits(fmt: str, sharded: bool, tmp_path: Path, load: Load) -> None:
    folder = write(tmp_path / fmt, fmt, mixed(), projects.SHAPES, policy=SPLIT, sharded=sharded)
    found = load(folder)
    assert list(found) == ["train", "val_2"]
    key = "task" if fmt in projects.FLAT else "id"
    ids = {name: sorted(set(rows[key])) for name, rows in found.items()}
    assert sorted(ids["train"] + ids["val_2"]) == [1, 2, 3, 4]
    assert found["train"].features == found["val_2"].features


def test_without_splits(tmp_path: Path, load: Load) -> None:
    found = load(write(tmp_path / "JSONL", "JSONL", mixed(), projects.SHAPES))
    expected = projects.convert("JSONL", mixed()).text("result.jsonl").splitlines()
    assert list(found) == ["train"]
    assert list(found["train"]) == [json.loads(each) for each in expected]


def test_json_min_has_its_values(tmp_path: Path, load: Load) -> None:
    found = load(write(tmp_path / "JSON_MIN", "JSON_MIN", mixed(), projects.SHAPES))["train"]
    expected = projects.convert("JSON_MIN", mixed()).json()
    names = {name for row in expected for name in row}
    assert [{name: row[name] for name in names} for row in found] == [
        {name: row.get(name) for name in names} for row in expected
    ]


def test_csv_has_its_cells(tmp_path: Path, load: Load) -> None:
    found = load(write(tmp_path / "CSV", "CSV", mixed(), projects.SHAPES))["train"]
    assert found["code"] == [None, "NA", "5", 'a,b\n"c"']
    assert found["lead_time"] == [None, 4.5, 4.5, 4.5]
    assert json.loads(found["note"][3])[0]["region"] == "b"


def test_an_empty_split_is_left_out(tmp_path: Path, load: Load) -> None:
    """`load_dataset` has no empty splits: it would load nothing at all."""
    raw = [boxed(1, box(1, 2, 3, 4), data={"image": "1.jpg", "part": TRAIN})]
    found = load(write(tmp_path / "JSONL", "JSONL", raw, projects.SHAPES, policy=SPLIT))
    assert [len(rows) for rows in found.values()] == [1]


def test_without_a_row_there_is_no_card() -> None:
    assert projects.convert("JSONL", [task(1)]).card == ""


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("on", "null", "1"), ["on", "null", "1"]),
        (("all", "a-b", "a_b"), ["all_", "a_b", "a_b_"]),
    ],
)
def test_any_name_of_a_split(
    names: tuple[str, ...], expected: list[str], tmp_path: Path, load: Load
) -> None:
    policy = Policy(split=Split(tuple((name, 1 / len(names)) for name in names)))
    raw = [boxed(number) for number in range(1, 21)]
    found = load(write(tmp_path / "CSV", "CSV", raw, projects.SHAPES, policy=policy))
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("name", ["a b", "é😀", '"', "'", "# x", "- y", "a\x85b", "\ttab", "\\"])
def test_any_name_of_a_column(name: str, tmp_path: Path, load: Load) -> None:
    raw = [boxed(1, data={"image": "1.jpg", name: "held"})]
    found = load(write(tmp_path / "JSON_MIN", "JSON_MIN", raw, projects.SHAPES))["train"]
    assert found[name] == ["held"]


def spans(number: int, part: str, *labels: str) -> Raw:
    regions = [
        region(
            "labels",
            {"start": 0, "end": 5, "text": "Maria", "labels": [label]},
            from_name="ner",
            to_name="text",
        )
        for label in labels
    ]
    return boxed(number, *regions, data={"text": "Maria sings", "part": part})


def test_texts_with_spans(tmp_path: Path, load: Load) -> None:
    good = region("choices", {"choices": ["Good"]}, from_name="tone", to_name="text", id="c")
    raw = [spans(1, TRAIN), spans(2, VAL, "PER")]
    raw[1]["annotations"][0]["result"].append(good)
    found = load(write(tmp_path / "SPACY", "SPACY", raw, projects.TEXT, policy=SPLIT))
    rows = {row["id"]: row for each in found.values() for row in each}
    assert rows[1]["spans"] == []
    assert rows[2]["spans"] == [{"start": 0, "end": 5, "label": "PER"}]
    assert (rows[1]["cats"], rows[2]["cats"]) == (None, {"Good": 1.0, "Bad": 0.0})


def test_pyarrow_reads_spans_as_one_type(tmp_path: Path) -> None:
    """It refuses lists of mixed types, such as `[0, 5, "PER"]`."""
    raw = [spans(1, TRAIN, "PER", "ORG"), spans(2, VAL)]
    folder = write(tmp_path / "SPACY", "SPACY", raw, projects.TEXT)
    table = pyarrow.json.read_json(folder / "result.jsonl")
    assert table["spans"].to_pylist()[0][1] == {"start": 0, "end": 5, "label": "ORG"}


def test_transcripts(tmp_path: Path, load: Load) -> None:
    config = """<View><Audio name="audio" value="$audio"/>
    <TextArea name="words" toName="audio"/></View>"""
    raw = [
        boxed(
            number,
            region("textarea", {"text": ["hello"]}, from_name="words", to_name="audio"),
            data={"audio": f"{number}.wav", "part": part, **more},
        )
        for number, part, more in ((1, TRAIN, {}), (2, VAL, {"duration": 2.5}))
    ]
    found = load(write(tmp_path / "ASR_MANIFEST", "ASR_MANIFEST", raw, config, policy=SPLIT))
    rows = {row["task"]: row for each in found.values() for row in each}
    assert [rows[each]["duration"] for each in (1, 2)] == [None, 2.5]


# --- the whole data set


def built(folder: Path, raw: list[Raw], formats: tuple[str, ...]) -> Path:
    """A data set with these formats."""
    fresh = folder / "dataset"
    fresh.mkdir()
    parsed = label_config.parse(projects.SHAPES, "the config")
    classes = Classes().extended(parsed.classes())
    snapshot_folder = snapshot(folder / "snapshot", projects.SHAPES, classes, raw)
    policy = Policy(split=Split((("train", 0.5), ("val", 0.5)), "part"))
    build(fresh, snapshot_folder, BuildOptions(formats, policy), Silent())
    assert dataset_folder.problems(fresh, snapshot_folder.fingerprint) == []
    return fresh


@pytest.mark.parametrize(
    ("formats", "rows"),
    [
        (("YOLO", "COCO", "CSV", "JSONL"), 4),
        (("YOLO", "JSON"), 4),
        (("VOC", "CSV", "JSON_MIN"), 4),
        (("PARQUET", "CSV", "YOLO"), 4),
    ],
)
def test_the_bare_folder_is_the_records(
    formats: tuple[str, ...], rows: int, tmp_path: Path, load: Load
) -> None:
    """It was the text of YOLO's files, without a word."""
    found = load(built(tmp_path, mixed(), formats))
    assert sum(len(split) for split in found.values()) >= rows
    assert {"task", "id"} & set(found["train"].features)
    assert "text" not in found["train"].features or "JSONL" in formats or "PARQUET" in formats


def test_a_card_that_was_changed_is_told(tmp_path: Path) -> None:
    fresh = built(tmp_path, mixed(), ("JSONL",))
    fingerprint = json.loads((fresh / "manifest.json").read_bytes())["fingerprint"]
    (fresh / "README.md").write_text("mine")
    assert dataset_folder.problems(fresh, fingerprint) == [
        f"{fresh / 'README.md'} was changed since it was converted"
    ]
    (fresh / "README.md").unlink()
    assert len(dataset_folder.problems(fresh, fingerprint)) == 1
    (fresh / "JSONL" / "README.md").unlink()
    assert len(dataset_folder.problems(fresh, fingerprint)) == 2


def test_without_a_table_there_is_no_card(tmp_path: Path) -> None:
    assert not list(built(tmp_path, mixed(), ("YOLO", "COCO")).rglob("README.md"))
