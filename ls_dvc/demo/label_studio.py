"""A real Label Studio as a child process: SQLite, loopback, nothing sent anywhere."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from ls_dvc.errors import LsDvcError
from ls_dvc.execution import child_process
from ls_dvc.execution.child_process import HOST
from ls_dvc.io import temporary
from ls_dvc.io.files import locked
from ls_dvc.progress import Reporter

USERNAME = "demo@example.com"
PASSWORD = "label-studio-demo"  # noqa: S105  (the server listens on loopback, for a demo)
API_KEY = "0de30123456789abcdef0123456789abcdef0123"
START_SECONDS = 300.0

# Whatever the user has set for another server, or could be sent to one, stays out.
_STRIPPED = ("LABEL_STUDIO_", "DJANGO_", "POSTGRE_", "SENTRY_", "REDIS_", "LOCAL_FILES_", "AWS_")
_SETTINGS = {
    "COLLECT_ANALYTICS": "False",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "LATEST_VERSION_CHECK": "0",
    "PYTHONWARNINGS": "ignore",
}


@dataclass(frozen=True)
class LocalServer:
    """A running server and how to get in: by browser, or with the (legacy) API key."""

    url: str
    username: str
    password: str
    api_key: str
    port: int
    pid: int
    data_dir: Path


@contextmanager
def running(
    data_dir: Path,
    *,
    report: Reporter,
    port: int | None = None,
    variables: Mapping[str, str] | None = None,
) -> Iterator[LocalServer]:
    """A server on `data_dir`, stopped with all its children when the block ends.

    A `data_dir` that does not exist yet is made from the template. Without a `port` a free one
    is taken. `variables` are more of the server's environment, as those by which it finds another
    database than the SQLite file in `data_dir`. `LsDvcError` with the end of the log when the
    server does not come up.
    """
    if not data_dir.exists():
        shutil.copytree(template(report=report), data_dir)
    with _started(data_dir, port or child_process.free_port(), variables or {}) as studio:
        yield studio


def template(*, report: Reporter) -> Path:
    """A data folder with all migrations applied and the user made; kept in the user's cache.

    The first call takes about a minute, which every later server start saves.
    """

    def make(fresh: Path) -> None:
        report.say("preparing Label Studio for its first start (about a minute, once)")
        with _started(fresh, child_process.free_port(), {}):
            pass

    return prepared("label-studio", make)


def prepared(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` in the user's cache for the installed Label Studio, made once by `make`.

    `make` gets a path where nothing is yet; what it leaves there when it is killed is not taken.
    """
    folder = _cache() / f"{name}-{_version()}"
    with locked(folder.with_name(f"{folder.name}.lock"), wait=600, busy=f"{folder} is being made"):
        if not folder.exists():
            with temporary.new_folder(folder) as made:
                make(made / name)
                (made / name).rename(folder)
    return folder


@contextmanager
def _started(data_dir: Path, port: int, variables: Mapping[str, str]) -> Iterator[LocalServer]:
    data_dir.mkdir(parents=True, exist_ok=True)
    log, url = data_dir / "server.log", f"http://{HOST}:{port}"
    command, env = _command(data_dir, port), {**_environment(data_dir), **variables}
    with child_process.running(command, log=log, env=env) as process:
        if not child_process.comes_up(process, lambda: _is_healthy(url), START_SECONDS):
            tail = log.read_text(errors="replace").strip()[-1500:]
            raise LsDvcError(f"Label Studio did not start; its log ends:\n{tail}", "try once more")
        yield LocalServer(url, USERNAME, PASSWORD, API_KEY, port, process.pid, data_dir)


def _command(data_dir: Path, port: int) -> list[str]:
    script = Path(sys.executable).with_name("label-studio")
    if not script.exists():
        raise LsDvcError("Label Studio is not installed here", "pip install 'ls-dvc[server]'")
    options = {
        "--data-dir": str(data_dir),
        "--port": str(port),
        "--internal-host": HOST,
        "--username": USERNAME,
        "--password": PASSWORD,
        "--user-token": API_KEY,
    }
    flat = [word for pair in options.items() for word in pair]
    return [str(script), "start", "--no-browser", "--enable-legacy-api-token", *flat]


def _environment(data_dir: Path) -> dict[str, str]:
    inherited = {n: value for n, value in os.environ.items() if not n.upper().startswith(_STRIPPED)}
    home = {"HOME": str(data_dir), "XDG_CONFIG_HOME": str(data_dir / "config")}
    return {**inherited, **_SETTINGS, **home, "BASE_DATA_DIR": str(data_dir)}


def _is_healthy(url: str) -> bool:
    with build_opener(ProxyHandler({})).open(f"{url}/health", timeout=5) as answer:
        return bool(answer.status == 200)


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ls-dvc"


def _version() -> str:
    try:
        return metadata.version("label-studio")
    except metadata.PackageNotFoundError:
        raise LsDvcError(
            "Label Studio is not installed here", "pip install 'ls-dvc[server]'"
        ) from None
