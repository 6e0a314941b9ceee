"""A version that is restored shows its pictures, though the uploads are gone from the server."""

from __future__ import annotations

import io
import json
from pathlib import Path

import httpx
from PIL import Image
from support import traffic
from support.workspace import repository

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.server.admin import Admin


def picture(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(content, "PNG")
    return content.getvalue()


def test_uploads_go_up_again(studio: LocalServer, admin: Admin, tmp_path: Path) -> None:
    project = admin.create_project("Photos", traffic.CONFIG)
    colours = {"red car.png": "red", "blue.png": "blue"}
    files = {name: picture(colour) for name, colour in colours.items()}
    addresses = list(admin.upload(project, files).values())
    addresses += [addresses[0], "https://images.example.com/a.png"]
    admin.import_tasks(
        project,
        [
            {"data": {"image": address}, "annotations": [{"result": [traffic.box(10)]}]}
            for address in addresses
        ],
    )
    space = repository(tmp_path / "repo")
    space.env["LABEL_STUDIO_API_KEY"] = studio.api_key
    space.ls("init", "--url", studio.url, "--project-id", str(project), "-f", "YOLO")
    space.dvc("repro")
    space.commit("labels")
    admin.call("DELETE", f"/api/projects/{project}/")

    restored = json.loads(space.ls("restore", "HEAD", "--json").out)
    tasks = admin.call("GET", "/api/tasks/", project=restored["project_id"])["tasks"]
    shown = [task["data"]["image"] for task in sorted(tasks, key=lambda task: task["id"])]
    assert shown[2] == shown[0], "one upload for both tasks"
    assert shown[3] == addresses[3]
    assert not set(shown[:3]) & set(addresses)
    assert shown[0].endswith("-red_car.png")
    header = {"Authorization": f"Token {studio.api_key}"}
    contents = [httpx.get(f"{studio.url}{path}", headers=header).content for path in shown[:2]]
    assert contents == list(files.values())
