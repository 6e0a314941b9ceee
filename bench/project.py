"""The project on the server that both sides export; a large one takes minutes, so it is kept."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import material

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.server.admin import Admin

BATCH = 1000  # tasks in one request


@dataclass(frozen=True)
class Project:
    """A project on a server."""

    studio: LocalServer
    number: int
    tasks: int

    def change(self, labels: int, *, together: bool) -> None:
        """Draw `labels` annotations anew, a few ids apart or all over the project."""
        with closing(Admin(self.studio.url, self.studio.api_key)) as admin:
            known = list(self._annotations(admin, labels, together=together))
            for annotation in known:
                drawn = material.image(random.randrange(self.tasks, 2**31))
                admin.update_annotation(annotation, drawn["annotations"][0]["result"])

    def _annotations(self, admin: Admin, count: int, *, together: bool) -> Iterator[int]:
        """The ids of the annotations of `count` tasks."""
        per_page = 1 if not together else count
        pages = -(-self.tasks // per_page)
        chosen = random.sample(range(1, pages), 1 if together else count)
        for page in chosen:
            where = {"project": self.number, "page": page, "page_size": per_page}
            found = admin.call("GET", "/api/tasks/", **where, fields="all")["tasks"]
            yield from (each["annotations"][0]["id"] for each in found)

    def server_seconds(self, snapshot: int) -> float:
        """How long the server says that it worked on a snapshot."""
        with closing(Admin(self.studio.url, self.studio.api_key)) as admin:
            told = admin.call("GET", f"/api/projects/{self.number}/exports/{snapshot}")
        return (_moment(told["finished_at"]) - _moment(told["created_at"])).total_seconds()

    def forget_snapshots(self) -> None:
        """Remove all snapshots, with the files that the server would leave."""
        with closing(Admin(self.studio.url, self.studio.api_key)) as admin:
            path = f"/api/projects/{self.number}/exports/"
            while found := admin.call("GET", path):
                for each in found:
                    admin.call("DELETE", f"{path}{each['id']}")
        for each in self.studio.data_dir.glob(f"media/export/*/project-{self.number}-at-*"):
            each.unlink()


def kept(studio: LocalServer, sizes: Sequence[int], say: Callable[[str], None]) -> list[Project]:
    """The projects with so many images on the server, made now if they are not there.

    Each image has one annotation. An import that was cut short goes on where it was.
    """
    with closing(Admin(studio.url, studio.api_key)) as admin:
        return [Project(studio, _imported(admin, each, say), each) for each in sizes]


def _imported(admin: Admin, tasks: int, say: Callable[[str], None]) -> int:
    """The number of the project with so many tasks."""
    number, there = find(admin, f"{tasks} images")
    for first in range(there, tasks, BATCH):
        until = min(first + BATCH, tasks)
        admin.import_tasks(number, [material.image(each) for each in range(first, until)])
        say(f"imported {until} of {tasks} tasks")
    return number


def find(admin: Admin, title: str) -> tuple[int, int]:
    """The number of the project with that title, and how many tasks it has."""
    listed: list[dict[str, Any]] = admin.call("GET", "/api/projects/", page_size=1000)["results"]
    for each in listed:
        if each["title"] == title:
            return int(each["id"]), int(each["task_number"])
    return admin.create_project(title, material.IMAGES.label_config), 0


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told.replace("Z", "+00:00"))
