"""Buckets that the settings name, read directly by fsspec with the libraries that DVC brings.

Credentials and endpoints are those of the environment (`AWS_…`, `GOOGLE_APPLICATION_CREDENTIALS`,
`AZURE_STORAGE_…`), never of an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.media.addresses import BucketFile
from ls_dvc.media.arrival import Arrival
from ls_dvc.media.limits import Budget, Patience
from ls_dvc.media.results import InterruptedMediaError, MissingMediaError

_PROTOCOLS = {"s3": "s3", "gs": "gs", "azure-blob": "az"}  # as fsspec names them
_EXTRAS = {"s3": "s3", "gs": "gs", "azure-blob": "azure"}  # of DVC
_CHUNK = 1 << 20  # bytes
_BLOCK = 8 << 20  # bytes of a request


class Buckets:
    """The connections to buckets. May be used by several threads."""

    def __init__(self, budget: Budget, patience: Patience) -> None:
        self._budget = budget
        self._patience = patience
        self._systems: dict[str, Any] = {}
        self._lock = Lock()

    def download(self, source: BucketFile, arrival: Arrival) -> str:
        """Get all of a file; its validator. Errors as of a download over HTTP."""
        for tried in range(1, self._patience.tries + 1):
            try:
                return self._attempt(source, arrival)
            except InterruptedMediaError as error:
                failure = error
            if tried < self._patience.tries:
                self._budget.wait(self._patience.pause(tried))
            arrival.restart()
        raise MissingMediaError("no-answer", str(failure))

    def _attempt(self, source: BucketFile, arrival: Arrival) -> str:
        system = self._system(source.scheme)
        with _translated(source):
            file = system.open(source.path, "rb", block_size=_BLOCK, cache_type="readahead")
        with file:
            details: Mapping[str, Any] = file.details
            size = int(details["size"])
            arrival.expect(size)
            while chunk := _read(file, source):
                arrival.write(chunk)
        if arrival.size != size:
            raise InterruptedMediaError(f"{arrival.size:,} of its {size:,} bytes came")
        return _etag(details)

    def validator_of(self, source: BucketFile) -> str:
        """What the bucket says about a file now; empty when it says nothing."""
        try:
            return self.found(source)
        except (InterruptedMediaError, MissingMediaError):
            return ""

    def found(self, source: BucketFile) -> str:
        """What the bucket says about a file that is there. Errors as of a download."""
        system = self._system(source.scheme)
        with _translated(source):
            return _etag(system.info(source.path))

    def _system(self, scheme: str) -> Any:
        import fsspec

        with self._lock:
            if scheme not in self._systems:
                try:
                    self._systems[scheme] = fsspec.filesystem(
                        _PROTOCOLS[scheme], skip_instance_cache=True
                    )
                except (ImportError, ValueError) as error:
                    raise LsDvcError(
                        f"{scheme}:// needs a library that is not installed: {error}",
                        f"pip install 'dvc[{_EXTRAS[scheme]}]'",
                    ) from error
            return self._systems[scheme]


def _etag(details: Mapping[str, Any]) -> str:
    return str(details.get("ETag") or details.get("etag") or "")


def _read(file: Any, source: BucketFile) -> bytes:
    with _translated(source):
        return bytes(file.read(_CHUNK))


@contextmanager
def _translated(source: BucketFile) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise MissingMediaError("not-found", "the bucket does not have it") from None
    except PermissionError:
        raise MissingMediaError("forbidden", "the bucket refuses it") from None
    except OSError as error:
        raise InterruptedMediaError(f"the bucket: {type(error).__name__}") from None
    except Exception as error:
        # Each library has errors of its own: no credentials, no such endpoint. They are of
        # the bucket, so no other file would come.
        bucket = source.path.partition("/")[0]
        raise LsDvcError(
            f"cannot read {source.scheme}://{bucket}: {type(error).__name__}",
            "check the credentials of the bucket in the environment",
        ) from error
