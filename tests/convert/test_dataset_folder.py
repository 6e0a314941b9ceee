"""The data set folder: what its manifest says of its bytes."""

from __future__ import annotations

from pathlib import Path

from ls_dvc.convert import dataset_folder, dataset_writer
from ls_dvc.convert.dataset_folder import DatasetManifest
from ls_dvc.formats.interface import Chunk

# Manifests as they were written, one of each form that there ever was; none is ever changed.
KEPT = Path(__file__).parents[1] / "locks/datasets"
CHUNKS = [Chunk("classes.txt", b"Car\n"), Chunk("labels/1.txt", b"0 0 0 1 1\n", 1)]


def test_problems_are_found_byte_by_byte(tmp_path: Path) -> None:
    written = {"YOLO": dataset_writer.write_format(tmp_path / "YOLO", CHUNKS, archived=True)}
    dataset_folder.write_manifest(tmp_path, DatasetManifest("f" * 64, written))
    assert dataset_folder.problems(tmp_path, "f" * 64) == []
    with (tmp_path / "YOLO/labels/0000000000.tar").open("ab") as out:
        out.write(b"\0")
    assert "was changed since" in dataset_folder.problems(tmp_path, "f" * 64)[0]
    assert "was made from the labels" in dataset_folder.problems(tmp_path, "e" * 64)[0]


def test_a_manifest_of_each_form_is_read() -> None:
    found = {
        path.stem: dataset_folder.parse_manifest(path.read_bytes(), path.name)
        for path in KEPT.glob("*.json")
    }
    has = {
        name: (each.formats["COCO"].writer, each.card is not None, each.settings is not None)
        for name, each in found.items()
    }
    assert has == {
        "first": (None, False, False),
        "writers": (1, False, False),
        "card": (1, True, False),
        "settings": (1, True, True),
    }
    assert {each.fingerprint[:12] for each in found.values()} == {"f50458253564"}
    assert sorted(found["settings"].reports) == ["classes.csv", "labels.json", "ledger.json"]
