"""Data sets of a server that is a dict: pinned by the real update, made without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ls_dvc.commands import init, init_settings, update
from ls_dvc.progress import Silent
from ls_dvc.update import UpdateOptions
from ls_dvc.workspace import open_workspace
from support.fake_server import FakeServer
from support.workspace import Workspace, repository


def data_set(path: Path, subfolder: str = ".", *formats: str, media: bool = False) -> Workspace:
    """A repository with the scaffold of `ls-dvc init` in a subfolder; no server is asked."""
    repository(path, LABEL_STUDIO_URL="http://127.0.0.1:9")
    folder = path / subfolder
    folder.mkdir(exist_ok=True)
    options = init_settings.InitOptions("http://fake", 1, formats or ("CSV",), media=media)
    init.init(folder, options, lambda question: True)
    return Workspace(folder, {"LABEL_STUDIO_URL": "http://127.0.0.1:9"})


def pin(
    space: Workspace, server: Any, now: str = "2026-01-01T00:00:00Z", *, full: bool = False
) -> None:
    """`ls-dvc update` with that server; what it downloads is in the side cache."""
    opened = open_workspace(space.path)
    update.move_pin(opened, server, UpdateOptions(opened.params.update, full=full), Silent(), now)


def server(*ids: int) -> FakeServer:
    fake = FakeServer()
    fake.put(*ids)
    return fake
