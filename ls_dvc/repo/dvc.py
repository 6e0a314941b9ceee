"""DVC: what its cache and its remote hold, and its commands."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ls_dvc.errors import DvcStoreError, LsDvcError, RemoteError
from ls_dvc.execution import child_process
from ls_dvc.execution.child_process import Shutdown
from ls_dvc.execution.relayed_output import relayed
from ls_dvc.io.standard_error import tell
from ls_dvc.io.strict_values import MD5, matching, relative_path
from ls_dvc.repo import dvc_leftovers, git_leftovers, tracked_links
from ls_dvc.repo.git_command import find_repository
from ls_dvc.repo.paths import dvc_root

if TYPE_CHECKING:
    from dvc.repo import Repo

# Its stages would go on writing after an interrupted refresh has put the files back.
SHUTDOWN = Shutdown((signal.SIGINT, signal.SIGTERM), seconds=10.0)
FOLDER = ".dir"  # how the MD5 of a folder's listing ends


@dataclass(frozen=True)
class DvcStore:
    """The cache of the DVC repository `root`, and its default remote behind it.

    Objects are named by their MD5, as dvc.lock names them. Nothing is written.
    """

    root: Path

    def read(self, md5: str) -> bytes:
        """The content of an object; `FileNotFoundError` when neither cache nor remote has it."""
        with suppress(FileNotFoundError), _reading_cache():
            return _content(self._cache, md5)
        if self._remote is None:
            raise FileNotFoundError(2, "not in DVC's cache, and there is no remote", md5)
        with _asking_remote():
            return _content(self._remote, md5)

    def listing(self, md5: str) -> Mapping[str, str]:
        """The MD5 of each file of a folder by relative path; of a file, itself under no path."""
        if not md5.endswith(FOLDER):
            return {"": md5}
        try:
            return parsed_listing(self.read(md5))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise LsDvcError(f"DVC's object {md5} is damaged: {error}", _FETCH) from error

    @property
    def cache_folder(self) -> Path:
        """Where the cache of this machine is, or will be."""
        return Path(self._cache.path)

    @property
    def remote_name(self) -> str:
        """What the default remote is called; empty if none is configured."""
        return str(self._repo.config["core"].get("remote") or "")

    @property
    def absent_remote(self) -> Path | None:
        """The folder that is the default remote, if it is one and is not there."""
        if self._remote is None or self._remote.fs.protocol != "local":
            return None
        remote = self._repo.cloud.get_remote()
        return None if Path(remote.path).exists() else Path(remote.path)

    @property
    def has_remote(self) -> bool:
        """Whether a default remote is configured."""
        return self._remote is not None

    def in_cache(self, md5s: Iterable[str]) -> set[str]:
        """Those objects that this machine has."""
        return {md5 for md5 in md5s if self._is_cached(md5)}

    def in_remote(self, md5s: Iterable[str]) -> set[str]:
        """Those objects that the default remote has; none without a remote.

        `RemoteError` where that cannot be known: a web server that refuses is no empty remote, and
        one that answers everything with a login page does not have everything.
        """
        if self._remote is None:
            return set()
        asked = set(md5s)
        with _asking_remote():
            present = set(self._remote.oids_exist(list(asked)))
            is_web = str(self._remote.fs.protocol).startswith("http")
            if (is_web or present != asked) and not self._knows_absence:
                raise RemoteError("DVC's remote answers as if it had everything", _REMOTE)
        return present

    @cached_property
    def _knows_absence(self) -> bool:
        """Whether the remote says of an object that is nowhere that it is not there."""
        try:
            _content(self._remote, "0" * 32)
        except FileNotFoundError:
            return True
        return False

    def cache_path(self, md5: str) -> Path:
        """Where the cache of this machine has an object, or would have it."""
        return Path(self._cache.oid_to_path(md5))

    def download(self, md5s: Sequence[str], folder: Path) -> Iterator[Path]:
        """Bring objects from the default remote into `folder`, several at once; what arrived.

        Files are named by their MD5, and nothing is checked: a file may be cut, or another one.
        `RemoteError` when the remote cannot be asked; an object that it lacks is left out.
        """
        for start in range(0, len(md5s), _AT_ONCE):
            some = [(md5, folder / md5) for md5 in md5s[start : start + _AT_ONCE]]
            with _asking_remote():
                _get(self._remote, some)
            yield from (path for _, path in some if path.is_file())

    def remove_from_cache(self, md5: str) -> None:
        """Remove an object with other bytes than its name says, as DVC does when it sees that."""
        path = self.cache_path(md5)
        path.chmod(0o644)
        path.unlink()

    def _is_cached(self, md5: str) -> bool:
        """Unlike DVC's own answer, an error where that cannot be known."""
        with _reading_cache():
            try:
                Path(self._cache.oid_to_path(md5)).stat()
            except FileNotFoundError:
                return False
        return True

    @cached_property
    def _repo(self) -> Repo:
        from dvc.repo import Repo

        tracked_links.require_none(self.root, ())  # DVC writes into .dvc/tmp as it opens
        with _opening(f"DVC cannot open {self.root}"):
            return Repo(str(self.root))

    @property
    def _cache(self) -> Any:
        return self._repo.cache.local

    @cached_property
    def _remote(self) -> Any:
        from dvc.config import NoRemoteError

        repo = self._repo
        try:
            return repo.cloud.get_remote_odb()
        except NoRemoteError:
            return None
        except Exception as error:
            raise RemoteError(f"DVC's remote cannot be used: {_words(error)}", _REMOTE) from error


