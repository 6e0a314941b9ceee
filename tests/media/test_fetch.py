"""The fetcher against a host that plays all that a host of media may do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.canary import PNG, Canary, canary, fetcher_for, whole

from ls_dvc.media.fetch import Fetched, Fetcher, MediaRequest, NotFetched
from ls_dvc.progress import Silent

UPLOAD = "/data/upload/1/a.png"


@pytest.fixture
def studio_host() -> Iterator[Canary]:
    with canary() as host:
        yield host


@pytest.fixture
def fetcher(studio_host: Canary, tmp_path: Path) -> Iterator[Fetcher]:
    with fetcher_for(studio_host.url, tmp_path) as made:
        yield made


def one(fetcher: Fetcher, address: str, tag: str = "Image") -> Fetched | NotFetched:
    (result,) = fetcher.fetch([MediaRequest(address, tag)], Silent())
    return result


def test_an_upload(studio_host: Canary, fetcher: Fetcher) -> None:
    studio_host.routes[UPLOAD] = whole(PNG)
    found = one(fetcher, UPLOAD)
    assert isinstance(found, Fetched)
    assert found.file.md5 == hashlib.md5(PNG).hexdigest()
    assert found.file.sha256 == hashlib.sha256(PNG).hexdigest()
    assert (found.file.size, found.file.type, found.validator) == (len(PNG), "image/png", "")
    assert fetcher.store.path(found.file.md5).read_bytes() == PNG
    (asked,) = studio_host.seen
    assert asked.headers["authorization"] == "Token canarykey"
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["range"] == "bytes=0-"
    assert list(fetcher.store.temporary().iterdir()) == []
