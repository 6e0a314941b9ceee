"""Use case: is the data of every version there, undamaged, and in DVC's remote?"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from ls_dvc.errors import DvcStoreError, LsDvcError
from ls_dvc.history import availability, log, media_damage, recovery
from ls_dvc.history.dataset_source import read_stored
from ls_dvc.history.log import VersionEntry
from ls_dvc.history.snapshot_sources import dvc_store
from ls_dvc.history.sources import AbsentError
from ls_dvc.history.version import Version, version_of_commit, versions_of_commits
from ls_dvc.media.verified import VerifiedFiles
from ls_dvc.repo import git
from ls_dvc.repo.dvc import DvcStore, StoredFolder
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.snapshot.manifest import MANIFEST
from ls_dvc.workspace import Workspace


class DataState(str, Enum):
    """How safe a version's data is."""

    SAFE = "safe"  # undamaged, and in DVC's remote
    AT_RISK = "at risk"  # not in the remote: lost with the server or this machine
    WRONG = "wrong"  # DVC holds other data than the pin says, or damaged files


@dataclass(frozen=True)
class KnownContent:
    """What was read already: the SHA-256 of files of snapshots, and objects in DVC's cache."""

    sha256s: set[str] = field(default_factory=set)
    objects: VerifiedFiles = field(default_factory=VerifiedFiles)


@dataclass(frozen=True)
class VersionFinding:
    """One version and the state of its data; `words` say why it is not safe."""

    entry: VersionEntry
    state: DataState
    words: str


def verify_versions(
    workspace: Workspace, revisions: Sequence[str] = ("--all",)
) -> list[VersionFinding]:
    """Check the data of many versions where DVC holds it, every byte once; no server is asked."""
    entries = [*log.log(workspace.folder, revisions), *_commits_of_dvc_lock(workspace, revisions)]
    commits = [(entry.rev[:7], entry.rev, posixpath.dirname(entry.path)) for entry in entries]
    store, known = dvc_store(workspace), KnownContent()
    return [
        _finding(workspace, entry, version, store, known)
        for entry, version in _distinct(entries, versions_of_commits(workspace, commits))
    ]


def verify_commit(workspace: Workspace, rev: str) -> list[VersionFinding]:
    """Check the data of one commit, whichever commit before it changed the pin."""
    version = version_of_commit(workspace, rev)
    newest = log.log(workspace.folder, ["-1", version.rev])
    if not newest:
        raise LsDvcError(
            f"{rev} pins no labels in {workspace.folder}", "run `ls-dvc log` to list the versions"
        )
    entry = replace(newest[0], rev=version.rev)
    return [_finding(workspace, entry, version, dvc_store(workspace), KnownContent())]


def _commits_of_dvc_lock(workspace: Workspace, revisions: Sequence[str]) -> list[VersionEntry]:
    """Commits that recorded other data without changing the pin, as `dvc commit -f` makes them."""
    commits = git.history(workspace.folder, workspace.dvc_lock, revisions)
    pin = workspace.pin.name
    return [
        VersionEntry(
            rev=commit.rev,
            date=commit.date,
            author=commit.author,
            subject=commit.subject,
            tags=(),
            path=posixpath.join(posixpath.dirname(commit.path), pin),
            tasks=0,
            annotations=0,
            added=None,
            changed=None,
            removed=None,
            fingerprint="",
        )
        for commit in commits
    ]


def _distinct(
    entries: Sequence[VersionEntry], versions: Sequence[Version | None]
) -> Iterator[tuple[VersionEntry, Version]]:
    """Versions that differ in the pin or the recorded data, each with its first entry."""
    seen = set[tuple[str, ...]]()
    for entry, version in zip(entries, versions, strict=True):
        if version is None:
            continue
        outs = (version.snapshot, version.media, version.dataset)
        key = (version.pin.fingerprint, *(out.md5 if out else "" for out in outs))
        if key not in seen:
            seen.add(key)
            pin = version.pin
            counted = replace(entry, tasks=pin.tasks, annotations=pin.annotations)
            yield replace(counted, fingerprint=pin.fingerprint), version


def _finding(
    workspace: Workspace,
    entry: VersionEntry,
    version: Version,
    store: DvcStore,
    known: KnownContent,
) -> VersionFinding:
    problem = next(_problems(version, store, known), "")
    if problem:
        return VersionFinding(entry, DataState.WRONG, problem)
    risk = recovery.risk(version, availability.of(workspace, version, store))
    return VersionFinding(entry, DataState.AT_RISK if risk else DataState.SAFE, risk)


def _problems(version: Version, store: DvcStore, known: KnownContent) -> Iterator[str]:
    """What is wrong with the data that DVC holds for a version; nothing when it holds none."""
    yield from _snapshot_problems(version, store, known)
    yield from _damage(version, store, known)
    try:
        stored = read_stored(store, version)
    except AbsentError:
        return
    except DvcStoreError:
        raise
    except LsDvcError as error:
        yield str(error)
        return
    if stored.manifest.fingerprint != version.pin.fingerprint:
        yield _made_from_other(str(stored.source), stored.manifest.fingerprint)


def _damage(version: Version, store: DvcStore, known: KnownContent) -> Iterator[str]:
    for path in media_damage.in_cache(version, store, known.objects):
        yield f"{path} was changed in place: remove it, then run `dvc pull` or `dvc repro`"


def _snapshot_problems(version: Version, store: DvcStore, known: KnownContent) -> Iterator[str]:
    if version.snapshot is None:
        return
    source = StoredFolder(store, version.snapshot.md5, version.snapshot.path)
    if not _is_stored(source):
        return
    try:
        folder = snapshot_folder.read(source)
        if folder.fingerprint != version.pin.fingerprint:
            yield _made_from_other(version.snapshot.path, folder.fingerprint)
        folder.check(known.sha256s)
    except DvcStoreError:
        raise
    except LsDvcError as error:
        yield str(error)


def _is_stored(source: StoredFolder) -> bool:
    try:
        return bool(source.read(MANIFEST))
    except FileNotFoundError:
        return False


def _made_from_other(path: str, fingerprint: str) -> str:
    return f"{path} was made from the labels {fingerprint[:12]}: was `dvc commit -f` used?"
