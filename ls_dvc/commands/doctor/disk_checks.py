"""The disk: room, links, and what killed runs left."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from ls_dvc.commands.doctor.findings import Check, Finding, failure, note, ok, warning
from ls_dvc.commands.doctor.patient import Patient
from ls_dvc.io import temporary
from ls_dvc.io.byte_sizes import in_units
from ls_dvc.io.files import nearest
from ls_dvc.io.links import KINDS, LinkKind, link
from ls_dvc.repo import dvc

_LEAST, _LITTLE = 500_000_000, 2_000_000_000  # bytes
_OLD = 3600.0  # seconds; what is younger may be of a run that is at work
_ROOM = "ls-dvc prune --cache-only, dvc gc"


def _space(patient: Patient) -> Iterator[Finding]:
    """Of each disk once, by the first folder that is on it."""
    places = {
        "the workspace": patient.folder,
        "DVC's cache": patient.store.cache_folder,
        "the side cache": patient.workspace.cache.root,
    }
    free: dict[int, tuple[list[str], int]] = {}
    for name, folder in places.items():
        there = nearest(folder)
        names, _ = free.setdefault(there.stat().st_dev, ([], shutil.disk_usage(there).free))
        names.append(name)
    for names, room in free.values():
        yield of_space(", ".join(names), room)


def of_space(where: str, room: int) -> Finding:
    """The finding on so many free bytes."""
    words = f"{in_units(room)} are free ({where})"
    if room < _LEAST:
        return failure(f"{words}; media need {in_units(_LEAST)} at least", _ROOM)
    return warning(words, _ROOM) if room < _LITTLE else ok(words)


def _links(patient: Patient) -> Iterator[Finding]:
    """What DVC may make, and what it can: a file as large as a block is linked, for a trial."""
    allowed = tuple((dvc.cache_type(patient.folder) or "reflink,copy").split(","))
    can = _possible(nearest(patient.store.cache_folder), patient.folder, allowed)
    words = f"cache.type is {', '.join(allowed)}; here DVC makes each file a {can}"
    if can == "copy" and patient.workspace.params.fetched_media is not None:
        yield note(f"{words}, so media are twice on the disk", _RELINK)
    else:
        yield ok(words)


def _possible(cache: Path, workspace: Path, allowed: tuple[str, ...]) -> str:
    """The first of the allowed kinds that both folders can have between them."""
    if "symlink" in allowed[:1]:
        return "symlink"
    kinds: list[LinkKind] = [kind for kind in KINDS if kind in allowed]
    with (
        temporary.new_folder(cache / "links") as source,
        temporary.new_folder(workspace / ".dvc" / "tmp" / "links") as target,
    ):
        (source / "file").write_bytes(b"\0" * 4096)
        return link(source / "file", target / "file", [*kinds, "copy"])


def _leftovers(patient: Patient) -> Iterator[Finding]:
    workspace = patient.workspace
    folders = (workspace.folder, workspace.snapshot.parent, workspace.reports, workspace.cache.root)
    nameless = {path for folder in folders for path in _left_in(folder)}
    held_by_nobody = temporary.leftovers_below(workspace.cache.root)
    old = sorted({*nameless, *(each.path for each in held_by_nobody)})
    if not old:
        yield ok("none")
        return
    outside = [path for path in old if not path.is_relative_to(workspace.cache.root)]
    for path in outside:
        yield note(f"a killed run left {path}", f"rm -r '{path}', if no ls-dvc is at work")
    if len(old) > len(outside):
        count = len(old) - len(outside)
        yield note(f"killed runs left {count} in the side cache", "ls-dvc prune --cache-only")


def _left_in(folder: Path) -> Iterator[Path]:
    """What early versions of ls-dvc left: all else was swept when the workspace was opened."""
    for path in temporary.nameless(folder):
        if time.time() - path.lstat().st_mtime > _OLD:
            yield path


_RELINK = "dvc config cache.type reflink,hardlink,copy && dvc checkout --relink"

CHECKS = (
    Check("disk.space", _space, needs=("data.settings",)),
    Check("disk.links", _links, needs=("dvc.cache", "data.settings")),
    Check("disk.leftovers", _leftovers, needs=("data.settings",)),
)
