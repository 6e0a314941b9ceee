"""git, through GitPython: what a commit holds, and the history of a file."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ls_dvc.errors import LsDvcError

if TYPE_CHECKING:
    from git import Repo


@dataclass(frozen=True)
class Commit:
    """A commit that changed a file.

    `rev` is the full hash, `date` the author's clock (ISO 8601 with zone), `path` the file's path
    then, relative to the root of the repository. `parents` are the states of the file before it,
    each a revision and the file's path in it.
    """

    rev: str
    date: str
    author: str
    subject: str
    path: str
    parents: tuple[tuple[str, str], ...]


def require(folder: Path) -> None:
    """`LsDvcError` unless `folder` lies in a git repository."""
    if find(folder) is None:
        raise LsDvcError(f"{folder} is not in a git repository", "run `git init` first")


def root(folder: Path) -> Path:
    """The work tree around `folder`."""
    return Path(open_at(folder).working_dir)


def resolve(folder: Path, rev: str) -> str:
    """The full hash of a commit; `LsDvcError` when there is no such one."""
    repo = open_at(folder)
    try:
        return str(call(repo, "rev-parse", "--verify", "--quiet", f"{rev}^{{commit}}"))
    except LsDvcError as error:
        raise LsDvcError(
            f"there is no revision {rev!r} in {repo.working_dir}", _hint(repo)
        ) from error


def folder_at(folder: Path, rev: str, path: Path) -> str | None:
    """The folder in which `path` was in a commit, relative to the root; None when it was not.

    A file that has another name now is found under the one it had.
    """
    repo = open_at(folder)
    name: str | None = _relative(repo, path)
    while name and not call(repo, "ls-tree", rev, "--", name):
        renamed = _renamed(repo, name, ["HEAD"])
        name = renamed[0] if renamed else None
    return None if name is None else name.rpartition("/")[0]


def has_commits(folder: Path) -> bool:
    """Whether `folder` is in a git repository whose HEAD has a commit."""
    repo = find(folder)
    return repo is not None and repo.head.is_valid()


def committed_text(path: Path) -> str | None:
    """What the file at `path` holds in the current commit; None when it is not in it."""
    repo = find(path.parent)
    if repo is None or not repo.head.is_valid():
        return None
    return contents(path.parent, [("HEAD", _relative(repo, path))])[0]


def history(folder: Path, path: Path, revisions: Sequence[str] = ()) -> list[Commit]:
    """The commits that changed the file `path`, newest first, across renames of its folder.

    `revisions` as git takes them (`v1..v2`, `--all` …); empty means HEAD.
    """
    repo = open_at(folder)
    if not revisions and not repo.head.is_valid():
        return []
    for each in revisions:
        if each.startswith("-") and each not in _OPTIONS:
            raise LsDvcError(
                f"{each!r} is no revision", f"of options there are {', '.join(_OPTIONS)}"
            )
    found: list[Commit] = []
    name: str | None = _relative(repo, path)
    wanted = list(revisions) or ["HEAD"]
    while name:
        some = _commits(repo, name, wanted)
        renamed = _renamed(repo, name, wanted)
        if renamed and some:
            some[-1] = replace(some[-1], parents=((f"{renamed[1]}^", renamed[0]),))
        found += some
        name, since = renamed or (None, "")
        wanted = [*_exclusions(wanted), f"{since}^"]
    return list({each.rev: each for each in found}.values())


def contents(folder: Path, places: Sequence[tuple[str, str]]) -> list[str | None]:
    """What each (revision, path) holds, in order, by one process; None where there is nothing."""
    return objects(folder, [f"{rev}:{path}" for rev, path in places])


def objects(folder: Path, names: Sequence[str]) -> list[str | None]:
    """What the objects called `names` hold, in order, by one process; None where there is none."""
    repo = open_at(folder)
    asked = "".join(f"{each}\n" for each in names).encode()
    process = repo.git.cat_file("--batch", as_process=True, istream=subprocess.PIPE)
    answer, _ = process.communicate(asked)
    return list(_unpacked(answer, len(names)))


def tags(folder: Path) -> Mapping[str, list[str]]:
    """The names of the tags of each commit, by its full hash."""
    form = "%(objectname) %(*objectname) %(refname:strip=2)"
    found: dict[str, list[str]] = {}
    for line in call(open_at(folder), "for-each-ref", "refs/tags", f"--format={form}").split("\n"):
        if not line:
            continue
        tag, commit, name = line.split(" ", 2)
        found.setdefault(commit or tag, []).append(name)
    return found


def is_shallow(folder: Path) -> bool:
    """Whether the history of this clone is cut off."""
    return call(open_at(folder), "rev-parse", "--is-shallow-repository") == "true"


def tracked(folder: Path, name: str) -> list[Path]:
    """The files called `name` that git tracks anywhere in the repository, absolute, sorted."""
    repo = open_at(folder)
    listed = call(repo, "ls-files", "-z").split("\0")
    return sorted({Path(repo.working_dir) / e for e in listed if e.rpartition("/")[2] == name})


def open_at(folder: Path) -> Repo:
    """The repository around `folder`; `LsDvcError` when there is none."""
    require(folder)
    found = find(folder)
    assert found is not None  # noqa: S101  (require would have raised)
    return found


def find(folder: Path) -> Repo | None:
    """The repository around `folder`, if there is one."""
    from git import Repo
    from git.exc import InvalidGitRepositoryError, NoSuchPathError

    try:
        repo = Repo(folder, search_parent_directories=True, expand_vars=False)
    except (InvalidGitRepositoryError, NoSuchPathError):
        return None
    # What users may have set for their own eyes, and brackets in the names of folders.
    repo.git.update_environment(GIT_LITERAL_PATHSPECS="1")
    repo.git.set_persistent_git_options(
        c=["log.showSignature=false", "column.ui=never", "status.showUntrackedFiles=normal"]
    )
    return repo


_OPTIONS = ("--all", "--branches", "--tags", "--remotes", "-1")
_FIELDS = ("%H", "%P", "%aI", "%aN", "%s")


def _commits(repo: Repo, name: str, revisions: Sequence[str]) -> list[Commit]:
    form = "%x00".join(_FIELDS)
    lines = call(repo, "log", "--parents", f"--format={form}", *revisions, "--", name).split("\n")
    return [_commit(line.split("\0"), name) for line in lines if line]


def _commit(fields: Sequence[str], path: str) -> Commit:
    rev, parents, date, author, subject = fields
    before = tuple((each, path) for each in parents.split())
    return Commit(rev, date, author, subject, path, before)


def _renamed(repo: Repo, name: str, revisions: Sequence[str]) -> tuple[str, str] | None:
    """The name that a file had before it got `name`, and the commit that renamed it."""
    added = call(repo, "log", "--diff-filter=A", "--format=%H", "-1", *revisions, "--", name)
    if not added:
        return None
    form = ("--format=", "-M", "--diff-filter=R", "--name-status", "-z")
    words = call(repo, "show", *form, added).strip("\0\n").split("\0")
    for old, new in zip(words[1::3], words[2::3], strict=False):
        if new == name:
            return old, added
    return None


def _exclusions(revisions: Sequence[str]) -> list[str]:
    """What a range leaves out, as arguments."""
    left = [f"^{each.partition('..')[0]}" for each in revisions if ".." in each]
    return [*left, *(each for each in revisions if each.startswith("^"))]


def _unpacked(answer: bytes, count: int) -> Iterator[str | None]:
    at = 0
    for _ in range(count):
        end = answer.index(b"\n", at)
        words = answer[at:end].split(b" ")
        if words[-1] == b"missing":
            yield None
            at = end + 1
            continue
        size = int(words[-1])
        yield answer[end + 1 : end + 1 + size].decode(errors="replace")
        at = end + 1 + size + 1


def _relative(repo: Repo, path: Path) -> str:
    return path.resolve().relative_to(Path(repo.working_dir).resolve()).as_posix()


def call(repo: Repo, command: str, *arguments: str, given: IO[bytes] | None = None) -> str:
    """What git prints; `given` is its input. `LsDvcError` when it refuses."""
    from git.exc import GitCommandError

    try:
        return str(getattr(repo.git, command.replace("-", "_"))(*arguments, istream=given))
    except GitCommandError as error:
        message = str(error.stderr).strip().removeprefix("stderr: ").strip("'\n ")
        raise LsDvcError(f"git {command}: {message or 'failed'}", _hint(repo)) from error


def _hint(repo: Repo) -> str:
    from git.exc import GitCommandError

    try:
        shallow = repo.git.rev_parse("--is-shallow-repository") == "true"
    except GitCommandError:
        return ""
    return "this clone is shallow: `git fetch --unshallow` brings the rest" if shallow else ""
