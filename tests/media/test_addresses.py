"""Where addresses lead to, for all forms that stand in tasks."""

from __future__ import annotations

import pytest

from ls_dvc.media.addresses import (
    AddressRules,
    BucketFile,
    Destination,
    Elsewhere,
    InlineFile,
    LocalFile,
    RootedFile,
    StoredFile,
    UploadedFile,
    WebFile,
    destination,
)
from ls_dvc.media.signatures import is_signed, shown

RULES = AddressRules(
    "http://ls.example/ls",
    hosts=("images.example.com", "other.example:8443", "[2001:db8::1]"),
    buckets=("s3://mine", "s3://theirs/pictures/", "gs://g/a"),
    roots={"s3://raw/": "data/raw", "s3://raw/deep/": "data/deep", "pics/": "data/pics"},
)
HOSTS, ROOTS = "label_studio.media.hosts", "label_studio.media.roots"
UPLOAD = "/data/upload/1/3f2a9c1b-n.jpg"

ALLOWED = [
    (UPLOAD, UploadedFile(f"/ls{UPLOAD}")),
    (f"/ls{UPLOAD}", UploadedFile(f"/ls{UPLOAD}")),
    (f"/a/b-c{UPLOAD}", UploadedFile(f"/a/b-c{UPLOAD}")),
    (f"http://ls.example{UPLOAD}", UploadedFile(UPLOAD)),
    (f"HTTP://LS.example:80/ls{UPLOAD}", UploadedFile(f"/ls{UPLOAD}")),
    ("/data/upload/1/a%C3%A9%3Ab.jpg", UploadedFile("/ls/data/upload/1/a%C3%A9%3Ab.jpg")),
    ("/data/upload/1/é.jpg", UploadedFile("/ls/data/upload/1/%C3%A9.jpg")),
    ("/data/local-files/?d=ds/h%23i.jpg", LocalFile("/ls/data/local-files/?d=ds/h%23i.jpg")),
    (
        "/data/local-files/?d=ds/h i#5%.jpg",
        LocalFile("/ls/data/local-files/?d=ds/h%20i%235%25.jpg"),
    ),
    ("s3://b/k ey#%20.jpg", StoredFile("s3://b/k ey#%20.jpg")),
    ("gs://b/k.jpg", StoredFile("gs://b/k.jpg")),
    ("azure-blob://b/k.jpg", StoredFile("azure-blob://b/k.jpg")),
    ("s3://mine-evil/k.jpg", StoredFile("s3://mine-evil/k.jpg")),
    ("s3://theirs/secrets/k.jpg", StoredFile("s3://theirs/secrets/k.jpg")),
    ("s3://mine/k.jpg", BucketFile("s3", "mine/k.jpg")),
    ("s3://theirs/pictures/k.jpg", BucketFile("s3", "theirs/pictures/k.jpg")),
    ("gs://g/abc.jpg", BucketFile("gs", "g/abc.jpg")),
    ("https://images.example.com/a?b=c", WebFile("https://images.example.com/a?b=c")),
    ("HTTP://Images.Example.com/a", WebFile("HTTP://Images.Example.com/a")),
    ("https://other.example:8443/a", WebFile("https://other.example:8443/a")),
    ("http://[2001:db8::1]/a", WebFile("http://[2001:db8::1]/a")),
    ("data:image/png;base64,AAAA", InlineFile("data:image/png;base64,AAAA")),
    ("s3://raw/a%20b/c.jpg", RootedFile("data/raw", "a%20b/c.jpg")),
    ("s3://raw/deep/c.jpg", RootedFile("data/deep", "c.jpg")),
    ("pics/a%20b.jpg", RootedFile("data/pics", "a b.jpg")),
]


@pytest.mark.parametrize(("address", "expected"), ALLOWED, ids=lambda each: str(each)[:60])
def test_what_is_allowed(address: str, expected: Destination) -> None:
    assert destination(address, RULES) == expected


