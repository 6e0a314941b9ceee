"""The benchmark runs: both sides do all of their work, which it checks itself, and are compared."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "bench" / "run.py"


@pytest.mark.soak
@pytest.mark.parametrize(
    ("part", "steps"),
    [
        ("formats", 6),
        ("layouts", 8),
        ("updates", 6),
        ("media", 7),
    ],
)
def test_a_part_of_the_benchmark(tmp_path: Path, part: str, steps: int) -> None:
    sizes = ("--sizes", "100", "--rounds", "1")
    command = [sys.executable, str(RUN), *sizes, "--parts", part, "--folder", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert ran.returncode == 0, ran.stderr
    compared = [line for line in ran.stdout.splitlines() if re.search(r"\d \(\d.*\d \(\d", line)]
    assert len(compared) == steps, ran.stdout
