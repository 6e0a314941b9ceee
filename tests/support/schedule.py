"""Which worker of pytest-xdist runs what, so that none is busy for long after the others."""

from __future__ import annotations

from collections import Counter

import pytest
from xdist.scheduler import LoadFileScheduling

# Files for one worker: it alone starts PostgreSQL and a Label Studio on it.
ON_POSTGRES = (
    "tests/server/test_postgres.py",
    "tests/server/test_server_on_postgres.py",
    "tests/update/test_moving_labels.py",
)


def long_files_first(items: list[pytest.Item]) -> None:
    """Order files by their tests with a server, which take the longest, then by all of their tests.

    Those of `tests/property` take long though they are few. The order within a file stays.
    """
    live, every = Counter[str](), Counter[str]()
    for item in items:
        every[file_of(item.nodeid)] += 1
        live[file_of(item.nodeid)] += any(item.iter_markers("live"))

    def rank(item: pytest.Item) -> tuple[bool, int, bool, int, str]:
        name = file_of(item.nodeid)
        other = not name.startswith("tests/property/")
        return name not in ON_POSTGRES, -live[name], other, -every[name], name

    items.sort(key=rank)


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


class ByFile(LoadFileScheduling):
    """As `--dist loadfile`, in the order of the files."""

    def _split_scope(self, nodeid: str) -> str:
        name = file_of(nodeid)
        return "PostgreSQL" if name in ON_POSTGRES else name


def scheduler(config: pytest.Config, log: object) -> ByFile | None:
    """None for another `--dist` than `loadfile`."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return ByFile(config, log)
