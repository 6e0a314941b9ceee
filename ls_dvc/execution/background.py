"""Work in background threads while a block runs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")

INTERRUPT_SECONDS = 2.0


class BackgroundTasks:
    """Runs each piece of work in a thread of its own; the block ends when all of them have.

    An interruption waits for `INTERRUPT_SECONDS` at most, the end of the process not at all.
    """

    def __init__(self) -> None:
        self._started: list[Future[Any]] = []

    def __enter__(self) -> BackgroundTasks:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        is_interrupted = kind is not None and not issubclass(kind, Exception)
        wait(self._started, INTERRUPT_SECONDS if is_interrupted else None)

    def start(self, work: Callable[[], Result]) -> Future[Result]:
        """What `work` will return or raise; an error is lost if nobody takes the result."""
        future: Future[Result] = Future()
        self._started.append(future)
        Thread(target=_run, args=(future, work), daemon=True).start()
        return future


def _run(future: Future[Result], work: Callable[[], Result]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001  (raised where the result is taken)
        future.set_exception(error)
