"""API keys and access tokens, cut out of all that is printed: servers and gateways repeat them."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from threading import Lock
from urllib.parse import quote

KEY = "LABEL_STUDIO_API_KEY"  # the variable that holds it
SHORTEST = 16  # characters; no key is shorter, and cutting out words would make text unreadable
INSTEAD = "[secret]"

_keys = set[str]()
_tokens = deque[str](maxlen=32)  # access tokens live for minutes
_lock = Lock()


def remember_key(key: str) -> None:
    """An API key, for as long as the process lives."""
    with _lock:
        _keys.update([key] if len(key) >= SHORTEST else [])


def remember_token(token: str) -> None:
    """What authorizes a request; the last ones are known."""
    with _lock:
        if len(token) >= SHORTEST and token not in _keys and token not in _tokens:
            _tokens.append(token)


def without_secrets(text: str) -> str:
    """The text with `[secret]` for each secret that is known, however it is encoded."""
    with _lock:
        known = frozenset([*_keys, *_tokens])
    return _pattern(known).sub(INSTEAD, text) if known else text


@lru_cache(maxsize=4)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str]:
    forms = {form for secret in secrets for form in _forms(secret)}
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)


def _forms(secret: str) -> tuple[str, ...]:
    """As it is, and as servers, proxies and tracebacks write it: escaped, in base64, in hex."""
    escaped = (json.dumps(secret)[1:-1], ascii(secret)[1:-1], quote(secret, safe=""))
    return (secret, *escaped, secret.encode().hex(), *_in_base64(secret.encode()))


def _in_base64(secret: bytes) -> Iterator[str]:
    """What stands for it in a longer text, whichever of three bytes it begins at.

    The characters at both ends depend on its neighbours as well.
    """
    for before in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            whole = encode(bytes(before) + secret).decode()
            first, left_over = -(-before * 8 // 6), (before + len(secret)) % 3
            yield whole[first : len(whole) - (4 if left_over else 0)]
