"""A repository of git and DVC, and the real commands in it."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ls_dvc.commands import init, init_settings
from support import forks, trainer_rules

BIN = Path(sys.executable).parent
FORKED = (str(BIN / "ls-dvc"), str(BIN / "dvc"))
ALL = ("JSON", "JSON_MIN", "CSV", "TSV", "COCO", "YOLO")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        return self.out + self.err


@dataclass
class Workspace:
    """`env` is what the commands see besides PATH and HOME."""

    path: Path
    env: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, code: int | None = 0, **env: str) -> Ran:
        done = self._started(command, {**self.env, **env})
        if done.code == 0 and not {"convert", "repro", "refresh"}.isdisjoint(command):
            trainer_rules.hold_folder(self.path / "data" / "dataset")
        assert code is None or done.code == code, f"{command} gave {done}"
        return done

    def _started(self, command: tuple[str, ...], env: dict[str, str]) -> Ran:
        clean = clean_environment()
        everything = {**clean, **env}
        if sys.platform == "linux" and command[0] in FORKED and forks.suits(env):
            return Ran(*forks.run(command, self.path, everything, clean))
        ran = subprocess.run(
            command, cwd=self.path, env=everything, capture_output=True, text=True, timeout=300
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def ls(self, *arguments: str, code: int | None = 0, **env: str) -> Ran:
        return self.run(str(BIN / "ls-dvc"), *arguments, code=code, **env)

    def dvc(self, *arguments: str, code: int | None = 0, **env: str) -> Ran:
        return self.run(str(BIN / "dvc"), *arguments, code=code, **env)

    def store(self, folder: Path) -> None:
        """A default remote, as `dvc remote add -d store` writes it."""
        section = f"[core]\n    remote = store\n['remote \"store\"']\n    url = {folder}\n"
        (self.path / ".dvc/config").write_text(section)

    def git(self, *arguments: str, code: int | None = 0) -> Ran:
        return self.run("git", *arguments, code=code)

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-qm", message)
        return self.git("rev-parse", "HEAD").out.strip()

    def read(self, name: str) -> str:
        return (self.path / name).read_text()

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.read(name)
        assert old in text
        (self.path / name).write_text(text.replace(old, new))

    def hashes(self, *folders: str) -> dict[str, str]:
        """SHA-256 by path of everything in `folders` but DVC's ignore files."""
        return {
            path.relative_to(self.path).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for folder in folders or ("data", "reports")
            for path in sorted((self.path / folder).rglob("*"))
            if path.is_file() and path.name != ".gitignore"
        }

    def clone(self, to: Path) -> Workspace:
        self.run("git", "clone", "-q", str(self.path), str(to))
        return Workspace(to, dict(self.env))

    def forget(self) -> None:
        """As if this machine had never seen any of the data."""
        for folder in ("data/snapshot", "data/dataset", ".dvc/cache", ".dvc/tmp"):
            shutil.rmtree(self.path / folder, ignore_errors=True)


def interruptible() -> None:
    """For `preexec_fn`: let Ctrl-C reach a child though we may run where it is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def clean_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PATH": f"{BIN}{os.pathsep}{kept.get('PATH', '')}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.com",
        "DVC_NO_ANALYTICS": "1",
    }


@cache
def _template() -> tempfile.TemporaryDirectory[str]:
    """What `git init` and `dvc init` make; it lives as long as the run."""
    folder = tempfile.TemporaryDirectory(prefix="ls-dvc-template-")
    space = Workspace(Path(folder.name))
    space.git("init", "-q", "-b", "main")
    space.dvc("init", "-q")
    return folder


def repository(path: Path, **env: str) -> Workspace:
    """A repository of git and DVC with nothing in it, made once and copied: DVC takes a second."""
    shutil.copytree(_template().name, path, dirs_exist_ok=True)
    return Workspace(path, env)


def make(
    path: Path, url: str, key: str, project: int, *formats: str, media: bool = False
) -> Workspace:
    """With the scaffold of `ls-dvc init` for `project`, and `key` in the environment."""
    space = repository(path, LABEL_STUDIO_API_KEY=key)
    options = init_settings.InitOptions(url, project, formats or ALL, media=media)
    init.init(path, options, lambda asked: True)
    return space
