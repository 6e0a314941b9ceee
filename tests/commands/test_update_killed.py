"""`ls-dvc update` that is killed while media arrive: the old pin, and the next run goes on."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from support import traffic
from support.proxy import Reply, Request, proxied
from support.workspace import BIN, Workspace, clean_environment, repository

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.pin import lockfile
from ls_dvc.server.admin import Admin

UPLOADS = 8


def picture(number: int) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (32, 24), (number * 20, 0, 0)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture(scope="module")
def project(admin: Admin) -> int:
    number = admin.create_project("Killed", traffic.CONFIG)
    files = {f"{each}.png": picture(each) for each in range(UPLOADS)}
    admin.import_tasks(
        number,
        [
            {"data": {"image": address}, "annotations": [{"result": [traffic.box(10)]}]}
            for address in admin.upload(number, files).values()
        ],
    )
    return number


@pytest.mark.parametrize("at", [1, 5])
def test_killed_while_media_arrive(
    studio: LocalServer, project: int, tmp_path: Path, at: int
) -> None:
    with proxied(studio.url) as proxy:
        space = repository(tmp_path / "repo")
        space.env["LABEL_STUDIO_API_KEY"] = studio.api_key
        space.ls("init", "--url", proxy.url, "--project-id", str(project), "-f", "YOLO")
        space.edit("params.yaml", "tasks: labeled,", "tasks: labeled, jobs: 1,")
        before = space.read("labels.lock")
        killed: list[subprocess.Popen[bytes]] = []

        def kill(request: Request, forward: Callable[[Request], Reply]) -> Reply:
            if killed and len(proxy.asked("GET", "/data/upload/")) == at:
                killed[0].kill()
                killed[0].wait()
            return forward(request)

        proxy.fault = kill
        killed.append(started(space))
        killed[0].communicate(timeout=120)
        assert killed[0].returncode == -9
        assert space.read("labels.lock") == before
        killed.clear()
        proxy.seen.clear()

        space.ls("update")
        pin = lockfile.read(space.path / "labels.lock")
        assert pin.media is not None
        assert pin.media.files == UPLOADS
        asked = len(proxy.asked("GET", "/data/upload/"))
        assert asked <= UPLOADS - max(at - 2, 0), "what had arrived was not asked for again"
        space.dvc("repro")
        space.ls("verify")


def started(space: Workspace) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(BIN / "ls-dvc"), "update"],
        cwd=space.path,
        env={**clean_environment(), **space.env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
