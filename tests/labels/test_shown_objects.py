"""What objects of a label config show of a task: values as the editor reads them, Repeaters."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ls_dvc.labels import label_config
from ls_dvc.labels.shown_objects import shown_object, shown_objects, unresolved_expression
from ls_dvc.labels.value_expression import MISSING, ValueExpression

DATA = {
    "image": "a.png",
    "a.b": "literal",
    "a": {"b": [{"c": "deep"}, {"c": 7}], "d": None},
    "photos": ["one", "two"],
    "n": 3,
    "up to": "spaces",
    "my-image": "dash",
    "größe": "umlaut",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$image", "a.png"),
        ("$a.b", "literal"),
        ("$a.b[0].c", "deep"),  # `a.b` is a key too, but not the whole of it
        ("$a.d", None),
        ("$photos[1]", "two"),
        ("$photos.0", "one"),
        ("$photos[01]", MISSING),
        ("$photos[2]", MISSING),
        ("$photos[-1]", MISSING),
        ("$photos", ["one", "two"]),
        ("$image.url", MISSING),
        ("$missing", MISSING),
        ("$missing.key", MISSING),
        ("$my-image", "dash"),
        ("$up to", "spaces"),
        ("$größe", "umlaut"),
        ("http://host/$image", "http://host/a.png"),
        ("http://$photos[0]/$photos[1]?n=$n", "http://one/two?n=3"),
        ("http://host/$missing", MISSING),
        ("http://host/$photos", MISSING),
        ("http://host/fixed.png", "http://host/fixed.png"),
        ("", ""),
    ],
)
def test_a_value_is_read_as_the_editor_reads_it(text: str, value: Any) -> None:
    assert ValueExpression(text).resolve(DATA) == value


REPEATER, END = '<Repeater on="$pages">', "</Repeater></View>"
KEYS = st.text("abc_1", min_size=1, max_size=3)
STEPS = st.lists(st.one_of(KEYS, st.integers(0, 3)), min_size=1, max_size=4)


@given(KEYS, STEPS, st.one_of(st.text(), st.integers(), st.none()))
def test_a_path_leads_to_what_was_put_there(key: str, path: list[Any], value: Any) -> None:
    data: Any = value
    for step in reversed(path):
        data = {step: data} if isinstance(step, str) else [*[None] * step, data]
    text = "".join(f".{step}" if isinstance(step, str) else f"[{step}]" for step in path)
    assert ValueExpression(f"${key}{text}").resolve({key: data}) == value
    assert ValueExpression(f"${key}{text}").resolve({f"{key}{text}": "literal"}) == "literal"


NESTED = """<View><Repeater on="$docs" indexFlag="{{d}}"><View>
<Repeater on="$docs[{{d}}].pages" indexFlag="{{p}}">
<Image name="page_{{d}}_{{p}}" value="$docs[{{d}}].pages[{{p}}].url"/>
<View><RectangleLabels name="box_{{d}}_{{p}}" toName="page_{{d}}_{{p}}"><Label value="Car"/>
</RectangleLabels></View></Repeater></View></Repeater></View>"""

PAGES = st.lists(st.text("xyz", min_size=1, max_size=3), max_size=4)


@given(st.lists(PAGES, max_size=4))
def test_nested_repeaters_show_every_item_once(docs: list[list[str]]) -> None:
    data = {"docs": [{"pages": [{"url": url} for url in pages]} for pages in docs]}
    config = label_config.parse(NESTED, "it")
    shown = {each.name: each.items for each in shown_objects(config, data, "Image")}
    expected = {
        f"page_{d}_{p}": ((None, url),)
        for d, pages in enumerate(docs)
        for p, url in enumerate(pages)
    }
    assert shown == expected
    for name, items in expected.items():
        found = shown_object(config, data, name)
        assert found is not None
        assert found.items == items
        assert config.declared_control(name.replace("page", "box")) == "box_{{d}}_{{p}}"


@given(st.lists(st.one_of(st.none(), st.text("xyz", min_size=1)), max_size=5))
def test_a_gap_in_the_list_moves_no_other_item(pages: list[str | None]) -> None:
    xml = f'<View>{REPEATER}<Text name="t_{{{{idx}}}}" value="$pages[{{{{idx}}}}].t"/>{END}'
    data = {"pages": [{} if page is None else {"t": page} for page in pages]}
    config = label_config.parse(xml, "it")
    shown = list(shown_objects(config, data))
    assert [each.name for each in shown] == [f"t_{n}" for n in range(len(pages))]
    assert [each.unresolved for each in shown] == [page is None for page in pages]
    assert [each.items for each in shown] == [((None, p),) if p else () for p in pages]


def test_one_flag_in_two_levels_is_the_outer_index_and_then_the_inner() -> None:
    xml = """<View><Repeater on="$a"><View><Repeater on="$a[{{idx}}].b">
    <Text name="t_{{idx}}_{{idx}}" value="$a[{{idx}}].b[{{idx}}]"/>
    </Repeater></View></Repeater></View>"""
    data = {"a": [{"b": ["p"]}, {"b": ["q", "r"]}]}
    shown = list(shown_objects(label_config.parse(xml, "it"), data))
    assert [(each.name, each.items[0][1]) for each in shown] == [
        ("t_0_0", "p"),
        ("t_1_0", "q"),
        ("t_1_1", "r"),
    ]


@pytest.mark.parametrize(
    ("value", "data", "expression"),
    [
        ("$image", {}, ""),  # a task without an image
        ("$image", {"image": None}, ""),
        ("$photo.url", {"photo": "a.png"}, "$photo.url"),
        ("http://host/$name", {}, "http://host/$name"),
        ("$photos[1]", {"photos": ["a.png"]}, "$photos[1]"),
    ],
)
def test_an_expression_that_leads_nowhere_is_told(value: str, data: Any, expression: str) -> None:
    config = label_config.parse(f'<View><Image name="image" value="{value}"/></View>', "it")
    assert unresolved_expression(config, data) == expression
    shown = shown_object(config, data, "image")
    assert shown is not None
    assert shown.unresolved == bool(expression)
    assert unresolved_expression(config, data, "Text") == ""


def test_a_repeater_without_its_list_and_an_item_behind_its_end() -> None:
    xml = f'<View>{REPEATER}<Image name="p_{{{{idx}}}}" value="$pages[{{{{idx}}}}].i"/>{END}'
    config = label_config.parse(xml, "it")
    assert unresolved_expression(config, {}) == "$pages"
    assert unresolved_expression(config, {"pages": []}) == ""
    data = {"pages": [{"i": "a.png"}]}
    inside, behind = shown_object(config, data, "p_0"), shown_object(config, data, "p_7")
    assert inside is not None
    assert not inside.unresolved
    assert behind is not None
    assert (behind.expression, behind.unresolved) == ("$pages[7].i", True)
    assert shown_object(config, data, f"p_{'9' * 5000}") is None


def test_lists() -> None:
    xml = '<View><Image name="many" valueList="$a"/><Image name="layers" value="$a"/></View>'
    many, layers = shown_objects(label_config.parse(xml, "it"), {"a": ["x", "y"]})
    assert many.items == ((0, "x"), (1, "y"))
    assert layers.items == ((None, "x"),)
    assert layers.layers == ("x", "y")
