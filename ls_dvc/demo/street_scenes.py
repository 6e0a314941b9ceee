"""What the demo puts on the server, and how its labels change afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ls_dvc.demo.pictures import HEIGHT, WIDTH, Scene, SceneObject, png, scenes
from ls_dvc.server.admin import Admin

TITLE = "Street scenes"
LABEL_CONFIG = """\
<View>
  <Header value="What is in the street?"/>
  <Image name="image" value="$image"/>
  <RectangleLabels name="object" toName="image">
    <Label value="Car" background="#c0392b"/>
    <Label value="Person" background="#2c6fbb"/>
  </RectangleLabels>
  <PolygonLabels name="ground" toName="image">
    <Label value="Road" background="#55585c"/>
  </PolygonLabels>
  <Choices name="weather" toName="image" choice="single" showInline="true">
    <Choice value="Sunny"/>
    <Choice value="Cloudy"/>
    <Choice value="Rain"/>
  </Choices>
  <TextArea name="caption" toName="image" rows="1"/>
</View>
"""
# Alphabetically first, so that a converter that sorts labels would move every class id.
WITH_BICYCLE = LABEL_CONFIG.replace(
    '<Label value="Car"', '<Label value="Bicycle" background="#3c8d5a"/>\n    <Label value="Car"'
)

PICTURES = 8
LATER = 2


@dataclass(frozen=True)
class Demo:
    """The project and the ids that the second act needs, in the order of the pictures."""

    project_id: int
    tasks: tuple[int, ...]
    annotations: tuple[int, ...]


def create(admin: Admin) -> Demo:
    """A project with eight pictures in every state that a task can be in.

    Five are labeled, one of them twice; one is labeled as empty, one was skipped, one waits.
    """
    project = admin.create_project(TITLE, LABEL_CONFIG)
    shown = scenes(PICTURES)
    tasks = _tasks(admin, project, shown)
    labeled = [
        admin.create_annotation(t, regions(s)) for t, s in zip(tasks[:5], shown, strict=False)
    ]
    admin.create_annotation(tasks[1], regions(shown[1])[:-1], lead_time=9.5)
    admin.create_annotation(tasks[5], [])
    admin.create_annotation(tasks[6], [], was_cancelled=True)
    return Demo(project, tuple(tasks), tuple(labeled))


def relabel(admin: Admin, demo: Demo) -> list[str]:
    """A week of work: what annotators changed, as sentences."""
    shown = scenes(PICTURES + LATER)
    admin.patch_project(demo.project_id, label_config=WITH_BICYCLE)
    _move_first_box(admin, demo, shown[0])
    _rename_first_person(admin, demo, shown[2])
    admin.create_annotation(demo.tasks[7], regions(shown[7]))
    admin.delete_task(demo.tasks[4])
    added = _tasks(admin, demo.project_id, [_with_bicycle(scene) for scene in shown[PICTURES:]])
    for task, scene in zip(added, shown[PICTURES:], strict=True):
        admin.create_annotation(task, regions(_with_bicycle(scene)))
    return [
        "the label config has a new label, Bicycle, in front of the others",
        f"task {demo.tasks[0]}: a box moved",
        f"task {demo.tasks[2]}: a Person became a Car",
        f"task {demo.tasks[7]}: labeled for the first time",
        f"task {demo.tasks[4]}: deleted",
        f"tasks {added[0]} and {added[1]}: new, each with a Bicycle",
    ]


def regions(scene: Scene) -> list[dict[str, Any]]:
    """The regions that a careful annotator would draw, in percent of the picture."""
    boxes = [_box(thing, f"{scene.name}-{n}") for n, thing in enumerate(scene.things)]
    road = [[100 * x / WIDTH, 100 * y / HEIGHT] for x, y in scene.road]
    polygon = {"points": road, "closed": True, "polygonlabels": ["Road"]}
    caption = f"{len(scene.things)} things in the street"
    return [
        *boxes,
        _region(f"{scene.name}-road", "ground", "polygonlabels", polygon),
        _region(f"{scene.name}-weather", "weather", "choices", {"choices": [scene.weather]}),
        _region(f"{scene.name}-caption", "caption", "textarea", {"text": [caption]}),
    ]


def _tasks(admin: Admin, project: int, shown: Sequence[Scene]) -> list[int]:
    paths = admin.upload(project, {scene.name: png(scene) for scene in shown})
    data = [{"image": paths[scene.name], "camera": f"cam-{n % 2}"} for n, scene in enumerate(shown)]
    return admin.import_tasks(project, [{"data": item} for item in data])


def _box(thing: SceneObject, region: str) -> dict[str, Any]:
    value = {
        "x": 100 * thing.x / WIDTH,
        "y": 100 * thing.y / HEIGHT,
        "width": 100 * thing.width / WIDTH,
        "height": 100 * thing.height / HEIGHT,
        "rotation": thing.rotation,
        "rectanglelabels": [thing.kind],
    }
    return _region(region, "object", "rectanglelabels", value)


def _region(name: str, control: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    size = {"original_width": WIDTH, "original_height": HEIGHT, "image_rotation": 0}
    return {
        "id": name.replace(".png", ""),
        "from_name": control,
        "to_name": "image",
        "type": kind,
        "origin": "manual",
        "value": value,
        **size,
    }


def _move_first_box(admin: Admin, demo: Demo, scene: Scene) -> None:
    changed = regions(scene)
    changed[0]["value"]["x"] += 1.5
    admin.update_annotation(demo.annotations[0], changed)


def _rename_first_person(admin: Admin, demo: Demo, scene: Scene) -> None:
    changed = regions(scene)
    person = next(
        region for region in changed if region["value"].get("rectanglelabels") == ["Person"]
    )
    person["value"]["rectanglelabels"] = ["Car"]
    admin.update_annotation(demo.annotations[2], changed)


def _with_bicycle(scene: Scene) -> Scene:
    bicycle = SceneObject("Bicycle", 530, 320, 76, 52)
    return Scene(scene.name, scene.weather, scene.road, (*scene.things, bicycle))
