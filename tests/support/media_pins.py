"""Data sets with media of a server that is a dict: pinned by the real update, without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ls_dvc.server.interface import MediaResponse
from ls_dvc.server.pace import Deadline
from support.fake_server import FakeServer
from support.offline import data_set, pin
from support.projects import region
from support.workspace import Workspace

CONFIG = """<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">
<Label value="Car"/></RectangleLabels></View>"""

BOX = {"x": 10, "y": 10, "width": 20, "height": 20, "rotation": 0, "rectanglelabels": ["Car"]}


@dataclass
class ServedFiles(FakeServer):
    """A server with a task for each upload; `contents` by path."""

    label_config: str = CONFIG
    contents: dict[str, bytes] = field(default_factory=dict)
    deadline: Deadline = field(default_factory=Deadline)

    @property
    def origin(self) -> str:
        return self.url

    def media(self) -> ServedFiles:
        return self

    def close(self) -> None:
        """Nothing is open."""

    @contextmanager
    def open(self, path: str, headers: Mapping[str, str]) -> Iterator[MediaResponse]:
        content = self.contents[path]
        size = len(content)
        sent = {"content-range": f"bytes 0-{size - 1}/{size}", "content-length": str(size)}
        assert headers["Range"] == "bytes=0-"
        yield MediaResponse(206, sent, iter([content]))


def upload_of(task: int) -> str:
    return f"/data/upload/1/{task}.jpg"


def with_media(path: Path, *formats: str) -> Workspace:
    """A data set that asks for media; nothing is pinned."""
    space = data_set(path, ".", *(formats or ("CSV",)), media=True)
    space.edit("params.yaml", "tasks: labeled", "tasks: labeled, recheck: all")
    return space


def pin_media(space: Workspace, *contents: bytes) -> None:
    """Pin a task for each content, from 1 on: each is an upload that was replaced."""
    server = ServedFiles()
    for task, content in enumerate(contents, 1):
        server.put(task)
        drawn = region("rectanglelabels", BOX, from_name="box", to_name="image", id="r")
        done = {"id": task, "was_cancelled": False, "result": [drawn]}
        server.tasks[task] |= {"data": {"image": upload_of(task)}, "annotations": [done]}
        server.contents[upload_of(task)] = content
    pin(space, server, full=True)


def share(space: Workspace) -> None:
    """DVC's remote next to the repository, and a cache that is hardlinked."""
    (space.path.parent / "remote").mkdir(exist_ok=True)
    space.store(space.path.parent / "remote")
    with (space.path / ".dvc/config").open("a") as config:
        config.write("[cache]\n    type = hardlink,copy\n")
