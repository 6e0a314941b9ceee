"""All rules on data like real exports: each planted fault is found, and nothing of what is natural.

Natural are what looked like faults in real projects and were none: points that repeat where there
are several faces, optional fields, abbreviations with a full stop, nested spans, annotators who
disagree, empty annotations, text lines close to each other, ragged outlines.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from support.checked import checked, image, task
from support.projects import rle

Raw = dict[str, Any]
Sample = tuple[str, list[Raw], Mapping[str, int]]

SIZE = {"original_width": 1280, "original_height": 720}


def result(region: str, control: str, to: str, kind: str, value: Raw, **more: Any) -> Raw:
    names = {"id": region, "from_name": control, "to_name": to, "type": kind, "value": value}
    return {**names, **more}


def labels_of(control: str, tag: str, to: str, *names: str) -> str:
    inside = "".join(f'<Label value="{name}"/>' for name in names)
    return f'<{tag} name="{control}" toName="{to}">{inside}</{tag}>'


def on_image(*controls: str) -> str:
    return f'<View><Image name="image" value="$image"/>{"".join(controls)}</View>'


def on_text(*controls: str) -> str:
    return f'<View><Text name="text" value="$text"/>{"".join(controls)}</View>'


COURT = [f"corner {number}" for number in range(14)]


def tennis(rng: random.Random) -> Sample:
    """Fourteen points a court; three courts with one label twice and another missing."""
    tasks = []
    for number in range(1, 81):
        labels = [*COURT]
        if number in (7, 30, 55):
            labels[5] = labels[6]
        points = [
            {"x": rng.uniform(0, 100), "y": rng.uniform(0, 100), "keypointlabels": [label]}
            for label in labels
        ]
        regions = [
            result(f"r{number}_{at}", "point", "image", "keypointlabels", point, **SIZE)
            for at, point in enumerate(points)
        ]
        tasks.append(task(number, image(number), regions))
    config = on_image(labels_of("point", "KeyPointLabels", "image", *COURT))
    return config, tasks, {"LD302": 3, "LD303": 3}


def faces(rng: random.Random) -> Sample:
    """One to four faces an image, no parents: no point is twice, none is missing."""
    parts, tasks = ["eye", "nose", "mouth"], []
    for number in range(1, 61):
        regions = []
        for face in range(rng.randint(1, 4)):
            for part in parts if rng.random() < 0.7 else parts[:2]:
                point = {"x": rng.uniform(0, 99), "y": rng.uniform(0, 99), "keypointlabels": [part]}
                name = f"r{number}_{face}{part}"
                regions.append(result(name, "point", "image", "keypointlabels", point, **SIZE))
        tasks.append(task(number, image(number), regions))
    return on_image(labels_of("point", "KeyPointLabels", "image", *parts)), tasks, {}


FIELDS = ["Number", "Date", "Total", "Tax Amount", "Tax Rate", "Vendor", "Item"]


def invoices(rng: random.Random) -> Sample:
    """Boxes around fields: lines close to each other, optional fields, a kind nearly always."""
    tasks = []
    for number in range(1, 201):
        fields = ["Number", "Date", "Total", *rng.sample(["Vendor", "Item"], rng.randint(0, 2))]
        fields = [field for field in fields if rng.random() < 0.9] + ["Item"] * rng.randint(0, 6)
        if rng.random() < 0.8 or number in (11, 12, 13):
            fields.append("Tax Amount")
            fields += ["Tax Rate"] if number not in (11, 12, 13) else []
        regions = [
            field_box(f"r{number}_{row}", row, field, rng) for row, field in enumerate(fields)
        ]
        if number not in (21, 22):
            kind = {"choices": [rng.choice(["invoice", "receipt"])]}
            regions.append(result(f"k{number}", "kind", "image", "choices", kind))
        tasks.append(task(number, image(number), regions))
    plant_in_boxes([each["annotations"][0]["result"] for each in tasks])
    predicted = [field_box("same", row, "Total", rng) for row in range(2)]
    tasks[90]["predictions"] = [{"id": 1, "result": predicted}]
    kinds = '<Choices name="kind" toName="image"><Choice value="invoice"/><Choice value="receipt"/>'
    config = on_image(labels_of("box", "RectangleLabels", "image", *FIELDS), f"{kinds}</Choices>")
    planted = {"LD101": 1, "LD102": 1, "LD104": 1, "LD105": 1, "LD108": 1, "LD111": 2}
    return config, tasks, {**planted, "LD603": 5, "LD813": 1, "LD814": 1, "LD922": 1}


def field_box(region: str, row: int, label: str, rng: random.Random) -> Raw:
    value = {"x": rng.uniform(2, 20), "y": 2 + 5.0 * row, "rotation": 0, "rectanglelabels": [label]}
    value |= {"width": rng.uniform(5, 60), "height": rng.uniform(2, 6)}
    return result(region, "box", "image", "rectanglelabels", value, **SIZE)


def plant_in_boxes(results: list[list[Raw]]) -> None:
    for at, name in ((30, "width"), (31, "height")):
        first = results[at][0]
        near = {**first["value"], name: first["value"][name] * 1.01}
        results[at].append({**first, "id": f"again{at}", "value": near})
    results[32][0]["value"]["rectanglelabels"] = []
    results[33][0]["value"]["height"] = 0
    results[34][0]["value"].update(x=60, width=41)
    results[35][0]["value"].update(width=0.1)
    results[36][0]["original_width"] = 640
    results[37][0]["value"]["rectanglelabels"] = ["date"]


PLACES = ["San Salvador", "the U.S. embassy", "10 a.m.", "Bogotá", "a .45-caliber pistol", "FMLN"]
FILLER = ["reported", "that", "near", "the", "was", "attacked", "by", "several", "men"]


def events(rng: random.Random) -> Sample:
    """Thirty labels over short texts, one to three annotators, a fifth of them found nothing."""
    kinds = [f"kind {number}" for number in range(30)]
    tasks = []
    for number in range(1, 161):
        words = [rng.choice(FILLER) for _ in range(30)]
        for at in sorted(rng.sample(range(0, 30, 3), 4)):
            words[at] = rng.choice([*PLACES, rng.choice(FILLER)])
        text = f"{number}: {' '.join(words)} Mr. Rivas, 34, in Santa Ana."
        annotations = [
            []
            if rng.random() < 0.2 and (by or number > 45)
            else marked(f"r{number}_{by}", text, kinds, rng)
            for by in range(rng.randint(1, 3))
        ]
        tasks.append(task(number, {"text": text}, *annotations))
    plant_in_texts(tasks)
    planted = {"LD403": 5, "LD404": 3, "LD405": 3, "LD407": 2, "LD421": 2, "LD502": 2}
    planted |= {"LD801": 2, "LD802": 1, "LD902": 1}
    return on_text(labels_of("label", "Labels", "text", *kinds)), tasks, planted


def marked(prefix: str, text: str, kinds: list[str], rng: random.Random) -> list[Raw]:
    """Each place with the label that it always has, most of them; a nested one; a relation."""
    regions = []
    for place in PLACES:
        if place in text and rng.random() < 0.8:
            name = f"{prefix}_{PLACES.index(place)}"
            regions.append(span_at(name, text, text.index(place), place, kinds[len(place)]))
    start = text.index("Mr. Rivas")
    regions.append(span_at(f"{prefix}_m", text, start, "Mr. Rivas", "kind 1"))
    regions.append(span_at(f"{prefix}_n", text, start + 4, "Rivas", "kind 2"))
    ends = {"from_id": regions[0]["id"], "to_id": regions[-1]["id"]}
    return [*regions, {"type": "relation", "direction": "right", **ends}]


def span_at(region: str, text: str, start: int, words: str, label: str) -> Raw:
    end = start + len(words)
    value = {"start": start, "end": end, "text": text[start:end], "labels": [label]}
    return result(region, "label", "text", "labels", value)


PLANTED = [
    *((number, " Santa Ana", "kind 3") for number in range(5)),
    *((number, "Rivas, 34,", "kind 3") for number in range(5, 8)),
    *((number, "anta Ana", "kind 3") for number in (8, 9)),
    (10, "Santa An", "kind 3"),
    *((number, "Santa Ana", "kind 3") for number in (11, 11, 12, 12, 15, 16, 21)),
    *((number, "Mr. Rivas", "kind 4") for number in (13, 14)),
]


def plant_in_texts(tasks: list[Raw]) -> None:
    for at, (number, marks, label) in enumerate(PLANTED):
        text, annotation = tasks[number]["data"]["text"], tasks[number]["annotations"][0]
        annotation["result"].append(span_at(f"p{at}", text, text.index(marks), marks, label))
    for number in (15, 16):
        regions = tasks[number]["annotations"][0]["result"]
        ends = {"from_id": regions[-1]["id"], "to_id": regions[-1]["id"]}
        regions.append({"type": "relation", **ends})
    tasks.append({**tasks[20], "id": 900})
    tasks.append({**tasks[21], "id": 901, "annotations": [{"id": 1, "result": []}]})
    tasks[21]["annotations"] = tasks[21]["annotations"][:1]
    once = tasks[40]["annotations"][0]
    tasks[40]["annotations"] = [{**once, "id": number, "completed_by": 9} for number in (1, 2)]


def outlines(rng: random.Random) -> Sample:
    """Ragged outlines of forty points; brushes."""
    tasks = []
    for number in range(1, 61):
        regions = []
        for at in range(8):
            ring = [
                [50 + far * math.cos(turn / 6.4), 50 + far * math.sin(turn / 6.4)]
                for turn in range(40)
                for far in [rng.uniform(3, 40)]
            ]
            if number <= 4 and at == 0:
                ring[10], ring[20] = ring[20], ring[10]
            value = {"points": ring, "polygonlabels": ["Fire"], "closed": True}
            name = f"r{number}_{at}"
            regions.append(result(name, "area", "image", "polygonlabels", value, **SIZE))
        mask: Raw = {"format": "rle", "brushlabels": ["Smoke"]}
        if number > 5:
            mask["rle"] = rle(1280, 720, blank=rng.randrange(0, 4 * 1280 * 719, 4))
        regions.append(result(f"m{number}", "brush", "image", "brushlabels", mask, **SIZE))
        tasks.append(task(number, image(number), regions))
    controls = labels_of("area", "PolygonLabels", "image", "Fire")
    config = on_image(controls, labels_of("brush", "BrushLabels", "image", "Smoke"))
    return config, tasks, {"LD203": 4, "LD211": 5}


def submitted(rng: random.Random) -> Sample:
    """Documents whose boxes are a model's, nearly all submitted as they were."""
    tasks = []
    for number in range(1, 41):
        regions = [field_box(f"r{number}_{row}", row, "Total", rng) for row in range(5)]
        predicted = [{**each} for each in regions]
        for each in regions:
            each["origin"] = "prediction" if rng.random() < 0.95 else "prediction-changed"
        predictions = [{"id": number, "result": predicted}]
        tasks.append({**task(number, image(number), regions), "predictions": predictions})
    config = on_image(labels_of("box", "RectangleLabels", "image", "Total"))
    return config, tasks, {"LD921": 1}


@pytest.mark.parametrize("make", [tennis, faces, invoices, events, outlines, submitted])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_planted_is_found_and_nothing_else(make: Any, seed: int) -> None:
    config, tasks, planted = make(random.Random(seed))
    found = checked(tasks, config=config)
    assert Counter(fault.rule for fault in found.faults) == planted
    habits = {each.rule for each in found.conventions}
    assert habits <= {"LD911"}, "annotators who disagree, which is said once"
