"""The command line: it parses arguments, calls a use case and prints the result.

Results go to stdout, progress to stderr. What a command needs is imported inside it, so that
`ls-dvc --help` answers at once.
"""

from __future__ import annotations

from ls_dvc.cli import (
    browse,
    check,
    demo,
    doctor,
    formats,
    git_diff,
    history,
    init,
    pages,
    prune,
    refresh,
    restore,
    stages,
    status,
    update,
    verify,
    watch,
)
from ls_dvc.cli.boundary import main
from ls_dvc.cli.session import cli

__all__ = [
    "browse",
    "check",
    "cli",
    "demo",
    "doctor",
    "formats",
    "git_diff",
    "history",
    "init",
    "main",
    "pages",
    "prune",
    "refresh",
    "restore",
    "stages",
    "status",
    "update",
    "verify",
    "watch",
]
