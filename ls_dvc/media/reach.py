"""Whether the file of an address can be had: the rules of the fetcher, and the first bytes."""

from __future__ import annotations

from collections.abc import Iterable
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
from ls_dvc.media.sniff import HEAD, is_usable
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


def require_reachable(fetcher: Fetcher, where: Destination, tag: str) -> None:
    """`MissingMediaError` when the file cannot be had, `ServerError` when the server is gone.

    `tag` is that of the object which shows it: a page to log in is no Image.
    """
    if isinstance(where, Elsewhere):
        raise MissingMediaError("elsewhere", where.where, where.hint)
    if isinstance(where, RootedFile):
        if not (fetcher.folder / where.folder / where.path).is_file():
            raise MissingMediaError("not-found", f"{where.folder} does not have it")
    elif isinstance(where, BucketFile):
        Buckets(Budget.of(fetcher.settings), fetcher.patience).found(where)
    elif not isinstance(where, InlineFile) and not is_usable(tag, _beginning(fetcher, where)):
        raise MissingMediaError("not-media", f"its first bytes are no {tag}")


def _beginning(fetcher: Fetcher, where: UploadedFile | LocalFile | StoredFile | WebFile) -> bytes:
    rules = HostRules(fetcher.rules, fetcher.look_up)
    with closing(fetcher.server.media()) as server, closing(WebDownloads(rules)) as web:
        if isinstance(where, WebFile):
            source = HttpFile(server, web, url=where.url)
        elif isinstance(where, StoredFile):
            path = where.path(fetcher.server.url, fetcher.project_id)
            source = HttpFile(server, web, path=path, is_stored=True)
        else:
            source = HttpFile(server, web, path=where.path)
        headers = {"Range": f"bytes=0-{HEAD - 1}", "Accept-Encoding": "identity"}
        with source.open(headers) as (response, _):
            if response.status not in (200, 206):
                raise MissingMediaError(f"http-{response.status}", f"HTTP {response.status}")
            return _first(response.chunks)


def _first(chunks: Iterable[bytes]) -> bytes:
    """The first bytes; the rest is not read."""
    found = b""
    for chunk in chunks:
        found += chunk
        if len(found) >= HEAD:
            break
    return found[:HEAD]
