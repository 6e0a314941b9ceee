"""Hosts that play a Label Studio and others, and a fetcher that asks them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.canary import Asking, Canary, canary, fetcher_for

from ls_dvc.media.fetch import Fetched, Fetcher, MediaRequest, NotFetched
from ls_dvc.progress import Silent


@pytest.fixture
def server() -> Iterator[Canary]:
    """Plays Label Studio."""
    with canary() as host:
        yield host


@pytest.fixture
def other() -> Iterator[Canary]:
    """Another host, on another port of the same machine."""
    with canary() as host:
        yield host


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The folder of params.yaml, which is not the root of git and DVC."""
    folder = tmp_path / "root" / "set"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def make_fetcher(server: Canary, repository: Path) -> Iterator[Callable[..., Fetcher]]:
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(
            fetcher_for(settings.pop("url", server.url), repository, **settings)
        )


@pytest.fixture
def ask(make_fetcher: Callable[..., Fetcher]) -> Asking:
    """The results for some addresses, in their order."""

    def asked(*addresses: str, tag: str = "Image", **settings: Any) -> list[Fetched | NotFetched]:
        requests = [MediaRequest(each, tag) for each in addresses]
        found = {each.address: each for each in make_fetcher(**settings).fetch(requests, Silent())}
        return [found[each] for each in addresses]

    return asked


@pytest.fixture
def reason(ask: Asking) -> Callable[..., str]:
    """Why the file of one address cannot be had."""

    def asked(address: str, **settings: Any) -> str:
        (found,) = ask(address, **settings)
        assert isinstance(found, NotFetched)
        return found.reason

    return asked
