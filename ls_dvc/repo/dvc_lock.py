"""dvc.lock, read as text: what the stages were last run with, and what they made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files

NAME = "dvc.lock"
PIN = "labels.lock"


@dataclass(frozen=True)
class DvcOut:
    """A file or folder that DVC holds. `md5` ends in `.dir` for folders; `size` in bytes."""

    stage: str
    path: str
    md5: str
    size: int
    files: int


def outs(text: str, where: str) -> list[DvcOut]:
    """Everything that the stages in `text` made, in the order of the file."""
    return [
        DvcOut(
            stage, str(each["path"]), str(each["md5"]), each.get("size", 0), each.get("nfiles", 1)
        )
        for stage, content in _stages(text, where).items()
        for each in (content.get("outs") or () if isinstance(content, Mapping) else ())
        if isinstance(each, Mapping) and "path" in each and "md5" in each
    ]


def fingerprint(text: str, where: str) -> str | None:
    """The fingerprint of the labels that the data was made from, if the export stage says so.

    That is the stage whose out is the snapshot; a stage that trains may name the pin as well.
    """
    stages = sorted(_stages(text, where).values(), key=_makes_snapshot, reverse=True)
    return next(filter(None, map(_fingerprint_of, stages)), None)


def settings(text: str, where: str, ours: set[str], file: str) -> dict[str, Any]:
    """The values of the settings in `file` that the stages `ours` were last run with."""
    found: dict[str, Any] = {}
    for name, stage in _stages(text, where).items():
        params = stage.get("params") if name in ours and isinstance(stage, Mapping) else None
        found |= (params.get(file) or {}) if isinstance(params, Mapping) else {}
    return found


def merged(base: str, taken: str, left: str, ours: set[str]) -> dict[str, Any]:
    """The dvc.lock `taken`, with what the side `left` changed of stages that are not `ours`.

    `LsDvcError` when both sides changed such a stage.
    """
    document = yaml_files.parse(taken, NAME)
    then, here, there = (others(text, NAME, ours) if text else {} for text in (base, taken, left))
    for name in sorted({*here, *there}):
        old, new, other = then.get(name), here.get(name), there.get(name)
        if old not in (new, other) and new != other:
            raise LsDvcError(f"both sides changed the stage {name} in {NAME}", _BY_HAND)
        if new == old and other != old:
            document["stages"].pop(name, None)
            document["stages"] |= {name: other} if other is not None else {}
    return dict(document)


_BY_HAND = "settle dvc.lock by hand (the stages of ls-dvc from either side), `git add` both files"


def fingerprint_in(path: Path) -> str | None:
    """The same of a file; None when it is not there."""
    return fingerprint(yaml_files.read_text(path), str(path)) if path.is_file() else None


def others(text: str, where: str, ours: set[str]) -> dict[str, Any]:
    """The stages that are not `ours`, by name."""
    return {name: stage for name, stage in _stages(text, where).items() if name not in ours}


def _stages(text: str, where: str) -> Mapping[str, Any]:
    document = yaml_files.parse(text, where)
    stages = document.get("stages") if isinstance(document, Mapping) else None
    return stages if isinstance(stages, Mapping) else {}


def _makes_snapshot(stage: Any) -> bool:
    made = stage.get("outs") if isinstance(stage, Mapping) else None
    return any(str(each.get("path", "")).endswith("/snapshot") for each in made or ())


def _fingerprint_of(stage: Any) -> str | None:
    params = stage.get("params") if isinstance(stage, Mapping) else None
    pinned = params.get(PIN) if isinstance(params, Mapping) else None
    found = pinned.get("fingerprint") if isinstance(pinned, Mapping) else None
    return str(found) if found else None
