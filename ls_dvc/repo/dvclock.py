"""dvc.lock, read as text: what the stages were last run with, and what they made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ls_dvc import yamlfile

NAME = "dvc.lock"
PIN = "labels.lock"


@dataclass(frozen=True)
class Out:
    """A file or folder that DVC holds. `md5` ends in `.dir` for folders; `size` in bytes."""

    stage: str
    path: str
    md5: str
    size: int
    files: int


def outs(text: str, where: str) -> list[Out]:
    """Everything that the stages in `text` made, in the order of the file."""
    return [
        Out(stage, str(each["path"]), str(each["md5"]), each.get("size", 0), each.get("nfiles", 1))
        for stage, content in _stages(text, where).items()
        for each in (content.get("outs") or () if isinstance(content, Mapping) else ())
        if isinstance(each, Mapping) and "path" in each and "md5" in each
    ]


def fingerprint(text: str, where: str) -> str | None:
    """The fingerprint of the labels that the data was made from, if a stage says so."""
    found = (_fingerprint_of(stage) for stage in _stages(text, where).values())
    return next(filter(None, found), None)


def fingerprint_in(path: Path) -> str | None:
    """The same of a file; None when it is not there."""
    return fingerprint(yamlfile.read_text(path), str(path)) if path.is_file() else None


def others(text: str, where: str, ours: set[str]) -> dict[str, Any]:
    """The stages that are not `ours`, by name."""
    return {name: stage for name, stage in _stages(text, where).items() if name not in ours}


def _stages(text: str, where: str) -> Mapping[str, Any]:
    document = yamlfile.parse(text, where)
    stages = document.get("stages") if isinstance(document, Mapping) else None
    return stages if isinstance(stages, Mapping) else {}


def _fingerprint_of(stage: Any) -> str | None:
    params = stage.get("params") if isinstance(stage, Mapping) else None
    pinned = params.get(PIN) if isinstance(params, Mapping) else None
    found = pinned.get("fingerprint") if isinstance(pinned, Mapping) else None
    return str(found) if found else None
