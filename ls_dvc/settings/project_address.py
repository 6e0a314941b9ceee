"""The address of a page of Label Studio, as people copy it from the browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

from ls_dvc.settings.addresses import server_address

_PROJECT = re.compile(r"(?P<server>.*)/projects/(?P<number>[0-9]{1,15})(?:/.*)?")
# First parts of the paths of its pages. What stands in front of one is where the server lives.
_PAGE = re.compile(
    r"(?P<server>.*)/(?:projects|organization|people|user/(?:login|account|signup|logout))(?:/.*)?"
)


@dataclass(frozen=True)
class ProjectAddress:
    """The address of a server, and the number of the project whose page was meant, if one was."""

    server: str
    project_id: int | None = None


def parse(value: str) -> ProjectAddress:
    """What a copied address says: of the server, of a project, of a page that asks to log in.

    `ValueError` says what it must be.
    """
    parts = urlsplit(server_address(value))
    found = _PROJECT.fullmatch(parts.path)
    if found:
        return ProjectAddress(_server(parts, found["server"]), int(found["number"]) or None)
    page = _PAGE.fullmatch(parts.path)
    return ProjectAddress(_server(parts, page["server"] if page else parts.path), _next(parts))


def _next(login: SplitResult) -> int | None:
    """The project whose page follows after a login."""
    path = urlsplit(parse_qs(login.query).get("next", [""])[0]).path
    found = _PROJECT.fullmatch(path)
    return int(found["number"]) or None if found else None


def _server(parts: SplitResult, path: str) -> str:
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), "", ""))
