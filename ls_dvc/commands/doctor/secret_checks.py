"""Keys in files that git tracks. Only the names of the files are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ls_dvc.commands.doctor.findings import Check, Finding, failure, ok, warning
from ls_dvc.commands.doctor.patient import Patient
from ls_dvc.repo import git, git_state
from ls_dvc.settings import env_files

_NEW_KEY = "make a new key in Label Studio and delete this one: history keeps it"
_FILES = re.compile(
    r"(?:.*/)?(?:params\.yaml|dvc\.yaml|\.dvc/config|\.gitlab-ci\.yml)|\.gitlab/.*\.yml"
    r"|\.github/workflows/.*"
)
_TOKEN = re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}")
_ASSIGNED = re.compile(
    r"(?:api[_-]?key|token|password|secret(?:_access)?[_-]?key)\s*[=:]\s*['\"]?"
    r"(?!\$|<|\{|\*)([\w+/.-]{16,})",
    re.IGNORECASE,
)


def _env(patient: Patient) -> Iterator[Finding]:
    tracked = [path for path in git.tracked(patient.folder, env_files.NAME) if path.exists()]
    for path in tracked:
        yield failure(f"git tracks {path}", f"git rm --cached '{path}'; then {_NEW_KEY}")
    if not tracked and git_state.is_in_history(patient.folder, env_files.NAME):
        yield warning("older commits have a .env", _NEW_KEY)
    elif not tracked:
        yield ok("no commit has a .env")


def _files(patient: Patient) -> Iterator[Finding]:
    root = git.root(patient.folder)
    found = [name for name in git_state.tracked(patient.folder) if _FILES.fullmatch(name)]
    suspicious = sorted(name for name in found if has_key(_text(root / name)))
    for name in suspicious:
        yield failure(f"{name} seems to hold a key or password", f"take it out; {_NEW_KEY}")
    if not suspicious:
        yield ok(f"{len(found)} files with settings and workflows hold none")


def has_key(text: str) -> bool:
    """Whether a text has what looks like a token, or a key or password that is set."""
    return bool(_TOKEN.search(text)) or any(
        any(char.isdigit() for char in match[1]) for match in _ASSIGNED.finditer(text)
    )


def _key(patient: Patient) -> Iterator[Finding]:
    """The key itself, wherever git tracks it."""
    names = git_state.tracked_with(patient.folder, patient.connection.api_key)
    for name in names:
        yield failure(f"{name}, which git tracks, holds the API key", _NEW_KEY)
    if not names:
        yield ok("no tracked file holds it")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


CHECKS = (
    Check("secrets.env", _env, needs=("git.repository",)),
    Check("secrets.files", _files, needs=("git.repository",)),
    Check("secrets.key", _key, needs=("git.repository", "connection.address")),
)
