"""Files called .env: the only module that imports dotenv."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.repo.git_command import find_repository

NAME = ".env"


def values(folder: Path, names: Collection[str]) -> Mapping[str, str]:
    """What the files from `folder` up to the root of its git repository set; the nearest wins.

    Outside git there is only that of `folder`. `LsDvcError` for a link out of the repository, and
    for a file that git tracks and that sets one of `names`: a pull request may have brought it.
    """
    repository = find_repository(folder)
    root = repository.root if repository else folder
    found = dict[str, str]()
    for path in _upwards(folder, root):
        given = {name: value for name, value in _read(path, root).items() if name in names}
        if given and repository and repository.text("ls-files", "--", str(path.relative_to(root))):
            raise LsDvcError(
                f"git tracks {path}, which sets {' and '.join(given)}: whoever proposes a change "
                "could choose where the API key goes",
                f"run `git rm --cached {path}`, and make a new key if the file holds one",
            )
        found = {**given, **found}
    return found


def _read(path: Path, root: Path) -> Mapping[str, str]:
    from dotenv import dotenv_values

    if not path.is_file():
        return {}
    if not path.resolve().is_relative_to(root.resolve()):
        raise LsDvcError(
            f"{path} is a link to a file outside of the repository {root}",
            "put the settings into the file itself, or into the environment",
        )
    try:
        found = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise LsDvcError(f"cannot read {path}: {error}") from error
    return {name: value for name, value in found.items() if value}


def _upwards(folder: Path, root: Path) -> Iterator[Path]:
    """From `folder` to `root`."""
    for path in (folder, *folder.parents):
        yield path / NAME
        if path == root:
            return
