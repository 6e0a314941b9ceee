"""Whether the file of an address can be had: the rules of the fetcher, and a byte of the file."""

from __future__ import annotations

from contextlib import closing

from ls_dvc.media.addresses import (
    BucketFile,
    Destination,
    Elsewhere,
    InlineFile,
    LocalFile,
    RootedFile,
    StoredFile,
    UploadedFile,
    WebFile,
)
from ls_dvc.media.buckets import Buckets
from ls_dvc.media.fetch import Fetcher
from ls_dvc.media.hosts import HostRules
from ls_dvc.media.limits import Budget
from ls_dvc.media.redirects import HttpFile
from ls_dvc.media.results import MissingMediaError
from ls_dvc.media.web import WebDownloads

KINDS: dict[type, str] = {
    UploadedFile: "upload",
    LocalFile: "local file of the server",
    StoredFile: "file in a storage",
    WebFile: "file on a host",
    BucketFile: "file in a bucket",
    InlineFile: "file in the task",
    RootedFile: "file of the repository",
    Elsewhere: "address that no setting names",
}


def require_reachable(fetcher: Fetcher, where: Destination) -> None:
    """`MissingMediaError` when the file cannot be had, `ServerError` when the server is gone."""
    if isinstance(where, InlineFile):
        return
    if isinstance(where, Elsewhere):
        raise MissingMediaError("elsewhere", where.where, where.hint)
    if isinstance(where, RootedFile):
        if not (fetcher.folder / where.folder / where.path).is_file():
            raise MissingMediaError("not-found", f"{where.folder} does not have it")
    elif isinstance(where, BucketFile):
        Buckets(Budget.of(fetcher.settings), fetcher.patience).validator_of(where)
    else:
        _ask(fetcher, where)


def _ask(fetcher: Fetcher, where: UploadedFile | LocalFile | StoredFile | WebFile) -> None:
    rules = HostRules(fetcher.rules, fetcher.look_up)
    with closing(fetcher.server.media()) as server, closing(WebDownloads(rules)) as web:
        if isinstance(where, WebFile):
            source = HttpFile(server, web, url=where.url)
        elif isinstance(where, StoredFile):
            path = where.path(fetcher.server.url, fetcher.project_id)
            source = HttpFile(server, web, path=path, is_stored=True)
        else:
            source = HttpFile(server, web, path=where.path)
        headers = {"Range": "bytes=0-0", "Accept-Encoding": "identity"}
        with source.open(headers) as (response, _):
            if response.status not in (200, 206, 416):
                raise MissingMediaError(f"http-{response.status}", f"HTTP {response.status}")
