"""Text that wants to be more than text, and the command line in this process, with what it writes.

Of its bytes nothing is decoded or translated: what a terminal would get is what is looked at.
"""

from __future__ import annotations

import io
import re
import secrets
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ls_dvc.cli import boundary

KEY = secrets.token_hex(20)  # in no command line of tests that run meanwhile
COMMANDS = ("##[set-output name=changed]true", "##vso[task.setvariable]x")
SHORT = f"Eve\x1b]52;c;aGk=\x07\x9b2J\r\u202e\u200b\u2028\x85{KEY}"
TEXT = (
    f"{SHORT} [red]x[/red][link=http://evil.invalid]y[/link] :bomb: {' '.join(COMMANDS)}\n"
    "::error::x\n@org/team fixes #1 [skip ci] ***NO_CI*** <img src=http://evil.invalid/x> "
    "![i](http://evil.invalid/i) |`"
)

# What rich draws with: colours, and the cursor that goes up and back for the next state of a bar.
_DRAWN = re.compile(rb"\x1b\[(?:[0-9;]*m|\?25[lh]|2K|1A)|\r")


class _Stream(io.TextIOWrapper):
    """A standard stream that says whether it is a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        self.bytes = io.BytesIO()
        self.terminal = terminal
        super().__init__(self.bytes, encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        return self.terminal


@dataclass(frozen=True)
class Written:
    code: int
    out: bytes
    err: bytes
    terminal: bool = False

    def require_inert(self, *keys: str) -> None:
        """No control character but the end of a line, no direction, no command, no key."""
        for written in (self.out, self.err):
            text = (_DRAWN.sub(b"", written) if self.terminal else written).decode()
            odd = sorted({char for char in text if not char.isprintable() and char != "\n"})
            assert not odd, f"{odd} in {text!r}"
            assert not re.search(r"##\w*\[|^\s*::", text, re.MULTILINE), text
            for key in (KEY, *keys):
                assert key not in text, text


def git_objects(folder: Path) -> bytes:
    """What all objects of a repository hold, reachable or not."""
    command = ["git", "cat-file", "--batch-all-objects", "--batch"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout


def written(act: Callable[[], object], *, terminal: bool = False) -> Written:
    """What is written on standard output and error, and the exit code."""
    out, err = _Stream(terminal=terminal), _Stream(terminal=terminal)
    code: Any = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        patch.setattr("sys.stderr", err)
        patch.setenv("TERM", "xterm-256color")
        patch.setenv("COLUMNS", "150")
        try:
            act()
        except SystemExit as ended:
            code = ended.code
    return Written(code, out.bytes.getvalue(), err.bytes.getvalue(), terminal)


def run(*arguments: str, terminal: bool = False) -> Written:
    """`ls-dvc` with these arguments."""
    before = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["ls-dvc", *arguments])
        try:
            return written(boundary.main, terminal=terminal)
        finally:
            signal.signal(signal.SIGTERM, before)
