"""Child processes end with us, and with all that they have started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.processes import has_ended

from ls_dvc.errors import LsDvcError
from ls_dvc.execution import child_process
from ls_dvc.execution.child_process import Shutdown

# A program whose own child ignores SIGTERM and writes its number into the file `pid`.
STUBBORN = (
    "import os, signal, subprocess, sys, time\n"
    "code = 'import os, pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); '"
    '\'pathlib.Path("new").write_text(str(os.getpid())); os.rename("new", "pid"); \''
    "'time.sleep(600)'\n"
    "subprocess.Popen([sys.executable, '-c', code])\n"
    "time.sleep(600)\n"
)


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """Ctrl-C reaches us though we may run where it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt_when(path: Path) -> threading.Thread:
    """Send SIGINT to this process once `path` is there."""

    def wait() -> None:
        while not path.exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_an_interruption_ends_the_whole_group(tmp_path: Path) -> None:
    thread = interrupt_when(tmp_path / "pid")
    with pytest.raises(KeyboardInterrupt):
        child_process.run([sys.executable, "-c", STUBBORN], tmp_path)
    thread.join()
    assert has_ended(int((tmp_path / "pid").read_text()))


def test_an_interruption_ends_a_command_whose_output_is_read(tmp_path: Path) -> None:
    thread = interrupt_when(tmp_path / "pid")
    with pytest.raises(KeyboardInterrupt):
        child_process.output([sys.executable, "-c", STUBBORN], tmp_path, {})
    thread.join()
    assert has_ended(int((tmp_path / "pid").read_text()))


def test_a_command_that_ignores_signals_is_killed_in_the_end(tmp_path: Path) -> None:
    deaf = (
        "import os, signal, time\n"
        "for each in (signal.SIGINT, signal.SIGTERM): signal.signal(each, signal.SIG_IGN)\n"
        "open('new', 'w').write(str(os.getpid())); os.rename('new', 'pid'); time.sleep(600)\n"
    )
    thread = interrupt_when(tmp_path / "pid")
    shutdown = Shutdown((signal.SIGINT, signal.SIGTERM), seconds=0.1)
    with pytest.raises(KeyboardInterrupt):
        child_process.run([sys.executable, "-c", deaf], tmp_path, shutdown=shutdown)
    thread.join()
    assert has_ended(int((tmp_path / "pid").read_text()))


def test_a_server_ends_with_the_block(tmp_path: Path) -> None:
    with child_process.running([sys.executable, "-c", STUBBORN], log=tmp_path / "log") as process:
        while not (tmp_path / "pid").exists():
            time.sleep(0.02)
    assert process.poll() == -signal.SIGTERM
    assert has_ended(int((tmp_path / "pid").read_text()))


def test_exit_codes_and_output(tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd()); print('to stderr', file=sys.stderr); sys.exit(3)"
    command = [sys.executable, "-uc", code]
    assert child_process.output(command, tmp_path, {}) == (3, f"{tmp_path}\nto stderr\n")
    with (tmp_path / "out").open("w") as out:
        assert child_process.run(command, tmp_path, stdout=out) == 3
    assert (tmp_path / "out").read_text() == f"{tmp_path}\nto stderr\n"
    killed = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    assert child_process.run(killed, tmp_path) == -signal.SIGKILL


def test_our_own_programs_are_found_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    own = child_process.find("ls-dvc")
    assert Path(own).parent == Path(sys.executable).parent
    ran = subprocess.run([own, "--version"], capture_output=True, text=True, check=True)
    assert child_process.output(["ls-dvc", "--version"], tmp_path, {}) == (0, ran.stdout)
    with pytest.raises(LsDvcError, match="there is no command 'no-such-program'"):
        child_process.find("no-such-program")
