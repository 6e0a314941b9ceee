"""Golden bytes: what each format writes of one good region of each control, whole files.

The expected files are in golden/controls.txt, a part for each control. To write it again after a
change that is meant: `PYTHONPATH=tests .venv/bin/python tests/formats/test_golden.py`, then read
what git shows. A format whose bytes change needs a higher version in formats/registry.py, which
writers.json holds true (`--unreleased` writes it without one, before the first release).
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import projects

from ls_dvc.errors import LsDvcError
from ls_dvc.formats import sample_regions
from ls_dvc.formats.registry import FORMATS, WRITERS
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


VERSIONS = GOLDEN.with_name("writers.json")
RAISE = "writes other bytes: raise its version in formats/registry.py, and write the files again"


def versions(golden: str) -> dict[str, dict[str, object]]:
    """The version of each format's writer, and the digest of all golden files of the format."""
    digests = {name: hashlib.sha256() for name in FORMATS if name not in BINARY}
    for part in golden.split("--- ")[1:]:
        digests[part.partition("/")[0]].update(part.partition("=== ")[0].encode())
    return {
        name: {"version": WRITERS[name], "sha256": digest.hexdigest()}
        for name, digest in digests.items()
    }


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in BINARY])
def test_a_writer_with_other_bytes_has_another_version(name: str) -> None:
    assert versions(GOLDEN.read_bytes().decode())[name] == json.loads(VERSIONS.read_text())[name], (
        f"{name} {RAISE}"
    )


def write_again(*, released: bool) -> None:
    """Write both files; refuse other bytes of the same version once there is a release."""
    parts_again = (f"=== {title}\n{''.join(files(each))}" for title, each in SAMPLES.items())
    golden = "".join(parts_again)
    before = json.loads(VERSIONS.read_text()) if VERSIONS.is_file() else {}
    for name, writer in versions(golden).items():
        known = before.get(name, writer)
        if released and known["version"] == writer["version"] and known != writer:
            sys.exit(f"{name} {RAISE}")
    GOLDEN.write_bytes(golden.encode())
    VERSIONS.write_text(json.dumps(versions(golden), indent=2) + "\n")
    sys.stdout.write(f"wrote {GOLDEN} and {VERSIONS}\n")


if __name__ == "__main__":
    write_again(released="--unreleased" not in sys.argv)
