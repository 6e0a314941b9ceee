"""Something that happens at the n-th call to the disk below a folder, in a process of its own."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from ls_dvc.errors import LsDvcError

_CALLS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.listdir")


def at_call(
    number: int, action: Callable[[], None], work: Callable[[Path], None], root: Path
) -> int:
    """Do `work` in a process of its own, and `action` at its n-th call to the disk below `root`.

    The exit code, negative when a signal ended it; 0 only when there are fewer calls.
    """
    return apart(lambda: _work(number, action, work, root))


def apart(work: Callable[[], None]) -> int:
    """Do `work` in a process of its own; the exit code, 1 for an error that users see."""
    child = os.fork()
    if child == 0:
        _run(work)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _work(
    number: int, action: Callable[[], None], work: Callable[[Path], None], root: Path
) -> None:
    counted = [0]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in _CALLS and arguments and str(root) in str(arguments[0]):
            counted[0] += 1
            if counted[0] == number:
                action()

    sys.addaudithook(hook)
    work(root)
    if counted[0] >= number:
        os._exit(1)


def _run(work: Callable[[], None]) -> NoReturn:
    code = 2
    try:
        work()
        code = 0
    except (OSError, LsDvcError, KeyboardInterrupt):
        code = 1
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        os._exit(code)
