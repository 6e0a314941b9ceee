"""A piece of work on another machine: what is sent there, done there, and sent back.

Errors come back as values, so that no cluster tries them again.
"""

from __future__ import annotations

import pickle
import socket
import time
import traceback
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from ls_dvc.errors import BugError, LsDvcError
from ls_dvc.io.code_digest import code_digest


class RemotePiece(NamedTuple):
    """`function` and `item` are pickled; only the ls-dvc whose digest is `code` unpickles them."""

    code: str
    function: bytes
    item: bytes


class PieceResult(NamedTuple):
    """What came of a piece: `result` or `error`; `host` did it in so many seconds.

    `refused`: nothing was done, as this host's ls-dvc is another one.
    """

    host: str
    seconds: float = 0.0
    result: Any = None
    error: LsDvcError | BugError | None = None
    refused: bool = False


def run(piece: RemotePiece) -> PieceResult:
    """Do a piece of work on this machine."""
    host, start = socket.gethostname(), time.perf_counter()
    if piece.code != code_digest():
        return PieceResult(host, refused=True)
    try:
        result = _function(piece.function)(pickle.loads(piece.item))  # noqa: S301  (the driver's)
    except (LsDvcError, BugError) as error:
        return PieceResult(host, error=error)
    except Exception as error:  # noqa: BLE001  (it is the driver that has to hear of it)
        lines = "".join(traceback.format_exception(error))
        return PieceResult(host, error=BugError(f"on the worker {host}: {error}\n{lines}"))
    return PieceResult(host, time.perf_counter() - start, result)


@lru_cache(maxsize=4)
def _function(pickled: bytes) -> Callable[[Any], Any]:
    """Unpickled once for all its items, since formats cache what they derive from a context."""
    function: Callable[[Any], Any] = pickle.loads(pickled)  # noqa: S301  (the driver's, see `run`)
    return function
