"""What a server says about itself, and what is made of answers that say something else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timezone

import pytest
from support.canary import Canary, Play, canary, redirect, status, whole

from ls_dvc.errors import ServerError
from ls_dvc.server.about import about
from ls_dvc.server.client import Client
from ls_dvc.settings.connection import Connection


@pytest.fixture
def server() -> Iterator[Canary]:
    with canary() as playing:
        yield playing


@pytest.fixture
def client(server: Canary) -> Iterator[Client]:
    with closing(
        Client(Connection(server.url, "0123456789abcdef0123456789abcdef01234567"))
    ) as made:
        yield made


def test_version_and_clock(server: Canary, client: Client) -> None:
    server.routes["/api/version/"] = whole(b'{"release": "1.23.2", "edition": "Community"}')
    said = about(client)
    assert said.release == "1.23.2"
    assert said.now is not None
    assert abs((said.now - datetime.now(timezone.utc)).total_seconds()) < 60


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b"7", b"null", b"[" * 3000, b'{"release": null}', b"\xff"],
)
def test_other_answers_are_errors_of_the_server(
    body: bytes, server: Canary, client: Client
) -> None:
    server.routes["/api/version/"] = lambda _: Play(200, {"Content-Length": str(len(body))}, body)
    with pytest.raises(ServerError):
        about(client)


def test_refusals(server: Canary, client: Client) -> None:
    for answer, told in (
        (status(401, b'{"detail": "no"}'), "refuses the API key"),
        (status(500, b"oops"), "does not answer like a Label Studio"),
        (redirect("https://elsewhere/api/version/", 301), "redirects to https://elsewhere"),
    ):
        server.routes["/api/version/"] = answer
        with pytest.raises(ServerError, match=told):
            about(client)
