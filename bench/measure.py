"""Commands as whole processes, as a user starts them, and what each of them cost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

BIN = Path(sys.executable).parent
LAUNCHER = Path(__file__).with_name("launcher.py")


class BenchError(Exception):
    """A command failed or left something out: there is nothing to compare."""


@dataclass(frozen=True)
class Cost:
    """Wall time and CPU time in seconds, and the peak memory of the largest process in bytes."""

    seconds: float
    cpu: float
    memory: float

    def then(self, other: Cost) -> Cost:
        """What both cost, one after the other."""
        memory = max(self.memory, other.memory)
        return Cost(self.seconds + other.seconds, self.cpu + other.cpu, memory)


class Measured(NamedTuple):
    """What a step cost one of the sides."""

    step: str
    side: str
    cost: Cost


class Figure(NamedTuple):
    """A number that is no cost, such as a share or a count of bytes."""

    name: str
    value: float


@dataclass(frozen=True)
class Shell:
    """Runs commands in one folder, with the API key of a server if there is one."""

    folder: Path
    api_key: str = "none"

    def run(self, *command: str) -> tuple[str, Cost]:
        """What a command printed and what it cost; `BenchError` when it fails."""
        with tempfile.TemporaryDirectory() as name:
            note = Path(name) / "note"
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(LAUNCHER), str(note), *command],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            out, err = _finished(process)
            noted = note.read_text() if note.exists() else "-1 0 0 0"
        code, seconds, memory, cpu = noted.split()
        if int(code) != 0:
            shown = " ".join([Path(command[0]).name, *command[1:]])
            raise BenchError(f"`{shown}` gave {code}:\n{(out + err).strip()[-2000:]}")
        return out, Cost(float(seconds), float(cpu), float(memory))

    def _environment(self) -> Mapping[str, str]:
        """Nothing that a user's own settings could change on one side only."""
        kept = {name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ}
        return {
            **kept,
            "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "LABEL_STUDIO_API_KEY": self.api_key,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "DVC_NO_ANALYTICS": "1",
            "DVC_GLOBAL_CONFIG_DIR": str(self.folder.with_name("dvc-config")),
            "DVC_SITE_CACHE_DIR": str(self.folder.with_name("dvc-site")),
        }


def _finished(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it printed; when we are interrupted, it and its children are ended first."""
    try:
        return process.communicate()
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
