"""All that git can reach: every content that a file ever had, whatever ref or work tree has it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.repo import git

# What is on these stacks below their top is in no commit's past, only in the ref's own log.
_STACKS = ("refs/stash", "refs/exps/stash", "refs/exps/apply/stash", "refs/exps/celery")


def contents(folder: Path, name: str, tips: Iterable[str] = ()) -> Iterator[str]:
    """Each distinct content that a file called `name` has anywhere in the repository.

    In any folder; in every commit that a ref, a stash, a work tree's HEAD or one of `tips` (full
    hashes) can reach; in every index; and in the work trees, tracked or not. No rename hides one.
    """
    trees = _work_trees(folder)
    blobs = set(_committed(folder, name, [*tips, *_stacked(folder)]))
    for each in trees:
        blobs.update(_staged(each, name))
    yield from _texts(folder, sorted(blobs))
    for each in trees:
        yield from _lying(each, name)


def remote_tips(folder: Path) -> list[str]:
    """The commits and tags to which the remotes' branches and tags point now, as full hashes.

    `LsDvcError` when a remote cannot be asked, or when this clone does not have all of them.
    """
    repo = git.open_at(folder)
    found: list[str] = []
    for remote in (each.name for each in repo.remotes):
        listed = git.call(repo, "ls-remote", "--heads", "--tags", remote).splitlines()
        hashes = [line.split("\t")[0] for line in listed if "\t" in line]
        if _lacking(folder, hashes):
            raise LsDvcError(
                f"{remote} has commits that this clone does not know",
                f"`git fetch --tags {remote} '+refs/heads/*:refs/remotes/{remote}/*'` brings them",
            )
        found += hashes
    return found


def _committed(folder: Path, name: str, tips: Sequence[str]) -> Iterator[str]:
    """The blobs of the file in all commits: what each brought that a parent of it did not have."""
    paths = ("--", _anywhere(name))
    commits = _piped(folder, tips, "rev-list", "--all", "--full-history", "--stdin", *paths)
    form = ("--root", "-m", "-r", "--no-abbrev")
    changes = _piped(folder, commits.split(), "diff-tree", "--stdin", *form, *paths)
    for line in changes.splitlines():
        if line.startswith(":"):  # :mode mode blob blob letter, a tab, the path
            blob = line.split()[3]
            if blob.strip("0"):  # else the file went
                yield blob


def _stacked(folder: Path) -> list[str]:
    """The commits on the stacks of `git stash` and of DVC's experiments."""
    repo = git.open_at(folder)
    refs = git.call(repo, "for-each-ref", "--format=%(refname)", *_STACKS).split()
    return [
        rev for ref in refs for rev in git.call(repo, "log", "-g", "--format=%H", ref, "--").split()
    ]


def _work_trees(folder: Path) -> list[Path]:
    """The work trees that lie here, that of `folder` among them."""
    lines = git.call(git.open_at(folder), "worktree", "list", "--porcelain").splitlines()
    listed = [Path(line.removeprefix("worktree ")) for line in lines if line[:9] == "worktree "]
    trees = {each.resolve() for each in [git.root(folder), *listed] if (each / ".git").exists()}
    return sorted(trees)


def _staged(tree: Path, name: str) -> Iterator[str]:
    """The blobs of the file in an index, all sides of a conflict among them."""
    for line in _globbing(tree, "ls-files", "--stage", "-z", "--", _anywhere(name)).split("\0"):
        if line:
            yield line.split()[1]


def _lying(tree: Path, name: str) -> Iterator[str]:
    kinds = ("--cached", "--others", "--exclude-standard")
    listed = _globbing(tree, "ls-files", *kinds, "-z", "--", _anywhere(name))
    for each in sorted(filter(None, set(listed.split("\0")))):
        path = tree / each
        if path.is_file():
            yield path.read_text(encoding="utf-8", errors="replace")


def _lacking(folder: Path, hashes: Sequence[str]) -> bool:
    answer = _piped(folder, hashes, "cat-file", "--batch-check")
    return any(line.endswith(" missing") for line in answer.splitlines())


def _texts(folder: Path, blobs: Sequence[str]) -> Iterator[str]:
    """The content of blobs, by one process."""
    for blob, text in zip(blobs, git.objects(folder, blobs), strict=True):
        if text is None:
            raise LsDvcError(f"git has lost the object {blob}", "run `git fetch` again")
        yield text


def _anywhere(name: str) -> str:
    return f":(glob)**/{name}"


def _globbing(folder: Path, command: str, *arguments: str) -> str:
    repo = git.open_at(folder)
    with repo.git.custom_environment(GIT_LITERAL_PATHSPECS="0"):
        return git.call(repo, command, *arguments)


def _piped(folder: Path, lines: Iterable[str], command: str, *arguments: str) -> str:
    """What git prints that is given `lines`."""
    repo = git.open_at(folder)
    with tempfile.TemporaryFile() as given:
        given.write("".join(f"{each}\n" for each in lines).encode())
        given.seek(0)
        with repo.git.custom_environment(GIT_LITERAL_PATHSPECS="0"):
            return git.call(repo, command, *arguments, given=given)
