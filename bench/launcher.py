"""Runs one command and notes what it cost: `launcher.py NOTE COMMAND…`

A process of its own, and a small one: on Linux what is started inherits the peak memory of who
started it, so the benchmark itself, which has read whole exports, must not start what it measures.
"""

from __future__ import annotations

import os
import sys
import time


def main(note: str, *command: str) -> None:
    """The note holds exit code, seconds, bytes at the peak, and seconds of CPU (user and system).

    Of a command's children the largest counts for the memory, and all of them for the CPU.
    """
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    cpu = usage.ru_utime + usage.ru_stime
    with open(note, "w", encoding="ascii") as out:  # noqa: PTH123  (pathlib is memory, too)
        out.write(f"{os.waitstatus_to_exitcode(status)} {seconds} {peak} {cpu}")


if __name__ == "__main__":
    main(*sys.argv[1:])
