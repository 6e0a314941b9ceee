"""Golden bytes: what each format writes of one good region of each control, whole files.

The expected files are in golden/controls.txt, a part for each control. To write it again after a
change that is meant: `PYTHONPATH=tests .venv/bin/python tests/formats/test_golden.py`, then read
what git shows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import projects

from ls_dvc.errors import LsDvcError
from ls_dvc.formats import sample_regions
from ls_dvc.formats.registry import FORMATS
from ls_dvc.formats.sample_regions import RELATION, SampleRegion
from ls_dvc.labels import label_config

GOLDEN = Path(__file__).parents[1] / "golden" / "controls.txt"
SAMPLES = {
    f"{number} {each.control}": each for number, each in enumerate(sample_regions.every_control())
}
BINARY = {"PARQUET", "BRUSH_TO_NUMPY", "BRUSH_TO_PNG"}  # have tests of their bytes


def files(sample: SampleRegion) -> Iterator[str]:
    """The files of the formats that wrote the task of a sample, with their names."""
    config = label_config.parse(sample.config, "the sample")
    some = (
        sample_regions.relation(config)
        if sample.control == RELATION
        else sample_regions.regions(config.controls[sample.control], config)
    )
    for name in (each for each in FORMATS if each not in BINARY):
        try:
            out = projects.convert(name, [sample_regions.task(some, config)], sample.config)
        except LsDvcError:  # no use for such a project
            continue
        if out.ledger.regions_written:
            yield from (f"--- {name}/{path}\n{out.text(path)}" for path in out.files)


def parts() -> dict[str, str]:
    """The expected files by sample."""
    found = GOLDEN.read_bytes().decode().split("=== ")[1:]
    return dict(each.split("\n", 1) for each in found)


@pytest.mark.parametrize("title", SAMPLES)
def test_golden(title: str) -> None:
    assert "".join(files(SAMPLES[title])) == parts()[title]


def test_nothing_else_is_golden() -> None:
    assert list(parts()) == list(SAMPLES)


if __name__ == "__main__":
    written = (f"=== {title}\n{''.join(files(each))}" for title, each in SAMPLES.items())
    GOLDEN.write_bytes("".join(written).encode())
    sys.stdout.write(f"wrote {GOLDEN}\n")
