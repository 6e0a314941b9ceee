"""The tasks that both sides work on: images with boxes, and texts with spans, by their numbers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

LABELS = ("Car", "Person", "Bicycle")
REGIONS = 3  # in each task
_WORDS = ("the", "of", "near", "old", "river", "market", "met", "built", "Maria", "Kyiv", "Acme")
_WORDS_IN_TEXT = 60


@dataclass(frozen=True)
class Kind:
    """A kind of project: `task` makes what a user imports, annotated once, from its number."""

    label_config: str
    regions_called: str
    formats: Sequence[str]
    task: Callable[[int], dict[str, Any]]


def _labeled(control: str, of: str) -> str:
    choices = "".join(f'<Label value="{each}"/>' for each in LABELS)
    name, _, tag = of.partition(":")
    shown = f'<{tag} name="{name}" value="${name}"/>'
    return f'<View>{shown}<{control} name="label" toName="{name}">{choices}</{control}></View>'


def image(number: int) -> dict[str, Any]:
    """The address is one that the converter needs no file for; every image has its own name."""
    chance = random.Random(number)
    result = [_box(chance, f"{number}-{each}") for each in range(REGIONS)]
    address = f"https://images.example.com/{number // 100:03}/{number:06}.jpg"
    return _annotated({"image": address}, result, chance)


def text(number: int) -> dict[str, Any]:
    """A text of some lines, with words that are labeled."""
    chance = random.Random(number)
    words = chance.choices(_WORDS, k=_WORDS_IN_TEXT)
    chosen = sorted(chance.sample(range(_WORDS_IN_TEXT), REGIONS))
    result = [_span(chance, words, each, f"{number}-{each}") for each in chosen]
    return _annotated({"text": " ".join(words)}, result, chance)


def _annotated(data: dict[str, str], result: list[Any], chance: random.Random) -> dict[str, Any]:
    annotation = {"result": result, "lead_time": round(chance.uniform(5, 60), 3)}
    return {"data": data, "annotations": [annotation]}


def _box(chance: random.Random, region: str) -> dict[str, Any]:
    """Somewhere on the image, with as many digits as Label Studio's editor writes."""
    value = {
        "x": chance.uniform(0, 60),
        "y": chance.uniform(0, 60),
        "width": chance.uniform(1, 40),
        "height": chance.uniform(1, 40),
        "rotation": 0,
        "rectanglelabels": [chance.choice(LABELS)],
    }
    names = {"from_name": "label", "to_name": "image", "type": "rectanglelabels"}
    size = {"original_width": 1920, "original_height": 1080, "image_rotation": 0}
    return {"id": region, "origin": "manual", "value": value, **size, **names}


def _span(chance: random.Random, words: Sequence[str], place: int, region: str) -> dict[str, Any]:
    start = sum(len(each) + 1 for each in words[:place])
    said = words[place]
    value = {"start": start, "end": start + len(said), "text": said}
    value["labels"] = [chance.choice(LABELS)]
    names = {"from_name": "label", "to_name": "text", "type": "labels"}
    return {"id": region, "origin": "manual", "value": value, **names}


IMAGES = Kind(
    _labeled("RectangleLabels", "image:Image"),
    "boxes",
    ("COCO", "YOLO", "VOC", "JSON_MIN", "CSV"),
    image,
)
TEXTS = Kind(_labeled("Labels", "text:Text"), "spans", ("CONLL2003",), text)
