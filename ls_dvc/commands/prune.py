"""Use case: remove what no version needs any more, on the server and in the side cache.

What is needed is what any pin names that git can reach. The young is kept as well: a clone that
we do not know of may have pinned it and not pushed yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import chain
from typing import Generic, TypeVar

from ls_dvc.errors import LsDvcError
from ls_dvc.pin import lockfile, references
from ls_dvc.pin.references import References
from ls_dvc.repo import git, reachable
from ls_dvc.server.cache import Cache, UnneededFile
from ls_dvc.server.interface import ServerSnapshot
from ls_dvc.workspace import Workspace

_AT_WORK = timedelta(days=1)  # an unfinished snapshot that is younger may still become one


T = TypeVar("T")


@dataclass(frozen=True)
class SnapshotAge:
    """How old something must be to go, and what time it is."""

    least: timedelta
    now: datetime

    def is_over(self, made_at: datetime, least: timedelta = timedelta()) -> bool:
        """Whether what was made then is old enough; `least` asks for more."""
        return self.now - made_at >= max(self.least, least)


@dataclass(frozen=True)
class PruneResult(Generic[T]):
    """What became of one thing; `error` when it could not be removed."""

    what: T
    error: LsDvcError | None = None


def needed(workspace: Workspace, *, of_remotes: bool) -> References:
    """What the pins name of all data sets of the repository, in all that git can reach.

    `of_remotes` asks git's remotes what they have now, which this clone must know. `LsDvcError`
    when it does not, or when it is shallow.
    """
    if git.is_shallow(workspace.folder):
        raise LsDvcError(
            "this clone is shallow: it does not know which snapshots its history needs",
            "`git fetch --unshallow` brings the rest",
        )
    tips = reachable.remote_tips(workspace.folder) if of_remotes else []
    here = (
        [workspace.pin.read_text(encoding="utf-8", errors="replace")]
        if workspace.pin.is_file()
        else []
    )
    everywhere = chain(here, reachable.contents(workspace.folder, lockfile.NAME, tips))
    return References.union(map(references.references, everywhere))


def unneeded(
    listed: Iterable[ServerSnapshot], needed: References, age: SnapshotAge
) -> list[ServerSnapshot]:
    """Those snapshots that may go: ours, named by no pin, old enough, and in nobody's work."""
    return [
        each
        for each in listed
        if each.is_ours
        and each.id not in needed.ids
        and age.is_over(each.made_at, timedelta() if each.finished else _AT_WORK)
    ]


def on_server(
    listed: Callable[[], list[ServerSnapshot]],
    remove: Callable[[ServerSnapshot], None],
    needed: References,
    age: SnapshotAge,
) -> Iterator[PruneResult[ServerSnapshot]]:
    """Remove unneeded snapshots, one after the other; each once, whatever becomes of it.

    The list is asked for again, as the server shows older ones only when newer ones are gone."""
    tried = set[int]()
    while found := [each for each in unneeded(listed(), needed, age) if each.id not in tried]:
        for each in found:
            tried.add(each.id)
            yield _removed(each, remove)


def in_cache(
    cache: Cache, remove: Callable[[UnneededFile], None], needed: References, age: SnapshotAge
) -> Iterator[PruneResult[UnneededFile]]:
    """Remove the files of the side cache that no pin needs, one after the other."""
    for each in cache.leftovers(needed.md5s | needed.sha256s):
        if age.is_over(datetime.fromtimestamp(each.used_at, timezone.utc)):
            yield _removed(each, remove)


def _removed(what: T, remove: Callable[[T], None]) -> PruneResult[T]:
    try:
        remove(what)
    except LsDvcError as error:
        return PruneResult(what, error)
    return PruneResult(what)
