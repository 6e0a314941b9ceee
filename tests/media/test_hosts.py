"""The safety rules: who is asked, from which address, with what, and what messages hold."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from support.canary import PNG, Asked, Asking, Canary, Play, canary, redirect, status, whole

from ls_dvc.media.addresses import AddressRules
from ls_dvc.media.fetch import Fetched, NotFetched
from ls_dvc.media.hosts import HostRules
from ls_dvc.media.results import MissingMediaError

UPLOAD = "/data/upload/1/a.png"
STORED = "/projects/1/resolve/?fileuri=czM6Ly9iL2sucG5n"
Reason = Callable[..., str]


def leads_to(address: str) -> Callable[[str, int], list[str]]:
    """A look-up by which all names lead to one address."""
    return lambda host, port: [address]


def no_keys(host: Canary) -> bool:
    return not [each for each in host.seen if {"authorization", "cookie"} & set(each.headers)]


# (a) only what is named is asked


def test_hosts_that_are_not_named_are_not_asked(other: Canary, reason: Reason) -> None:
    other.routes["*"] = whole(PNG)
    assert reason(f"{other.url}/a.png") == "elsewhere"
    assert reason(f"{other.url}/a.png", hosts=["127.0.0.1:1", "localhost"]) == "elsewhere"
    assert other.seen == []


def test_a_named_host_is_asked_without_the_key(other: Canary, ask: Asking) -> None:
    other.routes["/a.png?b=c"] = whole(PNG, etag='"e"')
    for named in ("127.0.0.1", f"127.0.0.1:{other.port}"):
        (found,) = ask(f"{other.url}/a.png?b=c", hosts=[named])
        assert isinstance(found, Fetched)
        assert found.validator == '"e"'
    assert len(other.seen) == 2
    assert no_keys(other)


def test_other_paths_of_the_server(server: Canary, reason: Reason, ask: Asking) -> None:
    server.routes["*"] = whole(PNG)
    assert reason(f"{server.url}/api/projects/") == "elsewhere"
    assert server.seen == []
    ask(f"{server.url}/static/a.png", hosts=["127.0.0.1"])
    assert no_keys(server), "named: a file like any other, so without the key"


# (b) the key and cookies; redirects


@pytest.mark.parametrize("address", [UPLOAD, "s3://b/k.png"])
def test_a_redirect_of_the_server_has_no_key(
    server: Canary, other: Canary, ask: Asking, address: str
) -> None:
    server.routes["*"] = redirect(f"{other.url}/k.png?X-Amz-Signature=s", 303)
    other.routes["/k.png?X-Amz-Signature=s"] = whole(PNG, etag='"e"')
    (found,) = ask(address)
    assert isinstance(found, Fetched)
    assert "authorization" in server.seen[0].headers
    assert no_keys(other)


def test_a_redirect_back_to_the_server_has_no_key(server: Canary, reason: Reason) -> None:
    server.routes[UPLOAD] = redirect("/api/token/")
    server.routes["/api/token/"] = status(401)
    assert reason(UPLOAD) == "forbidden"
    assert ["authorization" in each.headers for each in server.seen] == [True, False]


def test_cookies_are_not_kept(server: Canary, other: Canary, ask: Asking) -> None:
    def play(asked: Asked) -> Play:
        answer = whole(PNG)(asked)
        answer.headers["Set-Cookie"] = "sessionid=1; Path=/"
        return answer

    server.routes["*"] = other.routes["*"] = play
    ask(*(f"/data/upload/1/{number}.png" for number in range(3)), jobs=1)
    ask(f"{other.url}/a", f"{other.url}/b", hosts=["127.0.0.1"], jobs=1)
    assert not [each for each in (*server.seen, *other.seen) if "cookie" in each.headers]


def test_loops(server: Canary, other: Canary, reason: Reason) -> None:
    other.routes["/a"], other.routes["/b"] = redirect("/b"), redirect("/a")
    assert reason(f"{other.url}/a", hosts=["127.0.0.1"]) == "too-many-redirects"
    assert other.paths() == ["/a", "/b", "/a", "/b"]
    server.routes["*"] = redirect(f"{other.url}/a")
    assert reason("s3://b/k.png") == "too-many-redirects"


@pytest.mark.parametrize(
    "target", ["http://127.0.0.2:{port}/a", "http://10.0.0.7/a", "//[fd00::1]/"]
)
def test_the_server_redirects_to_a_private_host(
    server: Canary, other: Canary, reason: Reason, target: str
) -> None:
    """It may be the server's own, or one that is named; `127.0.0.2` is neither."""
    server.routes["*"] = redirect(target.format(port=other.port))
    assert reason("s3://b/k.png") == "refused-host"
    assert other.seen == []


