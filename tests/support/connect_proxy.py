"""A proxy as in an office: the only way out, it looks up names itself, and wants a password."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer

LOGIN = "office:proxy-password"


@dataclass
class ConnectProxy:
    """`places` are the ports on this machine by the name and port that clients ask for."""

    places: Mapping[str, int]
    url: str = ""
    connected: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@contextmanager
def running(places: Mapping[str, int]) -> Iterator[ConnectProxy]:
    proxy = ConnectProxy(places)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            method, target, _ = self.rfile.readline().decode().split()
            headers = {line.lower().strip() for line in iter(self.rfile.readline, b"\r\n")}
            login = base64.b64encode(LOGIN.encode())
            if method != "CONNECT" or target not in proxy.places:
                self._refuse(target, "403 Forbidden")
            elif b"proxy-authorization: basic " + login.lower() not in headers:
                self._refuse(target, "407 Proxy Authentication Required")
            else:
                proxy.connected.append(target)
                self._pass_on(proxy.places[target])

        def _refuse(self, target: str, status: str) -> None:
            proxy.refused.append(target)
            self.wfile.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

        def _pass_on(self, port: int) -> None:
            with socket.create_connection(("127.0.0.1", port)) as upstream:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_copy, args=(upstream, self.connection))
                back.start()
                _copy(self.connection, upstream)
                back.join()

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        proxy.url = f"http://{LOGIN}@127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
