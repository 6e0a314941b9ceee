from __future__ import annotations

import pytest

from ls_dvc.errors import LsDvcError
from ls_dvc.labels import label_config
from ls_dvc.labels.shown_objects import shown_objects

CONFIG = """<View>
  <Header value="Label it"/>
  <Image name="image" value="$image"/>
  <RectangleLabels name="box" toName="image"><Label value="Car"/>
    <Label value="Dog" alias="dog"/>
  </RectangleLabels>
  <PolygonLabels name="poly" toName="image">
    <Label value="Road"/><Label value="Car"/></PolygonLabels>
  <BrushLabels name="brush" toName="image" value="$labels"/>
  <Text name="text" value="$text"/>
  <Labels name="ner" toName="text"><Label value="PER"/></Labels>
  <Choices name="weather" toName="image"><Choice value="Sun"/><Choice value="Rain"/></Choices>
</View>"""


def test_controls_and_objects() -> None:
    config = label_config.parse(CONFIG, "it")
    assert list(config.objects) == ["image", "text"]
    assert config.objects["image"].key == "image"
    assert list(config.controls) == ["box", "poly", "brush", "ner", "weather"]
    assert config.controls["box"].labels == ("Car", "dog")
    assert config.controls["brush"].dynamic
    assert not config.controls["weather"].draws_regions


def test_controls_of_one_kind_of_object_share_class_ids() -> None:
    classes = label_config.parse(CONFIG, "it").classes()
    assert list(dict.fromkeys(classes["image"])) == ["Car", "dog", "Road"]
    assert classes["text"] == ["PER"]


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<View><Image></View>", "not well-formed"),
        ("", "not well-formed"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><View>&b;</View>', "document type"),
    ],
)
def test_broken(xml: str, words: str) -> None:
    with pytest.raises(LsDvcError, match=words):
        label_config.parse(xml, "the label config of project 3")


def test_a_document_type_in_a_comment_or_a_text_is_none() -> None:
    """The server takes such a config: there is a sample task in its comment."""
    xml = """<View><HyperTextLabels name="ner" toName="html"><Label value="Person"/>
    </HyperTextLabels><HyperText name="html" value="$html"/></View>
    <!-- {"data": {"html": "<!DOCTYPE html><p>Ada</p>"}} -->"""
    assert list(label_config.parse(xml, "it").controls) == ["ner"]


def test_a_repeated_control_is_one_by_its_name_in_the_config() -> None:
    xml = """<View><Repeater on="$pages"><Image name="page_{{idx}}" value="$pages[{{idx}}]"/>
    <RectangleLabels name="box_{{idx}}" toName="page_{{idx}}"><Label value="Car" category="2"/>
    <Label value="Part {{idx}}"/></RectangleLabels></Repeater></View>"""
    config = label_config.parse(xml, "it")
    box = config.control_named("box_3")
    assert box is config.controls["box_{{idx}}"]
    assert box.labels == ("Car",)
    assert box.dynamic  # "Part 0" and so on are seen in regions
    assert config.class_ids() == {"image": {"Car": 2}}
    assert config.control_named("box_03") is None
    assert config.control_named("box_") is None
    assert [each.name for each in config.controls_on("page_4")] == ["box_4"]
    assert config.fixed_controls == []


def test_attributes_without_regard_to_case_and_labels_as_text() -> None:
    xml = """<View><Image NAME="image" VALUE="$image"/><KeyPointLabels name="kp" toname="image">
    <Label model_index="1" hotkey="2">nose</Label><Label value="tail" model_index="0"/>
    </KeyPointLabels></View>"""
    control = label_config.parse(xml, "it").controls["kp"]
    assert control.labels == ("nose", "tail")
    assert control.model_indices == (("nose", 1), ("tail", 0))


def test_a_config_can_be_as_deep_as_somebody_likes() -> None:
    xml = "<View>" * 5000 + '<Image name="image" value="$image"/>' + "</View>" * 5000
    assert list(label_config.parse(xml, "it").objects) == ["image"]


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (" " * 8_000_001, "8,000,000 characters"),
        (f"<View>{'<a/>' * 60_000}</View>", "50,000 tags"),
        ("<View>" * 7000 + "</View>" * 7000, "6,000 levels"),
        ('<Repeater on="$a">' * 5 + "</Repeater>" * 5, "4 Repeaters in one another"),
    ],
)
def test_a_config_beyond_all_measure(xml: str, words: str) -> None:
    with pytest.raises(LsDvcError, match=f"it has more than .*{words}"):
        label_config.parse(xml, "it")


def test_lists_in_lists_that_multiply() -> None:
    xml = "".join(f'<Repeater on="$list" indexFlag="{flag}">' for flag in "ABC")
    image = '<Image name="i_A_B_C" value="$list[A]"/>'
    config = label_config.parse(f"<View>{xml}{image}{'</Repeater>' * 3}</View>", "it")
    with pytest.raises(LsDvcError, match="makes more than 100,000 objects of one task"):
        list(shown_objects(config, {"list": ["x"] * 1000}))
