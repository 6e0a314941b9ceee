"""The fetcher against a host that plays what servers do: whole, cut, changed and refused files."""

from __future__ import annotations

import gzip
import hashlib
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import jwt
import pytest
from support.canary import (
    PAGE,
    PNG,
    Asked,
    Asking,
    Canary,
    Play,
    chunked,
    in_turn,
    redirect,
    status,
    whole,
    without_length,
)

from ls_dvc.errors import LsDvcError, ServerError, ServerUnavailableError
from ls_dvc.media.fetch import Fetched, Fetcher, MediaRequest, NotFetched
from ls_dvc.media.limits import Budget
from ls_dvc.progress import Silent
from ls_dvc.server.refusals import RefusedError

UPLOAD = "/data/upload/1/a.png"
MD5 = hashlib.md5(PNG).hexdigest()


def uploads(host: Canary, count: int) -> list[str]:
    """So many uploads that all differ."""
    paths = [f"/data/upload/1/{number}.png" for number in range(count)]
    for number, path in enumerate(paths):
        host.routes[path] = whole(PNG + bytes([number]))
    return paths


def requests_for(addresses: list[str]) -> list[MediaRequest]:
    return [MediaRequest(each, "Image") for each in addresses]


def md5_of(found: Fetched | NotFetched) -> str:
    assert isinstance(found, Fetched), found
    return found.file.md5


def test_an_upload(server: Canary, make_fetcher: Callable[..., Fetcher]) -> None:
    server.routes[UPLOAD] = whole(PNG)
    fetcher = make_fetcher()
    (found,) = fetcher.fetch([MediaRequest(UPLOAD, "Image")], Silent())
    assert md5_of(found) == MD5
    assert found.file.sha256 == hashlib.sha256(PNG).hexdigest()
    assert (found.file.size, found.file.type, found.validator) == (len(PNG), "image/png", "")
    assert fetcher.store.path(MD5).read_bytes() == PNG
    (asked,) = server.seen
    assert asked.headers["authorization"] == "Token canarykey"
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["range"] == "bytes=0-"
    assert list(fetcher.store.temporary().iterdir()) == []


def test_uploads_below_a_path(server: Canary, ask: Asking) -> None:
    """The address in a task has the path of the server already (issue 575 of the SDK)."""
    server.routes[f"/ls{UPLOAD}"] = whole(PNG)
    (found,) = ask(f"/ls{UPLOAD}", url=f"{server.url}/ls")
    assert md5_of(found) == MD5


def test_names_with_colons_and_spaces(server: Canary, ask: Asking) -> None:
    """Issue 172 of the converter."""
    names = ["/data/upload/1/a%3Ab%20c.png", "/data/local-files/?d=x/%23%3F.png"]
    server.routes |= dict.fromkeys(names, whole(PNG))
    assert {md5_of(each) for each in ask(*names)} == {MD5}
    (made,) = ask("/data/local-files/?d=a b#c.png")
    assert isinstance(made, NotFetched)
    assert server.paths()[-1] == "/data/local-files/?d=a%20b%23c.png"


def test_a_stored_file(server: Canary, ask: Asking) -> None:
    path = "/projects/3/resolve/?fileuri=czM6Ly9iL2sucG5n"
    server.routes[path] = whole(PNG, etag='"171cc7ea44ba80797ee6f0d45c4409bb4e1"')
    (found,) = ask("s3://b/k.png", project_id=3)
    assert md5_of(found) == MD5
    assert found.validator == '"cc7ea44ba80797ee6f0d45c4409bb4e1"', "without the user's number"


def test_a_bucket_without_storage(reason: Callable[..., str]) -> None:
    assert reason("s3://b/k.png") == "no-storage"


