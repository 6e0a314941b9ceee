"""Media with the labels against a script that downloads every file, on one server with uploads."""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import material
from measure import BenchError, Cost, Figure, Measured, Shell
from ours import DVC, Ours, repository
from PIL import Image
from project import BATCH, Project, find
from theirs import PLAIN as SCRIPT

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.progress import Reporter
from ls_dvc.server.admin import Admin
from ls_dvc.server.client import Client
from ls_dvc.server.uploads import Upload, upload
from ls_dvc.settings.connection import Connection

FORMAT = "YOLO"
CHANGED = 10
SIDE = 128  # pixels: a picture of noise of this size has 50 kB as PNG
PLAIN, OURS = "plain SDK", "ls-dvc"


def kept(studio: LocalServer, sizes: list[int], report: Reporter) -> Iterator[Project]:
    """The projects with so many labeled uploads, made now where they are not there."""
    with closing(Admin(studio.url, studio.api_key)) as admin:
        for tasks in sizes:
            number, there = find(admin, f"{tasks} uploads")
            for first in range(there, tasks, BATCH):
                count = min(BATCH, tasks - first)
                add(studio, admin, number, range(first, first + count))
                report.say(f"uploaded {first + count} of {tasks} pictures")
            yield Project(studio, number, max(there, tasks))


def add(studio: LocalServer, admin: Admin, number: int, pictures: range) -> None:
    """Upload pictures, and label each."""
    client = Client(Connection(studio.url, studio.api_key))
    with closing(client):
        files = (Upload(f"{each}.png", "image/png", picture(each)) for each in pictures)
        addresses = list(upload(client, number, files))
    tasks = [material.image(each) for each in pictures]
    for task, address in zip(tasks, addresses, strict=True):
        task["data"]["image"] = address
    admin.import_tasks(number, tasks)


def picture(number: int) -> bytes:
    """Noise, which no format makes smaller."""
    noise = random.Random(number).randbytes(SIDE * SIDE * 3)
    content = BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), noise).save(content, "PNG", compress_level=1)
    return content.getvalue()


@dataclass(frozen=True)
class Downloads:
    """The plain flow: export everything, download every file, let DVC add the folder."""

    shell: Shell
    project: Project

    def fetch(self) -> Cost:
        """The export and the files, all of them as there is nothing to tell which are new."""
        target, images = self.shell.folder / "export.json", self.shell.folder / "images"
        shutil.rmtree(images, ignore_errors=True)
        url, number = self.project.studio.url, str(self.project.number)
        exported = self._script("export", url, number, str(target))
        fetched = self._script("fetch", url, str(target), str(images))
        tasks, files = len(json.loads(target.read_bytes())), len(list(images.iterdir()))
        if tasks != files:
            raise BenchError(f"{files} files were downloaded for {tasks} tasks")
        return exported.then(fetched)

    def store(self) -> Cost:
        """`dvc add` of the folder."""
        return self.shell.run(DVC, "add", "-q", "images")[1]

    def _script(self, *arguments: str) -> Cost:
        return self.shell.run(sys.executable, SCRIPT, *arguments)[1]


def measure(folder: Path, project: Project, rounds: int) -> Iterator[Measured | Figure]:
    """What each way of getting labels and media costs; both sides take turns."""
    studio = project.studio
    to, number = folder / "ours", project.number
    ours = repository(to, project.tasks, studio.url, number, studio.api_key, media=True)
    ours.want(FORMAT)
    plain = Shell(folder / "plain", studio.api_key)
    plain.folder.mkdir()
    for command in (("git", "init", "-q"), (DVC, "init", "-q")):
        plain.run(*command)
    for shell in (ours.shell, plain):  # on both sides, as `ls-dvc init` proposes it
        shell.run(DVC, "config", "cache.type", "reflink,hardlink,copy")
    downloads = Downloads(plain, project)
    fetched, stored = downloads.fetch(), downloads.store()
    yield Measured("first fetch", PLAIN, fetched)
    yield Measured("first fetch, dvc", PLAIN, fetched.then(stored))
    updated = ours.update(changed=True)
    reproduced = ours.repro(FORMAT)
    yield Measured("first fetch", OURS, updated)
    yield Measured("first fetch, dvc", OURS, updated.then(reproduced))
    yield from _sizes(ours)
    ours.commit()
    for _ in range(rounds):
        ours = yield from _round(project, ours, downloads)


def _round(
    project: Project, ours: Ours, downloads: Downloads
) -> Generator[Measured | Figure, None, Ours]:
    fetched = downloads.fetch()
    whole = fetched.then(downloads.store())
    yield Measured("nothing changed", PLAIN, fetched)
    yield Measured("nothing changed", OURS, ours.update(changed=False))
    project.change(CHANGED, together=False)
    yield from _changed(f"{CHANGED} labels changed", ours, fetched, whole)
    with closing(Admin(project.studio.url, project.studio.api_key)) as admin:
        first = random.randrange(10**6, 10**9)
        add(project.studio, admin, project.number, range(first, first + CHANGED))
    ours = Ours(ours.shell, ours.tasks + CHANGED)
    yield from _changed(f"{CHANGED} new pictures", ours, fetched, whole)
    return ours


def _changed(step: str, ours: Ours, fetched: Cost, whole: Cost) -> Iterator[Measured | Figure]:
    updated = ours.update(changed=True)
    reproduced = ours.repro(FORMAT)
    yield Measured(f"{step}: fetch", PLAIN, fetched)
    yield Measured(f"{step}: fetch", OURS, updated)
    yield Measured(f"{step}: fetch, dvc", PLAIN, whole)
    yield Measured(f"{step}: fetch, dvc", OURS, updated.then(reproduced))
    ours.commit()


def _sizes(ours: Ours) -> Iterator[Figure]:
    """What the workspace takes on the disk, each inode once, against the media alone."""
    files = ours.folder.glob("data/media/**/*")
    media = sum(each.stat().st_size for each in files if each.is_file())
    inodes = {}
    for each in ours.folder.rglob("*"):
        if each.is_file() and not each.is_symlink():
            stat = each.stat()
            inodes[stat.st_dev, stat.st_ino] = stat.st_size
    yield Figure("media in MB", media / 1e6)
    yield Figure("repository with cache / media, bytes", sum(inodes.values()) / media)
