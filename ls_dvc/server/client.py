"""Requests to Label Studio through the SDK's transport, and its refusals as our errors.

The SDK handles both kinds of API key: legacy tokens, and personal access tokens, which it exchanges
for access tokens that live five minutes. Its retries are not used: they repeat a POST.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt

from ls_dvc.server import answers, sdk
from ls_dvc.server.answers import Ignored
from ls_dvc.server.bodies import make_plain
from ls_dvc.server.pace import Deadline, RequestPace, keeping
from ls_dvc.server.pool import open_pool
from ls_dvc.server.refusals import Refusals, RefusedError
from ls_dvc.server.retries import may_pass, retrying
from ls_dvc.settings.connection import Connection

Body = Mapping[str, Any] | Sequence[Any]
Files = Mapping[str, tuple[str, bytes, str]]
Answered = TypeVar("Answered")

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
ATTEMPTS = 4


class _Sent(NamedTuple):
    """What is sent in one request."""

    method: str
    path: str
    params: Mapping[str, Any] | None
    json: Body | None
    files: Files | None
    timeout: float


class Client:
    """One server, one key, one run. May be used by several threads at once."""

    def __init__(self, connection: Connection, deadline: Deadline | None = None) -> None:
        self.url = connection.url
        self.refusals = Refusals(connection.url)
        self.deadline = deadline or Deadline()
        self._connection = connection
        self._pool = open_pool(
            connection.url,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,  # a POST that is redirected turns into a GET
            headers={"Accept-Encoding": "gzip"},
            answered=[make_plain],
        )
        self._http = self._open()
        self._renewing = Lock()

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.close()

    def get(self, path: str, kind: type[Answered], **params: Any) -> Answered:
        """The answer at `path`, as a `kind`; requested again if there is none."""
        found: Answered = self._repeating()(self._answer, "GET", path, kind, params=params)
        return found

    def patch(self, path: str, body: Mapping[str, Any]) -> None:
        """Change what is at `path`; requested again if there is no answer: that is harmless."""
        self._repeating()(self._answer, "PATCH", path, Ignored, json=body)

    def post(
        self, path: str, body: Body, kind: type[Answered], *, timeout: float = READ_SECONDS
    ) -> Answered:
        """The answer, as a `kind`; never requested twice, as each POST creates something."""
        return self._answer("POST", path, kind, json=body, timeout=timeout)

    def upload(
        self,
        path: str,
        files: Files,
        kind: type[Answered],
        *,
        timeout: float = READ_SECONDS,
        **params: Any,
    ) -> Answered:
        """The answer to files, sent by field: name, content and type of each."""
        return self._answer("POST", path, kind, params=params, files=files, timeout=timeout)

    def delete(self, path: str) -> None:
        """Remove what is at `path`; fine when it is gone already."""
        try:
            self._repeating()(self._asked, "DELETE", path)
        except RefusedError as error:
            if error.status != 404:
                raise

    @contextmanager
    def stream(
        self, path: str, *, first_byte: int, timeout: float = READ_SECONDS, **params: Any
    ) -> Iterator[httpx.Response]:
        """The bytes at `path` from `first_byte` on; the response is not read yet."""
        self.deadline.require()
        headers = {"Range": f"bytes={first_byte}-", "Accept-Encoding": "identity"}
        with (
            keeping(RequestPace(timeout, self.deadline)),
            self.refusals.translating_errors(path),
            self._http.stream(
                path,
                method="GET",
                params=params,
                headers=headers,
                request_options={"timeout_in_seconds": ceil(timeout)},
            ) as response,
        ):
            if response.status_code >= 300:
                response.read()
                raise self.refusals.of(response, path)
            yield response

    def authorization(self, *, refused: str = "") -> str:
        """The header that authorizes a request; `refused` is one that the server refused.

        After a refused access token it is that of a fresh one, after a legacy token the same.
        """
        http = self._http
        with (
            keeping(RequestPace(READ_SECONDS, self.deadline)),
            self.refusals.translating_errors(""),
            self.refusals.reading_tokens(),
        ):
            header = str(http.base_headers()["Authorization"])
            if refused == header and self._is_renewable():
                header = str(self._renewed(http).base_headers()["Authorization"])
        return header

    def _answer(self, method: str, path: str, kind: type[Answered], **sent: Any) -> Answered:
        content = self._asked(method, path, **sent).content
        return answers.decode(content, kind, self.url, path.partition("?")[0])

    def _asked(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Body | None = None,
        files: Files | None = None,
        timeout: float = READ_SECONDS,
    ) -> httpx.Response:
        http, sent = self._http, _Sent(method, path, params, json, files, timeout)
        response = self._request(http, sent)
        if response.status_code == 401 and self._is_renewable():
            response = self._request(self._renewed(http), sent)
        if response.status_code >= 300:
            raise self.refusals.of(response, path)
        return response

    def _renewed(self, stale: Any) -> Any:
        """A transport with a fresh access token; that of `stale` expired by the server's clock.

        Of several threads that are refused at once, one gets the token for all.
        """
        with self._renewing:
            if self._http is stale:
                self._http = self._open()
            return self._http

    def _request(self, http: Any, sent: _Sent) -> httpx.Response:
        self.deadline.require()
        with (
            keeping(RequestPace(sent.timeout, self.deadline)),
            self.refusals.translating_errors(sent.path),
            self.refusals.reading_tokens(),
        ):
            response: httpx.Response = http.request(
                sent.path,
                method=sent.method,
                params=dict(sent.params or {}),
                json=sent.json,
                files=dict(sent.files) if sent.files else None,
                request_options={"max_retries": 0, "timeout_in_seconds": ceil(sent.timeout)},
            )
        return response

    def _repeating(self) -> Retrying:
        """For requests that may be repeated until an answer comes; a refused connection is one.

        A busy Label Studio on SQLite answers HTTP 500 to any of them.
        """
        return retrying(
            self.deadline,
            retry_if_exception(may_pass),
            stop_after_attempt(ATTEMPTS),
            longest=5,
        )

    def _open(self) -> Any:
        with (
            keeping(RequestPace(READ_SECONDS, self.deadline)),
            self.refusals.translating_errors(""),
            self.refusals.reading_key(),
        ):
            return sdk.open_transport(self.url, self._connection.api_key, self._pool)

    def _is_renewable(self) -> bool:
        return self._connection.api_key.count(".") == 2
