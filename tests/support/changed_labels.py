"""Two versions of labels with a change of every kind, on pictures, texts and recordings."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ls_dvc.demo import street_scenes
from ls_dvc.demo.pictures import png, scenes
from support.media_pins import ServedFiles, with_media
from support.offline import pin
from support.projects import rle
from support.workspace import Workspace

CONFIG = """<View>
<Image name="image" value="$image"/>
<RectangleLabels name="object" toName="image">
  <Label value="Car"/><Label value="Person"/><Label value="Bicycle"/></RectangleLabels>
<PolygonLabels name="ground" toName="image"><Label value="Road"/></PolygonLabels>
<EllipseLabels name="round" toName="image"><Label value="Wheel"/></EllipseLabels>
<KeyPointLabels name="joint" toName="image"><Label value="Head"/></KeyPointLabels>
<BrushLabels name="mask" toName="image"><Label value="Sky"/></BrushLabels>
<Choices name="weather" toName="image"><Choice value="Sunny"/><Choice value="Cloudy"/>
  <Choice value="Rain"/></Choices>
<TextArea name="caption" toName="image"/>
<Text name="text" value="$text"/>
<Labels name="entity" toName="text"><Label value="Person"/><Label value="Place"/></Labels>
<Audio name="audio" value="$audio"/>
<Labels name="speaker" toName="audio"><Label value="Anna"/><Label value="Ben"/></Labels>
</View>"""

TEXT = "Anna Schmidt moved from Berlin to Paris in 2019, and Ben followed her a year later."
HOSTILE = (
    "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>\u202e{{7*7}}"
)
Raw = dict[str, Any]


def region(name: str, control: str, kind: str, on: str = "image", **value: Any) -> Raw:
    size = {"original_width": 640, "original_height": 400} if on == "image" else {}
    return {"id": name, "from_name": control, "to_name": on, "type": kind, "value": value, **size}


def done(number: int, regions: Iterable[Raw], user: int = 7) -> Raw:
    return {"id": number, "completed_by": user, "was_cancelled": False, "result": [*regions]}


def span(name: str, words: str, label: str) -> Raw:
    start = TEXT.index(words)
    value = {"start": start, "end": start + len(words), "text": words, "labels": [label]}
    return region(name, "entity", "labels", "text", **value)


def segment(name: str, start: float, end: float, label: str) -> Raw:
    made = region(name, "speaker", "labels", "audio", start=start, end=end, labels=[label])
    return {**made, "original_length": 30.0}


def before() -> dict[int, Raw]:
    """The tasks of the first version by id."""
    shown = scenes(6)
    tasks = {
        number: {
            "data": {"image": f"/data/upload/1/{scene.name}", "text": "", "camera": "left"},
            "annotations": [done(100 + number, street_scenes.regions(scene))],
        }
        for number, scene in enumerate(shown, 1)
    }
    texts = [span("s1", "Anna Schmidt", "Person"), span("s2", "Berlin", "Place")]
    texts.append(span("s3", "Paris", "Person"))
    tasks[20] = {"data": {"text": TEXT}, "annotations": [done(120, texts)]}
    parts = [segment("a1", 0.5, 6, "Anna"), segment("a2", 8, 12, "Ben")]
    tasks[30] = {"data": {"audio": "/data/upload/1/call.wav"}, "annotations": [done(130, parts)]}
    tasks[40] = {"data": {"text": f"{HOSTILE} {TEXT}"}, "annotations": [done(140, [])]}
    return json.loads(json.dumps(tasks), object_hook=_with_numbers)


def after() -> dict[int, Raw]:
    """Of the second: moved, resized, relabeled, added, removed, and answered otherwise."""
    tasks = copy.deepcopy(before())
    results = {number: task["annotations"][0]["result"] for number, task in tasks.items()}
    boxes = [each for each in results[1] if each["type"] == "rectanglelabels"]
    boxes[0]["value"]["x"] += 4
    boxes[1]["value"]["width"] *= 1.6
    next(each for each in results[1] if each["type"] == "choices")["value"]["choices"] = ["Rain"]
    results[2][0]["value"]["rectanglelabels"] = ["Bicycle"]
    results[2].pop(1)
    oval = {"x": 30, "y": 70, "radiusX": 6, "radiusY": 9, "rotation": 0, "ellipselabels": ["Wheel"]}
    results[3].append(region("o1", "round", "ellipselabels", **oval))
    point = {"x": 60, "y": 50, "width": 1, "keypointlabels": ["Head"]}
    results[3].append(region("k1", "joint", "keypointlabels", **point))
    turned = {"x": 50, "y": 30, "width": 20, "height": 10, "rotation": 35}
    results[3].append(
        region("b9", "object", "rectanglelabels", **turned, rectanglelabels=["Bicycle"])
    )
    sky = rle(640, 400, blank=640 * 250 * 4)
    results[4].append(
        region("m1", "mask", "brushlabels", format="rle", rle=sky, brushlabels=["Sky"])
    )
    tasks[5]["annotations"].append(done(205, street_scenes.regions(scenes(6)[4])[:2], user=9))
    del tasks[6]
    tasks[7] = {
        "data": {"image": "/data/upload/1/street-07.png", "text": ""},
        "annotations": [done(107, street_scenes.regions(scenes(7)[6]), user=9)],
    }
    results[20][2]["value"]["labels"] = ["Place"]
    results[20].append(span("s4", "Ben", "Person"))
    results[30][0]["value"]["end"] = 7.25
    results[30].append(segment("a3", 15, 21, "Anna"))
    words = {"start": 0, "end": len(HOSTILE), "text": HOSTILE, "labels": [HOSTILE]}
    note = region("n1", "caption", "textarea", text=[HOSTILE])
    results[40] += [region("h1", "entity", "labels", "text", **words), note]
    return tasks


def serve(tasks: dict[int, Raw], config: str = CONFIG) -> ServedFiles:
    """A server that has these tasks, and their pictures."""
    server = ServedFiles(label_config=config)
    for number, task in tasks.items():
        server.put(number)
        server.tasks[number] |= copy.deepcopy(task)
    server.contents = {f"/data/upload/1/{each.name}": png(each) for each in scenes(8)}
    server.contents["/data/upload/1/call.wav"] = b"RIFF\x24\0\0\0WAVEfmt "
    return server


def two_versions(path: Path, *formats: str, config: str = CONFIG) -> Workspace:
    """A repository whose HEAD pins the first version, and whose workspace the second."""
    space = with_media(path, *formats)
    for tasks in (before(), after()):
        pin(space, serve(tasks, config))
        space.dvc("repro", "-q")
        if tasks.keys() == before().keys():
            space.commit("First labels")
    return space


def _with_numbers(document: Raw) -> Raw:
    return {int(key) if key.isdecimal() else key: value for key, value in document.items()}
