"""The main story on the oldest Label Studio that we support, and on the installed one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support import main_story, server_versions

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.server.admin import Admin

OLDEST = "1.10.1"


def play(path: Path, studio: LocalServer) -> None:
    admin = Admin(studio.url, studio.api_key)
    try:
        main_story.play(path, studio.url, admin, studio.api_key)
    finally:
        admin.close()


@pytest.mark.soak
def test_on_the_oldest_server(tmp_path: Path) -> None:
    try:
        environment = server_versions.installed(OLDEST)
    except subprocess.SubprocessError as error:
        pytest.skip(f"pip cannot install Label Studio {OLDEST} for this Python: {error}")
    with server_versions.running(environment, tmp_path / "data") as studio:
        play(tmp_path / "repo", studio)


@pytest.mark.soak
def test_on_the_installed_server(tmp_path: Path, studio: LocalServer) -> None:
    play(tmp_path / "repo", studio)
