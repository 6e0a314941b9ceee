"""Lines that `init` adds to git's and DVC's rule files: what is ignored, what stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from ls_dvc.convert.dataset_folder import CACHE
from ls_dvc.io.temporary import TEMPORARY
from ls_dvc.pin import lockfile
from ls_dvc.repo import dvc_lock
from ls_dvc.repo.git_driver import DRIVER

GITIGNORE = ".gitignore"
GITATTRIBUTES = ".gitattributes"
DVCIGNORE = ".dvcignore"


def rules(data: str, reports: str, *, git_driver: bool = True) -> Mapping[str, Sequence[str]]:
    """The lines by file, relative to the folder of params.yaml; `data` and `reports` are below it.

    Git ignores the API key, what killed runs leave, and the data, which would be committed by
    `git add -A` after a first `dvc repro` that failed: DVC ignores it only after one that did not.

    Git changes no line end of what DVC hashes as bytes, and tears no pin in a merge: in a conflict
    the file of our branch stays, and `ls-dvc update --resolve` chooses a side. With `git_driver`
    its diffs of the pin are in words, in clones that are set up.

    DVC ignores the caches that training writes next to the labels.
    """
    lines: dict[str, list[str]] = {
        GITIGNORE: [".env", f"{TEMPORARY}*"],
        GITATTRIBUTES: [
            f"/{lockfile.NAME} -text -merge",
            *([f"/{lockfile.NAME} diff={DRIVER}"] if git_driver else []),
            f"/{dvc_lock.NAME} -text -merge",
            f"{_attribute_pattern(reports)} -text",
        ],
        DVCIGNORE: [f"/{_escaped(data)}/dataset/**/*{CACHE}"],
    }
    for folder, names in ((data, ("snapshot", "dataset", "media")), (reports, ("ledger.json",))):
        path = (PurePosixPath(folder) / GITIGNORE).as_posix()
        lines.setdefault(path, []).extend(f"/{name}" for name in names)
    return lines


def with_lines(text: str, lines: Sequence[str]) -> str:
    """A rule file with these lines in it; those that are missing stand at its end."""
    present = text.splitlines()
    missing = [line for line in lines if line not in present]
    end = "\r\n" if "\r\n" in text else "\n"
    start = text if not text or text.endswith("\n") else text + end
    return start + "".join(f"{line}{end}" for line in missing) if missing else text


def _attribute_pattern(folder: str) -> str:
    """All files in a folder, as .gitattributes names them: in quotes if the name has blanks."""
    pattern = f"/{_escaped(folder)}/**"
    if not re.search(r"[\s\"]", pattern):
        return pattern
    return '"' + pattern.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _escaped(folder: str) -> str:
    return re.sub(r"([\\*?\[\]])", r"\\\1", PurePosixPath(folder).as_posix())