def test_a_named_private_host_may_be_redirected_to(
    server: Canary, ask: Asking, reason: Reason
) -> None:
    with canary("127.0.0.2") as store:
        server.routes["*"] = redirect(f"http://127.0.0.2:{store.port}/a")
        store.routes["/a"] = whole(PNG)
        assert reason("s3://b/k.png") == "refused-host"
        assert store.seen == []
        (found,) = ask("s3://b/k.png", hosts=["127.0.0.2"])
        assert isinstance(found, Fetched)


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://h/a", "http://me:pw@127.0.0.1/", ""]
)
def test_redirects_to_no_file_of_the_web(other: Canary, reason: Reason, target: str) -> None:
    other.routes["/a"] = redirect(target)
    assert reason(f"{other.url}/a", hosts=["127.0.0.1"]) in ("refused-host", "too-many-redirects")


def test_a_named_host_redirects_to_named_hosts_only(
    server: Canary, other: Canary, ask: Asking
) -> None:
    other.routes["/a"] = redirect("http://cdn.example/a")
    (found,) = ask(f"{other.url}/a", hosts=["127.0.0.1"], look_up=leads_to("127.0.0.1"))
    assert isinstance(found, NotFetched)
    assert found.message == (
        f"{other.url}/a: it redirects to cdn.example, which is not named; "
        "add cdn.example to label_studio.media.hosts in params.yaml if that is meant"
    )


# (c) addresses that are checked, once


