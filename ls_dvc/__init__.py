"""Versions of Label Studio labels that belong to git commits, as DVC pipeline stages.

`versions()`, `diff(a, b)`, `load(rev)` and `show(task)` are for training scripts and notebooks;
they print nothing. They are imported when they are first used, so that the command line starts
fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ls_dvc.api import LabelDiff, Task, VersionEntry, diff, load, show, versions

__all__ = ["LabelDiff", "Task", "VersionEntry", "diff", "load", "show", "versions"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'ls_dvc' has no attribute {name!r}")
    from ls_dvc import api

    return getattr(api, name)
