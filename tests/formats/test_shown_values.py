"""All formats show what the editor shows: paths, templates, lists and Repeaters in the config."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import projects
from support.projects import Raw, annotation, box, boxed, choice, region, task

from ls_dvc.convert import label_counts
from ls_dvc.errors import LsDvcError
from ls_dvc.formats import sample_regions, support_matrix
from ls_dvc.formats.registry import FORMATS
from ls_dvc.io import canonical_json
from ls_dvc.labels import canonical, label_config
from ls_dvc.labels.policy import LATEST
from ls_dvc.labels.selection import select
from ls_dvc.update.chain import DynamicLabels

BOXES = '<RectangleLabels name="box" toName="image"><Label value="Car"/></RectangleLabels>'
REPEATED = """<View><Repeater on="$pages" indexFlag="{{idx}}"><View>
<Image name="page_{{idx}}" value="$pages[{{idx}}].image"/>
<RectangleLabels name="box_{{idx}}" toName="page_{{idx}}">
  <Label value="Title"/><Label value="Table"/></RectangleLabels>
<Choices name="kind_{{idx}}" toName="page_{{idx}}"><Choice value="Good"/></Choices>
<TextArea name="note_{{idx}}" toName="page_{{idx}}"/>
</View></Repeater></View>"""
TEXTS = """<View><Repeater on="$doc.parts"><Text name="t_{{idx}}" value="$doc.parts[{{idx}}]"/>
<Labels name="ner_{{idx}}" toName="t_{{idx}}"><Label value="PER"/></Labels>
<Choices name="tone_{{idx}}" toName="t_{{idx}}"><Choice value="Good"/>
<Choice value="Bad"/></Choices>
</Repeater></View>"""
SOUNDS = """<View><Repeater on="$calls"><Audio name="a_{{idx}}" value="$calls[{{idx}}].url"/>
<TextArea name="said_{{idx}}" toName="a_{{idx}}"/>
</Repeater></View>"""


def shows(value: str, more: str = BOXES) -> str:
    return f'<View><Image name="image" value="{value}"/>{more}</View>'


def jsonl(*tasks: Raw, config: str) -> list[Any]:
    out = projects.convert("JSONL", tasks, config)
    (text,) = [out.text(path) for path in out.files]
    return [json.loads(line) for line in text.splitlines()]


def page_boxes() -> list[Raw]:
    return [
        box(10, 20, 30, 40, "Title", from_name="box_0", to_name="page_0"),
        box(50, 50, 20, 20, "Table", from_name="box_1", to_name="page_1", id="r2"),
    ]


PAGES = {"pages": [{"image": "https://e.org/p/1.png"}, {"image": "https://e.org/p/2.png"}]}


@pytest.mark.parametrize(
    ("value", "data", "address"),
    [
        ("$photo.url", {"photo": {"url": "https://e.org/one.jpg"}}, "https://e.org/one.jpg"),
        ("$photos[1]", {"photos": ["/a/zero.jpg", "/a/one.jpg"]}, "/a/one.jpg"),
        ("$a.b[0].c", {"a": {"b": [{"c": "/x/one.jpg"}]}}, "/x/one.jpg"),
        ("$photo.url", {"photo.url": "/x/one.jpg", "photo": {"url": "no"}}, "/x/one.jpg"),
        ("http://host/$name", {"name": "one.jpg"}, "http://host/one.jpg"),
        ("$image", {"image": ["/x/one.jpg", "/x/layer.jpg"]}, "/x/one.jpg"),
    ],
)
def test_an_image_by_path_template_or_list(value: str, data: Any, address: str) -> None:
    made = boxed(7, box(10, 20, 30, 40), data=data)
    coco = projects.convert("COCO", [made], shows(value))
    assert not coco.reasons
    assert [each["coco_url"] for each in coco.json()["images"]] == [address]
    assert [each["id"] for each in coco.json()["images"]] == [7]
    yolo = projects.convert("YOLO", [made], shows(value))
    assert yolo.text("labels/one.txt") == "0 0.250000 0.400000 0.300000 0.400000\n"
    assert [each["source"] for each in jsonl(made, config=shows(value))] == [address]


@pytest.mark.parametrize("fmt", ["COCO", "YOLO", "YOLO_OBB", "VOC"])
def test_what_cannot_be_resolved_says_so_with_its_expression(fmt: str) -> None:
    out = projects.convert(
        fmt, [boxed(1, box(1, 1, 2, 2), data={"photo": {}}), task(2, data={})], shows("$photo.url")
    )
    entries = [(each.region, each.reason.value, each.detail) for each in out.ledger.entries]
    unresolved = ("unresolved-value", "$photo.url")
    assert entries[:2] == [(None, *unresolved), ("r1", *unresolved)]
    assert out.ledger.entries[2].reason.value == "unlabeled"


def test_pages_of_a_repeater_are_images() -> None:
    out = projects.convert("COCO", [boxed(1, *page_boxes(), data=PAGES)], REPEATED)
    assert not out.reasons
    assert [each["file_name"] for each in out.json()["images"]] == ["1.png", "2.png"]
    found = [(each["image_id"], each["category_id"]) for each in out.json()["annotations"]]
    assert len({image for image, _ in found}) == 2
    names = {each["id"]: each["name"] for each in out.json()["categories"]}
    assert [names[category] for _, category in found] == ["Title", "Table"]
    yolo = projects.convert("YOLO", [boxed(1, *page_boxes(), data=PAGES)], REPEATED)
    assert yolo.text("labels/1.txt") == "0 0.250000 0.400000 0.300000 0.400000\n"
    assert yolo.text("labels/2.txt") == "1 0.600000 0.600000 0.200000 0.200000\n"


def test_records_name_the_page_and_its_source() -> None:
    records = jsonl(boxed(1, *page_boxes(), data=PAGES), config=REPEATED)
    assert [(each["object"], each["source"]) for each in records] == [
        ("page_0", "https://e.org/p/1.png"),
        ("page_1", "https://e.org/p/2.png"),
    ]
    _, bare = jsonl(boxed(1, page_boxes()[0], data=PAGES), config=REPEATED)
    assert (bare["object"], bare["region"]) == ("page_1", None)


def test_a_page_that_the_task_has_not() -> None:
    lost = box(1, 1, 2, 2, "Title", from_name="box_5", to_name="page_5", id="lost")
    gap = {"pages": [PAGES["pages"][0], {"image": None}, {}]}
    more = box(1, 1, 2, 2, "Title", from_name="box_2", to_name="page_2", id="gap")
    out = projects.convert("COCO", [boxed(1, page_boxes()[0], lost, more, data=gap)], REPEATED)
    assert [(each.region, each.reason.value, each.detail) for each in out.ledger.entries] == [
        ("lost", "unresolved-value", "$pages[5].image"),
        ("gap", "unresolved-value", "$pages[2].image"),
    ]
    assert len(out.json()["images"]) == 1


def test_a_repeater_without_its_list() -> None:
    out = projects.convert("COCO", [boxed(1, page_boxes()[0], data={"page": []})], REPEATED)
    assert [(each.reason.value, each.detail) for each in out.ledger.entries] == [
        ("unresolved-value", "$pages"),
        ("unresolved-value", "$pages[0].image"),
    ]


@pytest.mark.parametrize("fmt", ["SPACY", "CONLL2003"])
def test_texts_of_a_repeater(fmt: str) -> None:
    def span(number: int) -> Raw:
        value = {"start": 0, "end": 4, "text": "Anna", "labels": ["PER"]}
        fields = {"from_name": f"ner_{number}", "to_name": f"t_{number}", "id": f"s{number}"}
        return region("labels", value, **fields)

    tone = choice("Good", control="tone_1", to_name="t_1", id="c")
    data = {"doc": {"parts": ["Anna sings", "Anna sleeps"]}}
    out = projects.convert(fmt, [boxed(1, span(0), span(1), tone, data=data)], TEXTS)
    assert not [each for each in out.reasons if each[1] != "c"]
    text = "".join(out.text(path) for path in out.files if path.endswith(("jsonl", "conll")))
    assert text.count("PER") == 2
    if fmt == "SPACY":
        lines = [json.loads(line) for line in text.splitlines()]
        assert [each["object"] for each in lines] == ["t_0", "t_1"]
        assert lines[1]["cats"] == {"Bad": 0.0, "Good": 1.0}


def test_recordings_of_a_repeater() -> None:
    said = [
        region("textarea", {"text": [f"word {n}"]}, from_name=f"said_{n}", to_name=f"a_{n}", id=n)
        for n in (0, 1)
    ]
    data = {"calls": [{"url": "s3://b/0.wav"}, {"url": "s3://b/1.wav"}]}
    out = projects.convert("ASR_MANIFEST", [boxed(1, *said, data=data)], SOUNDS)
    lines = [json.loads(each) for each in out.text("manifest.json").splitlines()]
    assert [(each["audio_filepath"], each["text"]) for each in lines] == [
        ("s3://b/0.wav", "word 0"),
        ("s3://b/1.wav", "word 1"),
    ]


@pytest.mark.parametrize("config", [REPEATED, TEXTS, SOUNDS, shows("$a.b[2].c"), shows("u/$a.b")])
def test_the_support_matrix_is_what_happens(config: str) -> None:
    """A sample of such a config goes the same way as one of a plain config."""
    parsed = label_config.parse(config, "it")
    task_ = sample_regions.task((), parsed)
    matrix = support_matrix.of_config(config, "it")
    assert [row.control for row in matrix.rows if row.control != "relation"] == list(
        parsed.controls
    )
    drawn = [row for row in matrix.rows if row.title.startswith("RectangleLabels")]
    assert all(row.by_format["COCO"].reason == "" for row in drawn)
    spans = [row for row in matrix.rows if row.title == "Labels on Text"]
    assert all(row.by_format["SPACY"].reason == "" for row in spans)
    spoken = [row for row in matrix.rows if row.control == "said_{{idx}}"]
    assert all(row.by_format["ASR_MANIFEST"].reason == "" for row in spoken)
    reasons = {each.reason for row in matrix.rows for each in row.by_format.values()}
    assert not reasons & {"no-media", "unresolved-value"}, task_["data"]


def test_reports_count_a_repeated_control_as_one() -> None:
    config = label_config.parse(REPEATED, "it")
    made = boxed(1, *page_boxes(), box(1, 1, 2, 2, "Title", from_name="box_1", to_name="page_1"))
    counts = label_counts.counts_of(select(canonical.task(made), LATEST), config)
    assert counts.labels == [
        ("box_{{idx}}", "Title"),
        ("box_{{idx}}", "Table"),
        ("box_{{idx}}", "Title"),
    ]


def test_columns_are_the_controls_of_regions() -> None:
    note = region("textarea", {"text": ["hi"]}, from_name="note_1", to_name="page_1", id="n")
    made = boxed(1, choice("Good", control="kind_0", to_name="page_0", id="c"), note, data=PAGES)
    (row,) = projects.convert("JSON_MIN", [made], REPEATED).json()
    assert row["kind_0"] == "Good"
    assert row["note_1"] == "hi"
    head = projects.convert("CSV", [made], REPEATED).text("result.csv").splitlines()[0]
    assert head.endswith("kind_0,note_1")


def test_labels_with_the_index_in_them_are_seen_in_regions() -> None:
    config = label_config.parse(REPEATED.replace('"Title"', '"Title {{idx}}"'), "it")
    regions = [box(1, 1, 2, 2, f"Title {n}", from_name=f"box_{n}") for n in (3, 0)]
    noted = DynamicLabels(config)
    list(noted.collecting([canonical.task(task(1, annotation(*regions)))]))
    assert noted.by_space() == {"image": ["Title 0", "Title 3"]}
    assert config.classes() == {"image": ["Table"]}


@pytest.mark.parametrize("fmt", [name for name in FORMATS if FORMATS[name].FAST_PATH])
@pytest.mark.parametrize("value", ["$photo.url", "http://host/$name", "$image"])
def test_the_fast_path_agrees(fmt: str, value: str) -> None:
    """The same bytes and the same ledger, read in either way."""
    fast_path = FORMATS[fmt].FAST_PATH
    assert fast_path is not None
    for data in (
        {"photo": {"url": "/a/x.jpg"}, "name": "y.jpg", "image": "/z.jpg"},
        {"photo": {"url": " "}, "name": 7, "image": ["/z.jpg"]},
        {"photo": [], "photo.url": "/a/w.jpg", "image": None},
        {},
    ):
        made = canonical.task(boxed(1, box(10, 20, 30, 40), data=data))
        context = projects.about(shows(value), [made])
        read = fast_path.read(canonical_json.line(made))
        fast = fast_path.encode(read, context) if read else None
        slow = FORMATS[fmt].encode(select(made, LATEST), context)
        assert fast is None or fast == slow, data


@pytest.mark.parametrize("fmt", ["COCO", "YOLO", "VOC", "YOLO_OBB", "JSONL"])
def test_a_box_with_a_negative_height_is_the_box_of_its_corners(fmt: str) -> None:
    config = shows("$image")
    bottom_up = projects.convert(fmt, [boxed(1, box(16, 96, 50, -60))], config)
    top_down = projects.convert(fmt, [boxed(1, box(16, 36, 50, 60))], config)
    assert not bottom_up.reasons
    if fmt == "JSONL":
        pixels = [json.loads(out.text("result.jsonl")) for out in (bottom_up, top_down)]
        assert pixels[0]["bbox_pixels"] == pixels[1]["bbox_pixels"]
    else:
        assert bottom_up.files == top_down.files


def test_the_box_of_a_backend_with_a_negative_height() -> None:
    """Values of https://github.com/HumanSignal/label-studio/issues/3140, rounded."""
    drawn = box(16, 96, 50, -60, original_width=200, original_height=100)
    (found,) = projects.convert("COCO", [boxed(1, drawn)]).json()["annotations"]
    assert found["bbox"] == [32, 36, 100, 60]


