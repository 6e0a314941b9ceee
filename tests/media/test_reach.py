"""Whether one file of each kind can be had, by its first bytes; nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from support.canary import KEY, PAGE, PNG, Canary, Player, redirect, status, whole

from ls_dvc.media import reach
from ls_dvc.media.fetch import Fetcher
from ls_dvc.media.results import MissingMediaError
from ls_dvc.media.sniff import HEAD

Make = Callable[..., Fetcher]
LOCAL = "/data/local-files/?d=a/b.png"
STORED = "/projects/1/resolve/?fileuri=czM6Ly9idWNrZXQva2V5LnBuZw%3D%3D"


def look(make: Make, address: str, tag: str = "Image", **settings: object) -> str:
    """The kind of file that can be had."""
    fetcher = make(**settings)
    where = fetcher.destination(address)
    reach.require_reachable(fetcher, where, tag)
    return reach.KINDS[type(where)]


@pytest.mark.parametrize(
    ("address", "path", "kind"),
    [
        ("/data/upload/1/a.png", "/data/upload/1/a.png", "upload"),
        (LOCAL, LOCAL, "local file of the server"),
        ("s3://bucket/key.png", STORED, "file in a storage"),
    ],
)
def test_what_the_server_serves(
    address: str, path: str, kind: str, server: Canary, make_fetcher: Make, tmp_path: Path
) -> None:
    server.routes[path] = whole(PNG + bytes(10**6))
    assert look(make_fetcher, address) == kind
    assert KEY in server.seen[0].headers["authorization"]
    assert server.seen[0].headers["range"] == f"bytes=0-{HEAD - 1}"
    answers: Mapping[str, Player] = {"HTTP 500": status(500), "no Image": whole(PAGE)}
    for told, answer in answers.items():
        server.routes[path] = answer
        with pytest.raises(MissingMediaError, match=told):
            look(make_fetcher, address)
    assert not [each for each in tmp_path.rglob("files/*/*") if each.is_file()]


def test_the_key_goes_to_the_server_alone(
    server: Canary, other: Canary, make_fetcher: Make
) -> None:
    other.routes["/a.png"] = whole(PNG)
    server.routes["/data/upload/1/a.png"] = redirect(f"{other.url}/a.png")
    host = [f"127.0.0.1:{other.port}"]
    assert look(make_fetcher, f"{other.url}/a.png", hosts=host) == "file on a host"
    assert look(make_fetcher, "/data/upload/1/a.png", hosts=host) == "upload"
    assert len(other.seen) == 2
    assert not [each for each in other.seen if "authorization" in each.headers]
    with pytest.raises(MissingMediaError, match=r"127\.0\.0\.1") as caught:
        look(make_fetcher, f"{other.url}/a.png")
    assert caught.value.reason == "elsewhere"


def test_what_needs_nobody(server: Canary, make_fetcher: Make, repository: Path) -> None:
    assert look(make_fetcher, "data:image/png;base64,AAAA") == "file in the task"
    (repository / "pictures").mkdir()
    roots = {"/data/local-files/?d=": "pictures"}
    with pytest.raises(MissingMediaError, match="pictures does not have it"):
        look(make_fetcher, "/data/local-files/?d=a.png", roots=roots)
    (repository / "pictures/a.png").write_bytes(PNG)
    assert look(make_fetcher, "/data/local-files/?d=a.png", roots=roots) == "file of the repository"
    assert server.seen == []
