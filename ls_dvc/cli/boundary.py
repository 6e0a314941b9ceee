"""The one place that turns errors into messages and exit codes."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from pathlib import Path
from typing import NoReturn

import click

from ls_dvc import __version__
from ls_dvc.cli import streams
from ls_dvc.cli.console import tell_error
from ls_dvc.cli.session import cli
from ls_dvc.errors import BugError, LsDvcError
from ls_dvc.execution import ancestors
from ls_dvc.io.secrets import KEY, remember_key
from ls_dvc.io.standard_error import tell

OK, USER, USAGE, BUG, LABELS_CHANGED, NEW_FAULTS, INTERRUPTED = 0, 1, 2, 3, 10, 11, 130


def main() -> NoReturn:
    """Run the command line and exit."""
    signal.signal(signal.SIGTERM, _terminated)
    ancestors.end_with_dvc()
    remember_key(os.environ.get(KEY, "").strip())
    streams.guard()
    try:
        sys.exit(cli.main(prog_name="ls-dvc", standalone_mode=False) or OK)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(_report("interrupted", "nothing was left half-written", INTERRUPTED))
    except LsDvcError as error:
        sys.exit(_report(f"error: {error}", error.hint, USER))
    except BrokenPipeError:
        streams.close_output()
        sys.exit(USER)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.exit(_report(f"error: {where}{error.strerror or error}", _os_hint(error), USER))
    except Exception as error:  # noqa: BLE001  (the boundary: what gets here is our bug)
        kind = "" if isinstance(error, BugError) else f"{type(error).__name__}: "
        hint = "please report it with the traceback that `ls-dvc --debug …` prints"
        sys.exit(_report(f"bug in ls-dvc {__version__}: {kind}{error}", hint, BUG))


def _report(message: str, hint: str, code: int) -> int:
    if "--debug" in sys.argv:
        tell(traceback.format_exc().rstrip("\n"))
    tell_error(message, hint)
    if os.environ.get("DVC_STAGE") and code != OK and not _is_kept():
        tell("hint: run `dvc checkout` to get the previous data back")
    return code


def _is_kept() -> bool:
    """Whether DVC left the data in place before it ran the stage, in whose folder this is."""
    try:
        return "persist: true" in Path("dvc.yaml").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False


def _os_hint(error: OSError) -> str:
    import errno

    disk_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return "free some space; nothing was left half-written" if disk_full else ""


def _terminated(signum: int, frame: object) -> NoReturn:  # noqa: ARG001
    raise KeyboardInterrupt
