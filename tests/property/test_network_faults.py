"""Any request of any command may meet any fault: old or new, never a bug, and no hand is needed.

`FAULTS_SEED=7` in the environment plays the pairs of that seed, `FAULTS_PAIRS` that many a command.
"""

from __future__ import annotations

import gc
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import active_count
from typing import Any

import click
import pytest
from support import workspace
from support.faults import FAULTS, Faults, hasty
from support.media_files import picture
from support.projects import box
from support.proxy import Fault, Proxy, proxied

from ls_dvc.cli import cli
from ls_dvc.cli.session import Session
from ls_dvc.cli.watch import _observer
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import LsDvcError
from ls_dvc.pin import lockfile
from ls_dvc.server.admin import Admin
from ls_dvc.snapshot import snapshot_folder

CONFIG = """<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">
<Label value="Car"/></RectangleLabels></View>"""
FORMATS = ("JSON", "COCO")


def run(space: Path, *arguments: str) -> int:
    """The exit code of a command in this process; what would be exit 3 is raised."""
    try:
        cli.main(["-C", str(space), "-q", *arguments], "ls-dvc", standalone_mode=False)
    except click.exceptions.Exit as done:
        return int(done.exit_code)
    except (LsDvcError, OSError):
        return 1
    return 0


def look(space: Path, *_: str) -> int:
    try:
        _observer(Session(str(space), quiet=True))()
    except LsDvcError:
        return 1
    return 0


@dataclass
class Scene:
    """A data set at an old pin, whose project has new labels; each try gets a copy of it."""

    base: Path
    faults: Faults
    old: str
    new: str
    tries: int = 0

    def copy(self) -> Path:
        self.tries += 1
        folder = self.base.parent / f"try{self.tries}"
        shutil.copytree(self.base, folder, symlinks=True)
        return folder

    def requests(self, command: tuple[str, ...], prepare: Callable[[Path], None]) -> int:
        """How many a command makes when nothing is in its way."""
        folder = self.copy()
        prepare(folder)
        self.faults.plan({})
        assert (look if command == ("look",) else run)(folder, *command) in (0, 1)
        shutil.rmtree(folder)
        return self.faults.count

    def meet(
        self, command: tuple[str, ...], prepare: Callable[[Path], None], planned: dict[int, Fault]
    ) -> int:
        """What a command makes of faults, and then the next ones without any."""
        folder = self.copy()
        prepare(folder)
        self.faults.plan(planned)
        story = f"{command} with { ({at: fault.__name__ for at, fault in planned.items()}) }"
        code = look(folder) if command == ("look",) else run(folder, *command)
        self.faults.plan({})
        assert code in (0, 1), story
        pinned = fingerprint(folder)
        assert pinned in (self.old, self.new), story
        if command[0] == "update" and code == 0:
            assert pinned == self.new, story
        assert run(folder, "update") == 0, story
        assert fingerprint(folder) == self.new, story
        assert run(folder, "export") == 0, story
        exported = snapshot_folder.read(folder / "data" / "snapshot")
        assert exported.manifest.fingerprint == self.new, story
        shutil.rmtree(folder)
        return code


def fingerprint(folder: Path) -> str:
    pin = lockfile.find(folder / lockfile.NAME)
    assert pin is not None
    return pin.fingerprint


def unchanged(folder: Path) -> None:
    """As it is."""


def updated(folder: Path) -> None:
    """The new pin; the side cache is lost, so that everything has to come again."""
    assert run(folder, "update") == 0
    shutil.rmtree(folder / ".dvc" / "tmp")


COMMANDS: list[tuple[tuple[str, ...], Callable[[Path], None]]] = [
    (("update",), unchanged),
    (("update", "--full"), unchanged),
    (("status",), unchanged),
    (("look",), unchanged),
    (("export",), updated),
    (("verify", "--all"), unchanged),
    (("prune", "--older-than", "0"), unchanged),
    (("restore", "HEAD", "--title", "Again"), unchanged),
]


@pytest.fixture(scope="module")
def proxy(studio: LocalServer) -> Iterator[Proxy]:
    with proxied(studio.url) as found, hasty():
        yield found


