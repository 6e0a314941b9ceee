"""The fetcher: files of addresses, checked and put into the media store, each exactly once asked.

What may be asked for is decided in `addresses` and `hosts`; how much of it in `limits`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.execution.threads import unordered
from ls_dvc.io.byte_sizes import in_units
from ls_dvc.media import nearby
from ls_dvc.media.addresses import (
    AddressRules,
    BucketFile,
    Destination,
    Elsewhere,
    InlineFile,
    LocalFile,
    RootedFile,
    StoredFile,
    UploadedFile,
    WebFile,
    destination,
)
from ls_dvc.media.arrival import Arrival
from ls_dvc.media.buckets import Buckets
from ls_dvc.media.hosts import HostRules, look_up
from ls_dvc.media.http_download import HttpDownload, validator_of
from ls_dvc.media.limits import Budget, Pace, Patience
from ls_dvc.media.redirects import HttpFile
from ls_dvc.media.results import Fetched, MediaRequest, MissingMediaError, NotFetched
from ls_dvc.media.signatures import shown
from ls_dvc.media.store import MediaStore
from ls_dvc.media.web import WebDownloads
from ls_dvc.progress import Reporter
from ls_dvc.server.interface import MediaServer, Server
from ls_dvc.settings.media import MediaSettings

__all__ = ["Fetched", "Fetcher", "MediaRequest", "NotFetched"]

Result = Fetched | NotFetched

ENOUGH = 3  # files of a bucket that no storage has, before the server is not asked for the others


@dataclass(frozen=True)
class Fetcher:
    """Fetches media of one project. `folder` is that of params.yaml.

    `look_up` finds the IP addresses of a host and port.
    """

    server: Server
    settings: MediaSettings
    folder: Path
    project_id: int
    store: MediaStore
    patience: Patience = field(default_factory=Patience)
    budget: Budget | None = None
    look_up: Callable[[str, int], list[str]] = look_up

    @property
    def rules(self) -> AddressRules:
        """Which addresses are allowed."""
        return AddressRules.of(self.server.url, self.settings)

    def destination(self, address: str) -> Destination:
        """Where the file of an address is; nobody is asked."""
        return destination(address, self.rules)

    def fetch(self, requests: Iterable[MediaRequest], report: Reporter) -> Iterator[Result]:
        """The result for each request, in the order in which they come.

        Each file is in the store when its result is yielded. `LsDvcError` ends the run when no
        other file would come either: the server cannot be reached or refuses the key, the run
        would be larger than allowed, the disk is full. What arrived before that is yielded first.
        """
        asked = requests if isinstance(requests, list) else list(requests)
        if not asked:
            return
        budget = self.budget or Budget.of(self.settings)
        arriving = self.store.temporary()
        with (
            closing(self.server.media()) as server,
            closing(WebDownloads(HostRules(self.rules, self.look_up))) as web,
            report.bar("media", len(asked)) as bar,
        ):
            run = _Run(self, server, web, budget, Buckets(budget, self.patience), arriving)
            for result in unordered(run.result, asked, self.settings.jobs, budget.stopped):
                bar.advance(1)
                yield result
        files = "file" if len(asked) == 1 else "files"
        report.say(f"{len(asked):,} media {files} asked for, {in_units(budget.arrived)} arrived")


@dataclass(frozen=True)
class _Run:
    """One run of the fetcher, shared by its threads.

    `unknown_buckets` counts the answers that no storage of the project has a bucket.
    """

    fetcher: Fetcher
    server: MediaServer
    web: WebDownloads
    budget: Budget
    buckets: Buckets
    arriving: Path
    unknown_buckets: Counter[str] = field(default_factory=Counter)

    def result(self, request: MediaRequest) -> Result:
        """The file of a request, or why there is none."""
        address = request.address
        try:
            where = self._allowed(address)
            if request.known is not None and self._is_still(where, request.known):
                return request.known
            return self._fetched(where, request)
        except MissingMediaError as error:
            if error.reason == "no-storage":
                self.unknown_buckets[_bucket_of(address)] += 1
            hint = f"; {error.hint}" if error.hint else ""
            return NotFetched(address, error.reason, f"{shown(address)}: {error}{hint}")
        except OSError as error:
            raise LsDvcError(f"cannot write to {self.fetcher.store.root}: {error}") from error

    def _allowed(self, address: str) -> Destination:
        where = self.fetcher.destination(address)
        if isinstance(where, Elsewhere):
            raise MissingMediaError("elsewhere", where.where, where.hint)
        return where

    def _fetched(self, where: Destination, request: MediaRequest) -> Fetched:
        store, pace = self.fetcher.store, Pace(self.fetcher.patience)
        counts = not isinstance(where, InlineFile | RootedFile)
        with Arrival(store, self.arriving, self.budget, pace, counts=counts) as arrival:
            validator = self._download(where, arrival)
            return Fetched(request.address, arrival.keep(request.tag), validator)

    def _download(self, where: Destination, arrival: Arrival) -> str:
        """Get a file into `arrival`; its validator."""
        if isinstance(where, InlineFile):
            return nearby.decode(where, arrival)
        if isinstance(where, RootedFile):
            return nearby.copy(where, self.fetcher.folder, arrival)
        if isinstance(where, BucketFile):
            return self.buckets.download(where, arrival)
        source = self._http(where)
        return HttpDownload(source, arrival, self.budget, self.fetcher.patience).run()

    def _is_still(self, where: Destination, known: Fetched) -> bool:
        """Whether the source says that a file did not change; uploads never do."""
        if isinstance(where, UploadedFile | InlineFile):
            return True
        if not known.validator or isinstance(where, RootedFile):
            return False
        if isinstance(where, BucketFile):
            return self.buckets.validator_of(where) == known.validator
        return validator_of(self._http(where)) == known.validator

    def _http(self, where: Destination) -> HttpFile:
        if isinstance(where, WebFile):
            return HttpFile(self.server, self.web, url=where.url)
        if isinstance(where, StoredFile):
            if self.unknown_buckets[_bucket_of(where.address)] >= ENOUGH:
                raise MissingMediaError("no-storage", "no storage of the project has its bucket")
            path = where.path(self.fetcher.server.url, self.fetcher.project_id)
            return HttpFile(self.server, self.web, path=path, is_stored=True)
        assert isinstance(where, UploadedFile | LocalFile)  # noqa: S101
        return HttpFile(self.server, self.web, path=where.path)


def _bucket_of(address: str) -> str:
    return "/".join(address.split("/", 3)[:3])