def test_a_repeated_control_that_labels_texts_and_choices_in_reports() -> None:
    """Regions of several pages, of Choices and TextArea, are all accounted for in every format."""
    regions = [
        *page_boxes(),
        choice("Good", control="kind_1", to_name="page_1", id="c"),
        region("textarea", {"text": ["hi"]}, from_name="note_0", to_name="page_0", id="t"),
        projects.relation("r1", "r2"),
    ]
    for fmt in FORMATS:
        try:
            out = projects.convert(fmt, [boxed(1, *regions, data=PAGES)], REPEATED)
        except LsDvcError:
            continue
        reasons = {reason for _, _, reason in out.reasons}
        assert not reasons & {"no-media", "unresolved-value", "unknown-label"}, fmt


def test_the_reason_is_that_of_the_objects_that_a_format_writes() -> None:
    """A text that cannot be resolved is not why there is no image."""
    config = shows("$image", BOXES + '<Text name="text" value="$doc.body"/>')
    out = projects.convert("COCO", [boxed(1, box(1, 1, 2, 2), data={})], config)
    assert {reason for _, _, reason in out.reasons} == {"no-media"}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=projects.exports(), data=st.lists(projects.DATA | projects.JUNK, max_size=3))
def test_whatever_lies_where_a_config_looks_nothing_raises(raw: list[Raw], data: Any) -> None:
    """The ledger adds up: `convert` checks that."""
    for each in raw:
        if isinstance(each["data"], dict):
            each["data"] = {**each["data"], "pages": data, "a": data, "doc": {"parts": data}}
    for config in (REPEATED, TEXTS, shows("$a[1].image"), shows("u/$image"), shows("$pages")):
        for fmt in FORMATS:
            with contextlib.suppress(LsDvcError):  # no use for such a project
                projects.convert(fmt, raw, config)
