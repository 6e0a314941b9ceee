"""A proxy in front of the real server that makes the faults which the real one will not make."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Reply:
    """What goes back. `cut` ends the connection after so many bytes of the body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    cut: int | None = None


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Fault = Callable[[Request, Callable[[Request], Reply]], Reply]


def pass_on(request: Request, forward: Callable[[Request], Reply]) -> Reply:
    return forward(request)


@dataclass
class Proxy:
    """`fault` decides about every request; `seen` is what came in."""

    upstream: str
    url: str = ""
    fault: Fault = pass_on
    seen: list[Request] = field(default_factory=list)

    def asked(self, method: str, part: str) -> list[Request]:
        return [each for each in self.seen if each.method == method and part in each.path]

    def forward(self, request: Request) -> Reply:
        target = urlsplit(self.upstream)
        connection = HTTPConnection(target.hostname or "", target.port, timeout=60)
        headers = {k: v for k, v in request.headers.items() if k.lower() != "host"}
        connection.request(request.method, request.path, request.body, headers)
        answer = connection.getresponse()
        body = answer.read()
        kept = [(k, v) for k, v in answer.getheaders() if k.lower() not in _HOP]
        connection.close()
        return Reply(answer.status, kept, body)


_HOP = {"connection", "transfer-encoding", "content-length", "date", "server", "set-cookie"}


@contextmanager
def proxied(upstream: str) -> Iterator[Proxy]:
    proxy = Proxy(upstream)

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            request = Request(self.command, self.path, dict(self.headers), body)
            proxy.seen.append(request)
            try:
                reply = proxy.fault(request, proxy.forward)
            except ConnectionAbortedError:  # a fault that wants no answer at all
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            with suppress(BrokenPipeError):  # a client that we killed
                self.wfile.write(reply.body[: reply.cut])
            self.close_connection = True

        do_GET = do_POST = do_DELETE = do_PATCH = handle_any

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
