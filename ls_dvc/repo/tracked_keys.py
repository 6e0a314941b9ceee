"""API keys in files that git tracks, and so hands to everybody who clones."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from ls_dvc.io.printable import printable
from ls_dvc.io.secrets import KEY
from ls_dvc.progress import Reporter
from ls_dvc.repo.git_command import open_repository

_VALUE = rf"\b{KEY}\b[\"']?\s*[:=]\s*[\"']?"
_IN_ENV = re.compile(_VALUE + r"[^\s\"'#]")  # of .env, anything
_ELSEWHERE = re.compile(  # a legacy token or a JWT, not `${{ secrets.… }}` or the words of a guide
    _VALUE + r"(?:[0-9a-f]{40}\b|[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})"
)


def files_with_key(folder: Path) -> list[str]:
    """Files of the repository around `folder` that git tracks and that set the API key.

    Relative to its root, as they are in the work tree.
    """
    repository = open_repository(folder)
    answer = repository.run("grep", *_OPTIONS, "-e", KEY, allowed=(0, 1))
    pairs = (line.partition("\0") for line in answer.text.split("\n"))
    return sorted({name for name, _, line in pairs if _sets_key(name, line)})


def warn(folder: Path, report: Reporter) -> None:
    """Tell of such files, if there are any."""
    names = files_with_key(folder)
    if names:
        report.say(
            f"warning: git tracks an API key in {', '.join(map(printable, names))}, so everybody "
            "who can read the repository has it: revoke it in Label Studio, create another, and "
            "take it out of git (`git rm --cached` for .env, a secret of that name in CI)"
        )


# Those with "no" may have been set in git's configuration.
_OPTIONS = ("-I", "-z", "--fixed-strings", "--no-line-number", "--no-column", "--no-color")


def _sets_key(name: str, line: str) -> bool:
    pattern = _IN_ENV if PurePosixPath(name).name.startswith(".env") else _ELSEWHERE
    return pattern.search(line) is not None
