"""The content of git's objects, many of them read by one process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from ls_dvc.errors import LsDvcError
from ls_dvc.repo.git_command import Repository

PathAtRevision = tuple[str, str]  # a revision, and a path relative to the root of its tree
_HASH_LENGTHS = (40, 64)  # of SHA-1 and SHA-256, in hexadecimal


@dataclass(frozen=True)
class GitObject:
    """An object of git. `name` is its hash in hexadecimal, `kind` as git calls it."""

    name: str
    kind: str
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode(errors="replace")

    def entries(self) -> set[bytes]:
        """The names in a tree: `mode name`, a zero byte, and the bytes of a hash, for each."""
        names, at = set(), 0
        while self.kind == "tree" and at < len(self.content):
            end = self.content.index(b"\0", at)
            names.add(self.content[at:end].partition(b" ")[2])
            at = end + 1 + len(self.name) // 2
        return names


def read_paths(repository: Repository, places: Sequence[PathAtRevision]) -> list[str | None]:
    """What each (revision, path) holds, in order; None where the revision has no such path.

    `LsDvcError` for what git should have and does not, as in a damaged repository.
    """
    objects = _batch(repository, [f"{rev}:{path}" for rev, path in places])
    pairs = zip(places, objects, strict=True)
    _require_absent(repository, [place for place, found in pairs if found is None])
    return [None if found is None else found.text for found in objects]


def read_blobs(repository: Repository, names: Sequence[str]) -> Iterator[str]:
    """The content of the objects called `names`; `LsDvcError` when one is not there."""
    for name, blob in zip(names, _batch(repository, names), strict=True):
        if blob is None:
            _lost(f"the object {name}")
        yield blob.text


def require_object(repository: Repository, name: str) -> None:
    """`LsDvcError` when git has lost an object."""
    if not has_all(repository, [name]):
        _lost(f"the object {name}")


def has_all(repository: Repository, names: Sequence[str]) -> bool:
    """Whether all objects called `names` are there."""
    given = "".join(f"{name}\n" for name in names).encode()
    answer = repository.text("cat-file", "--batch-check", given=given)
    return not any(line.endswith(" missing") for line in answer.splitlines())


def _require_absent(repository: Repository, places: Sequence[PathAtRevision]) -> None:
    """git calls `missing` what a revision does not have, and what it has lost alike."""
    if not places:
        return
    parents = list(dict.fromkeys((rev, path.rpartition("/")[0]) for rev, path in places))
    objects = _batch(repository, [f"{rev}:{folder}" for rev, folder in parents])
    trees = dict(zip(parents, objects, strict=True))
    for rev, path in places:
        folder, _, name = path.rpartition("/")
        tree = trees[rev, folder]
        if tree is not None and name.encode("utf-8", "surrogateescape") in tree.entries():
            _lost(f"{rev[:12]}:{path}")
    unknown = [place for place in parents if trees[place] is None]
    _require_absent(repository, [place for place in unknown if place[1]])
    _require_no_commit(repository, [rev for rev, folder in unknown if not folder])


def _require_no_commit(repository: Repository, revisions: Sequence[str]) -> None:
    """Revisions without a tree are what comes before a first commit, and never full hashes."""
    commits = _batch(repository, [f"{rev}^{{commit}}" for rev in revisions])
    for rev, commit in zip(revisions, commits, strict=True):
        if commit is not None or len(rev) in _HASH_LENGTHS:
            _lost(f"the commit {rev[:12]}, or its tree")


def _lost(what: str) -> NoReturn:
    raise LsDvcError(f"git has lost {what}", "run `git fsck` to see what else is missing")


def _batch(repository: Repository, names: Sequence[str]) -> list[GitObject | None]:
    """The objects called `names`, in order; None where git calls one missing."""
    if not names:
        return []
    given = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
    output = repository.run("cat-file", "--batch", given=given).output
    return list(_parse(output, len(names)))


def _parse(output: bytes, count: int) -> Iterator[GitObject | None]:
    """Each is a line of hash, kind and size, then so many bytes; or a line that ends otherwise."""
    at = 0
    for _ in range(count):
        end = output.index(b"\n", at)
        words = output[at:end].decode("utf-8", "surrogateescape").split(" ")
        at = end + 1
        if words[-1].isdigit():
            size = int(words[-1])
            yield GitObject(words[0], words[1], output[at : at + size])
            at += size + 1
        else:
            yield None
