"""The project that both sides export: images with boxes, as annotators leave them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ls_dvc.embedded import Studio
from ls_dvc.server.admin import Admin

LABELS = ("Car", "Person", "Bicycle")
BOXES = 3
BATCH = 1000  # tasks in one request
LABEL_CONFIG = (
    '<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">'
    + "".join(f'<Label value="{each}"/>' for each in LABELS)
    + "</RectangleLabels></View>"
)


@dataclass(frozen=True)
class Project:
    """A project on the server, and how much a complete outcome holds."""

    number: int
    tasks: int

    @property
    def boxes(self) -> int:
        """In all of its tasks."""
        return self.tasks * BOXES


def make(studio: Studio, tasks: int, say: Callable[[str], None]) -> Project:
    """A project with `tasks` images; each has one annotation with its boxes."""
    admin = Admin(studio.url, studio.api_key)
    try:
        project = Project(admin.create_project(f"{tasks} images", LABEL_CONFIG), tasks)
        for first in range(0, tasks, BATCH):
            until = min(first + BATCH, tasks)
            admin.import_tasks(project.number, [_task(each) for each in range(first, until)])
            say(f"imported {until} of {tasks} tasks")
    finally:
        admin.close()
    return project


def _task(number: int) -> dict[str, Any]:
    """The address is one that the converter needs no file for; every image has its own name."""
    chance = random.Random(number)
    result = [_box(chance, f"{number}-{each}") for each in range(BOXES)]
    image = f"https://images.example.com/{number // 100:03}/{number:06}.jpg"
    annotation = {"result": result, "lead_time": round(chance.uniform(5, 60), 3)}
    return {"data": {"image": image}, "annotations": [annotation]}


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
    names = {"from_name": "box", "to_name": "image", "type": "rectanglelabels"}
    size = {"original_width": 1920, "original_height": 1080, "image_rotation": 0}
    return {"id": region, "origin": "manual", "value": value, **size, **names}
