"""`refresh --all` of a hundred data sets: servers are asked at once, and it costs what changed."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.offline import data_set, pin, server
from support.proxy import Proxy, Reply, Request, proxied
from support.workspace import Workspace, repository

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.server.admin import Admin

ALL = 100
CHANGED = "set50"
TRAIN = """
import pathlib, sys
data, model = map(pathlib.Path, sys.argv[1:])
model.parent.mkdir(exist_ok=True)
model.write_text("trained on " + " ".join(each.name for each in data.iterdir() if each.is_dir()))
"""


class AtOnce:
    """A proxy's fault that counts how many requests there are at one moment."""

    def __init__(self) -> None:
        self.most = self._now = 0
        self._lock = threading.Lock()

    def __call__(self, request: Request, forward: Callable[[Request], Reply]) -> Reply:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.02)
        try:
            return forward(request)
        finally:
            with self._lock:
                self._now -= 1


@pytest.fixture
def proxy(studio: LocalServer) -> Iterator[Proxy]:
    with proxied(studio.url) as proxy:
        yield proxy


def hundred(path: Path, url: str, key: str, same: int, other: int) -> Workspace:
    """A hundred data sets at their first version: all of the project `same`, but for one."""
    space = repository(path, LABEL_STUDIO_API_KEY=key)
    for name, project in (("set00", same), (CHANGED, other)):
        (path / name).mkdir()
        options = ("--url", url, "--project-id", str(project), "-f", "CSV")
        space.ls("-C", name, "init", "--no-media", *options)
    space.commit("scaffold")
    space.ls("refresh", "--all")
    for number in range(ALL):
        if not (path / f"set{number:02}").exists():
            shutil.copytree(path / "set00", path / f"set{number:02}", symlinks=True)
    space.commit("copies")
    return space


def test_a_hundred_data_sets(
    tmp_path: Path,
    proxy: Proxy,
    studio: LocalServer,
    admin: Admin,
    make_project: Callable[..., int],
) -> None:
    same, other = (make_project(tasks=[{"data": {"text": name}}]) for name in ("same", "other"))
    space = hundred(tmp_path, proxy.url, studio.api_key, same, other)
    admin.import_tasks(other, [{"data": {"text": "more"}}])
    asked, proxy.fault = len(proxy.seen), AtOnce()
    lines = space.ls("refresh", "--all").out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"set{n:02}" for n in range(ALL)]
    changed = [line for line in lines if "no labels changed" not in line]
    assert [line.partition(":")[0] for line in changed] == [CHANGED]
    assert changed[0].endswith(": +1 task")
    assert proxy.fault.most > 4
    of_same = [each for each in proxy.seen[asked:] if f"{same}" in each.path]
    assert len(of_same) / (ALL - 1) < 6, "each is asked for its state once"
    assert space.git("status", "--porcelain").out == ""


def test_one_that_cannot_be_asked_does_not_stop_the_others(
    tmp_path: Path, studio: LocalServer, make_project: Callable[..., int]
) -> None:
    space = repository(tmp_path, LABEL_STUDIO_API_KEY=studio.api_key)
    project = make_project(tasks=[{"data": {"text": "it"}}])
    for name, url in (("a", "http://127.0.0.1:9"), ("b", studio.url)):
        (tmp_path / name).mkdir()
        options = ("--url", url, "--project-id", str(project), "-f", "CSV")
        space.ls("-C", name, "init", "--no-media", "--offline", *options)
    space.commit("scaffold")
    ran = space.ls("refresh", "--all", code=1)
    assert ran.err.startswith("a: cannot reach")
    assert ran.out.startswith("b: ")
    assert "failed: a" in ran.err


def test_a_stage_for_each_data_set_by_foreach(tmp_path: Path) -> None:
    """As in docs/versions.md."""
    cars = data_set(tmp_path, "cars", "CSV")
    pin(cars, server(1, 2))
    shutil.copytree(cars.path, tmp_path / "dogs", symlinks=True)
    text = (Path(__file__).parents[2] / "docs/versions.md").read_text()
    (stages,) = re.findall(r"```yaml\n(stages:\n  train:.*?)```", text, re.DOTALL)
    (tmp_path / "dvc.yaml").write_text(stages)
    (tmp_path / "train.py").write_text(TRAIN)
    top = Workspace(tmp_path, cars.env)
    top.dvc("repro", "--all-pipelines")
    assert [top.read(f"models/{name}") for name in ("cars", "dogs")] == ["trained on CSV"] * 2
