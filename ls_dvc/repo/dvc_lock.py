"""dvc.lock, read as text: what the stages were last run with, and what they made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.io.files import is_there
from ls_dvc.io.strict_values import OBJECT, count, matching

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
    try:
        return [
            _out(str(stage), out)
            for stage, content in _stages(text, where).items()
            for out in _outs_of(content)
            if "path" in out and "md5" in out
        ]
    except ValueError as error:
        raise LsDvcError(f"{where} is damaged: {error}", _RESTORE) from error


def fingerprint(text: str, where: str) -> str | None:
    """The fingerprint of the labels that the data was made from; None before the first export.

    The export stage comes first, whose out is the snapshot: a training stage may depend on the
    pin, too.
    """
    stages = sorted(_stages(text, where).values(), key=_makes_snapshot, reverse=True)
    return next(filter(None, map(_fingerprint_of, stages)), None)


def settings(text: str, where: str, stages: set[str], file: str) -> dict[str, Any]:
    """The values of the settings in `file` that `stages` were last run with."""
    values: dict[str, Any] = {}
    for name, stage in _stages(text, where).items():
        params = stage.get("params") if name in stages and isinstance(stage, Mapping) else None
        recorded = params.get(file) if isinstance(params, Mapping) else None
        values |= recorded if isinstance(recorded, Mapping) else {}
    return values


def merged(base: str, taken: str, other: str, own_stages: set[str]) -> dict[str, Any]:
    """The dvc.lock `taken`, with the changes of the side `other` to stages that are not our own.

    `LsDvcError` when both sides changed such a stage.
    """
    document = yaml_files.parse(taken, NAME)
    before, here, there = (
        others(text, NAME, own_stages) if text else {} for text in (base, taken, other)
    )
    for name in sorted({*here, *there}):
        old, new, theirs = before.get(name), here.get(name), there.get(name)
        if old not in (new, theirs) and new != theirs:
            raise LsDvcError(f"both sides changed the stage {name} in {NAME}", _BY_HAND)
        if new == old and theirs != old:
            document["stages"].pop(name, None)
            document["stages"] |= {name: theirs} if theirs is not None else {}
    return dict(document)


_BY_HAND = "resolve dvc.lock by hand, then run `git add dvc.lock labels.lock`"


def fingerprint_in(path: Path) -> str | None:
    """The fingerprint in the dvc.lock at `path`; None when there is no such file."""
    return fingerprint(yaml_files.read_text(path), str(path)) if is_there(path) else None


def others(text: str, where: str, own_stages: set[str]) -> dict[str, Any]:
    """The stages that are not our own, by name."""
    return {name: stage for name, stage in _stages(text, where).items() if name not in own_stages}


def _stages(text: str, where: str) -> Mapping[str, Any]:
    document = yaml_files.parse(text, where)
    stages = document.get("stages") if isinstance(document, Mapping) else document
    if stages is None:
        return {}
    if not isinstance(stages, Mapping):
        raise LsDvcError(f"{where} is damaged", _RESTORE)
    return stages


def _makes_snapshot(stage: Any) -> bool:
    return any(str(out.get("path", "")).endswith("/snapshot") for out in _outs_of(stage))


def _outs_of(stage: Any) -> list[Mapping[str, Any]]:
    outs = stage.get("outs") if isinstance(stage, Mapping) else None
    return [out for out in outs if isinstance(out, Mapping)] if isinstance(outs, list) else []


def _out(stage: str, out: Mapping[str, Any]) -> DvcOut:
    """`ValueError` unless the MD5 and the numbers have their forms: an MD5 becomes a path."""
    size, files = count(out.get("size", 0)), count(out.get("nfiles", 1))
    return DvcOut(stage, str(out["path"]), matching(OBJECT, out["md5"]), size, files)


_RESTORE = f"run `git checkout -- {NAME}` to restore it"


def _fingerprint_of(stage: Any) -> str | None:
    params = stage.get("params") if isinstance(stage, Mapping) else None
    pinned = params.get(PIN) if isinstance(params, Mapping) else None
    value = pinned.get("fingerprint") if isinstance(pinned, Mapping) else None
    return str(value) if value else None
