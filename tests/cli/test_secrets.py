"""A key that a server repeats, whatever else fails: it is in no output, no file and no child."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from support import canary, hostile, offline
from support.canary import Asked, Canary, Play
from support.workspace import Workspace

from ls_dvc.cli import boundary

LEGACY = "ca1a4e5c0ffee0123456789abcdef01234567890"


def jwt(kind: str) -> str:
    """A token of SimpleJWT, valid until 2100."""
    parts = ({"alg": "HS256", "typ": "JWT"}, {"token_type": kind, "exp": 4102444800, "jti": kind})
    texts = [base64.urlsafe_b64encode(json.dumps(each).encode()).decode() for each in parts]
    return ".".join([*(each.rstrip("=") for each in texts), f"c2lnbmF0dXJlIG9mIGEg{kind}"])


PERSONAL, ACCESS = jwt("refresh"), jwt("access")
KNOWN = {LEGACY: (LEGACY,), PERSONAL: (PERSONAL, ACCESS)}  # to whoever gets that key
EXCHANGE = "/api/token/refresh/"


def traces(secret: str) -> list[str]:
    """The secret, and what it is found by when somebody encodes it."""
    basic = [base64.b64encode(f"{'u' * n}{secret}".encode()).decode()[8:-8] for n in range(3)]
    return [secret, secret.encode().hex(), *basic]


def repeated(asked: Asked) -> str:
    """All that a server knows of the key, as servers and gateways show it."""
    header = asked.headers.get("authorization", "")
    known = [header, *KNOWN[LEGACY if LEGACY in header else PERSONAL]]
    encoded = [base64.b64encode(f"user:{each}".encode()).decode() for each in known]
    hexed = [each.encode().hex().upper() for each in known]
    return " ".join([*known, *encoded, *hexed, *map(quote, known), repr(known), json.dumps(known)])


def answer(status: int, body: bytes, **headers: str) -> Play:
    return Play(status, {"Content-Length": str(len(body)), **headers}, body)


def refusal(status: int) -> canary.Player:
    def play(asked: Asked) -> Play:
        said = {"detail": repeated(asked), "validation_errors": {repeated(asked): repeated(asked)}}
        away = f"http://127.0.0.2:9/{quote(repeated(asked))}"
        return answer(status, json.dumps(said).encode(), Location=away)

    return play


def page(asked: Asked) -> Play:
    return answer(200, f"<html>{repeated(asked)}".encode())


def odd(asked: Asked) -> Play:
    """JSON that is no answer to what was asked, with the key in every text, also as a name."""
    text = repeated(asked)
    names = ("id", "title", "label_config", "results", "tasks", "version", "release", "count")
    return answer(200, json.dumps({text: text, **dict.fromkeys(names, text)}).encode())


PLAYS = {
    **{str(status): refusal(status) for status in (302, 400, 401, 500)},
    "odd": odd,
}
LONG = {
    **{str(status): refusal(status) for status in (301, 403, 404, 409, 429, 502, 503)},
    "page": page,
}
COMMANDS = (
    *(["status", "--json"], ["update"], ["update", "--adopt", "latest"], ["refresh", "--json"]),
    *(["prune", "--dry-run"], ["restore", "HEAD"], ["doctor", "--json"]),
)


@pytest.fixture(scope="module")
def pinned(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    space = offline.data_set(tmp_path_factory.mktemp("secrets") / "repo")
    offline.pin(space, offline.server(1, 2))
    space.commit("labels")
    return space


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Canary]:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _: None)
    with canary.canary() as server:
        monkeypatch.setenv("LABEL_STUDIO_URL", server.url)
        yield server


@pytest.mark.parametrize(
    "play", [*PLAYS, *(pytest.param(each, marks=pytest.mark.soak) for each in LONG)]
)
@pytest.mark.parametrize("key", [LEGACY, PERSONAL], ids=["legacy", "personal"])
def test_no_output_and_no_file_has_the_key(
    key: str, play: str, pinned: Workspace, server: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", key)
    token = json.dumps({"access": ACCESS}).encode()
    server.routes |= {"*": {**PLAYS, **LONG}[play], EXCHANGE: lambda _: answer(200, token)}
    for command in COMMANDS:
        written = hostile.run("--debug", "-C", str(pinned.path), *command)
        written.require_inert(*(trace for secret in KNOWN[key] for trace in traces(secret)))
        assert written.code not in (0, boundary.BUG), command
    assert any(key in str(asked.headers) for asked in server.seen) == (key == LEGACY)
    assert not found_in(pinned.path)


def found_in(folder: Path) -> list[Path]:
    """Files with a secret, those in git's objects too."""
    secrets = (LEGACY, PERSONAL, ACCESS)
    known = [trace.encode().lower() for secret in secrets for trace in traces(secret)]
    stored = hostile.git_objects(folder).lower()
    assert not any(each in stored for each in known)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if any(each in path.read_bytes().lower() for each in known)]
