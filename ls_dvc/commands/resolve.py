"""Use case: resolve a merge of two branches that both changed the pin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.commands import foreign_files
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.io.files import write_atomically
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.progress import Reporter
from ls_dvc.repo import commits, dvc_lock, pipeline
from ls_dvc.settings import params
from ls_dvc.workspace import Workspace

OURS, THEIRS, NEWER = "ours", "theirs", "newer"


@dataclass(frozen=True)
class ResolveResult:
    """The side that was taken, its pin, and the class ids that mean another label there."""

    side: str
    pin: Pin
    clashes: tuple[str, ...]


def resolve(workspace: Workspace, side: str, report: Reporter) -> ResolveResult:
    """Take one side's pin as it is, make its data, and stage both: the merge can be committed.

    `ours` and `theirs` are git's words (in a rebase, ours is the branch that one rebases onto);
    `newer` is the side that was pinned later. A pin is never mixed: it is exactly one of the two.
    """
    _require_settings(workspace)
    pins = _pins(workspace)
    taken = _newer(*pins) if side == NEWER else side
    index = (OURS, THEIRS).index(taken)
    conflicts = {path: commits.sides(workspace.folder, path) for path in _files(workspace)}
    texts = {path: sides[index] for path, sides in conflicts.items() if sides}
    recorded = conflicts[workspace.dvc_lock]
    if recorded is not None:
        texts[workspace.dvc_lock] = _dvc_lock(workspace, recorded, index)
    for path, text in texts.items():
        if text is not None:
            write_atomically(path, text.encode())
    report.say(f"taking {taken}: {pins[index].fingerprint[:12]}, pinned {pins[index].pinned_at}")
    pipeline.reproduce(workspace.folder)
    commits.add(workspace.folder, [path for path in conflicts if path.exists()])
    return ResolveResult(taken, pins[index], tuple(_clashes(pins[index], pins[1 - index])))


def _files(workspace: Workspace) -> list[Path]:
    reports = [workspace.labels_report, workspace.classes_report, *workspace.plot_reports]
    reports += foreign_files.named_check_reports(workspace)
    return [workspace.pin, workspace.dvc_lock, *reports]


def _dvc_lock(workspace: Workspace, sides: tuple[str | None, str | None], index: int) -> str:
    """One side's dvc.lock, with the other side's changes of stages that are not of ls-dvc."""
    base = commits.ancestor(workspace.folder, workspace.dvc_lock) or ""
    own_stages = set(pipeline.stage_names(workspace.folder))
    taken, other = sides[index] or "", sides[1 - index] or ""
    if not taken:
        return other
    return yaml_files.dump_with_comments(dvc_lock.merged(base, taken, other, own_stages))


def _require_settings(workspace: Workspace) -> None:
    for name in (params.NAME, pipeline.DVC_YAML):
        if commits.sides(workspace.folder, workspace.folder / name) is not None:
            raise LsDvcError(
                f"{name} is in conflict too",
                f"resolve it by hand first, then run `git add {name}`",
            )


def _pins(workspace: Workspace) -> tuple[Pin, Pin]:
    """The pins of both sides; the same one twice where only dvc.lock is in conflict."""
    sides = commits.sides(workspace.folder, workspace.pin)
    if sides is None:
        if commits.sides(workspace.folder, workspace.dvc_lock) is None:
            raise LsDvcError(
                f"{workspace.pin} is not in conflict",
                "run `git status`: --resolve is for merges that git could not finish",
            )
        pin = lockfile.read(workspace.pin)
        return pin, pin
    ours, theirs = sides
    if ours is None or theirs is None:
        raise LsDvcError(
            f"one side of the merge has no {lockfile.NAME}",
            f"run `git add {lockfile.NAME}` to keep it, or `git rm` it",
        )
    return (
        lockfile.parse(ours, f"{lockfile.NAME} of `ours`"),
        lockfile.parse(theirs, f"{lockfile.NAME} of `theirs`"),
    )


def _newer(ours: Pin, theirs: Pin) -> str:
    """By the clocks of the machines that pinned."""
    return THEIRS if theirs.pinned_at > ours.pinned_at else OURS


def _clashes(taken: Pin, other: Pin) -> Iterator[str]:
    """Both branches may have given the next free id to another label; one of them loses it."""
    for space, names in sorted(other.classes.spaces.items()):
        taken_names = taken.classes.names(space)
        for number, name in enumerate(names):
            if number >= len(taken_names) or taken_names[number] != name:
                now = f"is {taken_names[number]!r}" if number < len(taken_names) else "is free"
                yield f"{space} class {number} was {name!r} on the other side, and {now} here"
