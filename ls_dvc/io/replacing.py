"""Outputs that are replaced together: all of them, or none.

All are prepared and on the disk before the first is renamed. An error or an interrupt between the
renames puts back what was moved. After a kill there `repair` does, by what lies on the disk:

    new  old  in its place            what was going on
    yes  no   the old one, or none    nothing was moved: it stays
    yes  yes  nothing                 the old one goes back
    no   yes  the new one             a swap of several had not ended: the old one goes back
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.io import interrupts, temporary
from ls_dvc.io.temporary import TEMPORARY, Temporary


@dataclass(frozen=True)
class Output:
    """A file or folder that is being replaced."""

    target: Path
    token: str

    @property
    def new(self) -> Path:
        """What is to take its place."""
        return Temporary("new", self.token, self.target).path

    @property
    def old(self) -> Path:
        """What was in its place."""
        return Temporary("old", self.token, self.target).path

    def swap(self, stack: ExitStack) -> None:
        """Move the old one away, ours as long as `stack`, and the new one there."""
        if os.path.lexists(self.target):
            stack.enter_context(temporary.held(self.target))
            self.target.rename(self.old)
        self.new.rename(self.target)

    def put_back(self, shape: str | None) -> None:
        """Undo it, however far it came; the new one has this `shape` if nobody changed it."""
        is_new = not os.path.lexists(self.new) and os.path.lexists(self.target)
        if is_new and _shape(self.target) == shape:
            self.target.rename(self.new)
        if os.path.lexists(self.old) and not os.path.lexists(self.target):
            self.old.rename(self.target)


@dataclass(frozen=True)
class Replacement:
    """A folder to fill, and files, which take their places together."""

    folder: Path
    outputs: list[Output]
    stack: ExitStack = field(repr=False)

    def write(self, target: Path, content: bytes | Iterable[bytes]) -> None:
        """Prepare the new content of a file, whole or in pieces."""
        output = Output(target, self.outputs[0].token)
        path, out = temporary.new_file(target, token=output.token)
        self.stack.callback(path.unlink, missing_ok=True)
        self.stack.enter_context(out)
        out.writelines([content] if isinstance(content, bytes) else content)
        out.flush()
        path.chmod(0o644)
        self.outputs.append(output)


@contextmanager
def in_place_of(
    folder: Path, last_look: Callable[[], None] = lambda: None
) -> Iterator[Replacement]:
    """A new folder that takes the place of `folder`, with files, when the block ends well.

    When it fails, or `last_look` does right before the swap, everything stays as it was.
    `LsDvcError` when `folder` is a link.
    """
    if folder.is_symlink():
        raise LsDvcError(f"{folder} is a symbolic link, not a folder", "name the folder itself")
    token = temporary.new_token()
    with ExitStack() as stack:
        fresh = stack.enter_context(temporary.new_folder(folder, token))
        fresh.chmod(0o755)
        replacement = Replacement(fresh, [Output(folder, token)], stack)
        yield replacement
        outputs = replacement.outputs
        _settle({output.target.parent for output in outputs})
        last_look()
        _swap(outputs, stack)
        for output in outputs:
            temporary.discard(output.old)


def repair(targets: Sequence[Path]) -> None:
    """Put back what killed processes were replacing of `targets`, and sweep what they left."""
    folders = dict.fromkeys(target.parent for target in targets)
    for each in [each for folder in folders for each in temporary.found(folder)]:
        if each.role == "swap":
            with temporary.held(each.path) as is_left:
                if is_left:
                    _roll_back(each, targets)
    for folder in folders:
        temporary.sweep(folder, targets)
    for target in targets:
        take_back(target)


def aside(folder: Path) -> Path:
    """Where `folder` is out of DVC's sight."""
    return folder.with_name(f"{TEMPORARY}aside-{folder.name}")


def take_back(folder: Path) -> None:
    """Move `folder` back from aside. What lies there now stays, if there is anything in it."""
    if not aside(folder).is_dir():
        return
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    if os.path.lexists(folder):
        temporary.discard(aside(folder))
    else:
        aside(folder).rename(folder)


def _swap(outputs: Sequence[Output], stack: ExitStack) -> None:
    shapes = {output.target: _shape(output.new) for output in outputs}
    with interrupts.held_back() as look:
        marker = _mark(outputs, shapes, stack)
        try:
            for output in outputs:
                output.swap(stack)
                look()
            marker.unlink()  # from here on the new ones are it
        except BaseException:
            _put_back(outputs, shapes)
            marker.unlink(missing_ok=True)
            raise


def _put_back(outputs: Iterable[Output], shapes: Mapping[Path, str]) -> None:
    for output in reversed(list(outputs)):
        output.put_back(shapes.get(output.target))


def _mark(outputs: Sequence[Output], shapes: Mapping[Path, str], stack: ExitStack) -> Path:
    """The note that these are being replaced: until it is gone, `repair` puts them back."""
    first = outputs[0]
    path, out = temporary.new_file(first.target, "swap", first.token)
    stack.enter_context(out)
    names = {_name(target, first.target): shape for target, shape in shapes.items()}
    try:
        out.write(json.dumps(names).encode())
        out.flush()
        os.fsync(out.fileno())
    except BaseException:
        path.unlink()
        raise
    return path


def _roll_back(marker: Temporary, targets: Iterable[Path]) -> None:
    try:
        names = json.loads(marker.path.read_bytes())
    except ValueError:
        names = None  # it was not written to its end: nothing was moved
    known = names if isinstance(names, dict) else {}
    noted = [each for each in targets if _name(each, marker.target) in known]
    shapes = {each: str(known[_name(each, marker.target)]) for each in noted}
    _put_back([Output(each, marker.token) for each in noted], shapes)
    marker.path.unlink()


def _name(target: Path, first: Path) -> str:
    return os.path.relpath(target, first.parent)


def _shape(path: Path) -> str:
    """Differs once a file in `path`, or the file `path`, is another: from its folders alone."""
    folders = sorted(each for each, _, _ in os.walk(path)) or [str(path)]
    stats = (os.lstat(each) for each in folders)
    seen = [(stat.st_ino, stat.st_mtime_ns) for stat in stats]
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def _settle(folders: Iterable[Path]) -> None:
    """Bring what was written to the disks that have these folders, before its names."""
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY)
        try:
            _sync(handle)
        finally:
            os.close(handle)


def _sync(handle: int) -> None:
    sync = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if sync is None:
        os.sync()
    elif sync(handle):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
