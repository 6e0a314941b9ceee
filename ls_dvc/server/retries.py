"""Asking again: after growing pauses, or those that the server asks for, never past a deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenacity import RetryCallState, Retrying, wait_exponential
from tenacity.retry import retry_base
from tenacity.stop import stop_base

from ls_dvc.server.pace import Deadline
from ls_dvc.server.refusals import NoResponseError


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


def _asked_for(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after if isinstance(error, NoResponseError) else 0.0
