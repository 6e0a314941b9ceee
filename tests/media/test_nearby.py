"""Files for which nobody is asked: `data:` addresses, and folders of the repository."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.canary import PNG, Asking, Canary

from ls_dvc.media.fetch import Fetched

Reason = Callable[..., str]


def test_data_addresses(server: Canary, ask: Asking) -> None:
    encoded = base64.b64encode(PNG).decode()
    (image,) = ask(f"data:image/png;base64,{encoded}")
    (text,) = ask("DATA:,a%20b", tag="Text")
    assert isinstance(image, Fetched)
    assert isinstance(text, Fetched)
    assert (image.file.size, image.file.type) == (len(PNG), "image/png")
    assert text.file.size == 3
    assert server.seen == []


def test_data_addresses_that_hold_no_file(reason: Reason) -> None:
    assert reason("data:image/png;base64,A") == "undecodable"
    assert reason("data:image/png;base64") == "undecodable"
    assert reason("data:image/png;base64,") == "empty"
    assert reason("data:text/html,<html><body></body></html>") == "not-media"
    assert reason(f"data:,{'x' * 200}", max_file=100) == "too-large"


@pytest.fixture
def folder(repository: Path) -> Path:
    made = repository / "data" / "raw"
    made.mkdir(parents=True)
    (made / "a b.png").write_bytes(PNG)
    (repository.parent / "secret.png").write_bytes(PNG)
    return made


ROOTS = {"s3://b/": "data/raw", "/data/local-files/?d=raw/": "data/raw"}


def test_files_of_the_repository(server: Canary, ask: Asking, folder: Path) -> None:
    found = ask("s3://b/a b.png", "/data/local-files/?d=raw/a%20b.png", roots=ROOTS, max_total=1)
    assert all(isinstance(each, Fetched) for each in found), "which count as nothing"
    assert server.seen == []
    assert (folder / "a b.png").stat().st_mode & 0o200, "the user's file stays as it was"


def test_files_that_the_repository_does_not_have(reason: Reason, folder: Path) -> None:
    assert reason("s3://b/nix.png", roots=ROOTS) == "not-found"
    (folder / "deep").mkdir()
    assert reason("s3://b/deep", roots=ROOTS) == "not-found"
    os.mkfifo(folder / "pipe.png")
    assert reason("s3://b/pipe.png", roots=ROOTS) == "not-found"


def test_no_way_out_of_the_repository(reason: Reason, folder: Path) -> None:
    outside = folder.parents[2]
    (folder / "file.png").symlink_to(outside / "secret.png")
    (folder / "folder").symlink_to(outside)
    (folder / "loop").symlink_to(folder / "loop")
    assert reason("s3://b/../../../secret.png", roots=ROOTS) == "elsewhere"
    assert reason("/data/local-files/?d=raw/%2e%2e/x.png", roots=ROOTS) == "elsewhere"
    assert reason("s3://b/file.png", roots=ROOTS) == "forbidden"
    assert reason("s3://b/folder/secret.png", roots=ROOTS) == "forbidden"
    assert reason("s3://b/loop", roots=ROOTS) == "not-found"


def test_links_into_the_cache_of_dvc(ask: Asking, folder: Path) -> None:
    """So DVC lays out a folder with `cache.type symlink`; the cache may be that of a root above."""
    cache = folder.parents[2] / ".dvc" / "cache"
    cache.mkdir(parents=True)
    (cache / "object").write_bytes(PNG)
    (folder / "linked.png").symlink_to(cache / "object")
    (found,) = ask("s3://b/linked.png", roots=ROOTS)
    assert isinstance(found, Fetched)
