"""Media files from the server's origin, with the API key; redirects come back as data.

Cookies are neither kept nor sent. What an answer means is decided by who asks: only a server that
cannot be reached and a refused key are errors here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urlsplit

import httpx

from ls_dvc.server.client import CONNECT_SECONDS, Client
from ls_dvc.server.interface import MediaResponse
from ls_dvc.server.pool import open_pool

READ_SECONDS = 30.0


class MediaDownloads:
    """The connections to one server over which media come. May be used by several threads."""

    def __init__(self, client: Client) -> None:
        parts = urlsplit(client.url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.deadline = client.deadline
        self._client = client
        self._pool = open_pool(
            client.url,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=None),
            follow_redirects=False,  # the key would go along
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.close()

    @contextmanager
    def open(self, path: str, headers: Mapping[str, str]) -> Iterator[MediaResponse]:
        """The answer to a GET of `path`, which begins with a slash, on the server's origin.

        An access token that the server does not take any more is renewed. `RefusedError` for a
        refused key, `ServerUnavailableError` when nothing answers.
        """
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError(f"{path!r} is no path on the server")
        key = self._client.authorization()
        response = self._send(path, headers, key)
        if response.status_code == 401:
            response.close()
            key = self._client.authorization(refused=key)
            response = self._send(path, headers, key)
        try:
            if response.status_code == 401:
                raise self._client.refusals.of_key(None)
            yield MediaResponse(
                response.status_code, response.headers, self._chunks(response, path)
            )
        finally:
            response.close()

    def _send(self, path: str, headers: Mapping[str, str], key: str) -> httpx.Response:
        sent = {"User-Agent": "ls-dvc", **headers, "Authorization": key}
        with self._client.refusals.translating_errors(_named(path)):
            request = self._pool.build_request("GET", f"{self.origin}{path}", headers=sent)
            return self._pool.send(request, stream=True)

    def _chunks(self, response: httpx.Response, path: str) -> Iterator[bytes]:
        with self._client.refusals.translating_errors(_named(path)):
            yield from response.iter_raw()


def _named(path: str) -> str:
    return path.partition("?")[0].lstrip("/")