def make(studio: LocalServer, admin: Admin, proxy: Proxy, folder: Path, extra: str) -> Scene:
    """With media where `extra` is "media"; with a format of the server's where it is "engines"."""
    project = admin.create_project("Faults", CONFIG)
    shown = admin.upload(project, {f"{n}.png": picture(9, 9 + n) for n in range(2)})
    tasks = [{"data": {"image": f"/data/{path}"}} for path in shown.values()]
    numbers = admin.import_tasks(project, tasks)
    admin.create_annotation(numbers[0], [box(1, 2, 3, 4)])
    base = folder / "base"
    space = workspace.make(
        base, proxy.url, studio.api_key, project, *FORMATS, media=extra == "media"
    )
    if extra == "engines":
        space.edit("params.yaml", "engines: {}", "engines: {YOLO: server}")
        space.edit("params.yaml", "[JSON, COCO]", "[JSON, COCO, YOLO]")
    (base / ".env").write_text(f"LABEL_STUDIO_API_KEY={studio.api_key}\n")
    proxy.fault = lambda request, forward: forward(request)
    space.ls("update")
    space.dvc("repro", "-q")
    space.commit("old")
    old = fingerprint(base)
    admin.create_annotation(numbers[1], [box(5, 6, 7, 8)])
    scene = Scene(base, Faults(proxy), old, "")
    clean = scene.copy()
    assert run(clean, "update") == 0
    scene.new = fingerprint(clean)
    assert scene.new != old
    shutil.rmtree(clean)
    return scene


@pytest.fixture(params=["labels", "media", "engines"])
def scene(request: Any, studio: LocalServer, admin: Admin, proxy: Proxy, tmp_path: Path) -> Scene:
    return make(studio, admin, proxy, tmp_path, request.param)


@pytest.mark.parametrize("scene", ["labels"], indirect=True)
def test_some_faults_of_an_update(scene: Scene) -> None:
    count = scene.requests(("update",), unchanged)
    chance = random.Random(int(os.environ.get("FAULTS_SEED", "1")))
    for _ in range(4):
        scene.meet(("update",), unchanged, {chance.randrange(count): chance.choice(FAULTS)})


@pytest.mark.soak
@pytest.mark.parametrize(("command", "prepare"), COMMANDS, ids=lambda each: str(each)[:20])
def test_each_fault_at_each_request(scene: Scene, command: Any, prepare: Any) -> None:
    count = scene.requests(command, prepare)
    ends = Counter[int]()
    for at in range(count):
        for fault in FAULTS:
            ends[scene.meet(command, prepare, {at: fault})] += 1
    print(f"{command}: {count} requests, {ends.total()} faults, ends {dict(ends)}")


@pytest.mark.soak
@pytest.mark.parametrize(("command", "prepare"), COMMANDS, ids=lambda each: str(each)[:20])
def test_pairs_of_faults(scene: Scene, command: Any, prepare: Any) -> None:
    count = scene.requests(command, prepare)
    seed = int(os.environ.get("FAULTS_SEED", "1"))
    chance, ends = random.Random(seed), Counter[int]()
    for _ in range(int(os.environ.get("FAULTS_PAIRS", "12"))):
        places = chance.sample(range(count + 2), 2)
        ends[scene.meet(command, prepare, {at: chance.choice(FAULTS) for at in places})] += 1
    print(f"{command}: {ends.total()} pairs of seed {seed}, ends {dict(ends)}")


@pytest.mark.soak
@pytest.mark.parametrize("scene", ["labels"], indirect=True)
def test_looks_of_a_watch_leave_nothing_behind(scene: Scene) -> None:
    """A look in two meets a fault; files, threads and memory are those of the beginning."""
    folder, chance = scene.copy(), random.Random(1)
    looks, ends = int(os.environ.get("FAULTS_LOOKS", "1000")), Counter[int]()
    used = []
    for number in range(looks):
        fault = {chance.randrange(4): chance.choice(FAULTS)} if number % 2 else {}
        scene.faults.plan(fault)
        scene.faults.proxy.seen.clear()
        ends[look(folder)] += 1
        if number in (looks // 5, looks - 1):
            gc.collect()
            used.append((len([*Path("/proc/self/fd").iterdir()]), active_count(), memory()))
    print(f"{looks} looks, ends {dict(ends)}, files, threads, kB: {used}")
    (files, threads, before), (files_after, threads_after, after) = used
    assert files_after <= files + 5
    assert threads_after <= threads + 5
    assert after < before * 1.1


def memory() -> int:
    """What this process has in memory now, in kB."""
    (line,) = (
        each for each in Path("/proc/self/status").read_text().split("\n") if "VmRSS" in each
    )
    return int(line.split()[1])
