"""Asking again: after growing pauses, or those that the server asks for, never past a deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenacity import RetryCallState, Retrying, wait_exponential
from tenacity.retry import retry_base
from tenacity.stop import stop_base

from ls_dvc.server.pace import Deadline
from ls_dvc.server.refusals import NoResponseError, RefusedError


def retrying(
    deadline: Deadline,
    retry: retry_base,
    stop: stop_base,
    *,
    first: float = 0.2,
    longest: float = 10.0,
    last: Callable[[RetryCallState], Any] | None = None,
) -> Retrying:
    """Asks again while `retry` says so: in `first` seconds, then later and later.

    In the end the error is raised, or what `last` makes of it returned.
    """
    growing = wait_exponential(multiplier=first, max=longest)

    def pause(state: RetryCallState) -> float:
        return max(growing(state), _asked_for(state))

    return Retrying(
        retry=retry,
        stop=stop,
        wait=pause,
        sleep=deadline.sleep,
        reraise=True,
        retry_error_callback=last,
    )


def may_pass(error: BaseException) -> bool:
    """Whether a request that may be repeated can succeed later: the server broke, or is away."""
    return is_broken(error) or isinstance(error, NoResponseError)


def is_broken(error: BaseException) -> bool:
    """Whether the server says that it failed, as a busy one on SQLite does now and then."""
    return isinstance(error, RefusedError) and error.status >= 500


def last_result(state: RetryCallState) -> Any:
    """The last result although it is not what was waited for, or the last error."""
    return state.outcome.result() if state.outcome else None


def _asked_for(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after if isinstance(error, NoResponseError) else 0.0
