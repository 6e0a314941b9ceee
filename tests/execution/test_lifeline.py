"""Children, and what they have started, end when their parent is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.processes import SLEEPER, has_ended, number_in
from support.workspace import Workspace, clean_environment

from ls_dvc.errors import LsDvcError
from ls_dvc.execution import processes

# A shell that waits for a program, so that both have to end.
FAMILY = ["sh", "-c", 'echo $$ > shell.new; mv shell.new shell; "$0" -c "$1" program; true']

STARTED = {
    "run": "child_process.run(FAMILY, folder)",
    "output": "child_process.output(FAMILY, folder, os.environ)",
    "running": "with child_process.running(FAMILY, log=folder / 'log'): time.sleep(600)",
}


PARENTS: list[subprocess.Popen[bytes]] = []


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    yield
    while PARENTS:
        kill(PARENTS.pop())


def parent(folder: Path, code: str, **env: str) -> subprocess.Popen[bytes]:
    """A Python that runs `code`; it can be killed."""
    family = [*FAMILY, sys.executable, SLEEPER]
    head = (
        "import os, sys, time; from pathlib import Path; from ls_dvc.execution import *\n"
        "from ls_dvc.execution import ancestors, child_process, processes\n"
        f"folder = Path({str(folder)!r}); FAMILY = {family!r}\n"
    )
    command, everything = [sys.executable, "-c", head + code], {**clean_environment(), **env}
    PARENTS.append(subprocess.Popen(command, cwd=folder, env=everything))
    return PARENTS[-1]


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.mark.parametrize("started", STARTED)
def test_a_killed_parent_takes_all_along(tmp_path: Path, started: str) -> None:
    killed = parent(tmp_path, STARTED[started])
    shell, program = number_in(tmp_path / "shell"), number_in(tmp_path / "program")
    assert os.getpgid(program) == shell, "the group is the command's own"
    kill(killed)
    assert has_ended(program)
    assert has_ended(shell)


def test_a_command_that_is_killed_takes_its_children_along(tmp_path: Path) -> None:
    waiting = parent(tmp_path, f"sys.exit(-{STARTED['run']})")
    shell, program = number_in(tmp_path / "shell"), number_in(tmp_path / "program")
    os.kill(shell, signal.SIGKILL)
    assert waiting.wait(10) == signal.SIGKILL
    assert has_ended(program)


def test_a_command_that_ends_leaves_its_services_alone(tmp_path: Path) -> None:
    """A hook of `watch` may start what is to stay."""
    code = f"child_process.run(['sh', '-c', '{sys.executable} -c \"$0\" program &', {SLEEPER!r}]"
    assert parent(tmp_path, f"{code}, folder)").wait(30) == 0
    program = number_in(tmp_path / "program")
    assert not has_ended(program, seconds=0.3)
    os.kill(program, signal.SIGKILL)


def test_workers_end_with_the_process_that_shares_out_work(tmp_path: Path) -> None:
    code = (
        "def work(n): (folder / f'{n}.new').write_text(str(os.getpid())); "
        "(folder / f'{n}.new').rename(folder / str(n)); time.sleep(0.2); return n\n"
        "import multiprocessing; multiprocessing.set_start_method('fork')\n"
        "for _ in processes.ordered(work, range(600), 2): pass"
    )
    killed = parent(tmp_path, code)
    workers = {number_in(tmp_path / str(each)) for each in range(6)}
    assert len(workers) == 2
    kill(killed)
    assert all(map(has_ended, workers))


def die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_worker_that_is_killed_is_no_bug() -> None:
    with pytest.raises(LsDvcError, match="one of 2 processes was killed"):
        list(processes.ordered(die, range(9), 2))


@pytest.mark.parametrize("shell", ["", "true; "], ids=["as the child of dvc", "below a shell"])
def test_a_stage_ends_with_its_dvc(tmp_path: Path, shell: str) -> None:
    """It is interrupted, so that it can clean up; and the shell of the user does not matter."""
    stage = (
        "import signal, sys; from ls_dvc.execution import ancestors\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(open('cleaned', 'w').write('')))\n"
        f"ancestors.end_with_dvc()\n{SLEEPER}"
    )
    command = f'{shell}{sys.executable} -c "$STAGE" stage{"; true" if shell else ""}'
    dvc = parent(
        tmp_path,
        "import subprocess; subprocess.run(os.environ['COMMAND'], shell=True, "
        "env={**os.environ, 'DVC_STAGE': 'export'})",
        STAGE=stage,
        COMMAND=command,
    )
    number = number_in(tmp_path / "stage")
    assert not has_ended(number, seconds=0.6)
    kill(dvc)
    assert has_ended(number)
    assert (tmp_path / "cleaned").exists()


def test_git_ends_with_us_and_leaves_no_lock(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    space.git("init", "-q")
    hook = tmp_path / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho $PPID > git.new; mv git.new git\nsleep 8\n")
    hook.chmod(0o755)
    (tmp_path / "file").write_text("")
    space.git("add", "file")
    code = (
        "from ls_dvc.repo.git_command import Repository\n"
        "Repository(folder).text('commit', '--only', '-qm', 'never', '--', 'file')"
    )
    killed = parent(tmp_path, code)
    git = number_in(tmp_path / "git")
    assert (tmp_path / ".git/index.lock").exists()
    kill(killed)
    assert has_ended(git)
    assert not list((tmp_path / ".git").glob("*.lock"))
    assert space.git("rev-parse", "--verify", "-q", "HEAD", code=1).out == ""
