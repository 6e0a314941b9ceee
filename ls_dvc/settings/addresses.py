"""The rule for the address of a Label Studio server, wherever it is set."""

from __future__ import annotations

from urllib.parse import urlsplit


def server_address(value: str) -> str:
    """An http or https address without credentials; a slash at its end is removed.

    `ValueError` says what it must be.
    """
    value = value.strip()
    try:
        parts = urlsplit(value)
        has_host = bool(parts.hostname) and parts.port != 0 and value.isprintable()
    except ValueError:  # an IPv6 address that is not closed, a port that is none
        has_host = False
    if not has_host or parts.scheme not in ("http", "https") or " " in value:
        raise ValueError("must begin with http:// or https:// and name a host")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password")
    return value.rstrip("/")
