"""The disk: room, links, and what killed runs left."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from ls_dvc.commands.doctor.findings import Check, Finding, failure, note, ok, warning
from ls_dvc.commands.doctor.patient import Patient
from ls_dvc.io import temporary
from ls_dvc.io.byte_sizes import in_units
from ls_dvc.io.files import is_there, nearest
from ls_dvc.io.links import KINDS, LinkKind, link
from ls_dvc.repo import dvc

_LEAST, _LITTLE = 500_000_000, 2_000_000_000  # bytes
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
    """What nobody holds; the process that does is at work."""
    workspace = patient.workspace
    places = (workspace.folder, workspace.snapshot.parent, workspace.reports, workspace.cache.root)
    left = [each for folder in dict.fromkeys(places) for each in temporary.leftovers(folder)]
    lost = [each for each in left if each.role == "old" and not is_there(each.target)]
    for each in lost:
        yield warning(f"a killed run moved {each.target} away", _SWEEP)
    if len(left) > len(lost):
        yield note(f"files and folders that killed runs left: {len(left) - len(lost)}", _SWEEP)
    early = [each for folder in dict.fromkeys(places) for each in temporary.nameless(folder)]
    for path in early:
        yield note(f"an older ls-dvc left {path}", f"rm -r '{path}'")
    if not left and not early:
        yield ok("none")


_SWEEP = "ls-dvc prune --cache-only, or any other command here"
_RELINK = "dvc config cache.type reflink,hardlink,copy && dvc checkout --relink"

CHECKS = (
    Check("disk.space", _space, needs=("data.settings",)),
    Check("disk.links", _links, needs=("dvc.cache", "data.settings")),
    Check("disk.leftovers", _leftovers, needs=("data.settings",)),
)