@dataclass(frozen=True)
class StoredFolder:
    """A folder that DVC holds, to be read file by file; `name` says which to a user."""

    store: DvcStore
    md5: str
    name: str

    def read(self, name: str) -> bytes:
        """The content of a file."""
        if name not in self._files:
            raise FileNotFoundError(2, "not in the folder", name)
        return self.store.read(self._files[name])

    def md5_of(self, name: str) -> str:
        """The object that a file is."""
        return self._files[name]

    def names(self) -> set[str]:
        """Every file in the folder."""
        return set(self._files)

    def __str__(self) -> str:
        """As a user would call it."""
        return self.name

    @cached_property
    def _files(self) -> Mapping[str, str]:
        return self.store.listing(self.md5)


def parsed_listing(content: bytes) -> dict[str, str]:
    """The MD5 of each file by relative path; an error of Python where it is no listing."""
    entries = json.loads(content)
    return {relative_path(each["relpath"]): matching(MD5, each["md5"]) for each in entries}


_REMOTE = "check `dvc remote list` and its credentials"
_FETCH = "run `dvc fetch --all-commits` after you have removed it from the cache"


_AT_ONCE = 256  # objects of one request for many


def _get(holder: Any, wanted: Sequence[tuple[str, Path]]) -> None:
    """Bring objects; where one of them is not there, one after the other."""
    try:
        sources = [holder.oid_to_path(md5) for md5, _ in wanted]
        holder.fs.get(sources, [str(path) for _, path in wanted])
    except FileNotFoundError:
        for md5, path in wanted:
            path.unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                holder.fs.get(holder.oid_to_path(md5), str(path))


def _content(holder: Any, md5: str) -> bytes:
    return bytes(holder.fs.cat_file(holder.oid_to_path(md5)))


@contextmanager
def _opening(what: str) -> Iterator[None]:
    """What DVC reads first, its libraries read: git's files, too, with errors of their own."""
    try:
        yield
    except Exception as error:
        raise LsDvcError(f"{what}: {_words(error)}", "run `dvc status` to see more") from error


def _words(error: Exception) -> str:
    return f"{error!s:.300}" or type(error).__name__


@contextmanager
def _reading_cache() -> Iterator[None]:
    """What cannot be read is not known to be absent."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DvcStoreError(
            f"DVC's cache cannot be read: {error}", "check its permissions"
        ) from error


@contextmanager
def _asking_remote() -> Iterator[None]:
    """Every file system has errors of its own; an absent object is no error of the remote."""
    try:
        yield
    except (FileNotFoundError, RemoteError):
        raise
    except Exception as error:
        raise RemoteError(f"DVC's remote cannot be asked: {error}", _REMOTE) from error


def cache_type(folder: Path) -> str:
    """What `cache.type` of the repository around `folder` says; empty where it is not set."""
    from dvc.config import Config

    with _opening("DVC's configuration cannot be read"):
        set_to = Config(str(dvc_root(folder) / ".dvc"))["cache"].get("type") or ()
        return ",".join(set_to)


# Without the current folder on the path: a module of the user's must not replace DVC's.
_START = (
    "import sys; sys.path = [each for each in sys.path if each]; "
    "from dvc.cli import main; sys.exit(main(sys.argv[1:]))"
)


def run(folder: Path, *arguments: str) -> None:
    """Run a command of DVC in `folder`, its output on our stderr; `LsDvcError` when it fails.

    The output is made printable, so it has no bars. Its stages find the `ls-dvc` that runs now,
    though its environment may not be activated.
    """
    _remove_leftovers(folder)
    command = [sys.executable, "-c", _START, *arguments]
    with relayed(tell) as stream:
        code = child_process.run(command, folder, stdin=None, stdout=stream, shutdown=SHUTDOWN)
    if code:
        raise LsDvcError(f"`dvc {' '.join(arguments)}` failed in {folder}", "its words are above")


def _remove_leftovers(folder: Path) -> None:
    """What a killed dvc or git left, and dvc would trip over."""
    said = dvc_leftovers.repair_rwlock(dvc_root(folder))
    if said:
        tell(said)
    repository = find_repository(folder)
    if repository is not None:
        lock = repository.root / repository.text("rev-parse", "--git-path", "index.lock")
        git_leftovers.remove_lock(lock, repository.root)
