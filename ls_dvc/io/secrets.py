"""API keys and access tokens, cut out of all that is printed: servers and gateways repeat them."""

from __future__ import annotations

from collections import deque
from threading import Lock

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
    """The text with `[secret]` for each secret that is known."""
    with _lock:
        known = sorted({*_keys, *_tokens}, key=len, reverse=True)
    for secret in known:
        text = text.replace(secret, INSTEAD)
    return text
