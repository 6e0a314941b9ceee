"""ISO 8601 times as Label Studio, git and labels.lock write them."""

from __future__ import annotations

from datetime import datetime


def parse_time(text: str) -> datetime:
    """The moment that an ISO 8601 `text` names, with its zone; `ValueError` when it names none.

    Python before 3.11 does not read the `Z` of UTC (https://github.com/python/cpython/issues/80010).
    """
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