def test_the_root_of_local_files_is_ignored(
    server: Canary, reason: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    monkeypatch.setenv("LOCAL_FILES_DOCUMENT_ROOT", str(tmp_path))
    monkeypatch.setenv("LOCAL_FILES_SERVING_ENABLED", "true")
    assert reason("/data/local-files/?d=a.png") == "not-found"
    assert server.paths() == ["/data/local-files/?d=a.png"]


def test_a_cut_is_continued(server: Canary, ask: Asking) -> None:
    """A connection that breaks, and a proxy that sends a part of each range."""
    server.routes[UPLOAD] = whole(PNG, etag='"x"', cut=4000)
    server.routes["/data/upload/1/b.png"] = whole(PNG, at_most=3000)
    first, second = ask(UPLOAD, "/data/upload/1/b.png", jobs=1)
    assert {md5_of(first), md5_of(second)} == {MD5}
    asked = [each for each in server.seen if each.path == UPLOAD]
    assert [each.first for each in asked] == [0, 4000, 8000]
    assert asked[1].headers["if-range"] == '"x"'


def test_a_silent_end_is_continued(server: Canary, ask: Asking) -> None:
    """A proxying server stops after 20 seconds: a body that ends well, but is too short."""
    total = len(PNG)
    first = Play(206, {"Content-Range": f"bytes 0-{total - 1}/{total}", "Content-Length": "9"}, b"")
    first.body = PNG[:9]
    server.routes[UPLOAD] = in_turn(lambda _: first, whole(PNG))
    (found,) = ask(UPLOAD)
    assert md5_of(found) == MD5


def test_a_cut_without_progress_is_final(server: Canary, reason: Callable[..., str]) -> None:
    server.routes[UPLOAD] = in_turn(whole(PNG, cut=4000), whole(PNG, cut=0))
    assert reason(UPLOAD) == "cut"
    assert len(server.seen) == 3


def test_without_a_length_a_cut_would_not_be_seen(
    server: Canary, reason: Callable[..., str]
) -> None:
    server.routes[UPLOAD] = without_length(PNG, cut=4000)
    assert reason(UPLOAD) == "no-length"


def test_chunks_end_visibly(server: Canary, ask: Asking, reason: Callable[..., str]) -> None:
    server.routes[UPLOAD] = chunked(PNG)
    assert md5_of(ask(UPLOAD)[0]) == MD5
    server.routes[UPLOAD] = chunked(PNG, cut=9000)
    assert reason(UPLOAD) == "cut"


def test_a_host_without_ranges(server: Canary, ask: Asking) -> None:
    def play(asked: Asked) -> Play:
        return Play(
            200, {"Content-Length": str(len(PNG))}, PNG, None if len(server.seen) > 1 else 9
        )

    server.routes[UPLOAD] = play
    assert md5_of(ask(UPLOAD)[0]) == MD5


def test_another_file_in_the_middle(server: Canary, ask: Asking) -> None:
    """The part that arrived is not put together with a part of another file."""
    changed = PNG[::-1].replace(PNG[::-1][:8], PNG[:8])
    server.routes[UPLOAD] = in_turn(whole(PNG, etag='"1"', cut=50), whole(changed, etag='"2"'))
    (found,) = ask(UPLOAD)
    assert md5_of(found) == hashlib.md5(changed).hexdigest()
    assert found.validator == '"2"'


def test_another_file_each_time(server: Canary, reason: Callable[..., str]) -> None:
    def play(asked: Asked) -> Play:
        return whole(PNG, etag=f'"{len(server.seen)}"', cut=50)(asked)

    server.routes[UPLOAD] = play
    assert reason(UPLOAD) == "changing"


def test_more_than_was_announced(server: Canary, reason: Callable[..., str]) -> None:
    span = {"Content-Range": "bytes 0-9/10", "Content-Length": str(len(PNG))}
    server.routes[UPLOAD] = lambda _: Play(206, span, PNG)
    assert reason(UPLOAD) == "changing"


@pytest.mark.parametrize(
    ("number", "expected", "tries"),
    [(500, "server-error", 3), (404, "not-found", 1), (403, "forbidden", 1), (424, "http-424", 1)],
)
def test_a_refusal_is_of_one_file(
    server: Canary, ask: Asking, number: int, expected: str, tries: int
) -> None:
    """500 is what Label Studio says of an upload that was deleted; the others still come."""
    paths = uploads(server, 3)
    server.routes[paths[1]] = status(number)
    first, second, third = ask(*paths)
    assert isinstance(second, NotFetched)
    assert second.reason == expected
    assert server.paths().count(paths[1]) == tries
    assert md5_of(first) != md5_of(third)


def test_a_server_that_fails_for_a_moment(server: Canary, ask: Asking) -> None:
    server.routes[UPLOAD] = in_turn(status(500), status(503), whole(PNG))
    assert md5_of(ask(UPLOAD)[0]) == MD5


def test_login_pages(server: Canary, reason: Callable[..., str], ask: Asking) -> None:
    server.routes[UPLOAD] = whole(PAGE)
    assert reason(UPLOAD) == "not-media"
    server.routes["/data/upload/1/b.png"] = redirect("/user/login/?next=x")
    server.routes["/user/login/?next=x"] = whole(PAGE)
    assert reason("/data/upload/1/b.png") == "not-media"
    (page,) = ask(UPLOAD, tag="HyperText")
    assert md5_of(page) == hashlib.md5(PAGE).hexdigest()


def test_an_empty_file(server: Canary, reason: Callable[..., str]) -> None:
    empty = {"Content-Range": "bytes */0", "Content-Length": "0"}
    server.routes[UPLOAD] = lambda _: Play(416, empty)
    assert reason(UPLOAD) == "empty"


def test_a_compressed_body_is_refused(server: Canary, reason: Callable[..., str]) -> None:
    body = gzip.compress(PNG)
    headers = {"Content-Encoding": "gzip", "Content-Length": str(len(body))}
    server.routes[UPLOAD] = lambda _: Play(200, headers, body)
    assert reason(UPLOAD) == "encoded"


@pytest.mark.parametrize("player", [whole(PNG), chunked(PNG)])
def test_a_large_file(
    server: Canary, reason: Callable[..., str], player: Callable[[Asked], Play]
) -> None:
    server.routes[UPLOAD] = player
    assert reason(UPLOAD, max_file=5000) == "too-large"


def test_the_bound_of_a_run(server: Canary, make_fetcher: Callable[..., Fetcher]) -> None:
    fetcher = make_fetcher(max_total=35_000, jobs=1)
    results = fetcher.fetch(requests_for(uploads(server, 9)), Silent())
    kept = [next(results) for _ in range(3)]
    with pytest.raises(LsDvcError, match="35,000 bytes"):
        next(results)
    assert all(fetcher.store.path(md5_of(each)).exists() for each in kept)
    assert list(fetcher.store.temporary().iterdir()) == []
    assert len(server.seen) == 4


def test_a_file_that_is_announced_as_too_large_is_not_read(
    server: Canary, reason: Callable[..., str]
) -> None:
    server.routes[UPLOAD] = whole(PNG, cut=0)
    assert reason(UPLOAD, max_file=5000) == "too-large"


def test_the_bound_of_a_run_without_lengths(
    server: Canary, make_fetcher: Callable[..., Fetcher]
) -> None:
    server.routes[UPLOAD] = chunked(PNG)
    with pytest.raises(LsDvcError, match="more than the 5,000 bytes"):
        list(make_fetcher(max_total=5000).fetch(requests_for([UPLOAD]), Silent()))


def test_the_disk_is_not_filled(server: Canary, make_fetcher: Callable[..., Fetcher]) -> None:
    server.routes[UPLOAD] = whole(PNG)
    budget = Budget(10**9, 10**9, reserve=1000, free=lambda _: 1000 + len(PNG) - 1)
    with pytest.raises(LsDvcError, match="almost full"):
        list(make_fetcher(budget=budget).fetch(requests_for([UPLOAD]), Silent()))


def test_a_slow_drip(server: Canary, reason: Callable[..., str]) -> None:
    drip = Play(200, {"Content-Length": "9999"}, PNG, seconds_a_byte=0.02)
    server.routes[UPLOAD] = lambda _: drip
    begun = time.monotonic()
    assert reason(UPLOAD) == "too-slow"
    assert time.monotonic() - begun < 5


def test_a_server_that_is_gone(server: Canary, make_fetcher: Callable[..., Fetcher]) -> None:
    """What arrived before is there; the run ends, as no other file would come."""
    paths = uploads(server, 5)
    server.routes[paths[2]] = status(503)
    results = make_fetcher(jobs=1).fetch(requests_for(paths), Silent())
    assert {md5_of(next(results)), md5_of(next(results))}
    with pytest.raises(ServerUnavailableError, match="503"):
        next(results)
    assert paths[3] not in server.paths()


def test_a_server_that_never_was(make_fetcher: Callable[..., Fetcher]) -> None:
    fetcher = make_fetcher(url="http://127.0.0.1:1")
    with pytest.raises(ServerUnavailableError, match="cannot reach"):
        list(fetcher.fetch(requests_for([UPLOAD]), Silent()))


def test_a_server_that_moved(
    server: Canary, other: Canary, make_fetcher: Callable[..., Fetcher]
) -> None:
    server.routes[UPLOAD] = redirect(f"{other.url}{UPLOAD}", 301)
    with pytest.raises(ServerError, match="redirects to"):
        list(make_fetcher().fetch(requests_for([UPLOAD]), Silent()))
    assert other.seen == []


def test_a_refused_key(server: Canary, make_fetcher: Callable[..., Fetcher]) -> None:
    paths = uploads(server, 4)
    server.routes |= dict.fromkeys(paths, status(401))
    with pytest.raises(RefusedError, match="refuses the API key"):
        list(make_fetcher(jobs=1).fetch(requests_for(paths), Silent()))
    assert set(server.paths()) == {paths[0]}


def token(kind: str, number: int) -> str:
    end = datetime.now(timezone.utc) + timedelta(minutes=5)
    claims = {"token_type": kind, "exp": end, "jti": str(number)}
    return jwt.encode(claims, "x" * 32, algorithm="HS256")


def test_an_access_token_that_expires(server: Canary, ask: Asking) -> None:
    """The server's clock decides; the token is renewed once for all, and no file is lost."""
    given: list[str] = []

    def refresh(asked: Asked) -> Play:
        given.append(token("access", len(given)))
        body = b'{"access": "%s"}' % given[-1].encode()
        headers = {"Content-Length": str(len(body)), "Set-Cookie": "sessionid=1"}
        return Play(200, headers, body)

    def play(asked: Asked) -> Play:
        uses = [
            each
            for each in server.seen
            if each.headers.get("authorization") == f"Bearer {given[0]}"
        ]
        if asked.headers["authorization"] == f"Bearer {given[0]}" and len(uses) > 5:
            return status(401, b'{"detail": "expired"}')(asked)
        return whole(PNG + asked.path.encode())(asked)

    paths = uploads(server, 20)
    server.routes |= {"/api/token/refresh/": refresh, **dict.fromkeys(paths, play)}
    found = ask(*paths, key=token("refresh", 0), jobs=4)
    assert len({md5_of(each) for each in found}) == 20
    assert len(given) == 2
    assert not [each for each in server.seen if "cookie" in each.headers and each.path in paths]


def test_jobs_are_at_most_as_many_as_set(server: Canary, ask: Asking) -> None:
    running, most = [0], [0]

    def play(asked: Asked) -> Play:
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.02)
        running[0] -= 1
        return whole(PNG)(asked)

    paths = uploads(server, 12)
    server.routes |= dict.fromkeys(paths, play)
    ask(*paths, jobs=3)
    assert most[0] == 3


