"""A file that differs, as git hands it to an external diff; and the patch that git would show."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.repo.git_command import open_repository

_HUNK = b"\n@@ "


@dataclass(frozen=True)
class FileSide:
    """One side: a file with its content, the hash of git's object, and its mode (octal)."""

    file: Path
    blob: str
    mode: str

    @property
    def is_absent(self) -> bool:
        """Whether this side does not have the file."""
        return str(self.file) == os.devnull

    @property
    def is_in_workspace(self) -> bool:
        """Whether it is the file in the work tree: git has not hashed it."""
        return not self.blob.strip("0")

    @property
    def is_regular(self) -> bool:
        """Whether it is a file, not a symbolic link or a submodule."""
        return self.mode.startswith("100")


@dataclass(frozen=True)
class ChangedFile:
    """A file and its two sides. `new_path` differs if it was renamed, as git says in `renaming`.

    Paths are relative to the top folder of the repository, in which git runs external diffs.
    """

    path: str
    before: FileSide
    after: FileSide
    new_path: str
    renaming: str = ""

    @classmethod
    def of(cls, arguments: Sequence[str]) -> ChangedFile:
        """From the arguments of an external diff; `LsDvcError` if they are none."""
        if len(arguments) not in (7, 9):
            raise LsDvcError(
                f"git diff gives 7 or 9 arguments, and these are {len(arguments)}",
                "let git run this command: `ls-dvc init` sets it up",
            )
        path, old_file, old_blob, old_mode, new_file, new_blob, new_mode, *renamed = arguments
        before = FileSide(Path(old_file), old_blob, old_mode)
        after = FileSide(Path(new_file), new_blob, new_mode)
        return cls(path, before, after, *(renamed or [path]))


def patch(root: Path, changed: ChangedFile) -> bytes:
    """What git itself would print, to be read by `git apply`."""
    names = (str(changed.before.file), str(changed.after.file))
    plain = ("--no-index", "--no-ext-diff", "--no-textconv", "--no-color")
    answer = open_repository(root).run("diff", *plain, "--", *names, allowed=(0, 1)).output
    start = answer.find(_HUNK)
    hunks = answer[start + 1 :] if start >= 0 else b""
    return b"".join(os.fsencode(f"{line}\n") for line in _head(changed)) + hunks


def _head(changed: ChangedFile) -> list[str]:
    old, new = _quoted(f"a/{changed.path}"), _quoted(f"b/{changed.new_path}")
    before, after = changed.before, changed.after
    lines = [f"diff --git {old} {new}"]
    if before.is_absent:
        lines.append(f"new file mode {after.mode}")
    elif after.is_absent:
        lines.append(f"deleted file mode {before.mode}")
    elif before.mode != after.mode:
        lines += [f"old mode {before.mode}", f"new mode {after.mode}"]
    lines += [line for line in changed.renaming.split("\n") if line]
    sides = (os.devnull if before.is_absent else old, os.devnull if after.is_absent else new)
    return [*lines, f"--- {sides[0]}", f"+++ {sides[1]}"]


def _quoted(name: str) -> str:
    """A path as git writes it in a patch: bytes other than printable ASCII in octal, in quotes."""
    if name.isascii() and name.isprintable() and not {'"', "\\"} & {*name}:
        return name
    return '"' + "".join(map(_escaped, os.fsencode(name))) + '"'


def _escaped(byte: int) -> str:
    plain = 32 <= byte < 127 and byte not in b'"\\'
    return chr(byte) if plain else f"\\{byte:03o}"
