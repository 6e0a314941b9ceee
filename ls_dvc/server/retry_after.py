"""How long a busy server asks its clients to wait."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = 120.0  # seconds, whatever the server says


def seconds_in(retry_after: str) -> float:
    """What a header Retry-After says, seconds or a date, at most `LONGEST_PAUSE`; 0 if nothing."""
    text = retry_after.strip()
    if text.isdecimal():
        seconds = float(text[:9])
    else:
        try:
            at = parsedate_to_datetime(text)
        except (TypeError, ValueError, OverflowError):
            return 0.0
        zoned = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
        seconds = (zoned - datetime.now(timezone.utc)).total_seconds()
    return max(0.0, min(seconds, LONGEST_PAUSE))
