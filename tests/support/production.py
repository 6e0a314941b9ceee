"""Label Studio as companies run it: PostgreSQL, gunicorn, nginx with TLS, a path, a proxy."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import trustme

from ls_dvc.demo import label_studio
from ls_dvc.execution import child_process
from support import connect_proxy, nginx
from support.connect_proxy import ConnectProxy
from support.nginx import Gateway
from support.postgres import ServersOnPostgres

NAME, PATH = "labels.office.example", "/labels"
URL = f"https://{NAME}{PATH}"


@dataclass(frozen=True)
class Office:
    """`env` is what a client there has; without it nothing can be reached."""

    gateway: Gateway
    proxy: ConnectProxy
    authority: Path

    @property
    def env(self) -> dict[str, str]:
        return {"HTTPS_PROXY": self.proxy.url, "SSL_CERT_FILE": str(self.authority)}


@contextmanager
def tls(upstream: str, program: str, folder: Path) -> Iterator[Office]:
    """nginx with a certificate of an authority that nobody knows, behind a proxy."""
    authority, certificate = folder / "authority.pem", folder / "server.pem"
    issuer = trustme.CA()
    issuer.cert_pem.write_to_path(str(authority))
    issuer.issue_cert(NAME).private_key_and_cert_chain_pem.write_to_path(str(certificate))
    with ExitStack() as stack:
        gateway = stack.enter_context(
            nginx.before(
                upstream,
                program,
                folder / "nginx",
                seconds=60,
                path=PATH,
                certificate=certificate,
            )
        )
        port = int(gateway.url.removesuffix(PATH).rpartition(":")[2])
        yield Office(
            gateway, stack.enter_context(connect_proxy.running({f"{NAME}:443": port})), authority
        )


@contextmanager
def gunicorn(servers: ServersOnPostgres, folder: Path) -> Iterator[str]:
    """Two workers on the database and the data folder of a server; their address."""
    found = find_spec("label_studio")
    assert found is not None
    assert found.origin is not None
    package, port = str(Path(found.origin).parent), child_process.free_port()
    url = f"http://{child_process.HOST}:{port}"
    command = [sys.executable, "-m", "gunicorn", "--bind", url.removeprefix("http://")]
    command += ["--workers", "2", "--timeout", "120", "--chdir", package, "core.wsgi"]
    env = {**label_studio._environment(servers.studio.data_dir), **_database(servers)}
    env |= {"LABEL_STUDIO_HOST": URL, "DJANGO_SETTINGS_MODULE": "core.settings.label_studio"}
    log = folder / "gunicorn.log"
    with child_process.running(command, log=log, env=env) as process:
        up = child_process.comes_up(
            process, lambda: label_studio._is_healthy(url), label_studio.START_SECONDS
        )
        assert up, log.read_text()[-1500:]
        yield url


def _database(servers: ServersOnPostgres) -> Mapping[str, str]:
    return {
        "DJANGO_DB": "default",
        "POSTGRE_HOST": child_process.HOST,
        "POSTGRE_PORT": str(servers.database_port),
        "POSTGRE_USER": "postgres",
        "POSTGRE_PASSWORD": "",
        "POSTGRE_NAME": "postgres",
    }
