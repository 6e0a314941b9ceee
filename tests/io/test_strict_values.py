"""Paths and digests from files of others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ls_dvc.convert import dataset_folder
from ls_dvc.errors import LsDvcError
from ls_dvc.io import strict_values, yaml_files
from ls_dvc.io.strict_values import OBJECT
from ls_dvc.repo import dvc_lock
from ls_dvc.repo.dvc import DvcStore, StoredFolder
from ls_dvc.snapshot import snapshot_folder

MD5 = "0123456789abcdef" * 2

UNSAFE = (
    "../x",
    "COCO/../../x",
    "COCO/..",
    "/etc/x",
    "COCO//x",
    "COCO/./x",
    "COCO/",
    "",
    ".",
    r"COCO\..\x",
    "C:/x",
    "c:x",
    "a\nb",
    "a\x1b]0;x\x07",
    "a\x9bb",
    "\ud800",
    None,
    7,
    ["a"],
)


@pytest.mark.parametrize("path", UNSAFE, ids=ascii)
def test_path_that_leaves_its_folder_is_refused(path: object) -> None:
    with pytest.raises(ValueError, match="not a path below the folder"):
        strict_values.relative_path(path)


@pytest.mark.parametrize("path", ["a", "COCO/images/a b.jpg", ".hidden", "...", "a..b/..c", "é/ü"])
def test_ordinary_path_stays_as_it_is(path: str) -> None:
    assert strict_values.relative_path(path) == path


@pytest.mark.parametrize("md5", ["../../victim", MD5 + "\n", MD5[:-1], MD5.upper(), 7, None, ""])
def test_digest_of_another_form_is_refused(md5: object) -> None:
    with pytest.raises(ValueError, match="does not have the form"):
        strict_values.matching(OBJECT, md5)


class Objects(DvcStore):
    """A store with one object under every name."""

    def __init__(self, content: object) -> None:
        super().__init__(Path())
        object.__setattr__(self, "content", json.dumps(content).encode())

    def read(self, md5: str) -> bytes:
        content: bytes = vars(self)["content"]
        return content


@pytest.mark.parametrize("path", UNSAFE, ids=ascii)
def test_listing_of_dvc_with_unsafe_path_is_damaged(path: object) -> None:
    store = Objects([{"relpath": path, "md5": MD5}])
    with pytest.raises(LsDvcError, match="is damaged"):
        StoredFolder(store, f"{MD5}.dir", "data/dataset").names()


@pytest.mark.parametrize(
    "listing", [{"a": 1}, None, 7, [7], [None], [{"relpath": "a"}], [{"relpath": "a", "md5": 7}]]
)
def test_listing_of_another_shape_is_damaged(listing: object) -> None:
    with pytest.raises(LsDvcError, match="is damaged"):
        Objects(listing).listing(f"{MD5}.dir")


def test_md5_in_listing_that_is_a_path_is_damaged() -> None:
    store = Objects([{"relpath": "a", "md5": "../../victim"}])
    with pytest.raises(LsDvcError, match="does not have the form"):
        store.listing(f"{MD5}.dir")


@pytest.mark.parametrize(
    "out",
    [
        {"path": "data/dataset", "md5": "../../victim.dir"},
        {"path": "data/dataset", "md5": 7},
        {"path": "data/dataset", "md5": MD5, "size": "large"},
        {"path": "data/dataset", "md5": MD5, "nfiles": -1},
    ],
)
def test_out_in_dvc_lock_of_another_form_is_an_error(out: dict[str, object]) -> None:
    text = json.dumps({"stages": {"convert": {"outs": [out]}}})
    with pytest.raises(LsDvcError, match=r"dvc\.lock is damaged"):
        dvc_lock.outs(text, "dvc.lock")


@pytest.mark.parametrize("outs", [7, "text", [7], {"path": 1}, None])
def test_stage_whose_outs_are_no_list_has_none(outs: object) -> None:
    text = json.dumps({"stages": {"convert": {"outs": outs}}})
    assert dvc_lock.outs(text, "dvc.lock") == []
    assert dvc_lock.fingerprint(text, "dvc.lock") is None


def test_manifest_of_dataset_with_path_as_format_cannot_be_read() -> None:
    entry = {"files": 0, "bytes": 0, "sha256": ""}
    content = json.dumps({"fingerprint": "", "formats": {"../../X": entry}}).encode()
    with pytest.raises(LsDvcError, match="does not have the form"):
        dataset_folder.parse_manifest(content, "manifest.json")


def test_manifest_of_snapshot_with_path_outside_cannot_be_read(tmp_path: Path) -> None:
    document = {"files": {"tasks/../../x": {"sha256": "0" * 64}}, "fingerprint": ""}
    (tmp_path / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(LsDvcError, match="not a path below the folder"):
        snapshot_folder.read(tmp_path)


@pytest.mark.parametrize("nested", ["[" * 3000, "{a: " * 3000], ids=["lists", "mappings"])
@pytest.mark.parametrize("load", [yaml_files.parse, yaml_files.load_with_comments])
def test_yaml_nested_too_deeply_is_an_error_with_its_file(load: Any, nested: str) -> None:
    with pytest.raises(LsDvcError, match=r"params\.yaml: collections are nested too deeply"):
        load(f"a: {nested}", "params.yaml")
