"""Work in threads beside a block: asked for at the same time, its results taken in an order."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")

MOMENT = 2.0  # seconds


class BackgroundTasks:
    """Begins work, each piece in a thread of its own; the block ends when all of it has.

    Only an interrupt waits no longer than `MOMENT`, and the end of the process not at all.
    """

    def __init__(self) -> None:
        self._begun: list[Future[Any]] = []

    def __enter__(self) -> BackgroundTasks:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        wait(self._begun, None if kind is None or issubclass(kind, Exception) else MOMENT)

    def begin(self, work: Callable[[], Result]) -> Future[Result]:
        """What `work` will return or raise; nobody hears of it who does not take the result."""
        future: Future[Result] = Future()
        self._begun.append(future)
        Thread(target=_settle, args=(future, work), daemon=True).start()
        return future


def _settle(future: Future[Result], work: Callable[[], Result]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001  (whoever takes the result hears of it)
        future.set_exception(error)
