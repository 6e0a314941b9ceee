"""A data set that is browsed, for all tests of one worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support import browsed
from support.workspace import Workspace


@pytest.fixture(scope="session")
def browsed_set(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return browsed.data_set(tmp_path_factory.mktemp("browsed"), more=500)


@pytest.fixture(scope="session")
def address(browsed_set: Workspace) -> Iterator[str]:
    with browsed.browsed(browsed_set) as found:
        yield found
