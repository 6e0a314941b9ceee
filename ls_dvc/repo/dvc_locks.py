"""The locks of DVC on files, in `.dvc/tmp/rwlock`: a killed dvc leaves some, or an empty file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ls_dvc.repo.paths import dvc_root


def path(folder: Path) -> Path:
    """The file with the locks of the repository around `folder`."""
    return dvc_root(folder) / ".dvc" / "tmp" / "rwlock"


def holders(text: str) -> list[int]:
    """The processes that hold a lock; `ValueError` where DVC could not read the file."""
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(document, Mapping):
        raise ValueError("it holds no locks by kind")  # noqa: TRY004
    try:
        return sorted({int(info["pid"]) for info in _infos(document)})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("a lock does not say whose it is") from error


def is_alive(pid: int) -> bool:
    """Whether there is a process with this number, whosever it is."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _infos(document: Mapping[str, Any]) -> Iterator[Any]:
    for by_path in document.values():
        for held in by_path.values():
            yield from held if isinstance(held, list) else [held] if held else []
