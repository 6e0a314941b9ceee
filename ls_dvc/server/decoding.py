"""Answers of another shape than Label Studio gives: an error of the server, with its address."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from ls_dvc.errors import ServerError
from ls_dvc.server.client import Client

P = ParamSpec("P")
T = TypeVar("T")


def decoding(
    path: str,
) -> Callable[[Callable[Concatenate[Client, P], T]], Callable[Concatenate[Client, P], T]]:
    """For functions that read an answer of `path`: `ServerError` when it does not fit."""

    def decorate(
        function: Callable[Concatenate[Client, P], T],
    ) -> Callable[Concatenate[Client, P], T]:
        @wraps(function)
        def decoded(client: Client, /, *args: P.args, **named: P.kwargs) -> T:
            try:
                return function(client, *args, **named)
            except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
                raise ServerError(
                    f"{client.url}/{path} answered in an unknown form "
                    f"({type(error).__name__}: {error!s:.100})",
                    "check the address, and that `ls-dvc` knows this version of Label Studio",
                ) from error

        return decoded

    return decorate
