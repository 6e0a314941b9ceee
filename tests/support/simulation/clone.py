"""Clones of one repository: folders with the real commands in them, git and DVC as dictionaries.

Simulated are the commits (the texts of labels.lock, params.yaml and dvc.lock), DVC's cache and
remote (objects by MD5), and what DVC writes into dvc.lock. labels.lock is written as
JSON, which YAML contains and Python reads faster. Work in the background is done where its result
is taken, so that a seed always gives the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from ls_dvc.errors import LsDvcError
from ls_dvc.execution.background import BackgroundTasks
from ls_dvc.io import yaml_files
from ls_dvc.io.temporary import TEMPORARY
from ls_dvc.pin import lockfile
from ls_dvc.repo import git
from ls_dvc.repo.dvc import DvcStore
from ls_dvc.settings import params

FILES = ("labels.lock", "params.yaml", "dvc.lock")
OUTS = ("data/snapshot", "data/dataset")
Files = Mapping[str, str]


@dataclass
class Commits:
    """What the clones exchange: commits by hash, and the objects that were pushed."""

    texts: dict[str, Files] = field(default_factory=dict)
    remote: dict[str, bytes] = field(default_factory=dict)

    def add(self, files: Files) -> str:
        rev = hashlib.sha1(json.dumps(files).encode(), usedforsecurity=False).hexdigest()
        self.texts[rev] = files
        return rev


@dataclass
class Clone:
    """A folder in which one person works; `head` is the commit that is checked out."""

    path: Path
    commits: Commits
    head: str | None = None
    objects: dict[str, bytes] = field(default_factory=dict)

    def texts(self) -> Files:
        return {
            each: (self.path / each).read_text() for each in FILES if (self.path / each).exists()
        }

    def commit(self) -> str:
        """Commit what the stages made."""
        self.note()
        self.head = self.commits.add(self.texts())
        return self.head

    def note(self) -> None:
        """Note in dvc.lock what the stages made and of which pin, as DVC does when they ended."""
        stages = {}
        for out in OUTS:
            files = {p.relative_to(self.path / out).as_posix(): p for p in _files(self.path / out)}
            listing = [
                {"md5": self._store(files[n].read_bytes()), "relpath": n} for n in sorted(files)
            ]
            digest = self._store(json.dumps(listing).encode())
            self.objects[f"{digest}.dir"] = self.objects[digest]
            entry: dict[str, Any] = {
                "outs": [{"path": out, "md5": f"{digest}.dir", "nfiles": len(files)}]
            }
            stages[out.rpartition("/")[2]] = entry
        pin = lockfile.read(self.path / lockfile.NAME)
        stages["snapshot"]["params"] = {"labels.lock": {"fingerprint": pin.fingerprint}}
        (self.path / "dvc.lock").write_text(json.dumps({"schema": "2.0", "stages": stages}))

    def checkout(self, rev: str) -> None:
        """The small files of a commit; data come with the stages."""
        self.head = rev
        for name in FILES:
            (self.path / name).unlink(missing_ok=True)
        for name, text in self.commits.texts[rev].items():
            (self.path / name).write_text(text)

    def forget(self, *folders: str) -> None:
        for each in folders:
            shutil.rmtree(self.path / each, ignore_errors=True)

    def read(self, md5: str) -> bytes:
        for held in (self.objects, self.commits.remote):
            if md5 in held:
                return held[md5]
        raise FileNotFoundError(2, "not in DVC's cache", md5)

    def leftovers(self) -> list[str]:
        """What no good run leaves."""
        found = self.path.rglob(f"{TEMPORARY}*")
        return sorted(str(path.relative_to(self.path)) for path in found)

    def digest(self, folder: str) -> Mapping[str, str]:
        """The SHA-256 of each file by name."""
        return {
            p.relative_to(self.path / folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in _files(self.path / folder)
        }

    def _store(self, content: bytes) -> str:
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        self.objects[md5] = content
        return md5


def _files(folder: Path) -> Iterator[Path]:
    return (Path(top, name) for top, _, names in os.walk(folder) for name in names)


@contextmanager
def simulated(clones: Sequence[Clone]) -> Iterator[None]:
    """git, DVC's objects and threads are simulated in these clones while the block runs."""
    by_path = {each.path: each for each in clones}

    def contents(folder: Path, places: Sequence[tuple[str, str]]) -> list[str | None]:
        texts = by_path[folder].commits.texts
        return [texts[rev].get(path) for rev, path in places]

    def resolve(folder: Path, rev: str) -> str:
        full = by_path[folder].head if rev == "HEAD" else rev
        if full is None:
            raise LsDvcError("there is no commit yet")
        return full

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(git, "head", lambda folder: by_path[folder].head)
        patch.setattr(git, "resolve", resolve)
        patch.setattr(git, "folder_at", lambda folder, rev, path: "")
        patch.setattr(git, "contents", contents)
        patch.setattr(git, "history", lambda *_: [])
        patch.setattr(DvcStore, "read", lambda store, md5: by_path[store.root].read(md5))
        patch.setattr(BackgroundTasks, "start", _InOrder.start)
        patch.setattr(BackgroundTasks, "__exit__", _InOrder.__exit__)
        patch.setattr(yaml_files, "parse", partial(_parse, yaml_files.parse))
        patch.setattr(yaml_files, "dump", _dump)
        patch.setattr(lockfile, "parse", cache(lockfile.parse))
        patch.setattr(params, "of", partial(_of, params.of, {}))
        yield


class _Later(Future[Any]):
    """Work that is done where its result is taken, at the end of the block at the latest."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self._work = work

    def result(self, timeout: float | None = None) -> Any:
        self.run()
        return super().result(timeout)

    def run(self) -> None:
        if self.done():
            return
        try:
            self.set_result(self._work())
        except BaseException as error:  # noqa: BLE001  (raised where the result is taken)
            self.set_exception(error)


class _InOrder(BackgroundTasks):
    """Without threads."""

    def start(self, work: Callable[[], Any]) -> Future[Any]:
        self._started.append(_Later(work))
        return self._started[-1]

    def __exit__(self, *_: object) -> None:
        for each in self._started:
            assert isinstance(each, _Later)
            each.run()


def _parse(parse: Callable[[str, str], Any], content: str, where: str) -> Any:
    """JSON, which is YAML too, is parsed as such."""
    body = "".join(each for each in content.splitlines(True) if not each.startswith("#"))
    try:
        return json.loads(body)
    except ValueError:
        return parse(content, where)


def _dump(document: Any) -> str:
    return json.dumps(document) + "\n"


def _of(of: Callable[..., Any], known: dict[str, Any], block: Any, path: Path) -> Any:
    """Settings are immutable: the same text is the same settings."""
    text = json.dumps(block)
    known[text] = known.get(text) or of(block, path)
    return known[text]
