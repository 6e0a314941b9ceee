"""What the kernel says of other processes: since when they run, and what they are at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_TABLE = Path("/proc")  # of Linux; elsewhere nothing is known, and so nothing is certain


def is_known() -> bool:
    """Whether this system says anything about processes."""
    return (_TABLE / "self" / "fd").is_dir()


def is_surely_free(path: Path, folder: Path, program: str) -> bool:
    """Whether it is certain that no process of this machine is about to write `path`.

    Nobody has it open, and no `program` (or one of its parts, as git-commit) works in `folder`
    or names it.
    """
    return is_known() and not any(
        _has_open(process, path) or _works_in(process, folder, program) for process in _others()
    )


def ran(pid: int, at: float) -> bool:
    """Whether a process that runs now may have run at a time, in seconds since 1970."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    started = _started_at(pid)
    return started is None or started <= at + 1  # the kernel counts in ticks


def _started_at(pid: int) -> float | None:
    """When a process was started; None when that is not known."""
    try:
        fields = (_TABLE / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
        ticks, system = int(fields[19]), (_TABLE / "stat").read_text()
        booted = int(system.partition("\nbtime ")[2].split()[0])
    except (OSError, IndexError, ValueError):
        return None
    return booted + ticks / os.sysconf("SC_CLK_TCK")


def _others() -> Iterator[Path]:
    ours = str(os.getpid())
    return (each for each in _TABLE.iterdir() if each.name.isdigit() and each.name != ours)


def _has_open(process: Path, path: Path) -> bool:
    """Whether a process has a file open; those of other users do not say."""
    with suppress(OSError):
        for each in (process / "fd").iterdir():
            with suppress(OSError):
                if each.readlink() == path:
                    return True
    return False


def _works_in(process: Path, folder: Path, program: str) -> bool:
    try:
        name = (process / "comm").read_text().strip()
        if name != program and not name.startswith(f"{program}-"):
            return False
        said = os.fsencode(folder) in (process / "cmdline").read_bytes()
        return said or (process / "cwd").readlink().is_relative_to(folder)
    except PermissionError:
        return True
    except OSError:
        return False
