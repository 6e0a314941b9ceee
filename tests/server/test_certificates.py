"""A private authority and an office's proxy: what works, and what is said when it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("trustme")

from support import connect_proxy, tls_server
from support.connect_proxy import ConnectProxy
from support.tls_server import TlsServer

from ls_dvc.errors import LsDvcError, ServerUnavailableError
from ls_dvc.media.addresses import AddressRules
from ls_dvc.media.hosts import HostRules
from ls_dvc.media.web import WebDownloads
from ls_dvc.server.admin import Admin
from ls_dvc.server.answers import Ignored
from ls_dvc.server.client import Client
from ls_dvc.server.media import MediaDownloads
from ls_dvc.settings.connection import Connection

NAME = "labels.office.example"
URL = f"https://{NAME}/labels"
KEY = "1234567890abcdef"
VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, *map(str.lower, VARIABLES), "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TlsServer]:
    with tls_server.running(tmp_path, NAME) as running:
        yield running


@pytest.fixture
def proxy(server: TlsServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[ConnectProxy]:
    places = {f"{NAME}:443": server.port, "other.example:443": server.port}
    with connect_proxy.running(places) as running:
        monkeypatch.setenv("HTTPS_PROXY", running.url)
        yield running


def ask(url: str = URL) -> None:
    client = Client(Connection(url, KEY))
    try:
        client.get("api/version", Ignored)
        with MediaDownloads(client).open("/labels/data/upload/1/a.png", {}) as answer:
            assert answer.status == 200
    finally:
        client.close()


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_an_authority_that_the_environment_names(
    server: TlsServer, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(server.authority))
    ask()
    Admin(URL, KEY).call("GET", "/api/version")
    assert server.keys == 3 * [f"Token {KEY}"]
    assert proxy.refused == []


@pytest.mark.parametrize(
    ("url", "trusted", "hint"),
    [(URL, False, "set SSL_CERT_FILE to"), ("https://other.example", True, "whoever runs")],
)
def test_a_certificate_that_is_not_trusted(
    server: TlsServer,
    proxy: ConnectProxy,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    trusted: bool,
    hint: str,
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    with pytest.raises(ServerUnavailableError, match="certificate verify failed") as error:
        ask(url)
    assert hint in error.value.hint
    assert server.keys == [], "the key went to whom nobody vouches for"


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_file_of_certificates_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "authority.pem").write_text("no certificate")
    monkeypatch.setenv(name, str(tmp_path / "authority.pem"))
    other_hosts = WebDownloads(HostRules(AddressRules("http://labels.example.com")))
    for start in (ask, lambda: other_hosts._context):
        with pytest.raises(LsDvcError, match=f"that {name} names cannot be read"):
            start()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("proxy-password", "wrong", "407 Proxy Auth"), (NAME, "elsewhere.example", "403 Forbidden")],
)
def test_a_proxy_that_refuses(
    server: TlsServer,
    proxy: ConnectProxy,
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    new: str,
    said: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace(old, new))
    with pytest.raises(
        ServerUnavailableError, match=f"the proxy before .* refuses: {said}"
    ) as error:
        ask(URL.replace(old, new))
    assert "HTTPS_PROXY" in error.value.hint
    assert "wrong" not in f"{error.value} {error.value.hint}"
    assert len(proxy.refused) == 1, "asked once: a refusal stays one"


def test_this_machine_is_asked_without_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tls_server.running(tmp_path, "localhost") as server, connect_proxy.running({}) as proxy:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        ask(f"https://localhost:{server.port}")
        Admin(f"https://localhost:{server.port}", KEY).call("GET", "/api/version")
        assert len(server.keys) == 3
        assert proxy.refused == []
