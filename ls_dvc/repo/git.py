"""git, the reading half: what a commit holds, and the history of a file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.io.files import is_there
from ls_dvc.repo import git_objects
from ls_dvc.repo.git_command import Repository, find_repository, open_repository
from ls_dvc.repo.git_objects import PathAtRevision


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
    parents: tuple[PathAtRevision, ...]


@dataclass(frozen=True)
class IgnoreRule:
    """Why git ignores a path: a pattern in a line of the file `source`."""

    source: str
    line: int
    pattern: str


def require(folder: Path) -> None:
    """`LsDvcError` unless `folder` lies in a git repository that git reads."""
    root(folder)


def root(folder: Path) -> Path:
    """The work tree around `folder`."""
    repository = open_repository(folder)
    repository.text("rev-parse", "--git-dir")  # raises what git refuses
    return repository.root


def resolve(folder: Path, rev: str) -> str:
    """The full hash of a commit; `LsDvcError` when there is no such one."""
    repository = open_repository(folder)
    name = f"{rev}^{{commit}}"
    commit = repository.text_if("rev-parse", "--verify", "--quiet", name)
    if commit is not None:
        return commit
    if head(folder) is None:
        raise LsDvcError(f"{repository.root} has no commit yet", "run `git commit` first")
    found = repository.text_if("rev-parse", "--verify", "--quiet", rev)
    if found is not None:
        git_objects.require_object(repository, found)
    raise LsDvcError(
        f"there is no revision {rev!r} in {repository.root}",
        repository.shallow_hint() or "run `ls-dvc log` to list the versions",
    )


def head(folder: Path) -> str | None:
    """The full hash of the current commit; None outside git, and before the first commit."""
    repository = find_repository(folder.absolute())
    if repository is None:
        return None
    commit = repository.text_if("rev-parse", "--verify", "--quiet", "HEAD")
    if commit is None:
        repository.text("symbolic-ref", "HEAD")  # raises where the branch is broken, not empty
    return commit


def folder_at(folder: Path, rev: str, path: Path) -> str | None:
    """The folder in which `path` was in a commit, relative to the root; None when it was not.

    A file that has another name now is found under the one it had.
    """
    repository = open_repository(folder)
    name: str | None = _relative(repository, path)
    while name and not repository.text("ls-tree", rev, "--", name):
        renamed = _renamed(repository, name, ["HEAD"])
        name = renamed[0] if renamed else None
    return None if name is None else name.rpartition("/")[0]


def committed_text(path: Path) -> str | None:
    """What the file at `path` holds in the current commit; None when it is not in it."""
    rev = head(path.parent)
    if rev is None:
        return None
    repository = open_repository(path.parent)
    return git_objects.read_paths(repository, [(rev, _relative(repository, path))])[0]


def commit_of_blob(folder: Path, blob: str, path: str) -> str:
    """The full hash of the oldest commit in which the file `path` is `blob`; empty for none.

    `path` is relative to the root of the repository.
    """
    form = ("--all", f"--find-object={blob}", "--format=%H")
    return (open_repository(folder).lines("log", *form, "--", path) or [""])[-1]


def history(folder: Path, path: Path, revisions: Sequence[str] = ()) -> list[Commit]:
    """The commits that changed the file `path`, newest first, across renames of its folder.

    `revisions` as git takes them (`v1..v2`, `--all` …); empty means HEAD.
    """
    repository = open_repository(folder)
    if not revisions and head(folder) is None:
        return []
    for revision in revisions:
        if revision.startswith("-") and revision not in _OPTIONS:
            raise LsDvcError(
                f"{revision!r} is no revision", f"of options there are {', '.join(_OPTIONS)}"
            )
    commits: list[Commit] = []
    name: str | None = _relative(repository, path)
    wanted = list(revisions) or ["HEAD"]
    while name:
        older = _commits(repository, name, wanted)
        renamed = _renamed(repository, name, wanted)
        if renamed and older:
            older[-1] = replace(older[-1], parents=((f"{renamed[1]}^", renamed[0]),))
        commits += older
        name, since = renamed or (None, "")
        wanted = [*_exclusions(wanted), f"{since}^"]
    return list({commit.rev: commit for commit in commits}.values())


def history_of_text(folder: Path, path: Path, text: str) -> list[Commit]:
    """The commits that added `text` to the file `path`, or took it away, newest first."""
    repository = open_repository(folder)
    return _commits(repository, _relative(repository, path), [f"-S{text}", "HEAD"])


def contents(folder: Path, places: Sequence[PathAtRevision]) -> list[str | None]:
    """What each (revision, path) holds, in order; None where the revision has no such path."""
    return git_objects.read_paths(open_repository(folder), places)


def merge_base(folder: Path, one: str, other: str) -> str | None:
    """The full hash of the newest commit that both have; None where this clone knows none."""
    answer = open_repository(folder).run("merge-base", one, other, allowed=(0, 1))
    return answer.text if answer.status == 0 else None


def first_parent_of_merge(folder: Path) -> str | None:
    """The full hash of HEAD's first parent if it is a merge, and the parent is in this clone."""
    repository = open_repository(folder)
    if not repository.holds("rev-parse", "--verify", "--quiet", "HEAD^2"):
        return None
    return repository.text("rev-parse", "--verify", "HEAD^1")


