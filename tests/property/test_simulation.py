"""Whole histories against the real update, export and convert, each played from a seed.

What is simulated, and what is held to, is in `support/simulation`. `SIMULATION_SEED=288` in the
environment plays that one alone.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.simulation import people
from support.simulation.disk import Fault, Kind
from support.simulation.history import Play

STEPS = 12
MEMORY = Path("/dev/shm")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


def play(folder: Path, seed: int) -> Play:
    played = Play(folder / f"{seed}", seed)
    played.run(STEPS)
    shutil.rmtree(played.folder)
    return played


def play_all(folder: Path, seeds: range) -> Counter[str]:
    chosen = os.environ.get("SIMULATION_SEED")
    outcomes = Counter[str]()
    for seed in [int(chosen)] if chosen else seeds:
        outcomes.update(play(folder, seed).outcomes)
    return outcomes


def test_promises_hold_in_any_history(folder: Path) -> None:
    number = int(os.environ.get("SIMULATION_HISTORIES", "200"))
    outcomes = play_all(folder, range(number))
    kinds = ("range", "delta", "bulk", "same")
    ends = ("done", "refused", "disk", "killed", "interrupted")
    wanted = {
        *kinds,
        *(f"{each} {end}" for each in ("update", "export", "convert") for end in ends),
    }
    missing = wanted - outcomes.keys()  # else the play would prove less than it says
    assert not missing or number < 200 or "SIMULATION_SEED" in os.environ


@pytest.mark.soak
def test_for_long(folder: Path) -> None:
    play_all(folder, range(1000, 11_000))


@pytest.mark.parametrize("seed", [1575, 6773, 10458])
def test_what_a_part_of_a_mixed_export_holds(folder: Path, seed: int) -> None:
    """It was pinned: a field in some of the tasks, and a prediction that was deleted meanwhile."""
    play(folder, seed)


def test_a_seed_gives_the_same_history(folder: Path) -> None:
    first, second = (play(folder / name, 7).story for name in ("a", "b"))
    assert [each.replace("/b/", "/a/") for each in second] == first


@pytest.mark.parametrize("kind", ["kill", "interrupt", "error", "full"])
def test_each_call_to_the_disk_may_be_the_one(folder: Path, kind: Kind) -> None:
    """Of an update over labels that only the side cache rebuilds, and of both stages after it."""
    played = Play(folder, 0)
    clone = played.clones[0]
    with played.playing():
        played.calm = True
        played.update(clone)
        played.commit(clone)
        for at in range(1, 200):
            clone.forget("data")
            clone.objects.clear()
            people.annotate(played.server)
            faults = [Fault(kind, at) for _ in range(3)]
            played.update(clone, fault=faults[0])
            played.update(clone)
            played.export(clone, faults[1])
            played.export(clone)
            played.convert(clone, faults[2])
            if not any(each.fired for each in faults):
                break
        assert 30 < at < 199
