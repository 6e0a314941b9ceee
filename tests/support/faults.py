"""The faults of a network and of what stands in it, one for a request, for `support.proxy`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import unwrap

import pytest

from ls_dvc.server import snapshots
from ls_dvc.server.client import Client
from ls_dvc.server.pace import Deadline
from support.proxy import Fault, Proxy, Reply, Request, pass_on

JSON = [("Content-Type", "application/json")]
Forward = Callable[[Request], Reply]
SLOW = 2.0  # seconds that are too long, see `hasty`


def reset(request: Request, forward: Forward) -> Reply:
    raise ConnectionAbortedError


def reset_afterwards(request: Request, forward: Forward) -> Reply:
    forward(request)
    raise ConnectionAbortedError


def error(request: Request, forward: Forward) -> Reply:
    return Reply(500, JSON, b'{"detail": "database is locked"}')


def error_afterwards(request: Request, forward: Forward) -> Reply:
    forward(request)
    return Reply(500, [("Content-Type", "text/html")], b"<h1>Server Error</h1>")


def gateway(request: Request, forward: Forward) -> Reply:
    return Reply(502, [("Content-Type", "text/html")], b"<h1>Bad Gateway</h1>")


def busy(request: Request, forward: Forward) -> Reply:
    return Reply(429, [*JSON, ("Retry-After", "30")], b'{"detail": "slow down"}')


def timeout(request: Request, forward: Forward) -> Reply:
    reply = forward(request)
    time.sleep(SLOW)
    return reply


def cut(request: Request, forward: Forward) -> Reply:
    reply = forward(request)
    return Reply(reply.status, reply.headers, reply.body, len(reply.body) // 2)


def empty(request: Request, forward: Forward) -> Reply:
    forward(request)
    return Reply(200, JSON, b"")


def login_page(request: Request, forward: Forward) -> Reply:
    return Reply(200, [("Content-Type", "text/html")], b"<html>Sign in</html>")


def redirect(request: Request, forward: Forward) -> Reply:
    return Reply(302, [("Location", "https://login.example/?next=1")], b"")


def other_json(request: Request, forward: Forward) -> Reply:
    forward(request)
    return Reply(200, JSON, json.dumps({"hello": [1]}).encode())


def twice(request: Request, forward: Forward) -> Reply:
    """The request arrives twice, and one of the answers."""
    if request.method != "DELETE":
        forward(request)
    return forward(request)


FAULTS: tuple[Fault, ...] = (
    *(reset, reset_afterwards, error, error_afterwards, gateway, busy, timeout, cut, empty),
    *(login_page, redirect, other_json, twice),
)


@dataclass
class Faults:
    """Which requests, by their number, meet which fault."""

    proxy: Proxy
    planned: Mapping[int, Fault] = field(default_factory=dict)
    count: int = 0

    def plan(self, planned: Mapping[int, Fault]) -> None:
        """From the next request on, which has the number 0."""
        self.planned, self.count = planned, 0
        self.proxy.fault = self._fault

    def _fault(self, request: Request, forward: Forward) -> Reply:
        number, self.count = self.count, self.count + 1
        return self.planned.get(number, pass_on)(request, forward)


@contextmanager
def hasty() -> Iterator[None]:
    """Waits are short: for the next try, for an answer, for what was lost."""
    polling = snapshots.PollSettings
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Deadline, "sleep", lambda _, seconds: time.sleep(min(seconds, 0.02)))
        for method in (Client._asked, Client.post, Client.upload, unwrap(Client.stream)):
            patch.setitem(method.__kwdefaults__, "timeout", SLOW * 0.75)
        patch.setattr(polling.__init__, "__defaults__", (SLOW * 0.75, 10.0, 0.5, 0.02, 4))
        yield