def tags(folder: Path) -> Mapping[str, list[str]]:
    """The names of the tags of each commit, by its full hash."""
    form = "%(objectname) %(*objectname) %(refname:strip=2)"
    names: dict[str, list[str]] = {}
    for line in open_repository(folder).lines("for-each-ref", "refs/tags", f"--format={form}"):
        tag, commit, name = line.split(" ", 2)
        names.setdefault(commit or tag, []).append(name)
    return names


def is_shallow(folder: Path) -> bool:
    """Whether the history of this clone is cut off."""
    return open_repository(folder).text("rev-parse", "--is-shallow-repository") == "true"


def shallow_boundary(folder: Path) -> frozenset[str]:
    """The commits at which the history of a shallow clone is cut off; empty in a whole one."""
    repository = open_repository(folder)
    path = repository.root / repository.text("rev-parse", "--git-path", "shallow")
    return frozenset(path.read_text().split()) if is_there(path) else frozenset()


def how_to_get(path: Path, otherwise: str) -> str:
    """A hint for a file that is not there: to get it from git if git tracks it, else `otherwise`.

    A sparse checkout leaves files out, and so does one that was interrupted.
    """
    repository = find_repository(path.parent)
    if repository is None or not repository.text("ls-files", "--", str(path)):
        return otherwise
    return (
        f"git tracks it: run `git checkout -- {path.name}` there, or `git sparse-checkout disable` "
        "if this checkout is a sparse one"
    )


def tracked(folder: Path, name: str) -> list[Path]:
    """The files called `name` that git tracks anywhere in the repository, absolute, sorted."""
    repository = open_repository(folder)
    paths = repository.text("ls-files", "-z").split("\0")
    return sorted({repository.root / path for path in paths if path.rpartition("/")[2] == name})


def ignored(folder: Path, paths: Sequence[Path]) -> Mapping[Path, IgnoreRule]:
    """Those of `paths`, below `folder`, that git would not add, each with the reason."""
    repository = open_repository(folder)
    names = {os.fsencode(path.relative_to(repository.root)): path for path in paths}
    arguments = ("--verbose", "-z", "--stdin")
    answer = repository.run(
        "check-ignore", *arguments, given=b"\0".join(names), globs=True, allowed=(0, 1)
    )
    words = answer.output.split(b"\0")
    rows = zip(words[::4], words[1::4], words[2::4], words[3::4], strict=False)
    return {
        names[name]: IgnoreRule(os.fsdecode(source), int(line or 0), os.fsdecode(pattern))
        for source, line, pattern, name in rows
        if not pattern.startswith(b"!")
    }


_OPTIONS = ("--all", "--branches", "--tags", "--remotes", "-1")
_FIELDS = ("%H", "%P", "%aI", "%aN", "%s")


def _commits(repository: Repository, name: str, revisions: Sequence[str]) -> list[Commit]:
    form = "%x00".join(_FIELDS)
    output = repository.text("log", "--parents", f"--format={form}", *revisions, "--", name)
    return [_commit(line.split("\0"), name) for line in output.split("\n") if line]


def _commit(fields: Sequence[str], path: str) -> Commit:
    rev, parents, date, author, subject = fields
    before = tuple((parent, path) for parent in parents.split())
    return Commit(rev, date, author, subject, path, before)


def _renamed(repository: Repository, name: str, revisions: Sequence[str]) -> tuple[str, str] | None:
    """The name that a file had before it got `name`, and the commit that renamed it."""
    added = repository.text("log", "--diff-filter=A", "--format=%H", "-1", *revisions, "--", name)
    if not added:
        return None
    form = ("--format=", "-M", "--diff-filter=R", "--name-status", "-z")
    words = repository.text("show", *form, added).strip("\0\n").split("\0")
    for old, new in zip(words[1::3], words[2::3], strict=False):
        if new == name:
            return old, added
    return None


def _exclusions(revisions: Sequence[str]) -> list[str]:
    """What a range leaves out, as arguments."""
    starts = [f"^{revision.partition('..')[0]}" for revision in revisions if ".." in revision]
    return [*starts, *(revision for revision in revisions if revision.startswith("^"))]


def _relative(repository: Repository, path: Path) -> str:
    top, whole = repository.root.resolve(), path.resolve()
    if not whole.is_relative_to(top):
        raise LsDvcError(
            f"{path} leads out of the repository {repository.root}",
            "run the command in a folder of the repository itself",
        )
    return whole.relative_to(top).as_posix()
