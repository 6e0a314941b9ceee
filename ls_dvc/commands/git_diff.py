"""Use case: what `git diff` shows of a labels.lock, in words, from what is on this machine.

Nothing is written, and no server or remote is asked. What cannot be said in words raises
`LsDvcError`: git's own diff is shown then.
"""

from __future__ import annotations

import posixpath
import shlex
from dataclasses import dataclass
from pathlib import Path

from ls_dvc import labeldiff
from ls_dvc.errors import LsDvcError
from ls_dvc.history.local_snapshot import local_snapshot
from ls_dvc.history.version import WORKSPACE, Version, version_of_texts
from ls_dvc.io import yaml_files
from ls_dvc.io.files import is_there
from ls_dvc.io.printable import printable
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.labeldiff.render import pin_text, plain_text
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.repo import commits, dvc_lock, git
from ls_dvc.repo.changed_file import ChangedFile, FileSide
from ls_dvc.settings import params
from ls_dvc.workspace import unrepaired_workspace

LONGEST = 200  # tasks; `ls-dvc diff` lists all
_NOTHING, _INDEX = "nothing", "index"


@dataclass(frozen=True)
class PinSide:
    """A side of a change: `name` as a user would call it, `version` where it pins labels."""

    name: str
    version: Version | None

    @property
    def pin(self) -> Pin | None:
        """What is pinned."""
        return self.version.pin if self.version else None


def description(file: Path) -> str:
    """What the pin in `file` says, for a textconv of git; `LsDvcError` if it is none."""
    return pin_text.description(lockfile.read(file))


def words(root: Path, changed: ChangedFile) -> str:
    """What changed, for people; `root` is the top folder of the repository."""
    before = _side(root, changed.path, changed.before)
    after = _side(root, changed.new_path, changed.after)
    if before.pin is None and after.pin is None:
        raise LsDvcError(f"{changed.path} pins no labels on either side")
    lines = [f"changed pin: {printable(changed.new_path)}", *_lines(root, changed, before, after)]
    return "\n".join(lines)


def conflict(root: Path, path: str) -> str:
    """Which labels the two sides of a merge pin; `LsDvcError` unless both pin some."""
    folder = (root / path).parent
    sides = commits.sides(folder, root / path)
    if sides is None or None in sides:
        raise LsDvcError(f"{path} is not in conflict between two pins")
    pins = [lockfile.parse(text or "", path) for text in sides]
    lines = [f"  {name}: {pin_text.totals(pin)}" for name, pin in zip(_SIDES, pins, strict=True)]
    command = _command(path, "update", "--resolve", "newer")
    return "\n".join([f"* Unmerged path {printable(path)}", *lines, f"  to take one: `{command}`"])


_SIDES = ("ours  ", "theirs")  # git's words


def _lines(root: Path, changed: ChangedFile, before: PinSide, after: PinSide) -> list[str]:
    names = (before.name, after.name)
    title = f"labels {names[0]} -> {names[1]}"
    if before.pin is None or after.pin is None:
        (pin,) = filter(None, (before.pin, after.pin))
        return [title, f"{'first pin' if after.pin else 'no pin any more'}: {pin_text.totals(pin)}"]
    if before.pin.fingerprint == after.pin.fingerprint:
        return [f"{title}: {plain_text.NOTHING}", *pin_text.changes(before.pin, after.pin)]
    difference = _difference(root, changed, before, after)
    if isinstance(difference, LabelDiff):
        return plain_text.text(difference, names, longest=LONGEST).rstrip("\n").split("\n")
    return [title, *pin_text.changes(before.pin, after.pin), "", difference]


def _difference(
    root: Path, changed: ChangedFile, before: PinSide, after: PinSide
) -> LabelDiff | str:
    """What differs; where the labels of a side are not on this machine, how to get them."""
    workspace = unrepaired_workspace((root / changed.new_path).parent)
    folders = []
    for side in (before, after):
        folder = local_snapshot(workspace, side.version) if side.version else None
        if folder is None:
            names = [each.version.rev[:7] for each in (before, after) if each.version]
            command = _command(changed.new_path, "diff", *filter(None, names))
            return (
                f"the tasks of {side.name} are not on this machine: `{command}` asks DVC's remote"
            )
        folders.append(folder)
    old, new = folders
    return labeldiff.compare(old, new)


def _side(root: Path, path: str, side: FileSide) -> PinSide:
    if side.is_absent:
        return PinSide(_NOTHING, None)
    if not side.is_regular:
        raise LsDvcError(f"{path} is no file")
    rev = "" if side.is_in_workspace else git.commit_of_blob(root, side.blob, path)
    name = WORKSPACE if side.is_in_workspace else rev[:7] or _INDEX
    folder = posixpath.dirname(path)
    names = [posixpath.join(folder, each) for each in (params.NAME, dvc_lock.NAME)]
    if side.is_in_workspace:
        texts = [_text(root / each) for each in names]
    else:
        texts = [text or "" for text in git.contents(root, [(rev, each) for each in names])]
    return PinSide(name, version_of_texts(name, rev, _text(side.file), *texts))


def _text(path: Path) -> str:
    return yaml_files.read_text(path) if is_there(path) else ""


def _command(path: str, *arguments: str) -> str:
    folder = posixpath.dirname(path)
    return shlex.join(["ls-dvc", *(["-C", folder] if folder else []), *arguments])
