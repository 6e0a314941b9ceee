"""One reader of ISO 8601 times, for what Label Studio, git and we write."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ls_dvc.io.iso_time import parse_time

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-06T12:00:00Z", NOON),
        ("2024-05-06T12:00:00.000250Z", NOON + timedelta(microseconds=250)),
        ("2024-05-06T14:00:00+02:00", NOON),
        ("2024-05-06T12:00:00+00:00", NOON),
    ],
)
def test_times_of_servers_and_git_are_read(text: str, expected: datetime) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01T00:00:00Z"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|month"):
        parse_time(text)
