"""YOLO_CLS: a folder that ultralytics' classification trainer takes as it is."""

from __future__ import annotations

import csv
import tarfile
from pathlib import Path
from typing import Any

import pytest
from support import classification_rules, media, projects
from support.media import FakeMedia, picture, reasons
from support.projects import Raw, annotation, boxed, choice, task

from ls_dvc.errors import LsDvcError
from ls_dvc.labels.policy import Policy, Split

CONFIG = """<View><Image name="image" value="$image"/>
<Choices name="tags" toName="image" choice="multiple"><Choice value="in"/></Choices>
<Choices name="kind" toName="image"><Choice value="Cat"/><Choice value="Dog"/>
<Choice value="Never"/></Choices>
<Choices name="light" toName="image"><Choice value="Day"/></Choices></View>"""
SPLIT = Policy(split=Split((("train", 0.4), ("valid", 0.3), ("test", 0.3)), "part"))
TRAIN, VALID, TEST = "d", "a", "b"  # values of the data key `part`, one a split


def labeled(number: int, *names: str, part: str = TRAIN, address: str = "") -> Raw:
    data = {"image": address or f"/data/upload/1/{number}.png", "part": part}
    return boxed(number, *[choice(each, control="kind") for each in names], data=data)


def pictures(*tasks: Raw) -> FakeMedia:
    """A picture for each task."""
    found = FakeMedia()
    for each in tasks:
        found.has(each["data"]["image"], picture(each["id"] % 256), "image/png", each["id"])
    return found


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as rows:
        return list(csv.DictReader(rows))


def test_a_trainer_reads_the_classes_of_every_split(tmp_path: Path) -> None:
    raw = [
        labeled(1, "Dog"),
        labeled(2, "Cat"),
        labeled(1003, "Dog", part=VALID),
        labeled(1004, "Dog", part=TEST),
    ]
    ledger = media.write(tmp_path / "x", "YOLO_CLS", raw, CONFIG, pictures(*raw), SPLIT)
    assert reasons(ledger) == []
    assert classification_rules.read(tmp_path / "x") == {
        "train": {"Cat/2.png": "Cat", "Dog/1.png": "Dog"},
        "val": {"Dog/1003.png": "Dog"},
        "test": {"Dog/1004.png": "Dog"},
    }
    assert (tmp_path / "x/val/Dog/1003.png").read_bytes() == picture(1003 % 256)
    assert (tmp_path / "x/train/Never/no-images.txt").is_file()
    assert [tuple(row.values()) for row in table(tmp_path / "x/classes.csv")] == [
        ("0", "Cat", "Cat"),
        ("1", "Dog", "Dog"),
        ("2", "Never", "Never"),
    ]
    assert table(tmp_path / "x/images-train.csv")[0] == {
        "task": "1",
        "image": "/data/upload/1/1.png",
        "file_name": "Dog/1.png",
        "class": "Dog",
    }


def test_without_splits_the_same_images_train_and_validate(tmp_path: Path) -> None:
    raw = [labeled(1, "Dog"), labeled(2, "Cat")]
    media.write(tmp_path / "x", "YOLO_CLS", raw, CONFIG, pictures(*raw))
    found = classification_rules.read(tmp_path / "x")
    assert found["train"] == found["val"] == {"Cat/2.png": "Cat", "Dog/1.png": "Dog"}


def test_folders_that_every_system_can_hold(tmp_path: Path) -> None:
    names = ["a/b", "A:B", "con", "..", "é", "e\u0301", "x" * 300, "cat.", "Cat"]
    choices = "".join(f'<Choice value="{each}"/>' for each in names)
    config = f"""<View><Image name="image" value="$image"/>
    <Choices name="kind" toName="image">{choices}</Choices></View>"""
    raw = [labeled(number, name) for number, name in enumerate(names, start=1)]
    media.write(tmp_path / "x", "YOLO_CLS", raw, config, pictures(*raw))
    folders = {row["class"]: row["folder"] for row in table(tmp_path / "x/classes.csv")}
    assert {folders[each] for each in ("a/b", "A:B", "con")} == {"a_b", "A_B-1", "_con"}
    assert folders["Cat"] == "Cat-8"  # after `cat.`, which loses its point
    assert len({each.casefold() for each in folders.values()}) == len(names)
    rows = table(tmp_path / "x/images.csv")
    assert [row["class"] for row in rows] == names
    found = classification_rules.read(tmp_path / "x")["train"]
    assert {row["file_name"]: folders[row["class"]] for row in rows} == found


def test_equal_names_and_extensions_that_the_trainer_passes_over(tmp_path: Path) -> None:
    raw = [
        labeled(1, "Cat", address="s3://b/x/a.JPG"),
        labeled(2, "Dog", address="s3://b/y/a.jpg"),
        labeled(3, "Dog", address="s3://b/y/c"),
        labeled(4, "Dog", address="s3://b/y/d.mpo"),
    ]
    found = FakeMedia()
    for each in raw:
        found.has(each["data"]["image"], picture(each["id"], "image/jpeg"), "image/jpeg")
    media.write(tmp_path / "x", "YOLO_CLS", raw, CONFIG, found)
    assert sorted(classification_rules.read(tmp_path / "x")["train"]) == [
        "Cat/a.JPG",
        "Dog/a-2.jpg",
        "Dog/c.jpg",
        "Dog/d.jpg",
    ]


