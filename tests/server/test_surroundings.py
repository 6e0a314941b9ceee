"""What the environment says about proxies, the address and the key is an error with a way on."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from ls_dvc.cli import boundary
from ls_dvc.cli.console import Console
from ls_dvc.errors import LsDvcError, ServerError
from ls_dvc.server.answers import Ignored
from ls_dvc.server.client import Client
from ls_dvc.server.media import MediaDownloads
from ls_dvc.settings import connection, rules
from ls_dvc.settings.connection import Connection

URL = "http://localhost:1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://user:secret@localhost:1"),
        ("NO_PROXY", "[::1]"),
        ("HTTPS_PROXY", "gopher://user:secret@localhost:1"),
        ("HTTP_PROXY", "http://user:secret@[::1"),
    ],
)
def test_proxy_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    away = Connection("https://labels.example.com", "key")
    client = Client(away)
    monkeypatch.setenv(name, value)
    for start in (lambda: Client(away), lambda: MediaDownloads(client)):
        with pytest.raises(LsDvcError, match=f"proxy settings.*: {name}$") as error:
            start()
        assert "secret" not in f"{error.value} {error.value.hint}"


BAD = ("http://[::1", "http://h:99999", "http://h:x", "http://", "ftp://h", "http://a b", "h:80")


@pytest.mark.parametrize("url", BAD)
def test_address_of_no_server_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
) -> None:
    monkeypatch.setenv(connection.URL, url)
    monkeypatch.setenv(connection.KEY, "key")
    with pytest.raises(LsDvcError, match="LABEL_STUDIO_URL must begin with http"):
        connection.find(None, tmp_path)
    with pytest.raises(ValueError, match="must begin with http"):
        rules.server_url(url)


def _jwt(exp: object) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"token_type": "refresh", "exp": exp})
    head, body = (base64.urlsafe_b64encode(json.dumps(p).encode()).decode() for p in parts)
    return f"{head.rstrip('=')}.{body.rstrip('=')}.c2ln"


@pytest.mark.parametrize("exp", ["soon", 1e300, [], {}, -(10**30)])
def test_key_whose_end_is_no_time_is_refused(exp: object) -> None:
    with pytest.raises(ServerError, match="LABEL_STUDIO_API_KEY"):
        Client(Connection(URL, _jwt(exp)))


def answered(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx.Request], httpx.Response]
) -> None:
    def send(self: object, request: httpx.Request) -> httpx.Response:
        return answer(request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", send)


@pytest.mark.parametrize("token", ['"soon"', "[]", "1e300"])
def test_access_token_whose_end_is_no_time_is_an_error(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    access = _jwt(json.loads(token))
    answered(monkeypatch, lambda _: httpx.Response(200, json={"access": access}))
    with pytest.raises(ServerError, match=URL):
        Client(Connection(URL, _jwt(4102444800))).get("api/version", Ignored)


@pytest.mark.parametrize("status", [200, 404, 500])
def test_answer_a_thousand_levels_deep_is_an_error(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    deep = b"[" * 100_000
    answered(monkeypatch, lambda _: httpx.Response(status, content=deep))
    with pytest.raises(ServerError, match=r"not answer like|in an unknown form"):
        Client(Connection(URL, "key")).get("api/version", Ignored)


def test_answer_with_bad_gzip_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"Content-Encoding": "gzip"}
    stream = httpx.ByteStream(b"not gzip")
    answered(monkeypatch, lambda _: httpx.Response(200, headers=headers, stream=stream))
    with pytest.raises(ServerError, match=r"connection broke \(DecodingError\)"):
        Client(Connection(URL, "key")).post("api/version", {}, Ignored)


LEGACY = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize("status", [302, 400, 401, 403, 500])
@pytest.mark.parametrize("key", [LEGACY, _jwt(4102444800)], ids=["legacy", "personal"])
def test_secrets_that_a_server_repeats_are_cut_out(
    monkeypatch: pytest.MonkeyPatch, key: str, status: int
) -> None:
    access = f"{_jwt(4102444801)}ccc"

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/refresh/"):
            return httpx.Response(200, json={"access": access})
        text = f"{request.headers['Authorization']} {key} {'x' * 250} {key} {access}"
        headers = {"Location": f"http://other/{key}"}
        return httpx.Response(status, json={"detail": text}, headers=headers)

    answered(monkeypatch, answer)
    with pytest.raises(ServerError) as error:
        Client(Connection(URL, key)).post("api/projects/", {}, Ignored)
    shown = f"{error.value} {error.value.hint}"
    assert "[secret]" in shown
    assert not any(part in shown for secret in (key, access) for part in (secret, secret[:20]))


def test_secrets_in_tracebacks_and_titles_are_cut_out(capsys: pytest.CaptureFixture[str]) -> None:
    Connection(URL, LEGACY)
    Console().say(f"title {LEGACY}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["ls-dvc", "--debug"])
        try:
            raise RuntimeError(LEGACY)
        except RuntimeError as error:
            boundary._report(str(error), "", boundary.BUG)
    printed = capsys.readouterr()
    assert printed.err.count("[secret]") == 3
    assert LEGACY not in printed.out + printed.err
