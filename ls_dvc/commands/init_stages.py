"""The stages that `ls-dvc init` writes into dvc.yaml, and how they get into one that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.pin import lockfile
from ls_dvc.settings import params

DVC_YAML = "dvc.yaml"
MEDIA = "media"
CONVERTING = (
    "annotations",
    "engines",
    "filter",
    "formats",
    "gates",
    "keypoints",
    "layout",
    "split",
)  # what convert depends on

Confirm = Callable[[str], bool]
Stages = dict[str, dict[str, Any]]


def stages_for(block: Mapping[str, Any], prefix: str = "") -> Stages:
    """The stages as dvc.yaml holds them, for the folders and the media of the params block.

    DVC leaves what is in a `persist` out alone when its stage runs: the stage looks first, and
    refuses to replace what ls-dvc did not write.
    """
    data, reports = block.get("data", "data"), block.get("reports", "reports")
    stages = {"export": _export(data), "convert": _convert(data, reports)}
    if with_media(block):
        stages = {"export": stages["export"], MEDIA: _media(data), "convert": stages["convert"]}
        stages["convert"]["deps"].append(f"{data}/media")
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


def _convert(data: str, reports: str) -> dict[str, Any]:
    table = {"cache": False, "persist": True, "x": "regions", "y": "label"}
    table |= {"template": "bar_horizontal", "title": "Regions by label"}
    return {
        "desc": "The same labels in the formats that training wants",
        "cmd": "ls-dvc convert",
        "deps": [f"{data}/snapshot"],
        "params": [
            *(f"{params.BLOCK}.{name}" for name in CONVERTING),
            {lockfile.NAME: ["writers"]},
        ],
        "outs": [_kept(f"{data}/dataset"), _kept(f"{reports}/ledger.json")],
        "metrics": [{f"{reports}/labels.json": {"cache": False, "persist": True}}],
        "plots": [{f"{reports}/classes.csv": table}],
    }


def _kept(path: str) -> dict[str, Any]:
    return {path: {"persist": True}}


def dvc_yaml(text: str, stages: Stages, confirm: Confirm) -> str:
    """dvc.yaml with the stages in it; comments and everybody else's stages stay.

    Stages that an earlier `init` wrote are replaced unasked; the stage `media` goes when the
    settings do not ask for media any more.
    """
    if not text.strip():
        return yaml_files.dump_with_comments({"stages": dict(stages)})
    document = yaml_files.load_with_comments(text, DVC_YAML)
    if not isinstance(document, dict):
        raise LsDvcError(f"{DVC_YAML} does not hold stages by name", "fix or move it first")
    present: dict[str, Any] = document.get("stages") or {}
    missing = {name: stage for name, stage in stages.items() if present.get(name) != stage}
    for name in missing:
        _require_replaceable(name, present.get(name), stages[name], confirm)
    unwanted = _unwanted(present, stages, confirm)
    if not missing and not unwanted:
        return text
    for name in unwanted:
        del present[name]
    _put(present, missing, list(stages))
    document.update(stages=present)
    return yaml_files.dump_with_comments(document)


def _require_replaceable(name: str, present: Any, stage: Mapping[str, Any], ask: Confirm) -> None:
    if present is None or _is_earlier(present, stage):
        return
    if not ask(f"{DVC_YAML} has another stage {name!r}; replace it?"):
        raise LsDvcError(
            f"{DVC_YAML} has another stage {name!r}",
            "run `ls-dvc init --prefix labels-` for other names, or `--force` to replace it",
        )


def _unwanted(present: Mapping[str, Any], stages: Stages, confirm: Confirm) -> list[str]:
    """The stage `media` of this prefix, if ls-dvc wrote one and none is wanted."""
    (export, *_), found = stages, list[str]()
    name = f"{export.removesuffix('export')}{MEDIA}"
    stage = present.get(name)
    if name not in stages and isinstance(stage, Mapping) and stage.get("cmd") == "ls-dvc media":
        data = _paths(stages[export]["outs"])[0].removesuffix("/snapshot")
        if _is_earlier(stage, _media(data)) or confirm(
            f"{params.BLOCK}.{MEDIA} is not set; remove the stage {name!r} from {DVC_YAML}?"
        ):
            found.append(name)
    return found


def _put(present: Any, stages: Mapping[str, Any], order: list[str]) -> None:
    """Put stages into a mapping that keeps its comments, each before those that come after it."""
    for name in reversed([name for name in order if name in stages]):
        if name in present or not hasattr(present, "insert"):
            present[name] = stages[name]
            continue
        after = [list(present).index(each) for each in _after(name, order) if each in present]
        present.insert(min(after, default=len(present)), name, stages[name])


def _after(name: str, order: list[str]) -> list[str]:
    return order[order.index(name) + 1 :]


def _is_earlier(present: Any, stage: Mapping[str, Any]) -> bool:
    """Whether an `init` wrote the stage that is there, if for other settings of media.

    Earlier ones named fewer settings, and let DVC clear the outs.
    """
    if not isinstance(present, Mapping):
        return False
    old, new = _plain(present), _plain(stage)
    fewer = old.pop("params", set()) <= new.pop("params", set())
    return fewer and old == new


def _plain(stage: Mapping[str, Any]) -> dict[str, set[str]]:
    """What a stage says, without `persist` and media."""
    said = dict[str, set[str]]()
    for key, value in stage.items():
        if key in ("outs", "metrics", "plots"):
            said[key] = {f"{path} {_options(value, path)}" for path in _paths(value)}
        elif key == "deps":
            said[key] = {path for path in _paths(value) if not path.endswith(f"/{MEDIA}")}
        elif key == "params":
            said[key] = set(_names(value))
        else:
            said[key] = {str(value)}
    return said


def _paths(entries: Any) -> list[str]:
    return [str(key) for each in entries or () for key in (each if _is_map(each) else [each])]


def _options(entries: Any, path: str) -> str:
    found: Any = next((each[path] for each in entries if _is_map(each) and path in each), None)
    given = dict(found) if _is_map(found) else {}
    return str(sorted((key, str(value)) for key, value in given.items() if key != "persist"))


def _names(entries: Iterable[Any]) -> list[str]:
    return [
        f"{file}:{name}"
        for each in entries or ()
        for file, names in (each.items() if _is_map(each) else [("", [each])])
        for name in names or ()
    ]


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)