def test_what_is_not_there_or_no_picture_for_the_trainer_is_listed(tmp_path: Path) -> None:
    raw = [labeled(n, "Cat") for n in (1, 2, 3, 4)]
    found = pictures(raw[0])
    found.lacks(raw[1]["data"]["image"])
    found.has(raw[2]["data"]["image"], picture(3, "image/gif"), "image/gif")
    ledger = media.write(tmp_path / "x", "YOLO_CLS", raw, CONFIG, found)
    assert reasons(ledger) == [
        (2, None, "media-missing"),
        (2, "r1", "media-missing"),
        (3, None, "unsupported-media"),
        (3, "r1", "unsupported-media"),
        (4, None, "media-missing"),  # an address that nothing was fetched from
        (4, "r1", "media-missing"),
    ]
    assert [*classification_rules.read(tmp_path / "x")["train"]] == ["Cat/1.png"]


def dropped(tmp_path: Path, raw: Raw, policy: Policy = Policy()) -> Any:
    other = labeled(9, "Dog")
    ledger = media.write(
        tmp_path / "x", "YOLO_CLS", [raw, other], CONFIG, pictures(raw, other), policy
    )
    written = classification_rules.read(tmp_path / "x")["train"]
    in_part = [each.reason.value for each in ledger.in_part]
    del written["Dog/9.png"]
    return list(written.values()), [each[1:] for each in reasons(ledger)], in_part


def test_the_first_control_that_takes_one_answer_gives_the_class(tmp_path: Path) -> None:
    raw = labeled(1)
    raw["annotations"][0]["result"] = [
        choice("in", control="tags", id="a"),
        choice("Cat", control="kind", id="b"),
        choice("Day", control="light", id="c"),
    ]
    assert dropped(tmp_path, raw) == (
        ["Cat"],
        [("a", "unsupported-type"), ("c", "unsupported-type")],
        [],
    )


def test_of_several_answers_the_latest_is_the_class(tmp_path: Path) -> None:
    raw = task(
        1,
        annotation(choice("Cat", control="kind")),
        annotation(choice("Dog", control="kind"), number=11),
        data={"image": "/data/upload/1/1.png"},
    )
    found = dropped(tmp_path, raw, Policy(annotations="all"))
    assert found == (["Dog"], [("r1", "duplicate")], [])


def test_of_several_choices_in_one_answer_the_first_is_the_class(tmp_path: Path) -> None:
    raw = labeled(1)
    raw["annotations"][0]["result"] = [choice("Dog", "Cat", control="kind")]
    assert dropped(tmp_path, raw) == (["Dog"], [], ["several-labels"])


def test_a_choice_that_left_the_config_is_no_class(tmp_path: Path) -> None:
    assert dropped(tmp_path, labeled(1, "Gone")) == (
        [],
        [(None, "nothing-left"), ("r1", "unknown-label")],
        [],
    )


def test_an_image_without_an_answer_is_in_no_folder(tmp_path: Path) -> None:
    assert dropped(tmp_path, labeled(1)) == ([], [(None, "nothing-left")], [])


@pytest.mark.parametrize("layout", ["tar", "shards"])
def test_archives_unpack_to_the_same_folders(tmp_path: Path, layout: Any) -> None:
    raw = [labeled(1, "Dog"), labeled(2, "Cat"), labeled(1003, "Dog", part=VALID)]
    media.write(tmp_path / "x", "YOLO_CLS", raw, CONFIG, pictures(*raw), SPLIT)
    media.write(tmp_path / "y", "YOLO_CLS", raw, CONFIG, pictures(*raw), SPLIT, layout)
    archives = sorted((tmp_path / "y").rglob("*.tar"))
    assert len(archives) == 3
    for archive in archives:
        with tarfile.open(archive) as opened:
            opened.extractall(archive.parent, filter="data")
        archive.unlink()
    assert media.files(tmp_path / "y") == media.files(tmp_path / "x")


def test_without_media_it_says_which_setting_brings_them() -> None:
    with pytest.raises(LsDvcError, match=r"label_studio\.media is not set") as caught:
        projects.convert("YOLO_CLS", [labeled(1, "Cat")], CONFIG)
    assert "media: {tasks: labeled}" in caught.value.hint


@pytest.mark.parametrize(
    "question",
    [
        '<Choices name="kind" toName="image" choice="multiple"><Choice value="a"/></Choices>',
        '<Choices name="kind" toName="image" value="$options"/>',
        '<Rating name="kind" toName="image"/>',
    ],
)
def test_a_config_without_one_answer_is_refused(question: str) -> None:
    config = f'<View><Image name="image" value="$image"/>{question}</View>'
    with pytest.raises(LsDvcError, match="needs an <Image> with <Choices> of which one"):
        projects.convert("YOLO_CLS", [labeled(1, "Cat")], config)


@pytest.mark.parametrize(
    ("names", "folders"),
    [
        (("training", "Val", "testing"), ("train", "val", "test")),
        (("val", "valid", "train"), ("val", "valid", "train")),
        (("valid", "validation", "train"), ("val", "validation", "train")),
        (("train", "val", "hard"), ("train", "val", "hard")),
    ],
)
def test_each_split_has_a_folder_of_its_own(
    tmp_path: Path, names: tuple[str, ...], folders: tuple[str, ...]
) -> None:
    policy = Policy(split=Split(tuple((each, 1 / 3) for each in names), "part"))
    raw = [labeled(n, "Cat", part=str(n)) for n in range(30)]
    media.write(tmp_path / "x", "YOLO_CLS", raw, CONFIG, pictures(*raw), policy)
    made = [each.name for each in (tmp_path / "x").iterdir() if each.is_dir()]
    assert sorted(made) == sorted(folders)
    classification_rules.read(tmp_path / "x")


def test_splits_without_one_to_validate_with_are_refused(tmp_path: Path) -> None:
    policy = Policy(split=Split((("train", 0.5), ("test", 0.5)), "part"))
    raw = [labeled(1, "Cat")]
    with pytest.raises(LsDvcError, match="one to validate with"):
        media.write(tmp_path / "x", "YOLO_CLS", raw, CONFIG, pictures(*raw), policy)
