"""The stages of a data set in dvc.yaml, and running them through DVC."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ls_dvc.io import yaml_files as yamlfile
from ls_dvc.errors import UserError
from ls_dvc.workspace import Place
from ls_dvc.repo import dvc

DVC_YAML = "dvc.yaml"
_OURS = re.compile(r"\bls[-_]dvc\b.*\b(export|convert)\b")


def stage_names(folder: Path) -> list[str]:
    """What our stages are called in dvc.yaml, in the order of the file."""
    path = folder / DVC_YAML
    document: Any = yamlfile.load(path) if path.is_file() else None
    stages = document.get("stages") if isinstance(document, Mapping) else None
    found = [
        name
        for name, stage in (stages or {}).items()
        if isinstance(stage, Mapping) and _OURS.search(str(stage.get("cmd")))
    ]
    if not found:
        raise UserError(f"{path} has no stages of ls-dvc", "`ls-dvc init` adds them")
    return found


def reproduce(place: Place) -> None:
    """`dvc repro` of our stages, and of no others."""
    dvc.run(place.folder, "repro", *stage_names(place.folder))
