"""Who is answered: the right host, the right token, no other site, only to read."""

from __future__ import annotations

import pytest

from ls_dvc.browse.access import Access, Refusal

ACCESS = Access(8123, "t0ken")
HOST = {"host": ["127.0.0.1:8123"]}


def status(method: str, target: str, headers: dict[str, list[str]]) -> int:
    found = ACCESS.path(method, target, headers)
    return found.status if isinstance(found, Refusal) else 200


@pytest.mark.parametrize("host", ["127.0.0.1:8123", "localhost:8123"])
def test_the_path_is_what_is_behind_the_token(host: str) -> None:
    headers = {"host": [host], "origin": [f"http://{host}"], "sec-fetch-site": ["same-origin"]}
    assert ACCESS.path("GET", "/t0ken/tiles?q=a%20b", headers) == "tiles?q=a%20b"
    assert ACCESS.path("HEAD", "/t0ken/", {**headers, "sec-fetch-site": ["none"]}) == ""


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        ["evil.example"],
        ["evil.example:8123"],
        ["127.0.0.1"],
        ["127.0.0.1:80"],
        ["127.0.0.1:8123.evil.example"],
        ["LOCALHOST:8123 "],
        ["[::1]:8123"],
        ["127.0.0.1:8123", "127.0.0.1:8123"],
    ],
)
def test_another_host_is_refused(hosts: list[str]) -> None:
    assert status("GET", "/t0ken/", {"host": hosts}) == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": ["http://evil.example"]},
        {"origin": ["null"]},
        {"origin": ["http://localhost:8123"]},  # it is asked as 127.0.0.1
        {"origin": ["https://127.0.0.1:8123"]},
        {"sec-fetch-site": ["cross-site"]},
        {"sec-fetch-site": ["same-site"]},  # another port of loopback
        {"sec-fetch-site": ["same-origin", "cross-site"]},
    ],
)
def test_another_site_is_refused(headers: dict[str, list[str]]) -> None:
    assert status("GET", "/t0ken/", {**HOST, **headers}) == 403


@pytest.mark.parametrize(
    "target",
    [
        *("", "/", "/t0ken", "/t0ke/", "/t0ken2/", "/T0KEN/", "/%740ken/", "/../t0ken/", "/ÿ/"),
        *("http://127.0.0.1:8123/t0ken/", "//t0ken/", "t0ke n/", "/\ud800/"),
    ],
)
def test_another_token_is_refused(target: str) -> None:
    assert status("GET", target, HOST) == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get"])
def test_nothing_is_written(method: str) -> None:
    assert status(method, "/t0ken/", HOST) == 405


def test_long_addresses_are_refused() -> None:
    assert status("GET", "/t0ken/tiles?q=" + "x" * 3000, HOST) == 414


def test_tokens_are_random_and_not_shown() -> None:
    tokens = {Access(1).token for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 32  # of 64 letters
    assert ACCESS.token not in repr(ACCESS)
