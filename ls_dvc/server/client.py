"""Requests to Label Studio through the SDK's transport, and its refusals as our errors.

The SDK handles both kinds of API key: legacy tokens, and personal access tokens, which it exchanges
for access tokens that live five minutes. Its retries are not used: they repeat a POST.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, NamedTuple

import httpx
from label_studio_sdk.base_client import LabelStudioBase
from label_studio_sdk.core.api_error import ApiError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from ls_dvc.errors import ServerError, ServerUnavailableError
from ls_dvc.io.secrets import without_secrets
from ls_dvc.server.pool import open_pool
from ls_dvc.settings.connection import KEY, Connection

Body = Mapping[str, Any] | Sequence[Any]
Files = Mapping[str, tuple[str, bytes, str]]

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
ATTEMPTS = 4


class RefusedError(ServerError):
    """The server answered, and the answer was no. `status` is the HTTP status."""

    def __init__(self, message: str, hint: str, status: int) -> None:
        super().__init__(message, hint)
        self.status = status


class UnexpectedResponseError(RefusedError, ServerUnavailableError):
    """The server failed, or something else answered instead: a login page, an ingress."""


class NoResponseError(ServerUnavailableError):
    """No answer came, or only a gateway's: the server may still be working on the request.

    https://github.com/HumanSignal/label-studio/issues/5262, /5811, /5873 and /8353.
    """


class _Sent(NamedTuple):
    """What is sent in one request."""

    method: str
    path: str
    params: Mapping[str, Any] | None
    json: Body | None
    files: Files | None
    timeout: float


class Client:
    """One server, one key. May be used by several threads at once."""

    def __init__(self, connection: Connection) -> None:
        self.url = connection.url
        self._connection = connection
        self._pool = open_pool(
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,  # a POST that is redirected turns into a GET
        )
        self._http = self._open()
        self._renewing = Lock()

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.close()

    def get(self, path: str, **params: Any) -> Any:
        """The JSON at `path`; requested again if there is no answer."""
        return self._repeating()(self._json, "GET", path, params=params)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON of the answer; requested again if there is none: repeating is harmless."""
        return self._repeating()(self._json, "PATCH", path, json=body)

    def post(self, path: str, body: Body, *, timeout: float = READ_SECONDS) -> Any:
        """The JSON of the answer; never requested twice, as each POST creates something."""
        return self._json("POST", path, json=body, timeout=timeout)

    def upload(
        self,
        path: str,
        files: Files,
        *,
        timeout: float = READ_SECONDS,
        **params: Any,
    ) -> Any:
        """The JSON of the answer to files, sent by field: name, content and type of each."""
        return self._json("POST", path, params=params, files=files, timeout=timeout)

    def delete(self, path: str) -> None:
        """Remove what is at `path`; fine when it is gone already."""
        try:
            self._repeating()(self._json, "DELETE", path)
        except RefusedError as error:
            if error.status != 404:
                raise

    @contextmanager
    def stream(
        self, path: str, *, first_byte: int, timeout: float = READ_SECONDS, **params: Any
    ) -> Iterator[httpx.Response]:
        """The bytes at `path` from `first_byte` on; the response is not read yet."""
        headers = {"Range": f"bytes={first_byte}-", "Accept-Encoding": "identity"}
        with (
            self.translating_errors(path),
            self._http.stream(
                path,
                method="GET",
                params=params,
                headers=headers,
                request_options={"timeout_in_seconds": int(timeout)},
            ) as response,
        ):
            if response.status_code >= 300:
                response.read()
                raise self._refused(response, path)
            yield response

    def authorization(self, *, refused: str = "") -> str:
        """The header that authorizes a request; `refused` is one that the server refused.

        After a refused access token it is that of a fresh one, after a legacy token the same.
        """
        http = self._http
        with self.translating_errors(""), self._reading_tokens():
            header = str(http.base_headers()["Authorization"])
            if refused == header and self._is_renewable():
                header = str(self._renewed(http).base_headers()["Authorization"])
        return header

    def _json(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Body | None = None,
        files: Files | None = None,
        timeout: float = READ_SECONDS,
    ) -> Any:
        http, sent = self._http, _Sent(method, path, params, json, files, timeout)
        response = self._request(http, sent)
        if response.status_code == 401 and self._is_renewable():
            response = self._request(self._renewed(http), sent)
        if response.status_code >= 300:
            raise self._refused(response, path)
        if response.status_code == 204:
            return None
        try:
            return response.json()
        except (ValueError, RecursionError) as error:
            raise self._not_label_studio() from error

    def _renewed(self, stale: Any) -> Any:
        """A transport with a fresh access token; that of `stale` expired by the server's clock.

        Of several threads that are refused at once, one gets the token for all.
        """
        with self._renewing:
            if self._http is stale:
                self._http = self._open()
            return self._http

    def _request(self, http: Any, sent: _Sent) -> httpx.Response:
        with self.translating_errors(sent.path), self._reading_tokens():
            response: httpx.Response = http.request(
                sent.path,
                method=sent.method,
                params=dict(sent.params or {}),
                json=sent.json,
                files=dict(sent.files) if sent.files else None,
                request_options={"max_retries": 0, "timeout_in_seconds": int(sent.timeout)},
            )
        return response

    def _repeating(self) -> Retrying:
        """For requests that may be repeated until an answer comes; a refused connection is one."""
        return Retrying(
            retry=retry_if_exception_type(NoResponseError),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=0.2, max=5),
            reraise=True,
        )

    def _open(self) -> Any:
        with self.translating_errors(""), self._reading_tokens():
            sdk = LabelStudioBase(
                base_url=f"{self.url}/",
                api_key=self._connection.api_key,
                httpx_client=self._pool,
            )
        return sdk._client_wrapper.httpx_client  # noqa: SLF001  (the SDK has no public way to make raw calls)

    def _is_renewable(self) -> bool:
        return self._connection.api_key.count(".") == 2

    @contextmanager
    def translating_errors(self, path: str) -> Iterator[None]:
        """Raises what goes wrong with a request to `path` as errors of this module."""
        try:
            yield
        except httpx.ConnectError as error:
            raise ServerUnavailableError(
                f"cannot reach {self.url}: {_last(error)}",
                "is Label Studio running there? The address is LABEL_STUDIO_URL, or "
                "label_studio.url in params.yaml",
            ) from None
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise NoResponseError(
                f"{self.url}/{path}: the connection broke ({type(error).__name__})",
                "run the command again; it continues the download",
            ) from None
        except ApiError as error:  # the exchange of a personal access token failed
            raise self._exchange_refused(error) from None
        except ValueError:  # … or was not answered with JSON
            raise self._not_label_studio() from None

    @contextmanager
    def _reading_tokens(self) -> Iterator[None]:
        """The SDK reads when tokens end, and takes it for a time whatever it is."""
        try:
            yield
        except (TypeError, OverflowError, OSError, RecursionError, AttributeError):
            raise self.key_refused("it, or the access token for it, cannot be read") from None

    def _refused(self, response: httpx.Response, path: str) -> ServerError:
        status, detail = response.status_code, _detail(_json_or_none(response))
        if status == 401:
            return self.key_refused(detail)
        if status in (408, 429, 502, 503, 504):
            return NoResponseError(
                f"{self.url}/{path}: no answer (HTTP {status})", "try again later"
            )
        if status < 400:
            location = without_secrets(response.headers.get("location", "somewhere else"))
            kind = (
                RefusedError if status in (301, 308) else UnexpectedResponseError
            )  # for good, or for now
            return kind(
                f"{self.url} redirects to {location.split('?')[0]}",
                "set label_studio.url (or LABEL_STUDIO_URL) to the address it redirects to",
                status,
            )
        if detail is None:
            return self._not_label_studio(status)
        hint = (
            "the user of the API key needs permission to change the project"
            if status == 403
            else ""
        )
        kind = UnexpectedResponseError if status >= 500 else RefusedError
        return kind(f"{self.url}/{path}: HTTP {status}: {detail}", hint, status)

    def _exchange_refused(self, error: ApiError) -> ServerError:
        if error.status_code is not None and error.status_code >= 500:
            return self._not_label_studio(error.status_code)
        return self.key_refused(_detail(error.body))

    def key_refused(self, detail: str | None) -> RefusedError:
        """The error of a key that the server does not take, with what it said about it."""
        return RefusedError(
            f"{self.url} refuses the API key in {KEY}: {detail or 'HTTP 401'}",
            "create a new one in Label Studio: Account & Settings > Personal Access Token",
            401,
        )

    def _not_label_studio(self, status: int = 200) -> UnexpectedResponseError:
        return UnexpectedResponseError(
            f"{self.url} does not answer like a Label Studio server",
            "check LABEL_STUDIO_URL, or label_studio.url in params.yaml",
            status,
        )


def _json_or_none(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _detail(body: Any) -> str | None:
    """What a Label Studio error says; None when the body is not one."""
    if not isinstance(body, Mapping):
        return None
    reasons = body.get("validation_errors") or body.get("detail")
    return without_secrets(str(reasons))[:300] if reasons else None


def _last(error: Exception) -> str:
    return str(error).rsplit("] ", maxsplit=1)[-1] or type(error).__name__
