"""An answer from the server or another host, with redirects followed by hand.

The first request to the server has the key; after a redirect none has it, not even one that leads
back to the server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from ls_dvc.errors import ServerError
from ls_dvc.media.addresses import LONGEST, endpoint
from ls_dvc.media.results import MissingMediaError
from ls_dvc.media.signatures import shown
from ls_dvc.media.web import WebDownloads
from ls_dvc.server.interface import MediaResponse, MediaServer
from ls_dvc.server.pace import RequestPace, keeping

AT_MOST = 3
GRACE_SECONDS = 60.0  # for an answer, and one more for each 4 kB of it
_STATUSES = (301, 302, 303, 307, 308)
_SMALL = 1 << 16  # bytes of an answer that are read, so that its connection can be used again


@dataclass(frozen=True)
class HttpFile:
    """Where a file is: a path on the server's origin, or an address on another host.

    `is_stored`: the path asks a storage of the project.
    """

    server: MediaServer
    web: WebDownloads
    path: str = ""
    url: str = ""
    is_stored: bool = False

    @property
    def is_served(self) -> bool:
        """Whether the server is asked, with the key."""
        return bool(self.path)

    @contextmanager
    def open(self, headers: Mapping[str, str]) -> Iterator[tuple[MediaResponse, bool]]:
        """The answer that is no redirect, and whether the server itself gave it.

        Errors are those of the server and of other hosts.
        """
        url = self.url or f"{self.server.origin}{self.path}"
        self.server.deadline.require()
        for count in range(AT_MOST + 1):
            pace = keeping(RequestPace(GRACE_SECONDS, self.server.deadline))
            with pace, self._asked(url, headers, is_first=count == 0) as response:
                if response.status not in _STATUSES:
                    yield response, self.is_served and count == 0
                    return
                location = response.headers.get("location", "")
                drain(response)
            url = self._next(url, location)
        raise MissingMediaError("too-many-redirects", f"it redirects more than {AT_MOST} times")

    @contextmanager
    def _asked(
        self, url: str, headers: Mapping[str, str], *, is_first: bool
    ) -> Iterator[MediaResponse]:
        if is_first and self.is_served:
            with self.server.open(self.path, headers) as response:
                yield response
        else:
            with self.web.open(url, headers, from_server=self.is_served) as response:
                yield response

    def _next(self, url: str, location: str) -> str:
        """Where a redirect leads; `MissingMediaError` if that is not allowed."""
        try:
            target = urljoin(url, location)
            if len(target) > LONGEST:
                raise ValueError("that is too long")  # noqa: TRY301
            _, host, port = endpoint(target)
        except ValueError as error:
            raise MissingMediaError("refused-host", f"it redirects to an address {error}") from None
        if self.is_served:
            self._require_same_server(target)
        if (host, port) != endpoint(url)[1:]:
            self.web.rules.require_allowed(host, port, from_server=self.is_served)
        return target

    def _require_same_server(self, target: str) -> None:
        """A server that moved: every file would be answered like this."""
        parts = urlsplit(target)
        is_moved = parts.path == self.path.partition("?")[0]
        if is_moved and f"{parts.scheme}://{parts.netloc}" != self.server.origin:
            raise ServerError(
                f"{self.server.origin} redirects to {shown(target)}",
                "set label_studio.url (or LABEL_STUDIO_URL) to the address it redirects to",
            )


def drain(response: MediaResponse) -> None:
    """Read the rest of a small answer."""
    size = 0
    for chunk in response.chunks:
        size += len(chunk)
        if size > _SMALL:
            return
