"""Commands of ls-dvc that are killed at a step, or after a time; and what must hold afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from support.kills.inside import FOLDER
from support.processes import has_ended
from support.workspace import BIN, Workspace, clean_environment, interruptible

SITE = Path(__file__).parent / "site"
TESTS = Path(__file__).parents[2]


@dataclass(frozen=True)
class Kill:
    """`role` is the process that counts to `at`; `whom` is killed: self, ours, dvc, server.

    With `after` it is the process itself, so many seconds after it has begun.
    """

    role: str = ""
    at: int = 0
    signal: int = signal.SIGKILL
    whom: str = "self"
    after: float | None = None


@dataclass(frozen=True)
class Killed:
    """A run that was killed, or not. `begun`: its processes by number; `steps` by role."""

    code: int
    told: str
    begun: dict[int, str] = field(repr=False)
    steps: dict[str, int] = field(repr=False)


def run(space: Workspace, *command: str, kill: Kill = Kill(), state: int = 2) -> Killed:
    """Run a command of ls-dvc to its end; whatever it started has ended too, soon afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="kills-", dir=space.path.parent))
    (folder / "begun").mkdir()
    (folder / "steps").mkdir()
    plan = {**vars(kill), "root": str(space.path), "state": state}
    (folder / "plan").write_text(json.dumps(plan))
    env = {
        **clean_environment(),
        "PYTHONPATH": f"{SITE}{os.pathsep}{TESTS}",
        "PYTHONDONTWRITEBYTECODE": "1",
        FOLDER: str(folder),
    }
    with (folder / "told").open("w") as told:
        process = subprocess.Popen(
            [sys.executable, str(BIN / "ls-dvc"), *command],
            cwd=space.path,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            start_new_session=True,
            restore_signals=True,
            preexec_fn=interruptible,
        )
        if kill.after is not None:
            _kill_later(kill, kill.after, folder / "begun", process)
        try:
            code = process.wait(300)
        finally:
            process.kill()
    begun = {int(each.name): each.read_text() for each in (folder / "begun").iterdir()}
    left = [f"{role} {pid}" for pid, role in begun.items() if not has_ended(pid, 15)]
    assert not left, f"still at work after {kill}: {left}"
    steps = {each.name: int(each.read_text()) for each in (folder / "steps").iterdir()}
    return Killed(code, (folder / "told").read_text(), begun, steps)


def _kill_later(kill: Kill, after: float, begun: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until the process has begun, and then some time; nothing if it ends before."""
    while process.poll() is None:
        found = [each for each in begun.iterdir() if each.read_text() == kill.role]
        if found:
            with suppress(subprocess.TimeoutExpired):
                process.wait(after)
            with suppress(ProcessLookupError):
                os.kill(int(found[0].name), kill.signal)
            return
        time.sleep(0.01)
