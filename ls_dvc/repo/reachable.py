"""All that git can reach: every content that a file ever had, whatever ref or work tree has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.io.files import is_there
from ls_dvc.repo import git_objects
from ls_dvc.repo.git_command import Repository, open_repository

# What is on these stacks below their top is in no commit's past, only in the ref's own log.
_STACKS = ("refs/stash", "refs/exps/stash", "refs/exps/apply/stash", "refs/exps/celery")


def contents(folder: Path, name: str, tips: Iterable[str] = ()) -> Iterator[str]:
    """Each distinct content that a file called `name` has anywhere in the repository.

    In any folder; in every commit that a ref, a stash, a work tree's HEAD or one of `tips` (full
    hashes) can reach; in every index; and in the work trees, tracked or not. No rename hides one.
    """
    repository = open_repository(folder)
    trees = _work_trees(repository)
    blobs = set(_committed(repository, name, [*tips, *_stacked(repository)]))
    for tree in trees:
        blobs.update(_staged(tree, name))
    yield from git_objects.read_blobs(repository, sorted(blobs))
    for tree in trees:
        yield from _in_work_tree(tree, name)


def remote_tips(folder: Path) -> list[str]:
    """The commits and tags to which the remotes' branches and tags point now, as full hashes.

    `LsDvcError` when a remote cannot be asked, or when this clone does not have all of them.
    """
    repository = open_repository(folder)
    tips: list[str] = []
    for remote in repository.lines("remote"):
        refs = repository.lines("ls-remote", "--heads", "--tags", remote)
        hashes = [line.split("\t")[0] for line in refs if "\t" in line]
        if not git_objects.has_all(repository, hashes):
            raise LsDvcError(
                f"{remote} has commits that this clone does not know",
                f"run `git fetch --tags {remote} '+refs/heads/*:refs/remotes/{remote}/*'`",
            )
        tips += hashes
    return tips


def _committed(repository: Repository, name: str, tips: Sequence[str]) -> Iterator[str]:
    """The blobs of the file in all commits: what each brought that a parent of it did not have."""
    paths = ("--", _anywhere(name))
    listing = ("--all", "--full-history", "--stdin", *paths)
    commits = repository.run("rev-list", *listing, given=_lines(tips), globs=True).output
    form = ("--stdin", "--root", "-m", "-r", "--no-abbrev")
    changes = repository.text("diff-tree", *form, *paths, given=commits, globs=True)
    for line in changes.splitlines():
        if line.startswith(":"):  # :mode mode blob blob letter, a tab, the path
            blob = line.split()[3]
            if blob.strip("0"):  # else the file was removed
                yield blob


def _stacked(repository: Repository) -> list[str]:
    """The commits on the stacks of `git stash` and of DVC's experiments."""
    refs = repository.lines("for-each-ref", "--format=%(refname)", *_STACKS)
    return [rev for ref in refs for rev in repository.lines("log", "-g", "--format=%H", ref, "--")]


def _work_trees(repository: Repository) -> list[Repository]:
    """The work trees that are on this machine, the repository's own among them."""
    lines = repository.lines("worktree", "list", "--porcelain")
    listed = [Path(line.removeprefix("worktree ")) for line in lines if line[:9] == "worktree "]
    present = [path for path in [repository.root, *listed] if is_there(path / ".git")]
    return [Repository(path) for path in sorted({path.resolve() for path in present})]


def _staged(tree: Repository, name: str) -> Iterator[str]:
    """The blobs of the file in an index, all sides of a conflict among them."""
    entries = tree.text("ls-files", "--stage", "-z", "--", _anywhere(name), globs=True)
    for entry in filter(None, entries.split("\0")):
        yield entry.split()[1]


def _in_work_tree(tree: Repository, name: str) -> Iterator[str]:
    kinds = ("--cached", "--others", "--exclude-standard")
    listed = tree.text("ls-files", *kinds, "-z", "--", _anywhere(name), globs=True)
    for relative in sorted(filter(None, set(listed.split("\0")))):
        path = tree.root / relative
        if path.is_file():
            yield path.read_text(encoding="utf-8", errors="replace")


def _anywhere(name: str) -> str:
    return f":(glob)**/{name}"


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()
