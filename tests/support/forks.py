"""`ls-dvc` and `dvc` in processes that need not import them first.

Most of the time of a short command goes into importing Label Studio's SDK and DVC. So a process
that has imported both waits for commands, and forks for each: the command runs in a process of its
own, with its own folder, environment, standard streams and exit status, as if a shell had started
it. What Python reads when it starts (`PYTHON…`, the locale) is that of the waiting process, so a
command with such a variable is started anew.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import types
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, NoReturn

TESTS = Path(__file__).parents[1]
SECONDS = 300  # that a command may take
AT_START = ("PYTHON", "LC_", "LANG", "HOME", "XDG_")  # read by Python or at an import


def suits(env: Mapping[str, str]) -> bool:
    return not any(name.startswith(AT_START) for name in env)


class Waiting:
    """The waiting process, which ends when its standard input does."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ls-dvc-warm-")
        self._address = f"{self._folder.name}/socket"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.forks", self._address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=TESTS,
            env=dict(env),
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"
        atexit.register(self.end)

    def run(
        self, command: Sequence[str], cwd: Path, env: Mapping[str, str]
    ) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of `ls-dvc …` or `dvc …`."""
        with (
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
            Path(os.devnull).open("rb") as nothing,
            socket.socket(socket.AF_UNIX) as talk,
        ):
            talk.connect(self._address)
            asked = json.dumps([list(command), str(cwd), dict(env)]).encode()
            streams = [nothing.fileno(), out.fileno(), err.fileno()]
            socket.send_fds(talk, [struct.pack("!I", len(asked))], streams)
            talk.sendall(asked)
            (status,) = struct.unpack("!i", talk.recv(4, socket.MSG_WAITALL))
            return status, _text(out), _text(err)

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()


def _text(file: IO[bytes]) -> str:
    """All of it, with the ends of lines as `subprocess` reads them."""
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n").replace("\r", "\n")


@cache
def _waiting(env: frozenset[tuple[str, str]]) -> Waiting:
    """One for each test worker."""
    return Waiting(dict(env))


def run(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], start: Mapping[str, str]
) -> tuple[int, str, str]:
    """Run `ls-dvc …` or `dvc …` with `env`, in a fork of a process that has the variables `start`.

    The exit code, standard output and standard error.
    """
    return _waiting(frozenset(start.items())).run(command, cwd, env)


# --- the process that waits


# What commands import when they run, by the names of the versions that are installed.
LATE = (
    *("dotenv", "filelock", "httpcore", "label_studio_sdk.tokens.client_ext", "ruamel.yaml"),
    *("dvc.cli", "dvc.cli.parser", "dvc.cachemgr", "dvc.data_cloud", "dvc.repo.artifacts"),
    *("dvc.repo.brancher", "dvc.repo.datasets", "dvc.repo.experiments", "dvc.repo.graph"),
    *("dvc.repo.index", "dvc.repo.metrics.diff", "dvc.repo.open_repo", "dvc.repo.params.show"),
    *("dvc.repo.stage", "dvc.repo.worktree", "dvc.rwlock", "dvc.scm", "dvc.utils.strictyaml"),
    *("dvc_data.hashfile.gc", "dvc_data.index.checkout", "dvc_data.index.fetch"),
    *("dvc_data.index.push", "flufl.lock", "networkx", "pygit2", "scmrepo.git", "zc.lockfile"),
)


def _load() -> None:
    """Import what commands import, but not what starts threads: a fork has none of them."""
    import ls_dvc

    for name in LATE:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for module in pkgutil.walk_packages(ls_dvc.__path__, "ls_dvc."):
        if "parquet" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()


def _wait(address: str) -> None:
    """Fork for each command, until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sys.stdin not in select.select([server, sys.stdin], [], [])[0]:
            talk, _ = server.accept()
            if os.fork() == 0:
                server.close()
                _watch(talk)
            talk.close()
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _watch(talk: socket.socket) -> NoReturn:
    """Run the command in a child, and send its exit status."""
    length, streams, *_ = socket.recv_fds(talk, 4, 3)
    asked = talk.recv(*struct.unpack("!I", length), socket.MSG_WAITALL)
    child = os.fork()
    if child == 0:
        talk.close()
        _command(streams, *json.loads(asked))
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(SECONDS)
    _, status = os.waitpid(child, 0)
    talk.sendall(struct.pack("!i", os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _command(streams: list[int], argv: list[str], cwd: str, env: dict[str, str]) -> NoReturn:
    """Be `ls-dvc` or `dvc`, as their console scripts are."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0)  # noqa: SIM115
    sys.stdout = open(1, "w")  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace")  # noqa: SIM115
    sys.argv, sys.path[0] = argv, str(Path(argv[0]).parent)
    sys.modules["__main__"] = types.ModuleType("__main__")
    code = 1
    try:
        main = importlib.import_module("dvc.cli" if argv[0].endswith("/dvc") else "ls_dvc.cli").main
        sys.exit(main())
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
    except BaseException:  # noqa: BLE001  (as the interpreter would)
        traceback.print_exc()
    finally:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(code)


if __name__ == "__main__":
    _load()
    _wait(sys.argv[1])
