"""Connections over HTTP, with the proxies that the environment names."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from ls_dvc.errors import LsDvcError
from ls_dvc.io.secrets import remember_token
from ls_dvc.server.pace import watch

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def open_pool(
    *, answered: Sequence[Callable[[httpx.Response], None]] = (), **settings: Any
) -> httpx.Client:
    """A client of httpx; `LsDvcError` when the environment has proxies that it cannot use.

    Each of `answered` is called with each answer before its body is read.
    The message has the names of the variables alone: their values may hold passwords.
    """
    try:
        hooks: dict[str, list[Any]] = {"request": [_remember], "response": [*answered]}
        client = httpx.Client(**settings, event_hooks=hooks)
    except (ImportError, ValueError, httpx.InvalidURL):
        named = [name for name in os.environ if name.upper() in _PROXIES and os.environ[name]]
        raise LsDvcError(
            f"the proxy settings in the environment cannot be used: {', '.join(named) or 'none'}",
            "proxies begin with http:// or https:// (SOCKS needs `pip install 'httpx[socks]'`), "
            "and NO_PROXY lists hosts without brackets: unset or change what is named",
        ) from None
    watch([client._transport, *client._mounts.values()])  # noqa: SLF001
    return client


def _remember(request: httpx.Request) -> None:
    """What is sent to authorize a request is cut out of what is printed."""
    remember_token(request.headers.get("Authorization", "").rpartition(" ")[2])
