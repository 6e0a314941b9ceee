"""Child processes that end when this process does, also when nobody could tell it to.

The kernel closes our end of a pipe when we end, even by SIGKILL. A shell next to each child waits
for that: a few hundred kB, and nothing that the child or its own children could lose or undo.
(Linux has a signal for it, but that is not inherited, and comes when a mere thread of the parent
ends.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

Kin = Literal["process", "group"]

NOT_FOUND = 127  # the exit code when there is no such program
SECONDS = 5  # that an orphan has to clean up, after SIGINT and before SIGKILL

# $1 is the pipe, $2 whom to end, the rest the command, which takes over the shell's process.
# Where the pipe cannot be opened nobody waits; where a line comes out of it we ended the command.
_SHELL = f"""
pipe=$1 kin=$2$$
shift 2
(
  (
    trap '' HUP INT QUIT TERM
    exec 3<"/dev/fd/$pipe" || exit
    read -r _ <&3 && exit
    kill -INT "$kin"
    for _ in {" ".join("_" * SECONDS)}; do
      kill -0 "$$" || break
      sleep 1
    done
    kill -KILL "$kin"
  ) </dev/null >/dev/null 2>&1 &
)
exec "$@"
"""


@dataclass(frozen=True)
class Lifeline:
    """A command that ends with us, for `Popen` with these `pass_fds`."""

    command: list[str]
    pass_fds: tuple[int, ...]


@contextmanager
def lifeline(command: Sequence[str], kin: Kin, *, user: str | None = None) -> Iterator[Lifeline]:
    """Within the block the command ends with this process; `kin` says who ends with it.

    A `group` is one that the command leads. Whoever is left when the block ends
    stays. `user` is whom the command will run as.
    """
    reading, writing = os.pipe()
    if user is not None:
        os.fchmod(reading, 0o644)  # Linux asks again for permission
    sign = "-" if kin == "group" else ""
    shell = ["/bin/sh", "-c", _SHELL, "sh", str(reading), sign, *command]
    try:
        yield Lifeline(shell, (reading,))
    finally:
        with suppress(OSError):
            os.write(writing, b"\n")
        os.close(reading)
        os.close(writing)
