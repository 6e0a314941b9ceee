"""A small project of cars and persons in boxes: its label config, regions and task ids."""

from __future__ import annotations

from ls_dvc.server.admin import Admin

CONFIG = (
    '<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">'
    '<Label value="Car"/><Label value="Person"/></RectangleLabels></View>'
)


def box(x: float, label: str = "Car", region: str = "r1") -> dict[str, object]:
    value = {"x": x, "y": 10, "width": 20, "height": 30, "rotation": 0, "rectanglelabels": [label]}
    size = {"original_width": 640, "original_height": 480}
    names = {"from_name": "box", "to_name": "image", "type": "rectanglelabels"}
    return {"id": region, "value": value, **size, **names}


def task_ids(admin: Admin, project: int) -> list[int]:
    found = admin.call("GET", "/api/tasks/", project=project, page_size=100)
    return sorted(each["id"] for each in found["tasks"])
