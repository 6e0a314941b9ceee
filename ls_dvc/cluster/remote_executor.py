"""Work spread over other machines by an executor of `concurrent.futures`."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor as Pool
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from itertools import islice
from statistics import median
from typing import Generic

from ls_dvc.cluster import remote_piece
from ls_dvc.cluster.remote_piece import PieceResult, RemotePiece
from ls_dvc.errors import LsDvcError, UnreadableInputError
from ls_dvc.execution.executor import Item, Result, Work
from ls_dvc.io.code_digest import code_digest
from ls_dvc.progress import Reporter

AHEAD = 2  # pieces submitted for each worker, so that none waits and memory stays bounded
LOOK = 2.0  # seconds between two looks for workers, while a result is waited for
WITHOUT_WORKERS = 30.0  # seconds without any worker, after which a run ends
WORTHWHILE = 0.2  # seconds that a piece should take: sending it costs some 0.03


@dataclass(frozen=True)
class RemoteExecutor:
    """The workers behind `pool`, about `slots` of them; `name` is what to call them in messages.

    `workers` counts those that are there now, `LsDvcError` when it cannot; None where the pool
    does not know.
    """

    name: str
    pool: Pool
    slots: int
    report: Reporter
    workers: Callable[[], int] | None = None

    def ordered(self, work: Work[Item, Result], items: Iterable[Item]) -> Iterator[Result]:
        """The result for each item. Data goes with the items once a worker cannot read it."""
        run = _RemoteRun(self, work)
        waiting = iter(items)
        running = deque(map(run.submit, islice(waiting, AHEAD * self.slots)))
        try:
            while running:
                result = run.result(*running.popleft())
                running.extend(map(run.submit, islice(waiting, 1)))
                yield result
        finally:
            for _, future in running:
                future.cancel()
        self._say_if_not_worthwhile(work.name, run.seconds)

    def submit(self, piece: RemotePiece) -> Future[PieceResult]:
        """A piece on its way to a worker."""
        try:
            return self.pool.submit(remote_piece.run, piece)
        except Exception as error:
            raise self._failed(error) from error

    def answer(self, future: Future[PieceResult]) -> PieceResult:
        """What a worker says of a piece. `LsDvcError` when no worker is left, or it is lost."""
        seconds_without = 0.0
        while not wait([future], timeout=LOOK).done:
            alone = self.workers is not None and not self.workers()
            seconds_without = seconds_without + LOOK if alone else 0.0
            if seconds_without >= WITHOUT_WORKERS:
                raise LsDvcError(
                    f"{self.name} has had no worker for {seconds_without:.0f} seconds",
                    "start workers, or convert without --executor",
                )
        try:
            return future.result()
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> LsDvcError:
        what = f"{type(error).__name__}: {error}".removesuffix(": ")
        return LsDvcError(
            f"{self.name} lost a piece of the work: {what}",
            "each of its machines needs ls-dvc; see docs/clusters.md",
        )

    def _say_if_not_worthwhile(self, name: str, seconds: list[float]) -> None:
        if seconds and median(seconds) < WORTHWHILE:
            self.report.say(
                f"{name}: a piece takes {median(seconds):.2f} s, so {self.name} gains little; "
                "--jobs is as quick"
            )


@dataclass
class _RemoteRun(Generic[Item, Result]):
    """The run of a work: how long its pieces took, and whether data has to be sent with them."""

    executor: RemoteExecutor
    work: Work[Item, Result]
    seconds: list[float] = field(default_factory=list)
    sends_data: bool = False

    def __post_init__(self) -> None:
        self._function = pickle.dumps(self.work.function)

    def submit(self, item: Item) -> tuple[Item, Future[PieceResult]]:
        """An item, and the answer to come."""
        sent = self.work.with_data(item) if self.sends_data else item
        piece = RemotePiece(code_digest(), self._function, pickle.dumps(sent))
        return item, self.executor.submit(piece)

    def result(self, item: Item, future: Future[PieceResult]) -> Result:
        """What came of an item, which is sent again with its data if that could not be read."""
        answer = self.executor.answer(future)
        if isinstance(answer.error, UnreadableInputError):
            self.sends_data = True
            answer = self.executor.answer(self.submit(item)[1])
        if answer.refused:
            raise LsDvcError(
                f"the worker on {answer.host} has another ls-dvc than this machine",
                "install the same one on each machine, to the last file",
            )
        if answer.error is not None:
            raise answer.error
        self.seconds.append(answer.seconds)
        result: Result = answer.result
        return result
