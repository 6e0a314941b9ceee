"""Where work is done: the interface that is the same for one process, several, and a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ls_dvc.execution import processes

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Work(Generic[Item, Result]):
    """What is done with each item; `name` is what to call it in messages, such as a format.

    `function` and the items can be pickled. `with_data` is the item with all in it that `function`
    reads from this machine's disk; `function` raises `UnreadableInputError` where it cannot.
    """

    name: str
    function: Callable[[Item], Result]
    with_data: Callable[[Item], Item]


class Executor(Protocol):
    """Does work, and gives the results in the order of the items, some of them in memory."""

    def ordered(self, work: Work[Item, Result], items: Iterable[Item]) -> Iterator[Result]:
        """The result for each item."""


@dataclass(frozen=True)
class LocalProcesses:
    """This machine: `jobs` processes, or this process itself if it is one."""

    jobs: int

    def ordered(self, work: Work[Item, Result], items: Iterable[Item]) -> Iterator[Result]:
        """The result for each item."""
        return processes.ordered(work.function, items, self.jobs)


ONE_PROCESS = LocalProcesses(1)
