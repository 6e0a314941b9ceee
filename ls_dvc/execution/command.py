"""A command of the user's as a child process, ended with us when we are interrupted."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ls_dvc.errors import LsDvcError


def find(name: str) -> str:
    """The program that `name` starts; `LsDvcError` when there is none.

    `ls-dvc` is the one that runs now, though its environment may not be activated.
    """
    found = shutil.which(name, path=_path())
    if found is None:
        raise LsDvcError(
            f"there is no command {name!r}",
            "give the program and its arguments; a shell is not used unless you name one",
        )
    return os.path.abspath(found)  # noqa: PTH100  (resolve() would follow links)


def run(command: Sequence[str], folder: Path) -> int:
    """Run a command in `folder` to its end; its exit code, negative when a signal ended it.

    It has a process group of its own, so that an interruption reaches it, and all that it has
    started, once. It is given the time to clean up; a second interruption ends it at once.
    """
    running = subprocess.Popen(
        list(command),
        cwd=folder,
        env={**os.environ, "PATH": _path()},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return running.wait()
    except BaseException:
        _end(running)
        raise


def _end(running: subprocess.Popen[bytes]) -> None:
    try:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGTERM)
        running.wait()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)


def _path() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
