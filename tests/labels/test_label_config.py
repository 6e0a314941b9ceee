from __future__ import annotations

import pytest

from ls_dvc.errors import LsDvcError
from ls_dvc.labels import label_config

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
