"""Every Python on this machine that ls-dvc supports, each with the one package that it needs."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from ls_dvc.io.files import locked

SUPPORTED = range(10, 15)  # minor versions of Python 3
INSTALL_SECONDS = 120
DESCRIBE = "import json, sys; print(json.dumps([sys.version_info[:3], sys.implementation.name]))"


class Interpreter(NamedTuple):
    version: tuple[int, int, int]
    path: Path

    def __str__(self) -> str:
        return ".".join(map(str, self.version))


@cache
def others() -> list[Interpreter]:
    """One of each version, but the one that runs this."""
    known = {sys.version_info[:3]: Path(sys.executable)}
    for path in _candidates():
        version = _version(path)
        if version and version[0] == 3 and version[1] in SUPPORTED:
            known.setdefault(version, path)
    return sorted(Interpreter(*each) for each in known.items() if each[0] != sys.version_info[:3])


def _candidates() -> Iterator[Path]:
    """By their names on PATH, in pyenv's folder, and from Windows' launcher."""
    for name in (f"python3.{minor}" for minor in SUPPORTED):
        if path := shutil.which(name):
            yield Path(path)
    if root := _output("pyenv", "root"):
        yield from sorted(Path(root, "versions").glob("3.*/bin/python"))
    for line in _output("py", "-0p").splitlines():
        yield Path(line.split(maxsplit=1)[-1].removeprefix("* ").strip())


def _version(path: Path) -> tuple[int, int, int] | None:
    """None of what does not run, as a name of pyenv's whose version is not chosen."""
    told = _output(str(path), "-I", "-c", DESCRIBE)
    if not told:
        return None
    (major, minor, micro), name = json.loads(told)
    return (major, minor, micro) if name == "cpython" else None


def _output(*command: str) -> str:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return ran.stdout.strip()


def packages(interpreter: Interpreter) -> Path:
    """A folder of the user's cache with msgspec for `interpreter`, of our version.

    `subprocess.SubprocessError` when pip cannot get it.
    """
    wanted = f"msgspec=={metadata.version('msgspec')}"
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ls-dvc"
    key = hashlib.sha256(wanted.encode()).hexdigest()[:8]
    folder = base / f"tests-python-{interpreter}-{key}"
    with locked(folder.with_name(f"{folder.name}.lock"), wait=2 * INSTALL_SECONDS, busy=""):
        if not folder.exists():
            fresh = folder.with_name(f".ls-dvc-tmp-{folder.name}")
            shutil.rmtree(fresh, ignore_errors=True)
            _install(wanted, interpreter, fresh)
            fresh.rename(folder)
    return folder


def _install(wanted: str, interpreter: Interpreter, folder: Path) -> None:
    """By our own pip, since the other Python may have none."""
    options = ("--target", folder, "--only-binary=:all:", "--no-deps", "--implementation", "cp")
    version = ("--python-version", str(interpreter), "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "install", "-q", *options, *version, wanted]
    subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_SECONDS)


def run(interpreter: Interpreter, script: Path, *arguments: str) -> str:
    """What `script` prints, with ls_dvc and msgspec and nothing else on its path."""
    ours = Path(__file__).parents[2]
    paths = os.pathsep.join([str(ours), str(packages(interpreter))])
    ran = subprocess.run(
        [str(interpreter.path), "-S", str(script), *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"Python {interpreter}: {ran.stderr}"
    return ran.stdout
