"""Commands on a terminal of a given width."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios

from support.workspace import BIN, Workspace, clean_environment


def on_terminal(
    space: Workspace,
    *arguments: str,
    columns: int = 80,
    program: str = str(BIN / "ls-dvc"),
    **env: str,
) -> str:
    """What `ls-dvc`, or another program, prints on a terminal, with its escape sequences."""
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**clean_environment(), **space.env, "TERM": "xterm-256color", **env}
    with subprocess.Popen(
        [program, *arguments],
        cwd=space.path,
        env=environment,
        stdin=inner,
        stdout=inner,
        stderr=inner,
    ) as process:
        os.close(inner)
        text = b""
        while chunk := _read(outer):
            text += chunk
        os.close(outer)
        assert process.wait(60) == 0, text.decode()
    return text.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    """The next bytes; none when the program has ended, for which Linux says EIO."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""
