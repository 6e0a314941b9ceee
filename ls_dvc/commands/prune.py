"""Use case: remove what no version needs any more, on the server and in the side cache.

Needed is what any pin names that git can reach. Recent snapshots stay as well: an unknown clone
may have pinned them without pushing yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import chain
from typing import Generic, TypeVar

from ls_dvc.errors import LsDvcError
from ls_dvc.io.files import is_there
from ls_dvc.io.kept_parts import KeptPart, KeptParts
from ls_dvc.pin import lockfile, references
from ls_dvc.pin.references import References
from ls_dvc.repo import git, reachable
from ls_dvc.server.cache import Cache, UnneededFile
from ls_dvc.server.interface import ServerSnapshot
from ls_dvc.workspace import Workspace

_MAY_FINISH = timedelta(days=1)  # a younger snapshot that is unfinished may still finish


T = TypeVar("T")


@dataclass(frozen=True)
class MinimumAge:
    """How old something must be to be removed, and what time it is."""

    least: timedelta
    now: datetime

    def is_reached_by(self, made_at: datetime, least: timedelta = timedelta()) -> bool:
        """Whether something made at that time is old enough; `least` may ask for more."""
        return self.now - made_at >= max(self.least, least)


@dataclass(frozen=True)
class PruneResult(Generic[T]):
    """One removed snapshot or file; `error` if it could not be removed."""

    what: T
    error: LsDvcError | None = None


def needed(workspace: Workspace, *, of_remotes: bool) -> References:
    """What the pins of all data sets of the repository name, in all that git can reach.

    `of_remotes` asks git's remotes for their branches and tags. `LsDvcError` if this clone does
    not have these commits, or is shallow.
    """
    if git.is_shallow(workspace.folder):
        raise LsDvcError(
            "this clone is shallow: it does not know which snapshots its history needs",
            "run `git fetch --unshallow` to get the rest",
        )
    tips = reachable.remote_tips(workspace.folder) if of_remotes else []
    workspace_pin = (
        [workspace.pin.read_text(encoding="utf-8", errors="replace")]
        if is_there(workspace.pin)
        else []
    )
    pins = chain(workspace_pin, reachable.contents(workspace.folder, lockfile.NAME, tips))
    return References.union(map(references.references, pins))


def unneeded(
    listed: Iterable[ServerSnapshot], needed: References, age: MinimumAge
) -> list[ServerSnapshot]:
    """The snapshots to remove: made by ls-dvc, named by no pin, old enough, and finished."""
    return [
        snapshot
        for snapshot in listed
        if snapshot.is_ours
        and snapshot.id not in needed.ids
        and age.is_reached_by(snapshot.made_at, timedelta() if snapshot.finished else _MAY_FINISH)
    ]


def on_server(
    listed: Callable[[], list[ServerSnapshot]],
    remove: Callable[[ServerSnapshot], None],
    needed: References,
    age: MinimumAge,
) -> Iterator[PruneResult[ServerSnapshot]]:
    """Remove unneeded snapshots one after the other, trying each once.

    The list is requested again, as the server shows older ones only when newer ones are gone.
    """
    tried = set[int]()
    while remaining := [
        snapshot for snapshot in unneeded(listed(), needed, age) if snapshot.id not in tried
    ]:
        for snapshot in remaining:
            tried.add(snapshot.id)
            yield _removed(snapshot, remove)


def in_cache(
    cache: Cache, remove: Callable[[UnneededFile], None], needed: References, age: MinimumAge
) -> Iterator[PruneResult[UnneededFile]]:
    """Remove the files of the side cache that no pin needs, one after the other.

    What killed processes left comes first, whatever its age.
    """
    for file in cache.abandoned():
        yield _removed(file, remove)
    for file in cache.leftovers(needed.md5s | needed.sha256s):
        if age.is_reached_by(datetime.fromtimestamp(file.used_at, timezone.utc)):
            yield _removed(file, remove)


def in_parts(
    parts: KeptParts, remove: Callable[[Iterable[KeptPart]], None], age: MinimumAge
) -> Iterator[PruneResult[UnneededFile]]:
    """Remove the kept parts that nobody used for so long, and report them as one."""
    old = [
        part
        for part in parts.all()
        if age.is_reached_by(datetime.fromtimestamp(part.used_at, timezone.utc))
    ]
    if old:
        remove(old)
        yield PruneResult(UnneededFile(parts.root, sum(p.size for p in old), old[0].used_at))


def _removed(what: T, remove: Callable[[T], None]) -> PruneResult[T]:
    try:
        remove(what)
    except LsDvcError as error:
        return PruneResult(what, error)
    return PruneResult(what)
