"""The versions of a data set's labels: every commit that changed its pin. From git alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.pin import lockfile
from ls_dvc.pin.lockfile import PinSummary
from ls_dvc.pin.pin import PinnedMedia, TaskChangeCounts
from ls_dvc.repo import git
from ls_dvc.repo.git import Commit
from ls_dvc.repo.git_objects import PathAtRevision


@dataclass(frozen=True)
class VersionEntry:
    """A commit that changed the pin.

    `rev` is the full hash, `date` the author's clock (ISO 8601 with zone), `path` where the pin
    was then. `added`, `changed` and `removed` count tasks against the version before; None where
    the pin does not say. `media` are those that were pinned with the labels.
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
    media: PinnedMedia | None = None


def log(folder: Path, revisions: Sequence[str] = ()) -> list[VersionEntry]:
    """The versions of the data set in `folder`, newest first.

    `revisions` as git takes them; empty means all that HEAD can reach. A commit that touched the
    pin file without changing the pin (a merge, a renamed folder) is no version.
    """
    commits = git.history(folder, folder / lockfile.NAME, revisions)
    pinned = _summaries(folder, commits)
    tags = git.tags(folder)
    entries = (_entry(commit, pinned, tags.get(commit.rev, [])) for commit in commits)
    return [entry for entry in entries if entry is not None]


def _summaries(
    folder: Path, commits: Sequence[Commit]
) -> Mapping[PathAtRevision, PinSummary | None]:
    """What was pinned in each commit, and in the states before them."""
    after = [(commit.rev, commit.path) for commit in commits]
    before = [state for commit in commits for state in commit.parents]
    states = list(dict.fromkeys([*after, *before]))
    texts = git.contents(folder, states)
    return {
        state: lockfile.summary(text, f"{state[1]} in {state[0][:12]}") if text else None
        for state, text in zip(states, texts, strict=True)
    }


def _entry(
    commit: Commit, pinned: Mapping[PathAtRevision, PinSummary | None], tags: Sequence[str]
) -> VersionEntry | None:
    pin = pinned[commit.rev, commit.path]
    before = [parent for parent in map(pinned.get, commit.parents) if parent is not None]
    if pin is None or pin.fingerprint in {parent.fingerprint for parent in before}:
        return None
    changes = _changes(pin, before)
    return VersionEntry(
        rev=commit.rev,
        date=commit.date,
        author=commit.author,
        subject=commit.subject,
        tags=tuple(tags),
        path=commit.path,
        tasks=pin.tasks,
        annotations=pin.annotations,
        added=changes.added if changes else None,
        changed=changes.changed if changes else None,
        removed=changes.removed if changes else None,
        fingerprint=pin.fingerprint,
        media=pin.media,
    )


def _changes(pin: PinSummary, before: Sequence[PinSummary]) -> TaskChangeCounts | None:
    """The changes against the version before, when the pin counts against that one.

    A revert brings an old pin back, whose counts are against its own predecessor: then the counts
    of the pin that was reverted are taken, with added and removed swapped.
    """
    if not before:
        return TaskChangeCounts("", pin.tasks, 0, 0)
    if pin.changes and pin.changes.since in {parent.fingerprint for parent in before}:
        return pin.changes
    for parent in before:
        if parent.changes and parent.changes.since == pin.fingerprint:
            undone = parent.changes
            return TaskChangeCounts(
                parent.fingerprint, undone.removed, undone.changed, undone.added
            )
    return None
