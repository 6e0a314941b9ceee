"""What formats support: the samples are valid, and the table says what a conversion does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import projects
from support.format_tables import everything
from support.workspace import Workspace

from ls_dvc.formats import sample_regions, support_matrix
from ls_dvc.formats.registry import FORMATS
from ls_dvc.formats.sample_regions import RELATION, SampleRegion
from ls_dvc.formats.support_matrix import REFUSED
from ls_dvc.labels import label_config
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.class_ids import Classes
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin, Probe
from ls_dvc.settings.engines import SERVED

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "formats.md"
SAMPLES = list(sample_regions.every_control())
# Tags that make no region of their own, or whose regions have no form that is known beforehand.
WITHOUT = {"magicwand", "chatmessage", "reactcode", "relations"}


# --- the samples


def asked(sample: SampleRegion) -> list[Region]:
    config = label_config.parse(sample.config, "the sample")
    if sample.control == RELATION:
        return sample_regions.relation(config)
    return sample_regions.regions(config.controls[sample.control], config)


@pytest.mark.filterwarnings("ignore:::label_studio_sdk")
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.control)
def test_the_sdk_finds_nothing_wrong_with_the_samples(sample: SampleRegion) -> None:
    from label_studio_sdk.label_interface import LabelInterface

    result = asked(sample)
    if sample.control == "Pairwise":  # it makes such regions and then refuses them
        result = [{**each, "to_name": "left"} for each in result]
    found = LabelInterface(sample.config).validate_prediction({"result": result}, True)
    assert found == []
    broken = [{**each, "from_name": "gone"} for each in result]
    assert LabelInterface(sample.config).validate_prediction({"result": broken}, True)


def test_there_is_a_sample_for_every_tag_that_the_sdk_knows() -> None:
    from label_studio_sdk.label_interface import control_tags

    known = set(control_tags._TAG_TO_CLASS)
    assert known == WITHOUT | {each.control.lower() for each in SAMPLES} - {RELATION}


def test_the_mask_of_the_sample_is_its_box() -> None:
    from label_studio_sdk.converter import brush

    value = next(asked(each)[0] for each in SAMPLES if each.control == "BrushLabels")["value"]
    width, height = sample_regions.SIZE
    alpha = brush.decode_rle(value["rle"]).reshape(height, width, 4)[..., 3] > 0
    assert alpha[6:12, 8:20].all()
    assert alpha.sum() == 6 * 12


# --- the table


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.control)
def test_the_verdict_is_what_a_conversion_does(sample: SampleRegion) -> None:
    table = support_matrix.of_config(sample.config, "it")
    (row,) = [row for row in table.rows if row.control == sample.control]
    task = sample_regions.task(asked(sample), label_config.parse(sample.config, "it"))
    subject = asked(sample)[0].get("id") or "#0"
    for name, verdict in row.by_format.items():
        assert (verdict.reason == REFUSED) == (name in table.refused)
        if name in table.refused:
            continue
        out = projects.convert(name, [task], sample.config)
        drops = [each.reason.value for each in out.ledger.entries if each.region == subject]
        assert drops[:1] == ([verdict.reason] if verdict.reason else [])
        for path, lines in (verdict.lines or {}).items():
            assert all(line in out.text(path) for line in lines)


def test_what_is_written_shows() -> None:
    """A region that a format says it wrote has left a trace in its files."""
    for row in everything().rows:
        for name, verdict in row.by_format.items():
            assert verdict.reason or verdict.lines, f"{row.title} in {name}"


def row_of(control: str, config: str = projects.SHAPES) -> dict[str, str]:
    (row,) = [
        each for each in support_matrix.of_config(config, "it").rows if each.control == control
    ]
    return {name: each.reason or "written" for name, each in row.by_format.items()}


def test_golden() -> None:
    rows = support_matrix.of_config(projects.SHAPES, "it").rows
    assert [(row.control, row.title) for row in rows] == [
        ("box", "RectangleLabels on Image"),
        ("area", "PolygonLabels on Image"),
        ("mask", "BrushLabels on Image"),
        ("weather", "Choices on Image"),
        ("note", "TextArea on Image"),
        (RELATION, "relation of regions on Image"),
    ]
    for name in ("JSON", "CSV", "JSONL", "COCO", "YOLO"):
        assert row_of("box")[name] == "written"
    assert row_of("weather")["COCO"] == row_of("note")["YOLO"] == "unsupported-type"
    assert row_of(RELATION)["CSV"] == "relation"
    assert row_of(RELATION)["JSONL"] == "written"
    wrote = rows[0].by_format["YOLO"].lines
    assert wrote
    assert wrote["labels/picture.txt"] == ("0 0.437500 0.375000 0.375000 0.250000",)


def test_a_shape_comes_with_its_labels_where_it_has_some() -> None:
    titles = [row.title for row in support_matrix.of_config(projects.PAIRS, "it").rows]
    assert "Rectangle with Labels on Image" in titles
    assert row_of("rect", projects.PAIRS)["COCO"] == "written"
    alone = projects.PAIRS.replace("<Labels ", "<Choices ").replace("</Labels", "</Choices")
    assert "Rectangle on Image" in [row.title for row in support_matrix.of_config(alone, "it").rows]


def test_a_tag_that_nobody_knows_and_labels_that_come_with_the_task() -> None:
    config = """<View><Image name="image" value="$image"/>
    <RectangleLabels name="box" toName="image" value="$options"/>
    <HoloGram name="holo" toName="image"/></View>"""
    assert row_of("holo", config)["JSON"] == row_of("holo", config)["JSONL"] == "written"
    assert row_of("holo", config)["COCO"] == "unsupported-type"
    assert row_of("box", config)["COCO"] == "unknown-label"


def test_pinned_class_ids_are_those_that_count() -> None:
    pinned = Classes({"image": ("Old", "Older", "Car", "Dog", "Road", "Sky")})
    row = support_matrix.of_config(projects.SHAPES, "it", pinned).rows[0]
    assert (row.by_format["YOLO"].lines or {})["labels/picture.txt"][0][:2] == "2 "


def test_a_format_that_has_no_use_for_the_project_says_why() -> None:
    table = support_matrix.of_config(projects.TEXT, "it")
    assert "COCO needs an <Image>" in table.refused["COCO"]
    assert row_of("ner", projects.TEXT)["COCO"] == REFUSED
    assert support_matrix.of_config("<View/>", "it").rows == []


# --- the command


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A data set with a pin, and a server that is not there."""
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "params.yaml").write_text(
        "label_studio: {url: 'http://127.0.0.1:9', project_id: 1, formats: [JSON, YOLO]}\n"
    )
    return Workspace(tmp_path)


