"""IMAGE_FOLDER: every answer about an image, as Hugging Face's own imagefolder reads it."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import datasets
import pytest
from PIL import Image
from support import media, projects
from support.media import FakeMedia, picture
from support.projects import Raw, annotation, box, boxed, region, task

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.interface import Layout
from ls_dvc.labels.policy import Policy, Split

CONFIG = """<View><Image name="image" value="$image"/>
<Choices name="kind" toName="image"><Choice value="Cat"/><Choice value="Dog"/></Choices>
<Choices name="tags" toName="image" choice="multiple"><Choice value="in"/><Choice value="out"/>
</Choices>
<Taxonomy name="place" toName="image"><Choice value="House"><Choice value="Roof"/></Choice>
</Taxonomy>
<Rating name="stars" toName="image"/><Number name="size" toName="image"/>
<DateTime name="when" toName="image"/><TextArea name="image_note" toName="image"/>
<RectangleLabels name="box" toName="image"><Label value="Eye"/></RectangleLabels></View>"""
SPLIT = Policy(split=Split((("train", 0.5), ("val", 0.5)), "part"))
TRAIN, VAL = "d", "a"  # values of the data key `part`, one a split


def answer(kind: str, control: str, value: Any, **fields: Any) -> Raw:
    key = {"textarea": "text"}.get(kind, kind)
    return region(kind, {key: value}, from_name=control, **fields)


def full(number: int, **fields: Any) -> Raw:
    return boxed(
        number,
        answer("choices", "kind", ["Cat"]),
        answer("choices", "tags", ["in", "out"]),
        answer("taxonomy", "place", [["House"], ["House", "Roof"]]),
        answer("rating", "stars", 4),
        answer("number", "size", 3),
        answer("datetime", "when", "2026-03-01"),
        answer("textarea", "image_note", ["two", "lines"]),
        **fields,
    )


def rows(out: projects.Output, path: str = "metadata.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.text(path).splitlines()]


def test_every_answer_has_its_column() -> None:
    out = projects.convert("IMAGE_FOLDER", [full(1), boxed(2), task(3)], CONFIG)
    assert rows(out) == [
        {
            "file_name": "00000001-pic1.jpg",
            "task": 1,
            "address": "/data/upload/1/00000001-pic1.jpg",
            "kind": "Cat",
            "tags": ["in", "out"],
            "place": [["House"], ["House", "Roof"]],
            "stars": 4,
            "size": 3.0,
            "when": "2026-03-01",
            "image_note": ["two", "lines"],
        },
        {
            "file_name": "00000002-pic2.jpg",
            "task": 2,
            "address": "/data/upload/1/00000002-pic2.jpg",
            "kind": None,
            "tags": [],
            "place": [],
            "stars": None,
            "size": None,
            "when": None,
            "image_note": [],
        },
    ]
    assert out.reasons == [(3, None, "unlabeled")]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (box(1, 1, 2, 2, "Eye"), "unsupported-type"),
        (
            region("choices", {"choices": ["Cat"], "x": 1, "y": 1}, from_name="kind"),
            "unsupported-type",
        ),
        (answer("choices", "gone", ["Cat"]), "unsupported-type"),
        (answer("choices", "kind", []), "malformed"),
        (answer("rating", "stars", "4"), "malformed"),
        (answer("number", "size", True), "malformed"),
        (answer("taxonomy", "place", [[1]]), "malformed"),
        ("no region", "malformed"),
    ],
)
def test_what_is_no_answer_about_the_image_is_listed(given: Any, reason: str) -> None:
    out = projects.convert("IMAGE_FOLDER", [boxed(1, given, answer("rating", "stars", 2))], CONFIG)
    assert [entry[2] for entry in out.reasons] == [reason]
    assert rows(out)[0]["stars"] == 2


def test_one_choice_where_the_config_says_one() -> None:
    out = projects.convert(
        "IMAGE_FOLDER", [boxed(1, answer("choices", "kind", ["Dog", "Cat"]))], CONFIG
    )
    assert rows(out)[0]["kind"] == "Dog"
    assert [entry.reason.value for entry in out.ledger.in_part] == ["several-labels"]


def test_of_all_annotations_the_latest_answers() -> None:
    raw = task(
        1,
        annotation(answer("choices", "kind", ["Cat"]), answer("choices", "tags", ["in"])),
        annotation(
            answer("choices", "kind", ["Dog"]), answer("choices", "tags", ["out"]), number=11
        ),
    )
    out = projects.convert("IMAGE_FOLDER", [raw], CONFIG, policy=Policy(annotations="all"))
    assert (rows(out)[0]["kind"], rows(out)[0]["tags"]) == ("Dog", ["in", "out"])
    assert [entry[2] for entry in out.reasons] == ["duplicate"]


def test_a_config_without_questions_is_refused() -> None:
    config = '<View><Image name="image" value="$image"/></View>'
    with pytest.raises(LsDvcError, match="IMAGE_FOLDER needs an <Image> with Choices"):
        projects.convert("IMAGE_FOLDER", [boxed(1)], config)


def save_images(folder: Path, out: projects.Output) -> None:
    """The data set with the images in place, each of a color by its task."""
    for path, content in {**out.files, "README.md": out.card.encode()}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    for path in out.files:
        if path.endswith("metadata.jsonl"):
            for row in rows(out, path):
                image = Image.new("RGB", (4, 4), (row["task"], 0, 0))
                image.save((folder / path).parent / row["file_name"], "PNG")


@pytest.mark.parametrize("sharded", [False, True])
def test_hugging_face_reads_it_with_splits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sharded: bool
) -> None:
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()
    raw = [
        full(1, data={"image": "/a/x.png", "part": TRAIN}),
        full(2, data={"image": "/b/x.png", "part": TRAIN}),
        full(1003, data={"image": "/c/x.png", "part": VAL}),
        boxed(1004, data={"image": "/d/x.png", "part": VAL}),
    ]
    out = projects.convert("IMAGE_FOLDER", raw, CONFIG, policy=SPLIT, sharded=sharded)
    save_images(tmp_path / "data", out)
    loaded = datasets.load_dataset(str(tmp_path / "data"), cache_dir=str(tmp_path / "cache"))
    assert {name: len(loaded[name]) for name in loaded} == {"train": 2, "validation": 2}
    first, second = loaded["train"]
    assert [each["image"].getpixel((0, 0))[0] for each in (first, second)] == [1, 2]
    assert (first["task"], first["place"]) == (1, [["House"], ["House", "Roof"]])
    assert (first["kind"], first["tags"], first["size"]) == ("Cat", ["in", "out"], 3.0)
    assert (loaded["validation"][1]["kind"], loaded["validation"][1]["stars"]) == (None, None)


ODD = ["/data/upload/1/a.png", "s3://b/é ö%20#1", "https://e.com/x/CON.png?q=1", "/b/A.PNG"]


def with_pictures(raw: list[Raw]) -> FakeMedia:
    found = FakeMedia()
    for each in raw:
        found.has(each["data"]["image"], picture(each["id"] % 256), "image/png", each["id"])
    return found


@pytest.mark.parametrize("layout", ["loose", "shards", "tar"])
def test_hugging_face_reads_the_pictures_that_come_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: Layout
) -> None:
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()
    raw = [
        full(number, data={"image": address, "part": TRAIN if number < 1000 else VAL})
        for number, address in zip((1, 2, 3, 1004), ODD, strict=True)
    ]
    data = tmp_path / "data"
    ledger = media.write(data, "IMAGE_FOLDER", raw, CONFIG, with_pictures(raw), SPLIT, layout)
    assert media.reasons(ledger) == []
    for archive in sorted(data.rglob("*.tar")):
        assert layout != "loose"
        with tarfile.open(archive) as opened:
            opened.extractall(archive.parent, filter="data")
        archive.unlink()
    for arguments in ({"path": str(data)}, {"path": "imagefolder", "data_dir": str(data)}):
        loaded = datasets.load_dataset(**arguments, cache_dir=str(tmp_path / "cache"))
        red = {
            split: {row["task"]: row["image"].getpixel((0, 0))[0] for row in loaded[split]}
            for split in loaded
        }
        assert red == {"train": {1: 1, 2: 2, 3: 3}, "validation": {1004: 1004 % 256}}
        assert {row["address"] for row in loaded["train"]} == {*ODD[:3]}


def test_what_was_not_fetched_or_is_no_picture_has_no_line(tmp_path: Path) -> None:
    raw = [full(1), full(2), full(3), full(4)]
    found = with_pictures(raw[:1])
    found.lacks(raw[1]["data"]["image"])
    found.has(raw[2]["data"]["image"], b"%PDF", "application/pdf")
    ledger = media.write(tmp_path / "x", "IMAGE_FOLDER", raw, CONFIG, found)
    reasons = {(task, why) for task, _, why in media.reasons(ledger)}
    assert reasons == {(2, "media-missing"), (3, "unsupported-media")}
    assert len(media.reasons(ledger)) == 2 + 2 * 7  # the tasks, and every answer
    files = media.files(tmp_path / "x")
    lines = [json.loads(line) for line in files["metadata.jsonl"].splitlines()]
    assert [each["task"] for each in lines] == [1, 4]  # nothing was fetched from the last address
    assert files.keys() == {"README.md", "metadata.jsonl", "00000001-pic1.png"}


def test_of_two_pictures_one_is_missing(tmp_path: Path) -> None:
    config = """<View><Image name="image" valueList="$pages"/>
    <Choices name="kind" toName="image"><Choice value="Cat"/></Choices></View>"""
    answers = [answer("choices", "kind", ["Cat"], item_index=n, id=f"r{n}") for n in (0, 1)]
    raw = [boxed(1, *answers, data={"pages": ["/a/1.png", "/a/2.png"]})]
    found = FakeMedia()
    found.has("/a/1.png", picture(1), "image/png")
    found.lacks("/a/2.png")
    ledger = media.write(tmp_path / "x", "IMAGE_FOLDER", raw, config, found)
    assert media.reasons(ledger) == [(1, "r1", "media-missing")]
    assert media.files(tmp_path / "x").keys() == {"README.md", "metadata.jsonl", "1.png"}
