"""The stages that `ls-dvc init` writes into dvc.yaml, and how they get into one that is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ls_dvc.commands import stage_edits
from ls_dvc.convert import plot_files, report_files
from ls_dvc.convert.plot_files import Plot
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_edit, yaml_files
from ls_dvc.pin import lockfile
from ls_dvc.repo import pipeline
from ls_dvc.settings import params

DVC_YAML = "dvc.yaml"
MEDIA = "media"

Confirm = Callable[[str], bool]
Stages = dict[str, dict[str, Any]]


def stages_for(block: Mapping[str, Any], prefix: str = "") -> Stages:
    """The stages as dvc.yaml holds them, for the folders and the media of the params block.

    DVC leaves what is in a `persist` out alone when its stage runs: the stage looks first, and
    refuses to replace what ls-dvc did not write.
    """
    data, reports = block.get("data", "data"), block.get("reports", "reports")
    convert = _convert(data, reports, _plots(block))
    stages = {"export": _export(data)}
    if with_media(block):
        stages[MEDIA] = _media(data)
        convert["deps"].append(f"{data}/media")
    stages |= {"convert": convert, "check": _check(data, reports)}
    return {f"{prefix}{name}": stage for name, stage in stages.items()}


def with_media(block: Mapping[str, Any]) -> bool:
    """Whether a params block asks for media; not all settings need to be valid yet."""
    media = block.get(MEDIA)
    return isinstance(media, Mapping) and media.get("tasks") != "none"


def _export(data: str) -> dict[str, Any]:
    return {
        "desc": "The labels that labels.lock pins, in canonical form",
        "cmd": "ls-dvc export",
        "params": ["label_studio.project_id", {lockfile.NAME: ["fingerprint"]}],
        "outs": [_kept(f"{data}/snapshot")],
    }


def _media(data: str) -> dict[str, Any]:
    return {
        "desc": "The media that the labels belong to, by their hashes",
        "cmd": "ls-dvc media",
        "deps": [f"{data}/snapshot/media"],
        "params": [f"{params.BLOCK}.{MEDIA}"],
        "outs": [_kept(f"{data}/media")],
    }


def _convert(data: str, reports: str, plots: Mapping[str, Plot]) -> dict[str, Any]:
    return {
        "desc": "The same labels in the formats that training wants",
        "cmd": "ls-dvc convert",
        "deps": [f"{data}/snapshot"],
        "params": [
            *(f"{params.BLOCK}.{name}" for name in params.CONVERTING),
            {lockfile.NAME: ["writers"]},
        ],
        "outs": [_kept(f"{data}/dataset"), _kept(f"{reports}/ledger.json")],
        "metrics": [{f"{reports}/labels.json": {"cache": False, "persist": True}}],
        "plots": [
            {f"{reports}/{name}": {"cache": False, "persist": True, **plot.properties()}}
            for name, plot in plots.items()
        ],
    }


def _plots(block: Mapping[str, Any]) -> dict[str, Plot]:
    """The tables for `dvc plots`; one of splits only where there are splits."""
    later = {
        name: plot
        for name, plot in plot_files.PLOTS.items()
        if name != plot_files.CLASSES_BY_SPLIT or block.get("split")
    }
    return {report_files.CLASSES: plot_files.CLASSES, **later}


def _check(data: str, reports: str) -> dict[str, Any]:
    return {
        "desc": "The faults in the labels",
        "cmd": pipeline.CHECK,
        "deps": [f"{data}/snapshot"],
        "params": [f"{params.BLOCK}.{name}" for name in ("check", "project_id", "split")],
        "outs": [{f"{reports}/faults.jsonl": {"cache": False, "persist": True}}],
        "metrics": [{f"{reports}/check.json": {"cache": False, "persist": True}}],
        "plots": [{f"{reports}/agreement.csv": {"cache": False, "persist": True, **_AGREEMENT}}],
    }


_AGREEMENT = Plot(
    "value", "what", "bar_horizontal", "Agreement of annotators, and of models with them"
).properties()


def _kept(path: str) -> dict[str, Any]:
    return {path: {"persist": True}}


def dvc_yaml(text: str, stages: Stages, confirm: Confirm) -> str:
    """dvc.yaml with the stages in it; every other byte of it stays.

    Stages that run ls-dvc get what they lack, and keep what users changed; the stage `media` goes
    when the settings do not ask for media any more.
    """
    document = yaml_files.parse(text, DVC_YAML) if text.strip() else None
    if document is None:
        return yaml_edit.with_block(text, DVC_YAML, yaml_files.dump_block({"stages": stages}))
    if not isinstance(document, dict) or not _is_map(document.get("stages") or {}):
        raise LsDvcError(f"{DVC_YAML} does not hold stages by name", "fix or move it first")
    present: dict[str, Any] = document.get("stages") or {}
    wanted = {name: _wanted(name, present.get(name), stages[name], confirm) for name in stages}
    unwanted = _unwanted(present, stages, confirm)
    kept = {name: stage for name, stage in present.items() if name not in unwanted}
    return yaml_edit.edited(text, DVC_YAML, {**document, "stages": _put(kept, wanted)})


def _wanted(name: str, present: Any, stage: Mapping[str, Any], ask: Confirm) -> Mapping[str, Any]:
    if present is not None and stage_edits.runs(present, stage["cmd"]):
        return stage_edits.up_to_date(present, stage)
    if present is not None and not ask(f"{DVC_YAML} has another stage {name!r}; replace it?"):
        raise LsDvcError(
            f"{DVC_YAML} has another stage {name!r}",
            "run `ls-dvc init --prefix labels-` for other names, or `--force` to replace it",
        )
    return stage


def _unwanted(present: Mapping[str, Any], stages: Stages, confirm: Confirm) -> list[str]:
    """The stage `media` of this prefix, if ls-dvc wrote one and none is wanted."""
    export = next(iter(stages))
    name = f"{export.removesuffix('export')}{MEDIA}"
    stage: Mapping[str, Any] = present.get(name) or {}
    data = next(iter(stages[export]["outs"][0])).removesuffix("/snapshot")
    if name in stages or not stage_edits.runs(stage, _media(data)["cmd"]):
        return []
    question = f"{params.BLOCK}.{MEDIA} is not set; remove the stage {name!r} from {DVC_YAML}?"
    return [name] if stage_edits.is_untouched(stage, _media(data)) or confirm(question) else []


def _put(present: Mapping[str, Any], stages: Mapping[str, Any]) -> dict[str, Any]:
    """All stages; new ones stand before those of ls-dvc that come after them."""
    order, found = list(present), list[str]()
    for name in reversed(list(stages)):
        if name not in order:
            order.insert(min(map(order.index, found), default=len(order)), name)
        found.append(name)
    return {name: stages.get(name, present.get(name)) for name in order}


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)
