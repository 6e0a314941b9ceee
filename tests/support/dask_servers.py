"""A Dask scheduler and workers on loopback, each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ls_dvc.execution import child_process

TESTS = Path(__file__).parents[1]
LOOPBACK = ("--host", "127.0.0.1", "--no-dashboard")


class DaskServers:
    """`address` is the scheduler's. Workers run in `folder` and find modules in `code` first."""

    def __init__(self, folder: Path, stack: ExitStack, code: Path) -> None:
        self._folder, self._stack = folder, stack
        paths = os.pathsep.join((str(code), str(TESTS)))
        self._env = {**os.environ, "PYTHONPATH": paths, "MALLOC_TRIM_THRESHOLD_": "131072"}
        file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(file))
        self.address = str(json.loads(_read(file, "}"))["address"])
        self.workers = list[subprocess.Popen[bytes]]()

    def add_worker(self) -> None:
        """Start one, and wait until the scheduler knows it."""
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self._folder))
        name = f"worker{len(self.workers)}"
        self.workers.append(self._start(name, self.address, *options))
        _read(self._folder / f"{name}.log", "Registered to:")

    def _start(self, name: str, *options: str) -> subprocess.Popen[bytes]:
        module = "distributed.cli.dask_" + name.rstrip("0123456789")
        command = [sys.executable, "-m", module, *LOOPBACK, *options]
        log = self._folder / f"{name}.log"
        return self._stack.enter_context(child_process.running(command, log=log, env=self._env))


def kill(process: subprocess.Popen[bytes]) -> None:
    """As when a machine is lost."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def dask_servers(folder: Path, workers: int, code: Path = TESTS.parent) -> Iterator[DaskServers]:
    """A scheduler and so many workers with the ls-dvc in the folder `code`."""
    folder.mkdir()
    with ExitStack() as stack:
        servers = DaskServers(folder, stack, code)
        for _ in range(workers):
            servers.add_worker()
        yield servers


def _read(path: Path, awaited: str) -> str:
    """What a file holds, once it has the awaited words."""
    deadline = time.monotonic() + 60
    while not path.exists() or awaited not in (text := path.read_text()):
        assert time.monotonic() < deadline, path.read_text() if path.exists() else path
        time.sleep(0.05)
    return text