def test_an_interrupted_run_keeps_what_arrived(
    server: Canary, make_fetcher: Callable[..., Fetcher]
) -> None:
    fetcher = make_fetcher(jobs=2)
    results: Iterator[Fetched | NotFetched] = fetcher.fetch(
        requests_for(uploads(server, 30)), Silent()
    )
    kept = [next(results), next(results)]
    results.close()
    assert all(fetcher.store.path(md5_of(each)).exists() for each in kept)
    assert list(fetcher.store.temporary().iterdir()) == []
    assert len(server.seen) < 20


def test_progress(server: Canary, make_fetcher: Callable[..., Fetcher]) -> None:
    class Listener(Silent):
        def __init__(self) -> None:
            self.lines: list[str] = []
            self.files = 0

        def say(self, message: str) -> None:
            self.lines.append(message)

        def advance(self, amount: int) -> None:
            self.files += amount

    listener = Listener()
    paths = uploads(server, 3)
    list(make_fetcher().fetch(requests_for([*paths, "rel/x.png"]), listener))
    assert listener.files == 4
    assert listener.lines == ["4 media files asked for, 30.7 kB arrived"]


def test_what_is_known_is_not_fetched_again(
    server: Canary, other: Canary, make_fetcher: Callable[..., Fetcher]
) -> None:
    """Of uploads nothing can be asked; others say by their validator whether they changed."""
    local, stored = "/data/local-files/?d=a.png", "/projects/1/resolve/?fileuri=czM6Ly9iL2sucG5n"
    web = f"{other.url}/a.png"
    server.routes |= {
        UPLOAD: whole(PNG),
        local: whole(PNG, etag='W/"1-2"'),
        stored: whole(PNG, etag=f'"11{MD5}"'),
    }
    other.routes["/a.png"] = whole(PNG, etag='"e"')
    fetcher = make_fetcher(hosts=["127.0.0.1"])
    first = fetcher.fetch(requests_for([UPLOAD, local, "s3://b/k.png", web]), Silent())
    known = [each for each in first if isinstance(each, Fetched)]
    server.seen.clear()
    again = [MediaRequest(each.address, "Image", each) for each in known]
    server.routes[stored] = whole(PNG, etag=f'"21{MD5}"')  # asked by another user
    assert set(fetcher.fetch(again, Silent())) == set(known)
    assert UPLOAD not in server.paths()
    assert {each.headers["range"] for each in server.seen} == {"bytes=0-0"}

    server.routes[local] = whole(PNG + b"!", etag='W/"1-3"')
    other.routes["/a.png"] = status(404)
    found = {each.address: each for each in fetcher.fetch(again, Silent())}
    assert md5_of(found[local]) == hashlib.md5(PNG + b"!").hexdigest()
    assert isinstance(found[web], NotFetched)
    assert md5_of(found["s3://b/k.png"]) == MD5


def test_a_bucket_without_storage_is_asked_for_a_few_files_alone(
    server: Canary, ask: Asking
) -> None:
    found = ask(*(f"s3://b/{number}.png" for number in range(50)), jobs=1)
    assert {each.reason for each in found if isinstance(each, NotFetched)} == {"no-storage"}
    assert len(server.seen) == 3
    ask("s3://other/a.png")
    assert len(server.seen) == 4
