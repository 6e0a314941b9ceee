"""The same bytes from every Python: what this one writes, each other one on the machine writes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from support import file_digests, interpreters, projects
from support.effort import examples
from support.every_control import Case, cases, whole_house
from support.interpreters import Interpreter

from ls_dvc.formats import sample_regions
from ls_dvc.formats.registry import FORMATS
from ls_dvc.labels import label_config

WRITTEN = [name for name in FORMATS if name != "PARQUET"]  # which pyarrow writes
RANDOM = examples(40)
OTHERS = interpreters.others() or [None]


def inputs() -> list[dict[str, Any]]:
    """The projects of the goldens, one with everything, and random ones, always the same."""
    house = whole_house()
    found = [
        {"name": "house", "config": house.config, "tasks": house.raw},
        {"name": "showcase", "config": projects.SHAPES, "tasks": projects.showcase()},
        {"name": "floats", "config": projects.SHAPES, "tasks": [*any_floats(100)]},
    ]
    for number, sample in enumerate(sample_regions.every_control()):
        config = label_config.parse(sample.config, "the sample")
        regions = (
            sample_regions.relation(config)
            if sample.control == sample_regions.RELATION
            else sample_regions.regions(config.controls[sample.control], config)
        )
        task = sample_regions.task(regions, config)
        found.append({"name": f"sample {number}", "config": sample.config, "tasks": [task]})
    every = settings(max_examples=RANDOM, derandomize=True, database=None, deadline=None)

    @settings(every, suppress_health_check=list(HealthCheck))
    @given(case=cases())
    def collect(case: Case) -> None:
        name = f"random {len(found)}"
        found.append({"name": name, "config": case.config, "tasks": case.raw})

    collect()
    return found


def any_floats(count: int) -> Iterator[dict[str, Any]]:
    """Polygons and turned boxes with all digits: sums of theirs show how a Python adds floats."""
    dice = random.Random(1)
    for number in range(1, count + 1):
        points = [[dice.uniform(0, 100), dice.uniform(0, 100)] for _ in range(9)]
        x, y, width, height = (dice.uniform(1, 40) for _ in range(4))
        turned = projects.box(x, y, width, height, rotation=dice.uniform(0, 360), id="r2")
        yield projects.boxed(number, projects.polygon(points), turned)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("interpreters") / "projects.json"
    path.write_text(json.dumps(inputs()))
    return path


@pytest.fixture(scope="module")
def here(source: Path) -> dict[str, str]:
    """By this Python, in a process of its own as the others."""
    ran = subprocess.run(
        [sys.executable, file_digests.__file__, str(source), *WRITTEN],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, str] = json.loads(ran.stdout)["digests"]
    for name in WRITTEN:
        assert any(f"/{name}/" in path and "error" not in path for path in found), name
    return found


@pytest.mark.slow
@pytest.mark.parametrize("other", OTHERS, ids=lambda each: f"Python {each}")
def test_another_python_writes_the_same_bytes(
    other: Interpreter | None, source: Path, here: dict[str, str]
) -> None:
    if other is None:
        pytest.skip("there is no other Python here (python3.10 to python3.14 on PATH, pyenv, py)")
    try:
        interpreters.packages(other)
    except subprocess.SubprocessError as error:
        pytest.skip(f"pip has no msgspec for Python {other}: {error}")
    told = json.loads(interpreters.run(other, Path(file_digests.__file__), str(source), *WRITTEN))
    assert told["python"] == str(other)
    assert differing(told["digests"], here) == []


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
