"""Settings are strict: what is wrong is named, with the file and the nearest right name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ls_dvc.errors import LsDvcError
from ls_dvc.labels.policy import Filter, KeypointSettings, Policy, Split
from ls_dvc.settings import connection, params

GOOD = (
    "label_studio:\n  url: http://h:1/\n  project_id: 7\n  formats: [JSON, COCO]\ntrain: {lr: 1}\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "params.yaml"


def test_good_settings(file: Path) -> None:
    file.write_text(GOOD)
    read = params.read(file)
    assert (read.url, read.project_id, read.formats) == ("http://h:1", 7, ["JSON", "COCO"])
    assert (read.annotations.policy, read.data, read.reports) == ("latest", "data", "reports")
    assert read.policy == Policy()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["no block label_studio"]),
        ("label_studo:\n  url: x\n", ["label_studio", "did you mean 'label_studo'?"]),
        ("label_studio: 3\n", ["no block label_studio"]),
        ("a: [1\n", ["line 2", "not valid YAML"]),
        ("a: 1\n<<<<<<< HEAD\nb: 2\n", ["not valid YAML"]),
        (GOOD.replace("project_id", "projectid"), ["projectid", "'project_id'"]),
        (GOOD.replace("7", "'7'"), ["label_studio.project_id", "'7'"]),
        (GOOD.replace("7", "true"), ["label_studio.project_id", "True"]),
        (GOOD.replace("7", "0"), ["label_studio.project_id", "0"]),
        (GOOD.replace("7", "null"), ["label_studio.project_id", "is not set"]),
        (GOOD.replace("  project_id: 7\n", ""), ["label_studio.project_id", "is not set"]),
        (GOOD.replace("COCO", "coco"), ["formats[1]", "'coco'", "did you mean 'COCO'?"]),
        (GOOD.replace("COCO", "YOLOv8"), ["formats[1]", "did you mean 'YOLO'?"]),
        (GOOD.replace("COCO", "JSON"), ["formats", "twice"]),
        (GOOD.replace("COCO", "DOCLANG"), ["formats[1]", "DOCLANG is not written", "take JSON"]),
        (GOOD.replace("COCO", "CSV_OLD"), ["formats[1]", "CSV_OLD is not written", "take CSV"]),
        (
            GOOD.replace("COCO", "COCO_WITH_IMAGES"),
            ["is not written", "take COCO", "label_studio.media"],
        ),
        (
            GOOD.replace("COCO", "YOLO_WITH_IMAGES"),
            ["is not written", "take YOLO", "label_studio.media"],
        ),
        (GOOD.replace("COCO", "YOLO_OBB_WITH_IMAGES"), ["is not written", "take YOLO_OBB"]),
        (GOOD.replace("[JSON, COCO]", "[]"), ["formats", "at least one"]),
        (GOOD.replace("[JSON, COCO]", "JSON"), ["formats", "list"]),
        (GOOD.replace("http://h:1/", "h:1"), ["label_studio.url", "http://"]),
        (GOOD.replace("//h", "//me:secret@h"), ["label_studio.url", "password"]),
        (GOOD.replace("train", "  annotations: newest\ntrain"), ["annotations", "latest"]),
        (
            GOOD.replace("train", "  keypoints: {object: picture}\ntrain"),
            ["keypoints.object", "'image' or 'none'", "'picture'"],
        ),
        (GOOD.replace("train", "  keypoints: {group: x}\ntrain"), ["keypoints.group", "group_by"]),
        (GOOD.replace("train", "  layout: zip\ntrain"), ["layout", "'tar' or 'shards'", "'zip'"]),
        (GOOD.replace("train", "  split: {a: 0.5, A: 0.5}\ntrain"), ["split", "only by case"]),
        (GOOD.replace("train", f"  split: {{{'a' * 65}: 1}}\ntrain"), ["split", "at most 64"]),
        (GOOD.replace("train", "  split: {con: 1}\ntrain"), ["split", "device on Windows"]),
        (
            GOOD.replace("train", "  update: {method: bulk, view: 3}\ntrain"),
            ["label_studio.update in", "cannot go with a view"],
        ),
        (
            GOOD.replace("train", "  gates: {min_task: 1}\ntrain"),
            ["gates.min_task in", "'min_tasks'"],
        ),
        (
            GOOD.replace("train", "  gates: {x: 1}\ntrain"),
            ["settings of label_studio.gates are max"],
        ),
        (
            GOOD.replace("train", "  gates: {max_dropped: 2}\ntrain"),
            ["gates.max_dropped", "0 to 1"],
        ),
        (
            GOOD.replace("train", "  gates: {max_dropped: .nan}\ntrain"),
            ["gates.max_dropped", "nan"],
        ),
        (GOOD.replace("train", "  gates: {min_tasks: 1.5}\ntrain"), ["must be a whole number"]),
        (
            GOOD.replace("train", "  gates: {max_shrink: yes}\ntrain"),
            ["must be a number, not 'yes'"],
        ),
        (
            GOOD.replace("train", "  gates: {max_shrink: true}\ntrain"),
            ["must be a number, not True"],
        ),
        (GOOD.replace("train", "  gates:\ntrain"), ["label_studio.gates in", "is not set"]),
        (GOOD.replace("train", "  gates: [1]\ntrain"), ["gates in", "settings by name, not [1]"]),
        (
            GOOD.replace("train", "  engines: {COCO: servr}\ntrain"),
            ["engines.COCO in", "'server'?"],
        ),
        (
            GOOD.replace("train", "  engines: {COCO: ours}\ntrain"),
            ["engines.COCO in", "'server' or 'ls-dvc', not 'ours'", "fallback: ls-dvc}"],
        ),
        (
            GOOD.replace("train", "  engines: {COCO: {by: server, falback: ls-dvc}}\ntrain"),
            ["engines.COCO.falback", "'fallback'"],
        ),
        (
            GOOD.replace("train", "  engines: {COCO: {by: server, fallback: server}}\ntrain"),
            ["engines.COCO.fallback in", "must be 'ls-dvc', not 'server'"],
        ),
        (
            GOOD.replace("train", "  engines: {COCO: {by: ls-dvc, fallback: ls-dvc}}\ntrain"),
            ["engines.COCO in", "a fallback needs by: server"],
        ),
        (GOOD.replace("train", "  engines: {COCO: }\ntrain"), ["engines.COCO in", "is not set"]),
        (
            GOOD.replace("train", "  gates: {allow_empty: 3}\ntrain"),
            ["gates.allow_empty in", "must be true or false, or a list, not 3"],
        ),
        (
            GOOD.replace("train", "  gates: {allow_empty: [COC]}\ntrain"),
            ["gates.allow_empty[0] in", "did you mean 'COCO'?"],
        ),
        (
            GOOD.replace("train", "  annotations: {fallback: 1}\ntrain"),
            ["annotations.fallback", "1"],
        ),
        (
            GOOD.replace("train", "  filter: {labels: {drop: [a, 2020-01-01]}}\ntrain"),
            ["filter.labels.drop[1] in", "must be text, not datetime.date(2020, 1, 1)"],
        ),
        (
            GOOD.replace("train", "  filter: {labels: {dorp: [a]}}\ntrain"),
            ["filter.labels.dorp in", "'drop'", "settings of label_studio.filter.labels are keep"],
        ),
        (
            GOOD.replace("train", "  classes: {rename: {1: a}}\ntrain"),
            ["classes.rename in", "quotes"],
        ),
        (GOOD.replace("train", "  classes: {rename: {a: a}}\ntrain"), ["classes.rename", "become"]),
        (GOOD.replace("train", "  7: a\ntrain"), ["label_studio.7 in", "no such setting"]),
        (GOOD.replace("train", "  update: {view: 0}\ntrain"), ["label_studio.update.view"]),
        (GOOD.replace("train", "  update: {method: easy}\ntrain"), ["update.method", "bulk"]),
        (GOOD.replace("train", "  data: ../x\ntrain"), ["label_studio.data", "below"]),
        (GOOD.replace("train", "  data: /x\ntrain"), ["label_studio.data", "below"]),
    ],
)
def test_bad_settings_are_named(file: Path, text: str, words: list[str]) -> None:
    file.write_text(text)
    with pytest.raises(LsDvcError) as caught:
        params.read(file)
    told = f"{caught.value}\n{caught.value.hint}"
    assert "params.yaml" in told
    assert "secret" not in told
    for word in words:
        assert word in told


def test_nested_settings(file: Path) -> None:
    file.write_text(
        GOOD.replace(
            "train",
            "  annotations: {policy: first, skipped: true}\n"
            "  filter: {tasks: finished, labels: {drop: [a]}, data: {day: 2020-01-01, n: null}}\n"
            "  engines: {COCO: ls-dvc, JSON: ls-dvc}\n"
            "  split: {train: 1}\n"
            "  gates: {max_dropped: 1, max_shrink: 0.5, min_tasks: 0}\n"
            "  classes: {rename: {a: b}}\n"
            "  data: data/one/\n"
            "  update: {jobs: 16, view: null}\ntrain",
        )
    )
    read = params.read(file)
    assert read.policy == Policy(
        annotations="first",
        skipped=True,
        filter=Filter(
            "finished", drop=frozenset({"a"}), data={"day": dt.date(2020, 1, 1), "n": None}
        ),
        split=Split((("train", 1),), None),
    )
    assert (read.gates.max_dropped, read.gates.max_shrink, read.gates.min_tasks) == (1, 0.5, 0)
    assert (read.update.jobs, read.update.view, read.data) == (16, None, "data/one")
    assert params.of(read.plain(), file) == read


@pytest.mark.parametrize(
    ("value", "allowed"), [("false", ()), ("true", ("JSON", "COCO")), ("[COCO]", ("COCO",))]
)
def test_formats_that_may_be_empty(file: Path, value: str, allowed: tuple[str, ...]) -> None:
    file.write_text(GOOD.replace("train", f"  gates: {{allow_empty: {value}}}\ntrain"))
    gates = params.read(file).gates
    assert tuple(name for name in ("JSON", "COCO") if gates.allows_empty(name)) == allowed


def test_what_key_points_without_a_box_are(file: Path) -> None:
    text = "  keypoints: {object: image, label: court}\ntrain"
    file.write_text(GOOD.replace("train", text))
    assert params.read(file).policy.keypoints == KeypointSettings("image", "court")
    file.write_text(GOOD)
    assert params.read(file).policy.keypoints == KeypointSettings()


def test_who_writes_a_format(file: Path) -> None:
    forms = "COCO: server, YOLO: {by: server, fallback: ls-dvc}, VOC: ls-dvc, CSV: {by: server}"
    text = GOOD.replace("[JSON, COCO]", "[COCO, YOLO, VOC, CSV]")
    file.write_text(text.replace("train", f"  engines: {{{forms}}}\ntrain"))
    read = params.read(file)
    assert read.served == {"COCO": False, "CSV": False, "YOLO": True}
    assert params.of(read.plain(), file) == read


def test_settings_are_values() -> None:
    one, other = (params.of({"project_id": 1, "formats": ["JSON"]}, Path("p")) for _ in "ab")
    with pytest.raises(AttributeError):
        one.project_id = 2  # type: ignore[misc]
    one.split["train"] = 1
    assert other.split == {}


def test_an_api_key_in_params_is_refused(file: Path) -> None:
    file.write_text(GOOD.replace("train", "  api_key: abc\ntrain"))
    with pytest.raises(LsDvcError, match=r"label_studio\.api_key.*no such setting"):
        params.read(file)


def test_missing_file_names_init(file: Path) -> None:
    with pytest.raises(LsDvcError) as caught:
        params.read(file)
    assert "ls-dvc init" in caught.value.hint


def test_the_environment_wins_over_env_file_over_params(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(connection.URL, raising=False)
    monkeypatch.delenv(connection.KEY, raising=False)
    with pytest.raises(LsDvcError, match="no API key"):
        connection.find("http://params", tmp_path)
    (tmp_path / ".env").write_text(
        "LABEL_STUDIO_API_KEY='from $file'\nexport LABEL_STUDIO_URL=http://file/\n".replace(
            " $", "$"
        )
    )
    found = connection.find("http://params", tmp_path)
    assert (found.url, found.api_key) == ("http://file", "from$file")
    assert "from$file" not in repr(found)
    monkeypatch.setenv(connection.URL, "http://environment")
    monkeypatch.setenv(connection.KEY, "k2")
    found = connection.find("http://params", tmp_path)
    assert (found.url, found.api_key) == ("http://environment", "k2")


@pytest.mark.parametrize("url", ["ftp://h", "h", "http://me:secret@h"])
def test_a_bad_address_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv(connection.URL, url)
    monkeypatch.setenv(connection.KEY, "k")
    with pytest.raises(LsDvcError, match="LABEL_STUDIO_URL") as caught:
        connection.find(None, tmp_path)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("key", ["a b", "a\nb", "schlüssel"])
def test_a_key_that_cannot_be_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv(connection.KEY, key)
    with pytest.raises(LsDvcError) as caught:
        connection.find("http://h", tmp_path)
    assert key not in f"{caught.value}{caught.value.hint}"
