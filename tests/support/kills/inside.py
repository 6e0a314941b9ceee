"""In every Python of a command that is to be killed: it counts steps, and kills at one of them.

A step is what changes the disk below the repository, a command that is started, or something asked
of the server, which is a fake one. Each process says by a file that it has begun.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
from pathlib import Path
from typing import Any

FOLDER = "TESTS_OF_KILLS"  # the variable that names the folder of a run
CHANGES = {
    *("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"),
    *("os.chmod", "os.utime", "open"),
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Steps:
    """The steps of this process."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.plan = folder, json.loads((folder / "plan").read_text())
        self.role, self.number, self.is_alone = role(sys.orig_argv), 0, False
        for name in ("ours", "dvc") if self.role == "dvc" else ("ours",):
            if name == "dvc" or "KILLS_OURS" not in os.environ:
                os.environ[f"KILLS_{name.upper()}"] = str(os.getpid())
        (folder / "begun" / f"{os.getpid()}").write_text(self.role)

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook of Python."""
        if event == "subprocess.Popen" or (event in CHANGES and self._changes(event, arguments)):
            self.step()

    def step(self) -> None:
        self.number += 1
        if self.role == self.plan["role"] and self.number == self.plan["at"]:
            whom = self.plan["whom"]
            if whom == "server":
                self.is_alone = True
                return
            pid = os.getpid() if whom == "self" else int(os.environ[f"KILLS_{whom.upper()}"])
            os.kill(pid, self.plan["signal"])

    def ask(self) -> None:
        """Something is asked of the server, which may have been killed."""
        from ls_dvc.errors import ServerUnavailableError

        self.step()
        if self.is_alone:
            raise ServerUnavailableError("the server is gone")

    def _changes(self, event: str, arguments: tuple[Any, ...]) -> bool:
        path = arguments[0]
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & WRITING):
            return False
        if not isinstance(path, str | os.PathLike):
            return False
        return os.fspath(Path.cwd() / path).startswith(self.plan["root"])

    def note(self) -> None:
        (self.folder / "steps" / self.role).write_text(str(self.number))


def role(argv: list[str]) -> str:
    """`dvc`, or the command of ls-dvc."""
    if any("dvc.cli" in word or word.endswith("/dvc") for word in argv):
        return "dvc"
    ours = [place for place, word in enumerate(argv) if word.endswith("/ls-dvc")]
    return next((word for word in argv[ours[0] + 1 :] if word[0] != "-"), "") if ours else "other"


def start() -> None:
    folder = os.environ.get(FOLDER)
    if folder is None or "-m" in sys.orig_argv:
        return
    steps = Steps(Path(folder))
    if steps.role not in ("dvc", "other"):
        from support.kills import world

        world.play(steps.plan["state"], Path(folder), steps.ask)
    sys.addaudithook(steps.heard)
    atexit.register(steps.note)
