"""WEBDATASET: samples as webdataset groups them, read by Hugging Face's own builder."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path
from typing import Any

import datasets
import pytest
from support import media, projects
from support.media import FakeMedia, picture, reasons
from support.projects import Raw, annotation, box, boxed, choice, task

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.interface import Layout
from ls_dvc.labels.policy import Policy, Split

CONFIG = """<View><Image name="image" value="$image"/>
<RectangleLabels name="box" toName="image"><Label value="Car"/></RectangleLabels>
<Choices name="weather" toName="image"><Choice value="Sun"/></Choices></View>"""
SPLIT = Policy(split=Split((("train", 0.5), ("val-2", 0.5)), "part"))
TRAIN, VAL = "d", "a"  # values of the data key `part`, one a split


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()


def samples(archive: Path) -> dict[str, dict[str, bytes]]:
    """By key and field, as webdataset groups members that follow each other."""
    found: dict[str, dict[str, bytes]] = {}
    last = ""
    with tarfile.open(archive) as opened:
        for member in opened:
            match = re.fullmatch(r"((?:.*/|)[^.]+)[.]([^/]*)", member.name)
            content = opened.extractfile(member)
            assert match is not None
            assert content is not None
            key, field = match[1], match[2].lower()
            assert key == last or key not in found, "the files of a sample are apart"
            assert field not in found.setdefault(key, {}), "two files are one field"
            found[key][field], last = content.read(), key
    return found


def shown(number: int, *regions: Raw, part: str = TRAIN, name: str = "a.jpeg", **more: Any) -> Raw:
    data = {"image": f"s3://b/{number}/{name}", "part": part, **more}
    return boxed(number, *(regions or (box(1, 2, 3, 4),)), data=data)


def pictures(*tasks: Raw, kind: str = "image/jpeg") -> FakeMedia:
    found = FakeMedia()
    for each in tasks:
        found.has(each["data"]["image"], picture(each["id"] % 256, kind), kind, each["id"])
    return found


@pytest.mark.parametrize("layout", ["loose", "tar", "shards"])
def test_an_archive_for_each_shard_and_split(tmp_path: Path, layout: Layout) -> None:
    raw = [shown(7), shown(8), shown(1007), shown(9, part=VAL)]
    ledger = media.write(tmp_path / "x", "WEBDATASET", raw, CONFIG, pictures(*raw), SPLIT, layout)
    assert reasons(ledger) == []
    files = media.files(tmp_path / "x")
    assert files.keys() == {
        "README.md",
        "train/0000000000.tar",
        "train/0000001000.tar",
        "val-2/0000000000.tar",
    }
    found = samples(tmp_path / "x/train/0000000000.tar")
    assert {key: [*each] for key, each in found.items()} == {
        "0000000007": ["jpg", "json"],
        "0000000008": ["jpg", "json"],
    }
    assert found["0000000007"]["jpg"] == picture(7, "image/jpeg")
    labels = json.loads(found["0000000007"]["json"])
    assert (labels["task"], labels["data"]) == (7, raw[0]["data"])
    jsonl = projects.convert("JSONL", raw[:1], CONFIG, media=pictures(*raw).entries.values())
    assert labels["records"] == [
        json.loads(each) for each in jsonl.text("result.jsonl").split("\n")[:-1]
    ]


def test_the_bytes_do_not_depend_on_the_layout_or_the_run(tmp_path: Path) -> None:
    raw = [shown(7), shown(8), shown(1007)]
    for name, layout in (("a", "loose"), ("b", "tar"), ("c", "loose")):
        media.write(
            tmp_path / name,
            "WEBDATASET",
            raw,
            CONFIG,
            pictures(*raw),
            layout=layout,  # type: ignore[arg-type]
        )
    assert media.files(tmp_path / "a") == media.files(tmp_path / "b")
    assert media.files(tmp_path / "a") == media.files(tmp_path / "c")
    assert {*media.files(tmp_path / "a")} == {"README.md", "0000000000.tar", "0000001000.tar"}


@pytest.mark.parametrize("by_card", [True, False])
def test_hugging_face_reads_it(tmp_path: Path, by_card: bool) -> None:
    raw = [shown(n, part=TRAIN if n < 9 else VAL) for n in (7, 8, 9)]
    folder = tmp_path / "x"
    policy = Policy(split=Split((("train", 0.5), ("validation", 0.5)), "part"))
    media.write(folder, "WEBDATASET", raw, CONFIG, pictures(*raw), policy)
    arguments = (
        {"path": str(folder)} if by_card else {"path": "webdataset", "data_dir": str(folder)}
    )
    loaded = datasets.load_dataset(**arguments, cache_dir=str(tmp_path / "cache"))
    red = {
        split: {row["json"]["task"]: row["jpg"].getpixel((0, 0))[0] for row in loaded[split]}
        for split in loaded
    }
    assert {name: {*each} for name, each in red.items()} == {"train": {7, 8}, "validation": {9}}
    assert all(abs(value - number) < 8 for each in red.values() for number, value in each.items())
    row = loaded["train"][0]["json"]
    assert row["records"][0]["labels"] == ["Car"]
    assert row["data"]["image"] == "s3://b/7/a.jpeg"


def test_hugging_face_reads_samples_that_differ(tmp_path: Path) -> None:
    """A PNG among JPEGs, values of several types, a column that is null at first."""
    raw = [
        *(shown(n) for n in range(1, 7)),
        shown(8, choice("Sun"), extra={"deep": [1, "x"]}),
        shown(9, extra=3),
    ]
    found = pictures(*raw[:-1])
    found.has(raw[-1]["data"]["image"], picture(9), "image/png")
    media.write(tmp_path / "x", "WEBDATASET", raw, CONFIG, found)
    (split,) = datasets.load_dataset(str(tmp_path / "x"), cache_dir=str(tmp_path / "c")).values()
    assert [row["json"]["task"] for row in split] == [1, 2, 3, 4, 5, 6, 8, 9]
    assert [row["png"] is None for row in split] == [True] * 7 + [False]
    assert [row["jpg"] is None for row in split] == [False] * 7 + [True]
    assert split[6]["json"]["records"][0]["choices"] == ["Sun"]
    assert [split[n]["json"]["data"].get("extra") for n in (6, 7)] == [{"deep": [1, "x"]}, 3]


TEXT = """<View><Text name="text" value="$text"/>
<Choices name="tone" toName="text"><Choice value="Good"/></Choices></View>"""


def test_texts_need_no_media(tmp_path: Path) -> None:
    raw = [
        boxed(n, choice("Good", control="tone", to_name="text"), data={"text": text})
        for n, text in ((1, "ä\n"), (2, ""), (3, "x"))
    ]
    media.write(tmp_path / "x", "WEBDATASET", raw, TEXT, None)
    found = samples(tmp_path / "x/0000000000.tar")
    assert [each["txt"].decode() for each in found.values()] == ["ä\n", "", "x"]
    (split,) = datasets.load_dataset(str(tmp_path / "x"), cache_dir=str(tmp_path / "c")).values()
    assert [row["txt"] for row in split] == ["ä\n", "", "x"]
    assert split[0]["json"]["records"][0]["choices"] == ["Good"]


def test_images_without_media_are_refused_with_the_setting_that_brings_them() -> None:
    with pytest.raises(LsDvcError, match=r"label_studio\.media is not set") as caught:
        projects.convert("WEBDATASET", [shown(1)], CONFIG)
    assert "media: {tasks: labeled}" in caught.value.hint


MANY = """<View><Image name="left.view" value="$left"/><Image name="LEFT_view" value="$other"/>
<Image name="pages" valueList="$pages"/><Audio name="sound" value="$sound"/>
<Text name="caption" value="$caption"/>
<Choices name="kind" toName="caption"><Choice value="Good"/></Choices></View>"""


def test_several_things_of_a_task_are_fields_with_names(tmp_path: Path) -> None:
    data = {"left": "/a.jpg", "other": "/b.png", "pages": ["/1.png", "/2.png"], "sound": "/s.WAV"}
    raw = [
        boxed(1, choice("Good", control="kind", to_name="caption"), data={**data, "caption": "c"})
    ]
    found = FakeMedia()
    found.has("/a.jpg", picture(1, "image/jpeg"), "image/jpeg")
    for address in ("/b.png", "/1.png", "/2.png"):
        found.has(address, picture(2), "image/png")
    found.has("/s.WAV", b"RIFF", "audio/wav")
    media.write(tmp_path / "x", "WEBDATASET", raw, MANY, found)
    ((key, fields),) = samples(tmp_path / "x/0000000000.tar").items()
    assert key == "0000000001"
    assert [*fields] == [
        "left_view.jpg",
        "left_view-2.png",
        "pages-0.png",
        "pages-1.png",
        "sound.wav",
        "caption.txt",
        "json",
    ]


def test_a_sample_is_whole_or_not_there(tmp_path: Path) -> None:
    config = """<View><Image name="left" value="$left"/><Image name="right" value="$right"/>
    <Choices name="kind" toName="left"><Choice value="Good"/></Choices></View>"""
    raw = [
        boxed(n, choice("Good", control="kind", to_name="left"), data={"left": a, "right": b})
        for n, a, b in ((1, "/a", "/b"), (2, "/a", "/gone"), (3, "/a", "/c"), (4, "/c", "/c"))
    ]
    found = FakeMedia()
    for address in ("/a", "/b"):
        found.has(address, picture(1), "image/png")
    found.lacks("/gone")
    ledger = media.write(tmp_path / "x", "WEBDATASET", raw, config, found)
    assert reasons(ledger) == [
        (2, None, "media-missing"),
        (2, "r1", "media-missing"),
        (4, None, "media-missing"),  # of /c nothing was to be fetched
        (4, "r1", "media-missing"),
    ]
    fields = {key: [*each] for key, each in samples(tmp_path / "x/0000000000.tar").items()}
    assert fields == {
        "0000000001": ["left.png", "right.png", "json"],
        "0000000003": ["left.png", "json"],
    }


def test_a_file_of_no_known_type_is_not_taken_for_the_labels(tmp_path: Path) -> None:
    raw = [shown(1, name="a.json"), shown(2, name="b.DCM"), shown(3, name="c")]
    found = FakeMedia()
    for each in raw:
        found.has(each["data"]["image"], b"{}", "application/octet-stream")
    media.write(tmp_path / "x", "WEBDATASET", raw, CONFIG, found)
    fields = [[*each] for each in samples(tmp_path / "x/0000000000.tar").values()]
    assert fields == [["bin", "json"], ["dcm", "json"], ["bin", "json"]]


def test_what_nobody_labeled_is_listed(tmp_path: Path) -> None:
    raw = [shown(1), task(2), task(3, annotation(was_cancelled=True))]
    ledger = media.write(tmp_path / "x", "WEBDATASET", raw, CONFIG, pictures(raw[0]))
    assert reasons(ledger) == [(2, None, "unlabeled"), (3, None, "skipped")]


def test_recordings_are_fields_of_sound(tmp_path: Path) -> None:
    config = """<View><Audio name="sound" value="$sound"/>
    <Choices name="kind" toName="sound"><Choice value="Good"/></Choices></View>"""
    answer = choice("Good", control="kind", to_name="sound")
    raw = [boxed(n, answer, data={"sound": f"/{n}.WAV"}) for n in (1, 2)]
    found = FakeMedia()
    for n in (1, 2):
        found.has(f"/{n}.WAV", b"RIFF%d" % n, "audio/wav")
    media.write(tmp_path / "x", "WEBDATASET", raw, config, found)
    fields = [each["wav"] for each in samples(tmp_path / "x/0000000000.tar").values()]
    assert fields == [b"RIFF1", b"RIFF2"]
    builder = datasets.load_dataset_builder(str(tmp_path / "x"), cache_dir=str(tmp_path / "c"))
    assert isinstance(builder.info.features["wav"], datasets.Audio)  # read by torchcodec
