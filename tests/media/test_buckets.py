"""Buckets that are named, read directly from a server that speaks S3."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import pytest
from support.canary import PAGE, PNG, Asking, Canary
from support.s3 import Store, store

from ls_dvc.errors import LsDvcError
from ls_dvc.media.fetch import Fetched, Fetcher, MediaRequest
from ls_dvc.media.reach import require_reachable
from ls_dvc.progress import Silent

Reason = Callable[..., str]
NAMED = ["s3://pictures/in/"]
LARGE = PNG * 900  # more than a request brings


@pytest.fixture(scope="module")
def filled() -> Iterator[Store]:
    with store() as s3:
        s3.make_bucket("pictures")
        s3.make_bucket("others")
        for key in ("in/a b+%20é#?.png", "in/b.png", "out/c.png"):
            s3.put("pictures", key, PNG)
        s3.put("pictures", "in/large.png", LARGE)
        s3.put("pictures", "in/page.png", PAGE)
        yield s3


@pytest.fixture
def s3(filled: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name, value in filled.variables.items():
        monkeypatch.setenv(name, value)
    return filled


def test_files_below_a_named_prefix(s3: Store, server: Canary, ask: Asking) -> None:
    keys = ["a b+%20é#?.png", "b.png", "large.png"]
    found = ask(*(f"s3://pictures/in/{key}" for key in keys), buckets=NAMED)
    assert [each.file.size for each in found if isinstance(each, Fetched)] == [
        *(len(PNG), len(PNG), len(LARGE))
    ]
    assert all(each.validator for each in found if isinstance(each, Fetched))
    assert server.seen == [], "the server has no part in it"


def test_whether_a_file_can_be_had(s3: Store, make_fetcher: Callable[..., Fetcher]) -> None:
    fetcher = make_fetcher(buckets=NAMED)
    for key, told in (("b.png", ""), ("absent.png", "the bucket does not have it")):
        where = fetcher.destination(f"s3://pictures/in/{key}")
        with pytest.raises(LsDvcError, match=told) if told else nullcontext():
            require_reachable(fetcher, where, "Image")


def test_a_file_that_did_not_change(s3: Store, make_fetcher: Callable[..., Fetcher]) -> None:
    fetcher = make_fetcher(buckets=NAMED)
    s3.put("pictures", "in/changing.png", PNG)
    address = "s3://pictures/in/changing.png"
    (first,) = fetcher.fetch([MediaRequest(address, "Image")], Silent())
    assert isinstance(first, Fetched)
    (again,) = fetcher.fetch([MediaRequest(address, "Image", first)], Silent())
    assert again is first
    s3.put("pictures", "in/changing.png", PNG + b"!")
    (changed,) = fetcher.fetch([MediaRequest(address, "Image", first)], Silent())
    assert isinstance(changed, Fetched)
    assert changed.file.size == len(PNG) + 1


def test_other_keys_are_asked_of_the_server_alone(
    s3: Store, server: Canary, reason: Reason
) -> None:
    """Which has no storage for them here."""
    for address in ("s3://pictures/out/c.png", "s3://others/in/b.png", "s3://pictures-2/in/b.png"):
        assert reason(address, buckets=NAMED) == "no-storage"
    assert len(server.seen) == 3


def test_what_a_bucket_does_not_have(s3: Store, reason: Reason) -> None:
    assert reason("s3://pictures/in/nix.png", buckets=NAMED) == "not-found"
    assert reason("s3://nowhere/in/nix.png", buckets=["s3://nowhere"]) == "not-found"
    assert reason("s3://pictures/in/page.png", buckets=NAMED) == "not-media"
    assert reason("s3://pictures/in/large.png", buckets=NAMED, max_file=1_000_000) == "too-large"


def test_a_bucket_that_cannot_be_asked(
    s3: Store, ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(LsDvcError, match="cannot read s3://pictures"):
        ask("s3://pictures/in/b.png", buckets=NAMED)


def test_an_extra_that_is_not_installed(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(LsDvcError, match="not installed") as raised:
        ask("gs://pictures/b.png", buckets=["gs://pictures"])
    assert raised.value.hint == "pip install 'dvc[gs]'"
