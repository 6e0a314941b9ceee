"""Child processes: each in a process group of its own, which never outlives us or its leader."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ls_dvc.errors import LsDvcError
from ls_dvc.execution.lifeline import lifeline

HOST = "127.0.0.1"
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Shutdown:
    """How a process group is ended: these signals in turn, with `seconds` for each; then a kill.

    None waits without a limit: a second interruption ends the group at once.
    """

    signals: tuple[signal.Signals, ...] = (signal.SIGTERM,)
    seconds: float | None = None


def find(name: str) -> str:
    """The path of the program that `name` starts; `LsDvcError` when there is none.

    `ls-dvc` is the one that runs now, even if its environment is not activated.
    """
    program = shutil.which(name, path=search_path())
    if program is None:
        raise LsDvcError(
            f"there is no command {name!r}",
            "give a program and its arguments; a shell is used only if you name one: `sh -c '…'`",
        )
    return os.path.abspath(program)  # noqa: PTH100  (resolve() would follow links)


def search_path() -> str:
    """PATH with the folder of our own programs first."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


def run(
    command: Sequence[str],
    folder: Path,
    *,
    stdin: int | None = subprocess.DEVNULL,
    stdout: IO[str] | None = None,
    shutdown: Shutdown = Shutdown(),
) -> int:
    """Run a command in `folder` to its end; its exit code, negative when a signal ended it.

    A `stdout` gets both of its streams. An interruption ends the command, and all that it has
    started, once, with time to clean up. What a command leaves at work that a signal ended is
    ended too.
    """
    with lifeline(command, "group") as line:
        process = subprocess.Popen(
            line.command,
            cwd=folder,
            env={**os.environ, "PATH": search_path()},
            stdin=stdin,
            stdout=stdout,
            stderr=None if stdout is None else subprocess.STDOUT,
            start_new_session=True,
            pass_fds=line.pass_fds,
        )
        try:
            code = process.wait()
        except BaseException:
            _end(process, shutdown)
            raise
        if code < 0:
            _end(process, shutdown)
        return code


def output(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> tuple[int, str]:
    """Run a command in `folder` to its end; its exit code, and what it wrote to both streams.

    `env` is its environment, but PATH, which has our own programs first.
    """
    with (
        lifeline(command, "group") as line,
        subprocess.Popen(
            line.command,
            cwd=folder,
            env={**env, "PATH": search_path()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            pass_fds=line.pass_fds,
        ) as process,
    ):
        try:
            written, _ = process.communicate()
        except BaseException:
            _end(process, Shutdown())
            raise
    return process.returncode, written


def answer(process: subprocess.Popen[bytes]) -> tuple[int, bytes, bytes]:
    """Wait for a process in our own group; exit code, and what it wrote to both streams.

    An interruption waits until it has cleaned up, for `STOP_SECONDS` at most.
    """
    try:
        out, errors = process.communicate()
    except BaseException:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        process.kill()
        raise
    return process.returncode, out, errors


@contextmanager
def running(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """A server, in the log's folder, stopped with its process group when the block ends.

    `stop_signal` asks it to stop; after `STOP_SECONDS` it is killed. `user` is the user it runs
    as, which only root can choose. Without an `env` it has that of this process.
    """
    with log.open("ab") as out, lifeline(command, "group", user=user) as line:
        process = subprocess.Popen(
            line.command,
            env=env,
            cwd=log.parent,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=line.pass_fds,
        )
        try:
            yield process
        finally:
            _end(process, Shutdown((stop_signal,), STOP_SECONDS))


def comes_up(process: subprocess.Popen[bytes], answers: Callable[[], bool], seconds: float) -> bool:
    """Whether the server `answers` before it ends, and within `seconds`.

    An `OSError` from `answers` means not yet.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if answers():
                return True
        except OSError:
            pass
        time.sleep(0.1)
    return False


def free_port() -> int:
    """A port of the loopback interface on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _end(process: subprocess.Popen[bytes] | subprocess.Popen[str], shutdown: Shutdown) -> None:
    """End a process group; nothing of it runs afterwards, whatever interrupts us meanwhile."""
    try:
        for signum in shutdown.signals:
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, signum)
                process.wait(shutdown.seconds)
                break
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what outlived the group's leader
        process.wait()