REFUSED = [
    ("", "empty addresses", ""),
    ("https://cdn.example/a.jpg", "cdn.example", HOSTS),
    ("https://cdn.example:81/a.jpg", "cdn.example:81", HOSTS),
    ("https://other.example/a.jpg", "other.example", HOSTS),
    ("https://images.example.com.evil.example/a", "images.example.com.evil.example", HOSTS),
    ("http://ls.example/api/projects/", "ls.example", HOSTS),
    ("http://ls.example/ls/tasks/1/resolve/?fileuri=czM6Ly9i", "ls.example", HOSTS),
    ("https://ls.example/data/upload/1/a.jpg", "ls.example", HOSTS),
    ("rel/x.jpg", "relative paths", ROOTS),
    ("/abs/x.jpg", "absolute paths", ROOTS),
    ("/tasks/1/resolve/?fileuri=czM6Ly9i", "absolute paths", ROOTS),
    ("/data/upload/../../api/token.jpg", "absolute paths", ROOTS),
    ("/data/upload/1/..%2f..%2fapi", "absolute paths", ROOTS),
    ("/data/upload/1/..", "absolute paths", ROOTS),
    ("/data/upload/1/a.jpg?x=y", "absolute paths", ROOTS),
    ("/x/../data/upload/1/a.jpg", "absolute paths", ROOTS),
    ("/data/local-files/?d=../etc/passwd", "absolute paths", ROOTS),
    ("/data/local-files/?d=a/%2e%2e/b", "absolute paths", ROOTS),
    ("//host/x.jpg", "addresses without a scheme", ROOTS),
    (f"//host{UPLOAD}", "addresses without a scheme", ROOTS),
    ("file:///etc/passwd", "file: addresses", ROOTS),
    ("FILE:/etc/passwd", "file: addresses", ROOTS),
    ("ftp://h/x.jpg", "ftp: addresses", ROOTS),
    ("https://me:secret@images.example.com/a", "addresses with a user name", ""),
    ("https://images.example.com\\@evil.example/a", "addresses with a user name", ""),
    ("s3://key:secret@mine/k.jpg", "addresses with a user name", ""),
    ("https://[::1/a", "addresses that cannot be read", ""),
    ("https:///a", "addresses without a host that can be asked", ""),
    ("s3://mine/folder/", "buckets and folders in them", ""),
    ("s3://mine", "buckets and folders in them", ""),
    ("s3://raw/../x.jpg", "addresses that lead out of data/raw", ""),
    ("pics/%2e%2e/x.jpg", "addresses that lead out of data/pics", ""),
    ("pics/..\\x.jpg", "addresses that lead out of data/pics", ""),
    ("pics//etc/passwd", "addresses that lead out of data/pics", ""),
    ("pics/a%00.jpg", "addresses that lead out of data/pics", ""),
    (f"{UPLOAD}{'x' * 8000}", "addresses of more than 8000 characters", ""),
]
BLANKS = [" https://images.example.com/a", f"{UPLOAD} ", f"{UPLOAD}\r\nX: y", "s3://mine/a\0b"]


@pytest.mark.parametrize(("address", "where", "setting"), REFUSED, ids=lambda each: each[:60])
def test_what_stays_an_address(address: str, where: str, setting: str) -> None:
    assert destination(address, RULES) == Elsewhere(where, setting)


@pytest.mark.parametrize("address", BLANKS)
def test_blanks_and_control_characters(address: str) -> None:
    found = destination(address, RULES)
    assert found == Elsewhere("addresses with blanks around them or control characters", "")


def test_without_settings_only_the_server_is_asked() -> None:
    alone = AddressRules("http://ls.example/ls")
    asked = [each for each, _ in ALLOWED if not isinstance(destination(each, alone), Elsewhere)]
    kinds = {type(destination(each, alone)) for each in asked}
    assert kinds == {UploadedFile, LocalFile, StoredFile, InlineFile}


def test_the_path_to_a_stored_file() -> None:
    found = StoredFile("s3://b/ü?.jpg").path("http://h/ls/", 7)
    assert found == "/ls/projects/7/resolve/?fileuri=czM6Ly9iL8O8Py5qcGc%3D"


def test_signatures() -> None:
    signed = "https://b.example/k.jpg?X-Amz-Date=1&X-Amz-Signature=secret"
    assert is_signed(signed)
    assert is_signed("https://acc.blob.example/k?se=1&sig=secret")
    assert not is_signed("https://b.example/k.jpg?design=1")
    assert shown(signed) == "https://b.example/k.jpg?…"
    assert shown("https://me:secret@h/a") == "https://…@h/a"
    assert shown("data:image/png;base64,AAAA") == "data:image/png;base64,…"
    assert shown("/data/local-files/?d=a/b.jpg") == "/data/local-files/?d=a/b.jpg"
    assert len(shown("x" * 1000)) == 200
