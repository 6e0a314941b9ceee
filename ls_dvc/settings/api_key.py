"""What an API key says about itself: its kind, and when it was made and ends."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

PERSONAL, LEGACY, UNKNOWN = "personal access token", "legacy token", "key of an unknown kind"


@dataclass(frozen=True)
class KeyFacts:
    """The kind of a key, one of those above; the times are None where it does not say them."""

    kind: str
    made_at: datetime | None = None
    ends_at: datetime | None = None


def facts(key: str) -> KeyFacts:
    """What a key says. It is not checked: only the server knows whether it is valid."""
    if re.fullmatch(r"[0-9a-f]{40}", key):
        return KeyFacts(LEGACY)
    said = _payload(key)
    if said is None:
        return KeyFacts(UNKNOWN)
    return KeyFacts(PERSONAL, _time(said.get("iat")), _time(said.get("exp")))


def _payload(key: str) -> Mapping[str, Any] | None:
    """The middle of a JSON Web Token."""
    parts = key.split(".")
    if len(parts) != 3:
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        said = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, Mapping) else None


def _time(value: Any) -> datetime | None:
    """Of Unix seconds."""
    if type(value) not in (int, float):
        return None
    try:
        return datetime.fromtimestamp(value, timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None
