"""Our side: the real commands in a git and DVC repository, each checked to be complete."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from material import REGIONS
from measure import BIN, BenchError, Cost, Shell

from ls_dvc.io.files import md5
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin

LS_DVC = str(BIN / "ls-dvc")
DVC = str(BIN / "dvc")
AUTHOR = ("-c", "user.name=A", "-c", "user.email=a@example.com")


@dataclass(frozen=True)
class Stored:
    """What came into the DVC cache, in bytes: in all, and of that the labels in canonical form."""

    whole: int
    snapshot: int


@dataclass(frozen=True)
class Ours:
    """A repository for a project of so many tasks; each method is one command."""

    shell: Shell
    tasks: int

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.shell.folder

    @property
    def pin(self) -> Pin:
        """What is pinned."""
        return lockfile.read(self.folder / lockfile.NAME)

    def want(self, name: str, layout: str = "loose") -> None:
        """Let the settings ask for one format in one layout."""
        path = self.folder / "params.yaml"
        said = re.sub(r"formats: \[\w+\]", f"formats: [{name}]", path.read_text())
        path.write_text(re.sub(r"layout: \w+", f"layout: {layout}", said))

    def update(self, *options: str, changed: bool) -> Cost:
        """`ls-dvc update`."""
        out, cost = self.shell.run(LS_DVC, "update", "--json", *options)
        counts = {"tasks": self.tasks, "annotations": self.tasks}
        _expect("ls-dvc update", {"changed": changed, **counts}, json.loads(out))
        return cost

    def export(self) -> Cost:
        """`ls-dvc export`: the canonical snapshot folder, from what lies in the side cache."""
        self._remove("data/snapshot")
        return self.shell.run(LS_DVC, "export")[1]

    def convert(self, name: str, jobs: int) -> Cost:
        """`ls-dvc convert` to one format."""
        self.want(name)
        self._remove("data/dataset", "reports")
        _, cost = self.shell.run(LS_DVC, "convert", "--jobs", str(jobs))
        self._check_reports(name)
        return cost

    def repro(self, name: str) -> Cost:
        """`dvc repro`: what of both stages has to run; its format is `name`."""
        self._remove("reports")
        _, cost = self.shell.run(DVC, "repro")
        self._check_reports(name)
        return cost

    def commit(self) -> None:
        """A version: the pin and what DVC recorded."""
        self.shell.run("git", "add", "-A")
        self.shell.run("git", *AUTHOR, "commit", "-qm", "Labels")

    def cached(self) -> dict[Path, int]:
        """The files in the DVC cache, with their size in bytes."""
        files = self.folder.glob(".dvc/cache/files/md5/??/*")
        return {each: each.stat().st_size for each in files}

    def size(self) -> int:
        """The bytes of a version: what `dvc repro` made."""
        return sum(each.stat().st_size for each in self.folder.glob("data/**/*") if each.is_file())

    def stored(self, before: Mapping[Path, int]) -> Stored:
        """What came into the DVC cache since it held `before`."""
        new = {each: size for each, size in self.cached().items() if each not in before}
        held = {md5(each) for each in self.folder.glob("data/snapshot/**/*") if each.is_file()}
        mine = sum(size for each, size in new.items() if each.parent.name + each.name in held)
        return Stored(sum(new.values()), mine)

    def forget_stages(self) -> None:
        """As if no stage had ever run."""
        self._remove("data/snapshot", "data/dataset", "reports", ".dvc/cache")
        (self.folder / "dvc.lock").unlink(missing_ok=True)

    def _check_reports(self, name: str) -> None:
        """The reports are of this run, for they were removed before it."""
        told = json.loads((self.folder / "reports/labels.json").read_bytes())
        found = {"tasks": told["tasks"]["labeled"], "annotations": told["annotations"]}
        _expect("the report", {"tasks": self.tasks, "annotations": self.tasks}, found)
        written = {"tasks_written": self.tasks, "regions_written": self.tasks * REGIONS}
        _expect(f"the report of {name}", written, told["formats"][name])
        if not any((self.folder / "data/dataset" / name).iterdir()):
            raise BenchError(f"data/dataset/{name} is empty")

    def _remove(self, *folders: str) -> None:
        for each in folders:
            shutil.rmtree(self.folder / each, ignore_errors=True)


def repository(
    folder: Path, tasks: int, url: str, number: int, api_key: str = "none", *, media: bool = False
) -> Ours:
    """A new repository for project `number` with so many tasks, with their media or without."""
    folder.mkdir(parents=True)
    shell = Shell(folder, api_key)
    shell.run("git", "init", "-q", "-b", "main")
    shell.run(DVC, "init", "-q")
    without = [] if media else ["--no-media"]
    shell.run(
        LS_DVC,
        "init",
        "--url",
        url,
        "--project-id",
        str(number),
        "-f",
        "JSON",
        "--offline",
        *without,
    )
    return Ours(shell, tasks)


def _expect(what: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
    chosen = {key: found.get(key) for key in wanted}
    if chosen != wanted:
        raise BenchError(f"{what} says {chosen}, not {wanted}")
