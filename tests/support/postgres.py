"""A private PostgreSQL on loopback, of Debian's package, and Label Studio on it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.demo import label_studio
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.execution import child_process
from ls_dvc.progress import Silent

USER = "postgres"
START_SECONDS = 60.0


def binaries() -> Path | None:
    """Where initdb and postgres of the newest version are; None when it is not installed."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(found, key=lambda each: float(each.parent.parent.name), default=None)
    return newest.parent if newest else None


@dataclass(frozen=True)
class ServersOnPostgres:
    """Label Studio, and where its database listens."""

    studio: LocalServer
    database_port: int

    @property
    def conninfo(self) -> str:
        """What psycopg wants."""
        return f"host={child_process.HOST} port={self.database_port} user={USER}"


@contextmanager
def servers(programs: Path) -> Iterator[ServersOnPostgres]:
    """Label Studio on a PostgreSQL of its own; both are gone when the block ends."""
    kept = label_studio.prepared(
        f"postgresql-{programs.parent.name}-label-studio", lambda fresh: _migrate(programs, fresh)
    )
    with private_folder() as folder:
        shutil.copytree(kept, folder / "made")
        cluster, data = folder / "made" / "cluster", folder / "made" / "data"
        _give(cluster)
        with (
            _serving(programs, cluster) as database,
            label_studio.running(
                data, report=Silent(), variables={**database, **local(data)}
            ) as made,
        ):
            yield ServersOnPostgres(made, int(database["POSTGRE_PORT"]))


def local(data: Path) -> dict[str, str]:
    """The variables that let a server on the folder `data` import from the folders in its `local`.

    It may not be the data folder of a server that others reach.
    """
    root = data / "local"
    return {"LOCAL_FILES_SERVING_ENABLED": "true", "LOCAL_FILES_DOCUMENT_ROOT": str(root)}


def _migrate(programs: Path, fresh: Path) -> None:
    """Put a cluster and a data folder, ready to start, into `fresh`."""
    with private_folder() as folder:
        data, cluster = folder / "data", folder / "cluster"
        data.mkdir()  # not the template: its database is SQLite's
        _initialize(programs, cluster)
        with (
            _serving(programs, cluster) as database,
            label_studio.running(data, report=Silent(), variables=database),
        ):
            pass
        shutil.copytree(folder, fresh)


def _initialize(programs: Path, cluster: Path) -> None:
    cluster.mkdir()
    _give(cluster)
    command = [programs / "initdb", "--pgdata", cluster, "--username", USER, "--auth", "trust"]
    subprocess.run(
        [*command, "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"],
        user=_owner(),
        group=_owner(),
        extra_groups=None if _owner() is None else [],
        cwd=cluster,
        check=True,
        capture_output=True,
    )


@contextmanager
def _serving(programs: Path, cluster: Path) -> Iterator[dict[str, str]]:
    """The variables that lead Label Studio to a server on `cluster`, while it runs.

    SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait until every client has left.
    """
    port = child_process.free_port()
    settings = {
        "listen_addresses": child_process.HOST,
        "port": str(port),
        "unix_socket_directories": "",
        "fsync": "off",
    }
    flags = [word for pair in settings.items() for word in ("-c", "=".join(pair))]
    command = [str(programs / "postgres"), "-D", str(cluster), *flags]
    log = cluster.parent / "postgres.log"
    with child_process.running(
        command, log=log, user=_owner(), stop_signal=signal.SIGINT
    ) as process:
        if not child_process.comes_up(process, lambda: _accepts(programs, port), START_SECONDS):
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()[-1500:]}")
        yield {
            "DJANGO_DB": "default",
            "POSTGRE_HOST": child_process.HOST,
            "POSTGRE_PORT": str(port),
            "POSTGRE_USER": USER,
            "POSTGRE_PASSWORD": "",
            "POSTGRE_NAME": "postgres",
        }


def _accepts(programs: Path, port: int) -> bool:
    asked = [programs / "pg_isready", "-q", "-h", child_process.HOST, "-p", str(port)]
    return subprocess.run(asked, check=False).returncode == 0


@contextmanager
def private_folder() -> Iterator[Path]:
    """Not pytest's: PostgreSQL's user may not look into that one when root runs the tests."""
    with tempfile.TemporaryDirectory(prefix="ls-dvc-postgres-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _owner() -> str | None:
    """Who runs PostgreSQL, which refuses to be root's."""
    return USER if os.geteuid() == 0 else None


def _give(cluster: Path) -> None:
    """Let PostgreSQL's user own `cluster`, and nobody else read it, as it insists."""
    cluster.chmod(0o700)
    if owner := _owner():
        for each in (cluster, *cluster.rglob("*")):
            shutil.chown(each, owner, owner)
