"""IMAGE_FOLDER: every answer about an image, as Hugging Face's own imagefolder reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets
import pytest
from PIL import Image
from support import projects
from support.projects import Raw, annotation, box, boxed, region, task

from ls_dvc.errors import LsDvcError
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
