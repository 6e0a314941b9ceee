"""A real Label Studio as a child process: SQLite, loopback, nothing sent anywhere."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from ls_dvc.errors import UserError
from ls_dvc.files import TEMPORARY, locked
from ls_dvc.report import Reporter

HOST = "127.0.0.1"
USERNAME = "demo@example.com"
PASSWORD = "label-studio-demo"  # noqa: S105  (the server listens on loopback, for a demo)
API_KEY = "0de30123456789abcdef0123456789abcdef0123"
START_SECONDS = 300.0
STOP_SECONDS = 10.0

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
class Studio:
    """A running server and how to get in: by browser, or with the (legacy) API key."""

    url: str
    username: str
    password: str
    api_key: str
    port: int
    pid: int
    data_dir: Path


@contextmanager
def running(data_dir: Path, *, report: Reporter, port: int | None = None) -> Iterator[Studio]:
    """A server on `data_dir`, stopped with all its children when the block ends.

    A `data_dir` that does not exist yet is made from the template. Without a `port` a free one
    is taken. `UserError` with the end of the log when the server does not come up.
    """
    if not data_dir.exists():
        shutil.copytree(template(report=report), data_dir)
    with _started(data_dir, port or _free_port()) as studio:
        yield studio


def template(*, report: Reporter) -> Path:
    """A data folder with all migrations applied and the user made; kept in the user's cache.

    The first call takes about a minute, which every later server start saves.
    """
    folder = _cache() / f"label-studio-{_version()}"
    with locked(folder.with_name(f"{folder.name}.lock"), wait=600, busy=f"{folder} is being made"):
        if not folder.exists():
            report.say("preparing Label Studio for its first start (about a minute, once)")
            fresh = folder.with_name(f"{TEMPORARY}{folder.name}")
            shutil.rmtree(fresh, ignore_errors=True)
            with _started(fresh, _free_port()):
                pass
            fresh.rename(folder)
    return folder


@contextmanager
def _started(data_dir: Path, port: int) -> Iterator[Studio]:
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / "server.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            _command(data_dir, port),
            env=_environment(data_dir),
            cwd=data_dir,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
    try:
        url = f"http://{HOST}:{port}"
        _wait(process, f"{url}/health", log)
        yield Studio(url, USERNAME, PASSWORD, API_KEY, port, process.pid, data_dir)
    finally:
        _stop(process)


def _command(data_dir: Path, port: int) -> list[str]:
    script = Path(sys.executable).with_name("label-studio")
    if not script.exists():
        raise UserError("Label Studio is not installed here", "pip install 'ls-dvc[server]'")
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
    kept = {n: value for n, value in os.environ.items() if not n.upper().startswith(_STRIPPED)}
    home = {"HOME": str(data_dir), "XDG_CONFIG_HOME": str(data_dir / "config")}
    return {**kept, **_SETTINGS, **home, "BASE_DATA_DIR": str(data_dir)}


def _wait(process: subprocess.Popen[bytes], health: str, log: Path) -> None:
    opener = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with opener.open(health, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    tail = log.read_text(errors="replace").strip()[-1500:]
    raise UserError(f"Label Studio did not start; its log ends:\n{tail}", "try once more")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for signum in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, signum)
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            process.wait()
            return


def _die_with_parent() -> None:
    """Between fork and exec: have the kernel end the server when we are killed."""
    _LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


_LIBC = ctypes.CDLL(None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ls-dvc"


def _version() -> str:
    try:
        return metadata.version("label-studio")
    except metadata.PackageNotFoundError:
        raise UserError(
            "Label Studio is not installed here", "pip install 'ls-dvc[server]'"
        ) from None
