"""The stages of a data set in dvc.yaml, and running them through DVC."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.io.files import is_there
from ls_dvc.repo import dvc, git

DVC_YAML = "dvc.yaml"
_OUTS = ("outs", "metrics", "plots")
CHECK = "ls-dvc check --write"  # without --write it is no stage of ls-dvc, but a gate of users
_OURS = re.compile(r"\bls[-_]dvc\b.*\b(export|media|convert|check\b.*\s--write)\b")


def stage_names(folder: Path) -> list[str]:
    """What our stages are called in dvc.yaml, in the order of the file."""
    path = folder / DVC_YAML
    names = list(_stages(path))
    if not names:
        hint = "run `ls-dvc init` to add them"
        raise LsDvcError(
            f"{path} has no stages of ls-dvc",
            hint if is_there(path) else git.how_to_get(path, hint),
        )
    return names


def names_out(folder: Path, out: Path) -> bool:
    """Whether dvc.yaml has `out` among what our stages make; `${…}` is any folder."""
    name = out.relative_to(folder).as_posix()
    for stage in _stages(folder / DVC_YAML).values():
        for kind in _OUTS:
            for entry in stage.get(kind) or ():
                path = str(next(iter(entry), "") if isinstance(entry, Mapping) else entry)
                if path == name or ("${" in path and path.endswith(f"/{out.name}")):
                    return True
    return False


def _stages(path: Path) -> dict[str, Mapping[str, Any]]:
    document: Any = yaml_files.load(path) if is_there(path) else None
    stages = document.get("stages") if isinstance(document, Mapping) else None
    return {
        name: stage
        for name, stage in (stages or {}).items()
        if isinstance(stage, Mapping) and _OURS.search(str(stage.get("cmd")))
    }


def reproduce(folder: Path, *, force: bool = False) -> None:
    """`dvc repro` of the stages of ls-dvc in `folder`, and of no others.

    `force` runs them although DVC takes what they made for up to date.
    """
    dvc.run(folder, "repro", *(["-f"] if force else []), *stage_names(folder))
