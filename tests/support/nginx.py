"""A real nginx on loopback, as the gateway in front of a server."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ls_dvc.execution import child_process

START_SECONDS = 10.0

# One process, so that root's nginx needs no other user; all that it writes is in its prefix.
CONFIG = """
daemon off;
master_process off;
pid nginx.pid;
events {{ worker_connections 64; }}
http {{
    log_format answers "$status $request_method $request_uri";
    access_log answers.log answers;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    client_max_body_size 100m;
    server {{
        listen {host}:{port}{tls};
        location {path}/ {{
            proxy_pass {upstream}/;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_read_timeout {seconds}s;
        }}
    }}
}}
"""


class Answer(NamedTuple):
    status: int
    method: str
    path: str


@dataclass(frozen=True)
class Gateway:
    url: str
    prefix: Path

    def answers(self) -> list[Answer]:
        """What went back to the client, in the order in which it did."""
        lines = (self.prefix / "answers.log").read_text().splitlines()
        found = [re.fullmatch(r"(\d+) (\S+) (\S+)", line) for line in lines]
        return [Answer(int(each[1]), each[2], each[3]) for each in found if each]


def binary() -> str | None:
    """Where nginx is; None when it is not installed. A user's PATH may lack Debian's place."""
    return shutil.which("nginx", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))


@contextmanager
def before(
    upstream: str,
    program: str,
    prefix: Path,
    *,
    seconds: int,
    path: str = "",
    certificate: Path | None = None,
) -> Iterator[Gateway]:
    """nginx in front of `upstream`, which it gives `seconds` to say something.

    `path` leads to it, without a slash at the end. With a `certificate` (and its key) it is TLS.
    """
    prefix.mkdir()
    port = child_process.free_port()
    tls = f" ssl; ssl_certificate {certificate}; ssl_certificate_key {certificate}"
    places = {"upstream": upstream, "path": path, "tls": tls if certificate else ""}
    config = CONFIG.format(host=child_process.HOST, port=port, seconds=seconds, **places)
    (prefix / "nginx.conf").write_text(config)
    command = [program, "-e", "stderr", "-p", str(prefix), "-c", "nginx.conf"]
    log = prefix / "nginx.log"
    with child_process.running(command, log=log) as process:
        if not child_process.comes_up(process, lambda: _accepts(port), START_SECONDS):
            raise RuntimeError(f"nginx did not start:\n{log.read_text()}")
        scheme = "https" if certificate else "http"
        yield Gateway(f"{scheme}://{child_process.HOST}:{port}{path}", prefix)


def _accepts(port: int) -> bool:
    with socket.create_connection((child_process.HOST, port), timeout=1):
        return True
