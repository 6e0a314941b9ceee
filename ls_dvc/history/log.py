"""The versions of a data set's labels: every commit that moved its pin. From git alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.pin import lockfile
from ls_dvc.pin.lockfile import PinSummary
from ls_dvc.pin.pin import TaskChangeCounts
from ls_dvc.repo import git
from ls_dvc.repo.git import Commit

FileAtRevision = tuple[str, str]  # a revision, and a file's path in it


@dataclass(frozen=True)
class VersionEntry:
    """A commit that moved the pin.

    `rev` is the full hash, `date` the author's clock (ISO 8601 with zone), `path` where the pin
    was then. `added`, `changed` and `removed` count tasks against the version before; None where
    the pin does not say.
    """

    rev: str
    date: str
    author: str
    subject: str
    tags: tuple[str, ...]
    path: str
    tasks: int
    annotations: int
    added: int | None
    changed: int | None
    removed: int | None
    fingerprint: str


def log(folder: Path, revisions: Sequence[str] = ()) -> list[VersionEntry]:
    """The versions of the data set in `folder`, newest first.

    `revisions` as git takes them; empty means all that HEAD can reach. A commit that touched the
    pin without moving it (a merge, a renamed folder) is no version.
    """
    commits = git.history(folder, folder / lockfile.NAME, revisions)
    pinned = _summaries(folder, commits)
    tags = git.tags(folder)
    entries = (_entry(each, pinned, tags.get(each.rev, [])) for each in commits)
    return [each for each in entries if each is not None]


def _summaries(
    folder: Path, commits: Sequence[Commit]
) -> Mapping[FileAtRevision, PinSummary | None]:
    """What was pinned in each commit, and in the states before them."""
    own = [(each.rev, each.path) for each in commits]
    states = list(dict.fromkeys([*own, *(state for each in commits for state in each.parents)]))
    texts = git.contents(folder, states)
    return {
        state: lockfile.summary(text, f"{state[1]} in {state[0][:12]}") if text else None
        for state, text in zip(states, texts, strict=True)
    }


def _entry(
    commit: Commit, pinned: Mapping[FileAtRevision, PinSummary | None], tags: Sequence[str]
) -> VersionEntry | None:
    here = pinned[commit.rev, commit.path]
    before = [found for found in map(pinned.get, commit.parents) if found is not None]
    if here is None or here.fingerprint in {each.fingerprint for each in before}:
        return None
    changes = _changes(here, before)
    return VersionEntry(
        rev=commit.rev,
        date=commit.date,
        author=commit.author,
        subject=commit.subject,
        tags=tuple(tags),
        path=commit.path,
        tasks=here.tasks,
        annotations=here.annotations,
        added=changes.added if changes else None,
        changed=changes.changed if changes else None,
        removed=changes.removed if changes else None,
        fingerprint=here.fingerprint,
    )


def _changes(here: PinSummary, before: Sequence[PinSummary]) -> TaskChangeCounts | None:
    """What changed since the version before, when the pin counted against just that one.

    A revert brings an old pin back, whose counts are against its own predecessor: then those of
    the pin that was reverted count, backwards.
    """
    if not before:
        return TaskChangeCounts("", here.tasks, 0, 0)
    if here.changes and here.changes.since in {each.fingerprint for each in before}:
        return here.changes
    for each in before:
        if each.changes and each.changes.since == here.fingerprint:
            back = each.changes
            return TaskChangeCounts(each.fingerprint, back.removed, back.changed, back.added)
    return None
