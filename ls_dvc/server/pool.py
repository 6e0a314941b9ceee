"""Connections over HTTP, with the proxies that the environment names."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from ls_dvc.errors import LsDvcError
from ls_dvc.io.secrets import remember_token
from ls_dvc.server import certificates
from ls_dvc.server.pace import watch

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def open_pool(
    url: str, *, answered: Sequence[Callable[[httpx.Response], None]] = (), **settings: Any
) -> httpx.Client:
    """A client of httpx for `url`; `LsDvcError` when the environment has proxies it cannot use.

    Each of `answered` is called with each answer before its body is read. What runs on this
    machine is asked without a proxy, which would ask its own machine. The message has the names
    of the variables alone: their values may hold passwords.
    """
    trusted = certificates.context()
    try:
        hooks: dict[str, list[Any]] = {"request": [_remember], "response": [*answered]}
        client = httpx.Client(
            **settings, verify=trusted, trust_env=not is_local(url), event_hooks=hooks
        )
    except (ImportError, ValueError, httpx.InvalidURL):
        raise LsDvcError(
            "the proxy settings in the environment cannot be used: "
            f"{', '.join(proxies_named()) or 'none'}",
            "proxies begin with http:// or https:// (SOCKS needs `pip install 'httpx[socks]'`), "
            "and NO_PROXY lists hosts without brackets: unset or change what is named",
        ) from None
    watch([client._transport, *client._mounts.values()])  # noqa: SLF001
    return client


def proxies_named() -> list[str]:
    """The variables about proxies that are set, in the case in which they are."""
    return [name for name in os.environ if name.upper() in _PROXIES and os.environ[name]]


def is_local(url: str) -> bool:
    """Whether an address names this machine itself."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _remember(request: httpx.Request) -> None:
    """What is sent to authorize a request is cut out of what is printed."""
    remember_token(request.headers.get("Authorization", "").rpartition(" ")[2])
