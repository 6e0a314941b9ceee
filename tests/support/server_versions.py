"""Label Studio of any version, in an environment of its own in the user's cache."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ls_dvc.demo import label_studio
from ls_dvc.demo.label_studio import API_KEY, PASSWORD, USERNAME, LocalServer
from ls_dvc.execution import child_process
from ls_dvc.execution.child_process import HOST
from ls_dvc.io.files import locked

INSTALL_SECONDS = 900


def installed(version: str) -> Path:
    """The environment; `subprocess.SubprocessError` when pip cannot install that version."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = label_studio._cache() / f"tests-server-{version}-python-{python}"
    with locked(folder.with_name(f"{folder.name}.lock"), wait=INSTALL_SECONDS, busy=""):
        if not (folder / "complete").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet"]
            # Django's extensions of these years import pkg_resources
            command = [*pip, f"label-studio=={version}", "setuptools<81"]
            subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_SECONDS)
            (folder / "complete").touch()
    return folder


@contextmanager
def running(environment: Path, data: Path) -> Iterator[LocalServer]:
    """A server as `demo.label_studio` starts one; of an option that old ones lack, nothing."""
    data.mkdir()
    port = child_process.free_port()
    url, log = f"http://{HOST}:{port}", data / "server.log"
    options = {
        "--data-dir": str(data),
        "--port": str(port),
        "--internal-host": HOST,
        "--username": USERNAME,
        "--password": PASSWORD,
        "--user-token": API_KEY,
    }
    flat = [word for pair in options.items() for word in pair]
    command = [str(environment / "bin/label-studio"), "start", "--no-browser", *flat]
    with child_process.running(command, log=log, env=label_studio._environment(data)) as process:
        ready = child_process.comes_up(
            process, lambda: label_studio._is_healthy(url), label_studio.START_SECONDS
        )
        assert ready, log.read_text()[-1500:]
        yield LocalServer(url, USERNAME, PASSWORD, API_KEY, port, process.pid, data)
