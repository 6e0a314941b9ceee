"""Our side: the real commands in a git and DVC repository."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from measure import BIN, BenchError, Cost, Shell
from project import Project

from ls_dvc.embedded import Studio

LS_DVC = str(BIN / "ls-dvc")
DVC = str(BIN / "dvc")


class Ours:
    """A repository for one project; each method is one command, checked to be complete."""

    def __init__(self, folder: Path, studio: Studio, project: Project) -> None:
        folder.mkdir(parents=True)
        self._folder, self._project = folder, project
        self._shell = Shell(folder, studio.api_key)
        self._shell.run("git", "init", "-q", "-b", "main")
        self._shell.run(DVC, "init", "-q")
        address = ("--url", studio.url, "--project-id", str(project.number))
        self._shell.run(LS_DVC, "init", *address, "-f", "JSON")
        self._no_pin = (folder / "labels.lock").read_bytes()

    def forget(self) -> None:
        """As the repository was before the first update: no pin, nothing downloaded or made."""
        (self._folder / "labels.lock").write_bytes(self._no_pin)
        self._remove(".dvc/tmp/ls-dvc")
        self._forget_stages()

    def update(self, *, moved: bool) -> Cost:
        """`ls-dvc update`: makes snapshots, downloads them, pins; or finds that nothing moved."""
        out, cost = self._shell.run(LS_DVC, "update", "--json")
        told = json.loads(out)
        self._expect("ls-dvc update", {"moved": moved}, {"moved": told["moved"]})
        self._expect("the pin", self._counts(), told)
        return cost

    def export(self) -> Cost:
        """`ls-dvc export`: the canonical snapshot folder, from what the update downloaded."""
        self._remove("data/snapshot")
        out, cost = self._shell.run(LS_DVC, "export")
        found = [int(each) for each in re.findall(r"(\d+) (?:tasks|annotations)", out)]
        self._expect("ls-dvc export", self._counts(), dict(zip(self._counts(), found, strict=True)))
        return cost

    def convert(self, name: str) -> Cost:
        """`ls-dvc convert` to one format."""
        self._want(name)
        self._remove("data/dataset", "reports")
        _, cost = self._shell.run(LS_DVC, "convert")
        self._check_reports(name)
        return cost

    def repro(self, name: str) -> Cost:
        """`dvc repro` of both stages, with one format, when none of them has run yet."""
        self._want(name)
        self._forget_stages()
        _, cost = self._shell.run(DVC, "repro")
        self._check_reports(name)
        if not (self._folder / "dvc.lock").exists():
            raise BenchError("`dvc repro` recorded nothing")
        return cost

    def _counts(self) -> dict[str, int]:
        return {"tasks": self._project.tasks, "annotations": self._project.tasks}

    def _want(self, name: str) -> None:
        path = self._folder / "params.yaml"
        path.write_text(re.sub(r"formats: \[\w+\]", f"formats: [{name}]", path.read_text()))

    def _check_reports(self, name: str) -> None:
        """The reports are of this run, for they were removed before it."""
        told = json.loads((self._folder / "reports/labels.json").read_bytes())
        found = {"tasks": told["tasks"]["labeled"], "annotations": told["annotations"]}
        self._expect("reports/labels.json", self._counts(), found)
        written = {"tasks_written": self._project.tasks, "regions_written": self._project.boxes}
        self._expect(f"reports/labels.json for {name}", written, told["formats"][name])
        if not any((self._folder / "data/dataset" / name).iterdir()):
            raise BenchError(f"data/dataset/{name} is empty")

    def _expect(self, what: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        chosen = {key: found.get(key) for key in wanted}
        if chosen != wanted:
            raise BenchError(f"{what} says {chosen}, not {wanted}")

    def _forget_stages(self) -> None:
        self._remove("data/snapshot", "data/dataset", "reports", ".dvc/cache")
        (self._folder / "dvc.lock").unlink(missing_ok=True)

    def _remove(self, *folders: str) -> None:
        for each in folders:
            shutil.rmtree(self._folder / each, ignore_errors=True)
