"""Files on other hosts: without the key, without cookies, from addresses that were checked.

Proxies of the environment are not used: a proxy would look up the names itself, unchecked.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from urllib.parse import urlsplit

import httpx

from ls_dvc.media.addresses import encoded, endpoint
from ls_dvc.media.hosts import HostRules
from ls_dvc.media.results import InterruptedMediaError, MissingMediaError
from ls_dvc.server import certificates
from ls_dvc.server.interface import MediaResponse
from ls_dvc.server.pace import watch

_TIMEOUTS = {"connect": 10.0, "read": 30.0, "write": 30.0, "pool": 60.0}
_DEFAULT_PORTS = {"http": 80, "https": 443}
_Place = tuple[str, str, int, bool]


GIVE_UP = 10  # times in a row that a host could not be reached, for the rest of the run


@dataclass
class _PinnedHost:
    """The connections to one host and port; a transport knows neither cookies nor redirects."""

    transport: httpx.HTTPTransport
    addresses: list[str]
    failures: int = 0


class WebDownloads:
    """The connections to all hosts but the server. May be used by several threads."""

    def __init__(self, rules: HostRules) -> None:
        self.rules = rules
        self._hosts: dict[_Place, _PinnedHost] = {}
        self._lock = Lock()

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return certificates.context()

    def close(self) -> None:
        """Let go of the connections."""
        for host in self._hosts.values():
            host.transport.close()

    @contextmanager
    def open(
        self, url: str, headers: Mapping[str, str], *, from_server: bool
    ) -> Iterator[MediaResponse]:
        """The answer to a GET; `from_server`: the server redirects to this address.

        `MissingMediaError` for a host that is refused, `InterruptedMediaError` without an answer.
        """
        place = (*endpoint(url), from_server)
        response = self._sent(place, url, headers)
        try:
            yield MediaResponse(response.status_code, response.headers, _chunks(response, place[1]))
        finally:
            response.close()

    def _sent(self, place: _Place, url: str, headers: Mapping[str, str]) -> httpx.Response:
        pinned = self._pinned(place)
        if pinned.failures >= GIVE_UP:
            raise MissingMediaError("no-answer", f"{place[1]} did not answer {GIVE_UP} times")
        error: Exception = OSError("no address")
        for address in pinned.addresses:
            request = _request(place, address, url, headers)
            try:
                response = pinned.transport.handle_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as failed:
                error = failed
            except httpx.TransportError as failed:
                raise _interrupted(place[1], failed) from None
            else:
                pinned.failures = 0
                return response
        pinned.failures += 1
        raise _interrupted(place[1], error) from None

    def _pinned(self, place: _Place) -> _PinnedHost:
        """The connections to a host, whose name is looked up once."""
        with self._lock:
            pinned = self._hosts.get(place)
        if pinned is None:
            _, host, port, from_server = place
            addresses = self.rules.checked(host, port, from_server=from_server)
            limits = httpx.Limits(max_connections=None)
            fresh = _PinnedHost(httpx.HTTPTransport(self._context, limits=limits), addresses)
            watch([fresh.transport])
            with self._lock:
                pinned = self._hosts.setdefault(place, fresh)
        return pinned


def _request(place: _Place, address: str, url: str, headers: Mapping[str, str]) -> httpx.Request:
    """A GET that goes to an IP address and means a host, also for its certificate."""
    scheme, host, port, _ = place
    parts = urlsplit(url)
    path = encoded(parts.path or "/") + (f"?{encoded(parts.query)}" if parts.query else "")
    name = f"[{host}]" if ":" in host else host
    shown_port = "" if port == _DEFAULT_PORTS[scheme] else f":{port}"
    target = httpx.URL(scheme=scheme, host=address, port=port, raw_path=path.encode("ascii"))
    return httpx.Request(
        "GET",
        target,
        headers={"User-Agent": "ls-dvc", "Accept": "*/*", **headers, "Host": name + shown_port},
        extensions={"timeout": _TIMEOUTS, "sni_hostname": host},
    )


def _chunks(response: httpx.Response, host: str) -> Iterator[bytes]:
    try:
        yield from response.iter_raw()
    except httpx.TransportError as error:
        raise _interrupted(host, error) from None


def _interrupted(host: str, error: Exception) -> InterruptedMediaError:
    return InterruptedMediaError(f"{host}: the connection broke ({type(error).__name__})")
