"""A stage of DVC ends when its dvc does: else it would go on writing while the next one does."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

from ls_dvc.execution.lifeline import SECONDS

VARIABLE = "DVC_STAGE"  # that DVC sets for its stages
_EVERY = 0.25


def end_with_dvc() -> None:
    """From now on, interrupt this stage when the dvc that runs it ends; nothing elsewhere."""
    if VARIABLE in os.environ:
        chain = tuple(_up_to_dvc())
        Thread(target=_watch, args=(chain,), daemon=True).start()


def _watch(chain: tuple[int, ...]) -> None:
    while tuple(_up_to_dvc()) == chain:
        time.sleep(_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def _up_to_dvc() -> Iterator[int]:
    """Our parent, the shells that may be between, and dvc, which knows of no stage."""
    pid = os.getppid()
    yield pid
    while f"\0{VARIABLE}=".encode() in b"\0" + _read(pid, "environ"):
        pid = _parent(pid)
        yield pid


def _parent(pid: int) -> int:
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields else 0


def _read(pid: int, name: str) -> bytes:
    """What Linux says of a process; nothing elsewhere, or once it has ended."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
