"""The diff driver of git for labels.lock: how a clone is set up, and whether it is.

`.gitattributes`, which is committed, gives files to the driver. What the driver runs stands in the
configuration of each clone, which nobody can commit; without it git shows its own diff.
"""

from __future__ import annotations

from pathlib import Path

from ls_dvc.repo.git_command import open_repository

DRIVER = "ls-dvc"
_OWN = "git diff --no-index --no-ext-diff --no-textconv"

# Where ls-dvc is missing, too old, or fails, git's own diff comes; an error here would end git's.
SETTINGS = {
    "command": (
        'f() { ls-dvc git-diff -- "$@" 2>/dev/null || if [ $# -gt 1 ]; '
        f'then {_OWN} -- "$2" "$5"; else echo "* Unmerged path $1"; fi || :; }}; f'
    ),
    "textconv": 'f() { ls-dvc git-diff --text -- "$1" 2>/dev/null || cat "$1"; }; f',
}
_CALL = "ls-dvc git-diff"


def settings(folder: Path) -> dict[str, str]:
    """What the configuration of this clone says of the driver, by the names in `SETTINGS`."""
    repository = open_repository(folder)
    found = {
        name: repository.run("config", "--local", "--get", _key(name), allowed=(0, 1)).text
        for name in SETTINGS
    }
    return {name: value for name, value in found.items() if value}


def is_own(value: str) -> bool:
    """Whether ls-dvc, of this version or another, wrote a setting."""
    return _CALL in value


def configure(folder: Path) -> None:
    """Write the settings of the driver into the configuration of this clone."""
    repository = open_repository(folder)
    for name, value in SETTINGS.items():
        repository.text("config", "--local", "--replace-all", _key(name), value)


def attribute(path: Path) -> str:
    """Which driver `.gitattributes` and the like name for a file; empty for none."""
    repository = open_repository(path.parent)
    words = repository.run("check-attr", "-z", "diff", "--", str(path), globs=True).text.split("\0")
    return "" if words[2] in ("unspecified", "set", "unset") else words[2]


def wants_colours(folder: Path, *, terminal: bool) -> bool:
    """Whether git's own diff would be in colours; it knows of its pager by the environment."""
    asked = ("--get-colorbool", "color.diff", "true" if terminal else "false")
    return open_repository(folder).text("config", *asked) == "true"


def _key(name: str) -> str:
    return f"diff.{DRIVER}.{name}"
