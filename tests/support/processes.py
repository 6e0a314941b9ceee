"""Processes that others started: their numbers, and whether they have ended."""

from __future__ import annotations

import time
from pathlib import Path

# A program that writes its number into a file, complete from the first moment, and sleeps.
SLEEPER = (
    "import os, pathlib, sys, time\n"
    "pathlib.Path(sys.argv[1] + '.new').write_text(str(os.getpid()))\n"
    "os.rename(sys.argv[1] + '.new', sys.argv[1])\n"
    "time.sleep(600)\n"
)


def number_in(path: Path) -> int:
    """The number that a process writes into a file, once it has."""
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not come"
        time.sleep(0.02)
    return int(path.read_text())


def has_ended(pid: int, seconds: float = 10) -> bool:
    """Whether a process that was killed is gone; the kernel takes a moment."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False
