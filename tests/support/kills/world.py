"""The server in tests of kills: two states of a project with media, and where copies are made."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from PIL import Image

from support.media_pins import BOX, ServedFiles, upload_of
from support.projects import region

ASKED = {"state", "take", "download", "count", "still_available", "discard", "open", "bounds"}


def play(state: int, folder: Path, step: Callable[[], None]) -> None:
    """Let `ls-dvc` in this process find the fake server at its address."""
    from ls_dvc.server import new_project, project

    found = Project(state, step)
    project.connect = lambda *_: found  # type: ignore[assignment,return-value]
    new_project.connect = lambda *_: _Projects(folder, step)  # type: ignore[assignment]


class Project(ServedFiles):
    """A project in one of two states; each thing that is asked of it is a step."""

    def __init__(self, state: int, step: Callable[[], None] = lambda: None) -> None:
        super().__init__(numbers=count(state * 1000 + 1))
        self.client = self
        self._step = step
        for task in range(1, 4 + state):
            self._draw(task, 10.0)
        if state == 2:
            self._draw(2, 40.0)

    def _draw(self, task: int, x: float) -> None:
        self.put(task)
        value = {**BOX, "x": x}
        drawn = region("rectanglelabels", value, from_name="box", to_name="image", id="r")
        done = {"id": task, "was_cancelled": False, "result": [drawn]}
        self.tasks[task] |= {"data": {"image": upload_of(task)}, "annotations": [done]}
        self.contents[upload_of(task)] = _picture(task)

    def __getattribute__(self, name: str) -> Any:
        if name in ASKED:
            object.__getattribute__(self, "_step")()
        return object.__getattribute__(self, name)


@cache
def _picture(number: int) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (32, 24), (number * 20, 0, 0)).save(content, "PNG")
    return content.getvalue()


class _Projects:
    """Projects that `restore` makes, in a file."""

    url = "http://fake"

    def __init__(self, folder: Path, step: Callable[[], None]) -> None:
        self.path, self.step, self.client = folder.parent / "projects", step, self

    def close(self) -> None:
        """Nothing is open."""

    def users(self) -> frozenset[int]:
        return frozenset()

    def create(self, title: str, label_config: str) -> int:
        projects = self._read()
        projects.append({"title": title, "tasks": []})
        self._write(projects)
        return len(projects) - 1

    def add(self, project_id: int, tasks: Sequence[dict[str, Any]], before: int) -> list[int]:
        projects = self._read()
        projects[project_id]["tasks"] += tasks
        self._write(projects)
        return list(range(before, before + len(tasks)))

    def upload(self, project_id: int, files: Iterable[Any]) -> Iterator[str]:
        return (f"/data/upload/{project_id}/{number}" for number, _ in enumerate(files))

    def totals(self, project_id: int) -> tuple[int, int, int]:
        tasks = self._read()[project_id]["tasks"]
        return len(tasks), sum(len(each["annotations"]) for each in tasks), 0

    def finish(self, project_id: int, title: str, label_config: str) -> None:
        projects = self._read()
        projects[project_id]["title"] = title
        self._write(projects)

    def remove(self, title: str) -> None:
        self._write([each if each["title"] != title else {"title": ""} for each in self._read()])

    def _read(self) -> list[Any]:
        self.step()
        return list(json.loads(self.path.read_text())) if self.path.exists() else []

    def _write(self, projects: list[Any]) -> None:
        new = self.path.with_name(f"projects.{os.getpid()}")
        new.write_text(json.dumps(projects))
        new.replace(self.path)
