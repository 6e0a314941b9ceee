"""What a server's answers mean that are no answers: its refusals, as our errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from ls_dvc.errors import ServerError, ServerUnavailableError
from ls_dvc.io.printable import printable
from ls_dvc.server import sdk
from ls_dvc.server.pool import is_local, proxies_named
from ls_dvc.server.retry_after import seconds_in
from ls_dvc.settings.connection import KEY

if TYPE_CHECKING:
    from label_studio_sdk.core.api_error import ApiError


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
    `retry_after`: for how many seconds it wants to be left alone.
    """

    def __init__(self, message: str, hint: str, retry_after: float = 0.0) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class AnswerError(NoResponseError):
    """What came is no answer of Label Studio's, so what was asked may have happened or not."""


_NOT_NOW = (408, 429, 502, 503, 504)
_UNREADABLE = (TypeError, OverflowError, OSError, RecursionError, AttributeError)


@dataclass(frozen=True)
class Refusals:
    """Makes errors of what the server at `url` answers."""

    url: str

    @contextmanager
    def translating_errors(self, path: str) -> Iterator[None]:
        """Raises what goes wrong with a request to `path` as errors of this module."""
        api_error = sdk.api_error()
        try:
            yield
        except httpx.ConnectError as error:
            raise ServerUnavailableError(
                f"cannot reach {self.url}: {_last(error)}", self._way_to_reach(str(error))
            ) from None
        except httpx.ProxyError as error:
            raise ServerUnavailableError(
                f"the proxy before {self.url} refuses: {_last(error)}", _proxy_hint()
            ) from None
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise NoResponseError(
                f"{self.url}/{path}: the connection broke ({type(error).__name__})",
                "run the command again; it continues the download",
            ) from None
        except api_error as error:  # the exchange of a personal access token failed
            raise self._exchange_refused(error) from None
        except ValueError:  # … or was not answered with JSON
            raise AnswerError(*self._unlike_label_studio()) from None

    @contextmanager
    def reading_key(self) -> Iterator[None]:
        """The SDK reads when a key ends, and takes it for a time whatever it is."""
        try:
            yield
        except _UNREADABLE:
            raise self.of_key("it cannot be read") from None

    def _way_to_reach(self, reason: str) -> str:
        """What to do about a connection that did not come about."""
        if "CERTIFICATE_VERIFY_FAILED" in reason:
            if "mismatch" in reason or "not valid for" in reason or "expired" in reason:
                return "whoever runs the server has to change its certificate"
            return "set SSL_CERT_FILE to the file of the CA that signed its certificate, as PEM"
        if not is_local(self.url) and proxies_named():
            return _proxy_hint()
        return (
            "is Label Studio running there? The address is LABEL_STUDIO_URL, or "
            "label_studio.url in params.yaml"
        )

    @contextmanager
    def reading_tokens(self) -> Iterator[None]:
        """Likewise of the access tokens that the server gives for a key."""
        try:
            yield
        except _UNREADABLE:
            raise AnswerError(
                f"{self.url} gives an access token for {KEY} that cannot be read", "try again later"
            ) from None

    def of(self, response: httpx.Response, path: str) -> ServerError:
        """The error for an answer from `path` that is no success; its body was read."""
        status, detail = response.status_code, _detail(_json_or_none(response))
        if status == 401:
            return self.of_key(detail)
        if status in _NOT_NOW:
            return NoResponseError(
                f"{self.url}/{path}: no answer (HTTP {status})",
                "try again later",
                seconds_in(response.headers.get("retry-after", "")),
            )
        if status < 400:
            location = printable(response.headers.get("location", "somewhere else"))
            kind = (
                RefusedError if status in (301, 308) else UnexpectedResponseError
            )  # for good, or for now
            return kind(
                f"{self.url} redirects to {location.split('?')[0]}",
                "set label_studio.url (or LABEL_STUDIO_URL) to the address it redirects to",
                status,
            )
        if detail is None:
            return self.not_label_studio(status)
        hint = (
            "the user of the API key needs permission to change the project"
            if status == 403
            else ""
        )
        kind = UnexpectedResponseError if status >= 500 else RefusedError
        return kind(f"{self.url}/{path}: HTTP {status}: {detail}", hint, status)

    def _exchange_refused(self, error: ApiError) -> ServerError:
        status = error.status_code or 0
        if status in _NOT_NOW:
            return NoResponseError(f"{self.url}: no answer (HTTP {status})", "try again later")
        if not 400 <= status < 500:
            return self.not_label_studio(status)
        return self.of_key(_detail(error.body))

    def of_key(self, detail: str | None) -> RefusedError:
        """The error of a key that the server does not take, with what it said about it."""
        return RefusedError(
            f"{self.url} refuses the API key in {KEY}: {detail or 'HTTP 401'}",
            "create a new one in Label Studio: Account & Settings > Personal Access Token",
            401,
        )

    def not_label_studio(self, status: int = 200) -> UnexpectedResponseError:
        """The error for an answer that Label Studio would not give."""
        return UnexpectedResponseError(*self._unlike_label_studio(), status)

    def _unlike_label_studio(self) -> tuple[str, str]:
        return (
            f"{self.url} does not answer like a Label Studio server",
            "check LABEL_STUDIO_URL, or label_studio.url in params.yaml",
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
    return printable(str(reasons))[:300] if reasons else None


def _proxy_hint() -> str:
    return f"is it the right way to it? The environment has {', '.join(proxies_named())}"


def _last(error: Exception) -> str:
    return str(error).rsplit("] ", maxsplit=1)[-1] or type(error).__name__
