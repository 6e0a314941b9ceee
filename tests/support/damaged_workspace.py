"""A data set with every file that the stages and an update leave, of which one can be damaged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from ls_dvc.commands import convert, export, update, verify
from ls_dvc.errors import LsDvcError
from ls_dvc.pin import lockfile
from ls_dvc.progress import Silent
from ls_dvc.update import UpdateOptions
from ls_dvc.update.notes import UpdateNotes
from ls_dvc.workspace import open_workspace
from support import damage
from support.simulation import people
from support.simulation.clone import Clone
from support.simulation.history import Play

COMMANDS = ("update", "update --full", "export", "convert", "verify")


class DamagedWorkspace:
    """`files` are the names of what can be damaged."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.clone: Clone = play.clones[0]
        self.good = play.folder / "good"
        self._make()
        shutil.copytree(self.clone.path, self.good)
        self.made = dict(self.play.server.made)
        files = [each for each in self.good.rglob("*") if each.is_file() and each.stat().st_size]
        self.files = sorted(each.relative_to(self.good).as_posix() for each in files)

    def _make(self) -> None:
        play, clone = self.play, self.clone
        play.calm = True
        play.update(clone)
        people.annotate(play.server)
        people.import_labeled(play.server)
        play.update(clone)
        play.commit(clone)
        people.delete_task(play.server)
        pin = lockfile.read(clone.path / lockfile.NAME)
        notes = UpdateNotes(open_workspace(clone.path).cache.root)
        notes.save_probe(pin.fingerprint, pin.probe)
        ranges = [each for each in pin.snapshots if each.kind == "range"]
        notes.save_ranges(play.server.url, play.server.state(), ranges)

    def damage(self, name: str, random: Random) -> None:
        """As it was, but for one file."""
        self.restore()
        path = self.clone.path / name
        path.write_bytes(damage.text(path.read_bytes(), random))

    def put(self, name: str, place: str, value: object) -> None:
        """As it was, but for the value at a place (`a 0 b`) in a JSON file."""
        self.restore()
        path = self.clone.path / name
        document = json.loads("".join(path.read_text().splitlines(True)[name == lockfile.NAME :]))
        *outer, last = place.split() if place else [""]
        holder = document
        for each in outer:
            holder = holder[int(each) if isinstance(holder, list) else each]
        if place:
            holder[int(last) if isinstance(holder, list) else last] = value
        path.write_text(json.dumps(document if place else value))

    def restore(self) -> None:
        shutil.rmtree(self.clone.path)
        shutil.copytree(self.good, self.clone.path)
        self.play.server.made = dict(self.made)

    def run(self, command: str) -> str:
        """How a command ends; everything but an error for the user is a bug, and is raised."""
        try:
            workspace = open_workspace(self.clone.path)
            if command.startswith("update"):
                options = UpdateOptions(workspace.params.update, full=command.endswith("full"))
                now = "2026-01-01T00:00:00Z"
                update.move_pin(workspace, self.play.server, options, Silent(), now)
            elif command == "export":
                export.export(workspace, lambda: self.play.server, Silent(), "")
            elif command == "convert":
                convert.convert(workspace, Silent())
            else:
                verify.verify(workspace)
        except (LsDvcError, OSError):
            return "refused"
        return "done"


@contextmanager
def damaged_workspace(folder: Path) -> Iterator[DamagedWorkspace]:
    """In `folder`, with everything around the commands simulated."""
    play = Play(folder, 3)
    with play.playing():
        yield DamagedWorkspace(play)
