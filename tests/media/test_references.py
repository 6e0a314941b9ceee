"""Which addresses of media tasks name: by the objects of the label config, and by the settings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ls_dvc.labels import label_config
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.media import MediaReference
from ls_dvc.media.references import references, unknown_keys
from ls_dvc.settings.media import MediaSettings

ALL = MediaSettings(tasks="all")
IMAGE = '<Image name="image" value="$image"/>'
PAGES = """<Repeater on="$pages"><Image name="page_{{idx}}" value="$pages[{{idx}}].url"/>
<RectangleLabels name="box_{{idx}}" toName="page_{{idx}}"><Label value="Car"/></RectangleLabels>
</Repeater>"""


def config_of(*objects: str) -> LabelConfig:
    return label_config.parse(f"<View>{''.join(objects)}</View>", "the label config")


def task(data: Any, *annotations: dict[str, Any], number: int = 7) -> dict[str, Any]:
    return {"id": number, "data": data, "annotations": [*annotations], "predictions": []}


def found(xml: str, data: Any, settings: MediaSettings = ALL) -> list[MediaReference]:
    return list(references(task(data), config_of(xml), settings))


def addresses(xml: str, data: Any, settings: MediaSettings = ALL) -> list[str]:
    return [each.address for each in found(xml, data, settings)]


@pytest.mark.parametrize("tag", ["Image", "Audio", "AudioPlus", "Video", "Pdf"])
@pytest.mark.parametrize("value_type", ["", ' valueType="url"', ' valueType="json"'])
def test_these_objects_always_show_addresses(tag: str, value_type: str) -> None:
    xml = f'<{tag} name="it" value="$key"{value_type}/>'
    reference = MediaReference(7, "it", None, "/data/upload/1/a b.x", tag)
    assert found(xml, {"key": "/data/upload/1/a b.x", "other": "s3://b/k"}) == [reference]


@pytest.mark.parametrize("tag", ["Text", "HyperText", "Paragraphs", "Table", "TimeSeries"])
def test_these_objects_show_addresses_when_the_config_says_so(tag: str) -> None:
    data, reference = {"key": "s3://b/k.txt"}, MediaReference(7, "it", None, "s3://b/k.txt", tag)
    assert found(f'<{tag} name="it" value="$key" valueType="url"/>', data) == [reference]
    assert found(f'<{tag} name="it" value="$key" valuetype="url"/>', data) == [reference]
    assert not found(f'<{tag} name="it" value="$key" valueType="text"/>', data)
    assert not found(f'<{tag} name="it" value="$key" valueType="json"/>', data)
    without = [reference] if tag == "TimeSeries" else []  # as the editor and the server have it
    assert found(f'<{tag} name="it" value="$key"/>', data) == without


@pytest.mark.parametrize("tag", ["Header", "Markdown", "Choices", "Style", "NoSuchTag"])
def test_other_tags_show_no_media(tag: str) -> None:
    assert not found(f'<{tag} name="it" value="$key" valueType="url"/>', {"key": "s3://b/k.jpg"})


def test_the_recording_of_a_dialogue_is_an_audio() -> None:
    xml = '<Paragraphs name="talk" value="$talk" audioUrl="$sound.url"/>'
    data = {"talk": [{"author": "A", "text": "Hello"}], "sound": {"url": "/data/upload/1/a.wav"}}
    assert found(xml, data) == [MediaReference(7, "talk", None, "/data/upload/1/a.wav", "Audio")]
    both = xml.replace("audioUrl", 'valueType="url" audioUrl')
    assert addresses(both, {**data, "talk": "s3://b/talk.json"}) == [
        "s3://b/talk.json",
        "/data/upload/1/a.wav",
    ]


def test_the_recording_of_a_list_of_dialogues_is_one() -> None:
    xml = '<Paragraphs name="talk" valueList="$talks" audioUrl="$sound"/>'
    assert [each.item for each in found(xml, {"talks": [], "sound": "/a.wav"})] == [None]


def test_the_recordings_of_repeated_dialogues() -> None:
    xml = """<Repeater on="$calls"><Paragraphs name="call_{{idx}}" value="$calls[{{idx}}].text"
    audioUrl="$calls[{{idx}}].sound"/></Repeater>"""
    data = {"calls": [{"text": [], "sound": "/a.wav"}, {"text": []}, {"sound": "/c.wav"}]}
    assert [(each.object, each.address, each.tag) for each in found(xml, data)] == [
        ("call_0", "/a.wav", "Audio"),
        ("call_2", "/c.wav", "Audio"),
    ]


@pytest.mark.parametrize("value", ["", " \n", None, 7, True, {"url": "/a.jpg"}, [], [None, 3, " "]])
def test_what_is_no_text_is_no_address(value: Any) -> None:
    assert not found(IMAGE, {"image": value})
    assert not found('<Image name="image" valueList="$image"/>', {"image": value})


@pytest.mark.parametrize("data", [None, [], "text", {}, {"other": "/a.jpg"}])
def test_a_task_without_the_data_names_nothing(data: Any) -> None:
    assert not found(IMAGE + PAGES, data)


def test_an_address_is_as_it_is_in_the_data() -> None:
    """Formats find it by that."""
    for address in (" https://e.org/a.jpg\n", "data:image/png;base64,AA==", "rel/x.jpg", "//h/x"):
        assert addresses(IMAGE, {"image": address}) == [address]


def test_a_path_and_a_template_are_followed() -> None:
    xml = '<Image name="a" value="$photo.urls[1]"/><Image name="b" value="https://e.org/$name"/>'
    data = {"photo": {"urls": ["/0.jpg", "/1.jpg"]}, "name": "x.png"}
    assert addresses(xml, data) == ["/1.jpg", "https://e.org/x.png"]


def test_the_items_of_a_list_are_numbered() -> None:
    xml = '<Image name="scans" valueList="$scans"/>'
    scans = ["/a.jpg", "", "/b.jpg", "/a.jpg"]
    assert [(each.item, each.address) for each in found(xml, {"scans": scans})] == [
        (0, "/a.jpg"),
        (2, "/b.jpg"),
        (3, "/a.jpg"),
    ]
    assert [each.item for each in found(xml, {"scans": "/a.jpg"})] == [0]


def test_the_layers_of_an_image_belong_to_it() -> None:
    layers = ["/visible.jpg", "/infrared.jpg", None, "/visible.jpg"]
    assert [(each.item, each.address) for each in found(IMAGE, {"image": layers})] == [
        (None, "/visible.jpg"),
        (None, "/infrared.jpg"),
    ]


def test_a_repeater_names_an_image_for_each_item() -> None:
    data = {"pages": [{"url": "/a.jpg"}, {"text": "none"}, {"url": "/c.jpg"}]}
    assert [(each.object, each.address) for each in found(PAGES, data)] == [
        ("page_0", "/a.jpg"),
        ("page_2", "/c.jpg"),
    ]


def test_two_objects_may_show_the_same() -> None:
    xml = '<Video name="film" value="$film"/><Audio name="sound" value="$film"/>'
    assert [(each.object, each.tag) for each in found(xml, {"film": "/a.mp4"})] == [
        ("film", "Video"),
        ("sound", "Audio"),
    ]


# --- HTML

PAGE = """<div><!-- a page --><p data-src="/data/upload/1/no.png">x src=none
<a href="s3://b/a b.pdf">pdf</a> <a href='gs://b/c.pdf'>again</a> <A HREF=azure-blob://c/d.pdf>
<a href="https://en.wikipedia.org/wiki/Cat">no media</a> <a href="#top">no</a>
<img src="https://e.org/a.jpg?x=1&amp;y=2"> <IMG SRC = 'HTTP://e.org/b.jpg'/>
<img src=/data/upload/1/c%20d.jpg> <a href="/ls/data/upload/1/e.pdf">up</a>
<img src="/data/local-files/?d=ds/f.jpg"><a href="https://ls.example.com/data/upload/1/g.pdf">
<video poster="s3://b/poster.jpg"><source src="s3://b/film.mp4"></video>
<object data="s3://b/h.svg"></object> <img src="https://e.org/a.jpg?x=1&amp;y=2">
<img src="data:image/png;base64,AA=="> <img src="logo.png"> <img src="/static/x.png">
<img src=""> <img src> <a href="javascript:go()"> <a href="https://e.org/x?u=/data/upload/1/z">
"""
NAMED = [
    "s3://b/a b.pdf",
    "gs://b/c.pdf",
    "azure-blob://c/d.pdf",
    "https://e.org/a.jpg?x=1&y=2",
    "HTTP://e.org/b.jpg",
    "/data/upload/1/c%20d.jpg",
    "/ls/data/upload/1/e.pdf",
    "/data/local-files/?d=ds/f.jpg",
    "https://ls.example.com/data/upload/1/g.pdf",
    "s3://b/poster.jpg",
    "s3://b/film.mp4",
    "s3://b/h.svg",
]


def test_html_names_what_it_embeds_and_what_label_studio_answers() -> None:
    assert addresses('<HyperText name="page" value="$page"/>', {"page": PAGE}) == NAMED
    assert not found('<Text name="page" value="$page"/>', {"page": PAGE})


def test_the_items_of_a_list_to_rank_may_be_html() -> None:
    xml = '<List name="hits" value="$hits"/><Ranker name="rank" toName="hits"/>'
    items = [{"id": 1, "html": "<img src='/data/upload/1/a.png'>"}, {"id": 2, "title": "B"}, "text"]
    assert found(xml, {"hits": items}) == [
        MediaReference(7, "hits", None, "/data/upload/1/a.png", "List")
    ]


def test_the_html_behind_an_address_is_not_looked_at() -> None:
    xml = '<HyperText name="page" value="$page" valueType="url"/>'
    assert addresses(xml, {"page": "s3://b/page.html"}) == ["s3://b/page.html"]


@pytest.mark.parametrize("piece", ['src="', "src='", "src=", "<img ", "/data/", "src ", "=\n"])
def test_huge_html_is_read_in_little_time(piece: str) -> None:
    from time import process_time

    before = process_time()
    found('<HyperText name="page" value="$page"/>', {"page": piece * (400_000 // len(piece))})
    assert process_time() - before < 2


# --- settings


SKIPPED, EMPTY = {"was_cancelled": True, "result": []}, {"was_cancelled": False, "result": []}
LABELED = {"result": [{"type": "rectanglelabels"}]}


@pytest.mark.parametrize(
    ("annotations", "is_labeled"),
    [
        ([], False),
        ([SKIPPED], False),
        ([SKIPPED, SKIPPED], False),
        ([EMPTY], True),  # somebody looked, and there is nothing on it
        ([LABELED], True),
        ([SKIPPED, LABELED], True),
    ],
)
def test_media_of_labeled_tasks(annotations: list[dict[str, Any]], is_labeled: bool) -> None:
    made = {**task({"image": "/a.jpg"}, *annotations), "predictions": [LABELED]}
    counts = {
        tasks: len(list(references(made, config_of(IMAGE), MediaSettings(tasks=tasks))))
        for tasks in ("labeled", "all", "none")
    }
    assert counts == {"labeled": int(is_labeled), "all": 1, "none": 0}


TWO = """<Image name="left" value="$photo.left"/><Image name="right" value="$photo.right"/>
<Paragraphs name="talk" value="$talk" audioUrl="$sound"/>
<Image name="map" value="https://e.org/$place-$zoom"/><Text name="note" value="$note"/>"""
DATA = {
    "photo": {"left": "/l.jpg", "right": "/r.jpg"},
    "talk": [],
    "sound": "/s.wav",
    "place": "p",
    "zoom": 3,
    "note": "text",
    "pages": [{"url": "/0.jpg"}, {"url": "/1.jpg"}],
}


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ([], ["/l.jpg", "/r.jpg", "/s.wav", "https://e.org/p-3", "/0.jpg", "/1.jpg"]),
        (["left"], ["/l.jpg"]),
        (["photo"], ["/l.jpg", "/r.jpg"]),
        (["photo.right"], ["/r.jpg"]),
        (["talk"], ["/s.wav"]),
        (["sound"], ["/s.wav"]),
        (["zoom", "left"], ["/l.jpg", "https://e.org/p-3"]),
        (["pages"], ["/0.jpg", "/1.jpg"]),
        (["page_{{idx}}"], ["/0.jpg", "/1.jpg"]),
        (["page_1"], ["/1.jpg"]),
    ],
)
def test_only_what_the_settings_name(keys: list[str], named: list[str]) -> None:
    settings = MediaSettings(tasks="all", keys=keys)
    assert addresses(TWO + PAGES, DATA, settings) == named
    assert unknown_keys(config_of(TWO, PAGES), settings) == []


def test_keys_that_no_object_with_media_has() -> None:
    settings = MediaSettings(keys=["left", "lef", "note", "page_3", "page_x", "box_0"])
    assert unknown_keys(config_of(TWO, PAGES), settings) == ["lef", "note", "page_x", "box_0"]
    assert addresses(TWO + PAGES, DATA, MediaSettings(tasks="all", keys=["lef"])) == []


# --- any config, any data

TAGS = st.sampled_from(
    ["Image", "Audio", "Video", "Pdf", "Text", "HyperText", "TimeSeries", "List"]
)
NAMES = st.sampled_from(["a", "b", "c", "d"])
ATTRIBUTES = st.sampled_from(["value", "valueList"])
TYPES = st.sampled_from(["", ' valueType="url"', ' valueType="json"'])
VALUES = st.sampled_from(["$a", "$b", "$a[0]", "$b.x", "https://e.org/$a", "https://e.org/a.png"])
OBJECTS = st.builds("<{} name='{}' {}='{}'{}/>".format, TAGS, NAMES, ATTRIBUTES, VALUES, TYPES)
TEXTS = st.sampled_from(["/x.jpg", "s3://b/k", "", " ", "<img src='s3://b/k'><img src='s3://b/l'>"])
JSON = st.recursive(
    TEXTS | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abx"), inner),
    max_leaves=8,
)


def texts_in(value: Any) -> str:
    """Everything that is text in a value, one after the other."""
    if isinstance(value, dict):
        return "\n".join(map(texts_in, value.values()))
    if isinstance(value, list):
        return "\n".join(map(texts_in, value))
    return str(value)


@given(st.lists(OBJECTS, max_size=4), st.dictionaries(st.sampled_from("ab"), JSON))
def test_references_of_any_task(objects: list[str], data: dict[str, Any]) -> None:
    config, made = config_of(*objects), task(data)
    named = list(references(made, config, ALL))
    assert named == list(references(made, config, ALL))
    assert len({each[1:4] for each in named}) == len(named), "each once"
    assert all(each.task == 7 and each.address.strip() for each in named)
    order = list(config.objects)
    assert [order.index(each.object) for each in named] == sorted(
        order.index(each.object) for each in named
    )
    for each in named:
        assert config.objects[each.object].tag == each.tag
        assert each.address in texts_in(data) or each.address.startswith("https://e.org/")
    for key in config.objects:
        settings = MediaSettings(tasks="all", keys=[key])
        assert {each for each in named if each.object == key} <= set(
            references(made, config, settings)
        )


@given(st.lists(TEXTS, max_size=5))
def test_no_address_of_a_list_is_left_out(items: list[str]) -> None:
    named = found('<Image name="it" valueList="$a"/>', {"a": items})
    assert [(each.item, each.address) for each in named] == [
        (index, item) for index, item in enumerate(items) if item.strip()
    ]
