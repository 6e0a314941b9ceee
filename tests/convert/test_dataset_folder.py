"""The data set folder: what its manifest says of its bytes."""

from __future__ import annotations

from pathlib import Path

from ls_dvc.convert import dataset_folder, dataset_writer
from ls_dvc.convert.dataset_folder import DatasetManifest
from ls_dvc.formats.interface import Chunk

CHUNKS = [Chunk("classes.txt", b"Car\n"), Chunk("labels/1.txt", b"0 0 0 1 1\n", 1)]


def test_problems_are_found_byte_by_byte(tmp_path: Path) -> None:
    written = {"YOLO": dataset_writer.write_format(tmp_path / "YOLO", CHUNKS, archived=True)}
    dataset_folder.write_manifest(tmp_path, DatasetManifest("f" * 64, written))
    assert dataset_folder.problems(tmp_path, "f" * 64) == []
    with (tmp_path / "YOLO/labels/0000000000.tar").open("ab") as out:
        out.write(b"\0")
    assert "was changed since" in dataset_folder.problems(tmp_path, "f" * 64)[0]
    assert "was made from the labels" in dataset_folder.problems(tmp_path, "e" * 64)[0]
