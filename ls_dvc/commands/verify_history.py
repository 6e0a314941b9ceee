"""Use case: is every version still there, whole, and safe if the server went away?"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from ls_dvc.convert import dataset_folder as dataset
from ls_dvc.history import log as history
from ls_dvc.history import availability as holdings
from ls_dvc.history import version as revision
from ls_dvc.snapshot import folder as shards
from ls_dvc.errors import (RemoteError, UserError)
from ls_dvc.history.log import Entry
from ls_dvc.workspace import Place
from ls_dvc.repo import git
from ls_dvc.repo.dvc import (Held, Store)
from ls_dvc.history.version import Version


class State(str, Enum):
    """What became of a version's data."""

    SAFE = "safe"  # whole, and in DVC's remote
    AT_RISK = "at risk"  # not in the remote: with the server or this machine it would be lost
    WRONG = "wrong"  # DVC holds something else than the pin says, or damaged files


@dataclass(frozen=True)
class Finding:
    """One version and what was found; `words` say why it is not safe."""

    entry: Entry
    state: State
    words: str


def audit(place: Place, revisions: Sequence[str] = ("--all",)) -> list[Finding]:
    """Check the data of many versions where DVC holds it, every byte once; no server is asked."""
    entries = [*history.log(place.folder, revisions), *_touched(place, revisions)]
    commits = [(each.rev[:7], each.rev, posixpath.dirname(each.path)) for each in entries]
    store, known = revision.store(place), set[str]()
    return [
        _finding(place, entry, version, store, known)
        for entry, version in _distinct(entries, revision.of_commits(place, commits))
    ]


def of_commit(place: Place, rev: str) -> list[Finding]:
    """Check the data of one commit, whichever commit before it moved the pin."""
    version = revision.committed(place, rev)
    newest = history.log(place.folder, ["-1", version.rev])
    if not newest:
        raise UserError(f"{rev} pins no labels in {place.folder}", "`ls-dvc log` lists versions")
    entry = replace(newest[0], rev=version.rev)
    return [_finding(place, entry, version, revision.store(place), set())]


def _touched(place: Place, revisions: Sequence[str]) -> list[Entry]:
    """Commits that recorded other data without moving the pin, as `dvc commit -f` makes them."""
    found = git.history(place.folder, place.dvc_lock, revisions)
    pin = place.pin.name
    return [
        Entry(
            rev=each.rev,
            date=each.date,
            author=each.author,
            subject=each.subject,
            tags=(),
            path=posixpath.join(posixpath.dirname(each.path), pin),
            tasks=0,
            annotations=0,
            added=None,
            changed=None,
            removed=None,
            fingerprint="",
        )
        for each in found
    ]


def _distinct(
    entries: Sequence[Entry], found: Sequence[Version | None]
) -> Iterator[tuple[Entry, Version]]:
    """Versions of which the pin or the recorded data differs, each with its first entry."""
    seen = set[tuple[str, str, str]]()
    for entry, version in zip(entries, found, strict=True):
        if version is None:
            continue
        outs = [each.md5 if each else "" for each in (version.snapshot, version.dataset)]
        key = (version.pin.fingerprint, outs[0], outs[1])
        if key not in seen:
            seen.add(key)
            pin = version.pin
            counted = replace(entry, tasks=pin.tasks, annotations=pin.annotations)
            yield replace(counted, fingerprint=pin.fingerprint), version


def _finding(
    place: Place, entry: Entry, version: Version, store: Store, known: set[str]
) -> Finding:
    wrong = next(_wrong(version, store, known), "")
    if wrong:
        return Finding(entry, State.WRONG, wrong)
    risk = holdings.risk(version, holdings.of(place, version, store))
    return Finding(entry, State.AT_RISK if risk else State.SAFE, risk)


def _wrong(version: Version, store: Store, known: set[str]) -> Iterator[str]:
    """What DVC holds for a version and should not; nothing when it holds nothing."""
    yield from _wrong_snapshot(version, store, known)
    if version.dataset is None:
        return
    source = Held(store, version.dataset.md5, version.dataset.path)
    try:
        made_from = json.loads(source.read(dataset.MANIFEST))["fingerprint"]
    except FileNotFoundError:
        return
    if made_from != version.pin.fingerprint:
        yield _other(version.dataset.path, made_from)


def _wrong_snapshot(version: Version, store: Store, known: set[str]) -> Iterator[str]:
    if version.snapshot is None:
        return
    source = Held(store, version.snapshot.md5, version.snapshot.path)
    if not _holds(source):
        return
    try:
        folder = shards.read(source)
        if folder.fingerprint != version.pin.fingerprint:
            yield _other(version.snapshot.path, folder.fingerprint)
        folder.check(known)
    except RemoteError:
        raise
    except UserError as error:
        yield str(error)


def _holds(source: Held) -> bool:
    try:
        return bool(source.read(shards.MANIFEST))
    except FileNotFoundError:
        return False


def _other(path: str, fingerprint: str) -> str:
    return f"{path} was made from the labels {fingerprint[:12]}: was `dvc commit -f` used?"
