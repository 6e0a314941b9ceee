"""Dask: the only module that speaks with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ls_dvc.cluster.remote_executor import RemoteExecutor
from ls_dvc.errors import LsDvcError
from ls_dvc.progress import Reporter

CONNECT = 5  # seconds to reach the scheduler
_KILLED = 3  # workers that may be killed by a piece before it is given up


@contextmanager
def connected(address: str, report: Reporter) -> Iterator[RemoteExecutor]:
    """The workers of the scheduler at `address`; "": the scheduler of Dask's own configuration."""
    distributed = _distributed()
    name = f"the Dask scheduler {address or _configured()}"
    try:
        client = distributed.Client(address or _configured(), timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise LsDvcError(
            f"cannot reach {name}: {error}", "check the address, and that it runs"
        ) from error

    def workers() -> int:
        try:
            return len(client.nthreads())
        except Exception as error:
            raise LsDvcError(f"{name} was lost: {error}", "run the command again") from error

    with client:
        slots = max(1, sum(client.nthreads().values()))
        pool = client.get_executor(pure=False, retries=_KILLED)
        yield RemoteExecutor(name, pool, slots, report, workers)


def _configured() -> str:
    """The address of the scheduler in Dask's configuration, such as DASK_SCHEDULER_ADDRESS."""
    import dask

    address = dask.config.get("scheduler-address", None)
    if not address:
        raise LsDvcError(
            "Dask's configuration names no scheduler",
            "set DASK_SCHEDULER_ADDRESS, or name it as dask:tcp://host:8786",
        )
    return str(address)


def _distributed() -> Any:
    try:
        import dask

        dask.config.set({"logging.distributed": "critical"})
        import distributed
    except ImportError as error:
        raise LsDvcError("dask is not installed", "run `pip install 'ls-dvc[dask]'`") from error
    return distributed
