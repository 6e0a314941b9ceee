"""Use case: settle a merge of two branches that both moved the pin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
    conflicts = {each: commits.sides(workspace.folder, each) for each in _files(workspace)}
    texts = {path: both[index] for path, both in conflicts.items() if both}
    recorded = commits.sides(workspace.folder, workspace.dvc_lock)
    if recorded is not None:
        texts[workspace.dvc_lock] = _dvc_lock(workspace, recorded, index)
    for path, text in texts.items():
        if text is not None:
            write_atomically(path, text.encode())
    report.say(f"taking {taken}: {pins[index].fingerprint[:12]}, pinned {pins[index].pinned_at}")
    pipeline.reproduce(workspace.folder)
    commits.add(workspace.folder, [each for each in conflicts if each.exists()])
    return ResolveResult(taken, pins[index], tuple(_clashes(pins[index], pins[1 - index])))


def _files(workspace: Workspace) -> list[Path]:
    return [workspace.pin, workspace.dvc_lock, workspace.labels_report, workspace.classes_report]


def _dvc_lock(workspace: Workspace, both: tuple[str | None, str | None], index: int) -> str:
    """One side's dvc.lock, with what the other side changed of stages that are not from ls-dvc."""
    base = commits.ancestor(workspace.folder, workspace.dvc_lock) or ""
    ours = set(pipeline.stage_names(workspace.folder))
    taken, left = both[index] or "", both[1 - index] or ""
    if not taken:
        return left
    return yaml_files.dump_with_comments(dvc_lock.merged(base, taken, left, ours))


def _require_settings(workspace: Workspace) -> None:
    for name in (params.NAME, pipeline.DVC_YAML):
        if commits.sides(workspace.folder, workspace.folder / name) is not None:
            raise LsDvcError(
                f"{name} is in conflict too", "settle it by hand first, and `git add` it"
            )


def _pins(workspace: Workspace) -> tuple[Pin, Pin]:
    both = commits.sides(workspace.folder, workspace.pin)
    if both is None and commits.sides(workspace.folder, workspace.dvc_lock) is not None:
        pin = lockfile.read(
            workspace.pin
        )  # both sides pin the same labels, or git has merged the two
        return pin, pin
    if both is None:
        raise LsDvcError(
            f"{workspace.pin} is in no conflict", "`--resolve` settles a merge that git could not"
        )
    ours, theirs = both
    if ours is None or theirs is None:
        raise LsDvcError(
            f"one side of the merge has no {lockfile.NAME}", "`git add` or `git rm` it"
        )
    return lockfile.parse(ours, f"{lockfile.NAME} of `ours`"), lockfile.parse(
        theirs, f"{lockfile.NAME} of theirs"
    )


def _newer(ours: Pin, theirs: Pin) -> str:
    """By the clocks of the machines that pinned."""
    return THEIRS if theirs.pinned_at > ours.pinned_at else OURS


def _clashes(taken: Pin, left: Pin) -> Iterator[str]:
    """Both branches may have given the next free id to another label; one of them loses it."""
    for space, names in sorted(left.classes.spaces.items()):
        kept = taken.classes.names(space)
        for number, name in enumerate(names):
            if number >= len(kept) or kept[number] != name:
                now = f"is {kept[number]!r}" if number < len(kept) else "is free"
                yield f"{space} class {number} was {name!r} on the other side, and {now} here"