def test_a_name_is_looked_up_once(other: Canary, ask: Asking) -> None:
    """A name that leads elsewhere the next time is of no use to anybody."""
    looked_up: list[str] = []

    def look_up(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["10.0.0.7"]

    other.routes["*"] = whole(PNG)
    urls = [f"http://pictures.lan:{other.port}/{number}" for number in range(6)]
    found = ask(*urls, hosts=["pictures.lan"], look_up=look_up, jobs=1)
    assert all(isinstance(each, Fetched) for each in found)
    assert looked_up == ["pictures.lan"]
    assert {each.headers["host"] for each in other.seen} == {f"pictures.lan:{other.port}"}


def test_after_a_redirect_the_address_is_checked_again(other: Canary, reason: Reason) -> None:
    def look_up(host: str, port: int) -> list[str]:
        return {"first.lan": ["127.0.0.1"], "second.example": ["127.0.0.1"]}[host]

    other.routes["/a"] = redirect(f"http://second.example:{other.port}/b")
    named = ["first.lan", "second.example"]
    address = f"http://first.lan:{other.port}/a"
    assert reason(address, hosts=named, look_up=look_up) == "refused-host"
    assert other.paths() == ["/a"]


PRIVATE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0", "240.0.0.1"),
    *("169.254.169.254", "::1", "::", "fd00::1", "fe80::1%eth0", "::ffff:127.0.0.1", "::127.0.0.1"),
    *("64:ff9b::a01:203", "2002:a01:203::1", "224.0.0.1", "ff02::1", "198.18.0.1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address: str) -> None:
    rules = AddressRules("http://ls.example", hosts=("images.example.com",))
    for found in ([address], ["93.184.215.14", address]):
        checking = HostRules(rules, lambda host, port, found=found: found)
        with pytest.raises(MissingMediaError, match="not a public address"):
            checking.checked("images.example.com", 443, from_server=False)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1"])
def test_public_addresses_are_taken(address: str) -> None:
    rules = AddressRules("http://ls.example")
    assert HostRules(rules, leads_to(address)).checked("b.example", 443, from_server=True) == [
        address
    ]


@pytest.mark.parametrize(
    ("host", "hosts", "address", "expected"),
    [
        ("images.example.com", ["images.example.com", "10.0.0.5"], "10.0.0.5", True),
        ("images.example.com", ["images.example.com", "10.0.0.6"], "10.0.0.5", False),
        ("images.example.com", ["images.example.com", "10.0.0.5"], "::ffff:10.0.0.5", True),
        ("minio", ["minio"], "172.18.0.3", True),
        ("localhost", ["localhost"], "127.0.0.1", True),
        ("localhost", ["localhost"], "::1", True),
        ("nas.lan", ["nas.lan"], "192.168.1.9", True),
        ("nas.lan", [], "192.168.1.9", False),
        ("metadata.google.internal", ["metadata.google.internal"], "169.254.169.254", False),
        ("::1", ["[::1]"], "::1", True),
        ("10.0.0.5", ["10.0.0.5"], "10.0.0.5", True),
    ],
)
def test_naming_a_private_host(host: str, hosts: list[str], address: str, expected: bool) -> None:
    checking = HostRules(AddressRules("http://ls.example", tuple(hosts)), leads_to(address))
    if expected:
        assert checking.checked(host, 80, from_server=False) == [address]
    else:
        with pytest.raises(MissingMediaError, match="not a public address"):
            checking.checked(host, 80, from_server=False)


def test_only_the_server_may_lead_to_its_own_address() -> None:
    rules = AddressRules("http://10.0.0.1:8080", hosts=("images.example.com",))
    checking = HostRules(rules, leads_to("10.0.0.1"))
    assert checking.checked("store.example", 9000, from_server=True) == ["10.0.0.1"]
    with pytest.raises(MissingMediaError):
        checking.checked("images.example.com", 9000, from_server=False)


def test_proxies_of_the_environment_are_not_asked(
    server: Canary, other: Canary, ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would look up names itself, and see addresses with their signatures."""
    with canary() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        other.routes["/a"] = whole(PNG)
        (found,) = ask(f"{other.url}/a", hosts=["127.0.0.1"])
        assert isinstance(found, Fetched)
        assert proxy.seen == []


def certified(folder: Path, name: str) -> ssl.SSLContext:
    """A server's context with a certificate for a name, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "own.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem", folder / "key.pem")
    return context


def test_certificates_are_those_of_the_name(
    ask: Asking, reason: Reason, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection goes to an IP address, the certificate must be of the host."""
    context = certified(tmp_path, "pictures.lan")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    with canary(context=context) as store:
        store.routes["/a"] = whole(PNG)
        named = {"hosts": ["pictures.lan", "other.lan"], "look_up": leads_to("127.0.0.1")}
        (found,) = ask(f"https://pictures.lan:{store.port}/a", **named)
        assert isinstance(found, Fetched)
        assert reason(f"https://other.lan:{store.port}/a", **named) == "no-answer"
        assert len(store.seen) == 1


def test_a_host_that_is_gone(ask: Asking) -> None:
    """It is not tried for each of its files."""

    def look_up(host: str, port: int) -> list[str]:
        tried.append(host)
        return ["127.0.0.1"]

    tried: list[str] = []
    found = ask(*(f"http://gone.lan:1/{n}" for n in range(40)), hosts=["gone.lan"], look_up=look_up)
    assert {each.reason for each in found if isinstance(each, NotFetched)} == {"no-answer"}
    assert tried == ["gone.lan"] * len(tried)


def test_a_name_that_nobody_knows(reason: Reason) -> None:
    def look_up(host: str, port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    assert reason("http://nix.lan/a", hosts=["nix.lan"], look_up=look_up) == "no-answer"


# (e) signatures


def test_signatures_are_in_no_message(
    server: Canary, other: Canary, ask: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)  # httpx's own, of each request
    query = "X-Amz-Signature=0secret0&X-Amz-Credential=0secret0"
    paths = {n: f"/{n}?{query}" for n in ("gone", "loop", "cut", "page", "big", "away")}
    other.routes |= {
        paths["gone"]: status(403),
        paths["loop"]: redirect(paths["loop"]),
        paths["cut"]: whole(PNG, cut=0),
        paths["away"]: redirect(f"http://cdn.example/?{query}"),
        paths["big"]: whole(PNG * 9),
    }
    server.routes["*"] = redirect(f"{other.url}{paths['gone']}")
    urls = [f"{other.url}{each}" for each in paths.values()]
    found = ask(*urls, f"http://1.2.3.4/?{query}", "s3://b/k", hosts=["127.0.0.1"], max_file=20_000)
    assert len(found) == 8
    for each in found:
        assert isinstance(each, NotFetched)
        assert "secret" not in each.message
    assert "secret" not in caplog.text
