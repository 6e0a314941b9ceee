"""Files made from other files without a second copy of their bytes, where the disk can do that."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Literal

LinkKind = Literal["reflink", "hardlink", "copy"]
KINDS: tuple[LinkKind, ...] = ("reflink", "hardlink", "copy")

_MODE = 0o644  # of what is a file of its own


def link(source: Path, target: Path, kinds: Sequence[LinkKind] = KINDS) -> LinkKind:
    """Make the new file `target` with the content of `source`; which of `kinds` could do that.

    They are tried in order; what two file systems cannot do is not tried there again. A `hardlink`
    is the same file under another name, so it keeps its permissions. A `copy` is written in place:
    of a killed process a part of it may be there, so the folder of `target` must be a temporary
    one. `OSError` when `source` is not there, or `target` is.
    """
    if os.path.lexists(target):
        raise FileExistsError(17, "there is such a file", str(target))
    unfit = _unfit(os.stat(source).st_dev, os.stat(target.parent).st_dev)  # noqa: PTH116
    for kind in kinds:
        if kind != "copy" and kind not in unfit:
            try:
                _MAKE[kind](source, target)
            except OSError as error:
                if error.errno != _TOO_MANY_LINKS:
                    unfit.add(kind)
                continue
            return kind
    if "copy" not in kinds:
        raise OSError(95, "the disk has no such links", str(target))
    _copy(source, target)
    return "copy"


_TOO_MANY_LINKS = 31  # a matter of one file, not of the disk


@cache
def _unfit(source: int, target: int) -> set[LinkKind]:  # noqa: ARG001
    """What could not be done between these two devices; it grows."""
    return set()


def _reflink(source: Path, target: Path) -> None:
    from dvc_objects.fs import system

    clone: Callable[[str, str], None] = system.reflink
    clone(os.fspath(source), os.fspath(target))
    target.chmod(_MODE)  # some systems clone the permissions, too


def _hardlink(source: Path, target: Path) -> None:
    from dvc_objects.fs import system

    system.hardlink(os.fspath(source), os.fspath(target))


_MAKE = {"reflink": _reflink, "hardlink": _hardlink}


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except BaseException:
        with suppress(OSError):
            target.unlink()
        raise
