"""The executor that the user names: `dask:ADDRESS`, or `MODULE:FUNCTION`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from ls_dvc.errors import LsDvcError
from ls_dvc.execution.executor import Executor, LocalProcesses
from ls_dvc.progress import Reporter

if TYPE_CHECKING:
    from concurrent.futures import Executor as Pool

_FORMS = "give dask:tcp://host:8786, dask: for Dask's own configuration, or MODULE:FUNCTION"


@contextmanager
def opened(name: str, jobs: int, report: Reporter) -> Iterator[Executor]:
    """The executor called `name`, "" for this machine, until the block ends.

    `jobs`: processes on this machine, or pieces at once for an executor that does not say how many
    workers it has.
    """
    kind, colon, where = name.partition(":")
    if not name:
        yield LocalProcesses(jobs)
    elif not colon:
        raise LsDvcError(f"there is no executor {name!r}", _FORMS)
    elif kind == "dask":
        from ls_dvc.cluster import dask_cluster

        with dask_cluster.connected(where, report) as cluster:
            yield cluster
    else:
        from ls_dvc.cluster.remote_executor import RemoteExecutor

        with _made_by(kind, where) as pool:
            yield RemoteExecutor(name, pool, jobs, report)


def _made_by(module: str, function: str) -> Pool:
    """What a function of the user's makes."""
    from concurrent.futures import Executor as Pool

    try:
        pool = getattr(import_module(module), function)()
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise LsDvcError(
            f"cannot make the executor {module}:{function}: {error}", _FORMS
        ) from error
    if not isinstance(pool, Pool):
        raise LsDvcError(
            f"{module}:{function} gave a {type(pool).__name__}, which is no executor",
            "it has to be a concurrent.futures.Executor",
        )
    return pool
