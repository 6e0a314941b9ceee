"""Use case: is every version still there, whole, and safe if the server went away?"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from ls_dvc import dataset, history, holdings, revision, shards
from ls_dvc.errors import RemoteError, UserError
from ls_dvc.history import Entry
from ls_dvc.place import Place
from ls_dvc.repo.dvc import Held, Store
from ls_dvc.revision import Version


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
    entries = history.log(place.folder, revisions)
    commits = [(each.rev[:7], each.rev, posixpath.dirname(each.path)) for each in entries]
    store, known = revision.store(place), set[str]()
    return [
        _finding(place, entry, version, store, known)
        for entry, version in zip(entries, revision.of_commits(place, commits), strict=True)
        if version is not None
    ]


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
