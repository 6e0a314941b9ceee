"""The other side: the SDK's plain flow, started as the same kind of process, checked likewise."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import counted
from material import REGIONS, Kind
from measure import BenchError, Cost, Shell

PLAIN = str(Path(__file__).with_name("plain.py"))


@dataclass(frozen=True)
class Theirs:
    """A folder for a project of so many tasks; `source` is the raw JSON of them all."""

    shell: Shell
    kind: Kind
    tasks: int
    source: Path

    def export(self, url: str, number: int) -> Cost:
        """A fresh snapshot of the whole project, downloaded to `source`."""
        self.source.unlink(missing_ok=True)
        cost = self._run("export", url, str(number), str(self.source))
        self._expect("the download", counted.tasks(self.source))
        return cost

    def convert(self, name: str) -> Cost:
        """The raw JSON in one format."""
        target, config = self.shell.folder / "converted", self.shell.folder / "config.xml"
        shutil.rmtree(target, ignore_errors=True)
        config.write_text(self.kind.label_config)
        cost = self._run("convert", name, str(self.source), str(config), str(target))
        self._expect(f"the SDK's {name}", counted.COUNTERS[name](target))
        return cost

    def _run(self, *arguments: str) -> Cost:
        return self.shell.run(sys.executable, PLAIN, *arguments)[1]

    def _expect(self, what: str, found: counted.Counts) -> None:
        wanted = (self.tasks, self.tasks * REGIONS)
        if found != wanted:
            raise BenchError(f"{what} holds {found} (tasks, regions), not {wanted}")


def files_again(shell: Shell, folder: Path) -> Cost:
    """The floor of a format of many files: a plain loop that writes just these, and no more."""
    content = {each.name: each.read_text() for each in folder.iterdir()}
    listed, target = shell.folder / "floor.json", shell.folder / "floor"
    listed.write_text(json.dumps(content))
    shutil.rmtree(target, ignore_errors=True)
    return shell.run(sys.executable, PLAIN, "write", str(listed), str(target))[1]