def pin(space: Workspace, config: str) -> None:
    classes = Classes().extended(label_config.parse(config, "it").classes())
    probe = Probe(1, 1, 0, "2026-03-01T10:00:00Z", "0" * 64, "0" * 64)
    made = Pin("0" * 64, 1, "A", "http://127.0.0.1:9", 1, 1, config, (), probe, classes)
    lockfile.write(space.path / lockfile.NAME, made)


def cells(out: str) -> Iterator[list[str]]:
    return (re.split(r"  +", line) for line in out.splitlines())


def test_the_formats_of_a_data_set(space: Workspace) -> None:
    pin(space, projects.SHAPES)
    found = list(cells(space.ls("formats").out))
    assert found[0][1:4] == ["box", "area", "mask"]
    assert found[1][1] == "RectangleLabels on Image"
    assert ["CSV", *["written"] * 5, "relation"] in found
    assert [each[0] for each in found if each[0].endswith("*")] == ["JSON *", "YOLO *"]


def test_formats_that_the_server_is_to_write(space: Workspace) -> None:
    pin(space, projects.SHAPES)
    space.edit("params.yaml", "[JSON, YOLO]", "[YOLO, CONLL2003, DOCLANG]")
    space.edit(
        "params.yaml", "}\n", ", engines: {CONLL2003: server, YOLO: server, DOCLANG: server}}\n"
    )
    out = space.ls("formats").out
    found = {each[0]: each[1:] for each in cells(out)}
    for name in ("CONLL2003 *", "YOLO *", "DOCLANG *"):
        assert found[name] == 6 * ["server"], "what it leaves out is not known"
    assert (
        "  CONLL2003"
        not in out.partition("cannot be used here")[2].partition("Label Studio's server")[0]
    )
    assert "\nLabel Studio's server writes it with" in space.ls("formats", "YOLO").out
    assert "server" not in space.ls("formats", "JSONL").out


def test_formats_that_cannot_be_used(space: Workspace) -> None:
    pin(space, projects.TEXT)
    out = space.ls("formats").out
    assert re.search(r"^  COCO +COCO needs an <Image>", out, re.MULTILINE)
    assert "\ncannot be used here\n" in out
    told = space.ls("formats", "COCO").out
    assert "cannot be used here: COCO needs an <Image>" in told


def test_one_format_with_what_it_writes(space: Workspace) -> None:
    pin(space, projects.SHAPES)
    out = space.ls("formats", "YOLO").out
    assert out.startswith(f"YOLO: {FORMATS['YOLO'].SUMMARY}\n")
    assert "\nRectangleLabels on Image (box)\n  labels/picture.txt\n    0 0.437500 0.375000" in out
    assert "\nChoices on Image (weather)\n  unsupported-type\n" in out


def test_as_json(space: Workspace) -> None:
    pin(space, projects.SHAPES)
    found: Any = json.loads(space.ls("formats", "--json").out)
    boxes = found["controls"][0]
    assert (boxes["control"], boxes["kind"]) == ("box", "RectangleLabels on Image")
    assert boxes["formats"]["YOLO"]["written"]
    assert found["server"] == list(SERVED)
    choices = found["controls"][3]["formats"]["COCO"]
    assert choices == {"written": False, "reason": "unsupported-type"}


def test_everything_without_a_data_set(tmp_path: Path, space: Workspace) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    out = Workspace(outside).ls("formats").out
    assert out == space.ls("formats", "--all").out
    assert "\nLabels on Text\n  written " in out
    assert [line for line in out.splitlines() if line[0] != " "] == [
        *(row.title for row in everything().rows),
        "Label Studio's server can write, if set in label_studio.engines",
    ]
    assert out.splitlines()[-1] == f"  {', '.join(SERVED)}"


def test_what_goes_wrong(space: Workspace) -> None:
    told = space.ls("formats", code=1).err
    assert "no labels are pinned in labels.lock" in told
    assert "ls-dvc formats --all" in told
    assert "did you mean 'COCO'?" in space.ls("formats", "COCOO", code=1).err
    assert "DOCLANG is not written by ls-dvc" in space.ls("formats", "DOCLANG", code=1).err
    pin(space, "<View/>")
    space.edit(lockfile.NAME, "<View/>", "<View>")
    assert "label config in labels.lock" in space.ls("formats", code=1).err
