"""What `ls-dvc init` writes: stages, settings and ignore rules, merged into what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ls_dvc.commands import repository_rules
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.io.files import write_atomically
from ls_dvc.labels.policy import POLICIES
from ls_dvc.pin import lockfile
from ls_dvc.settings import params, rules

DVC_YAML = "dvc.yaml"
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


@dataclass(frozen=True)
class InitOptions:
    """What a user fills in; None where it is left to be filled in by hand."""

    url: str | None = None
    project_id: int | None = None
    formats: tuple[str, ...] = ()
    prefix: str = ""


@dataclass(frozen=True)
class FileChange:
    """A file, what it will hold, and whether that is new."""

    path: Path
    content: str
    changed: bool


def init(folder: Path, settings: InitOptions, confirm: Confirm) -> list[FileChange]:
    """Write the scaffold into `folder`; running it again changes nothing.

    `confirm` is asked before a stage or a setting that somebody else wrote is replaced. All
    files are worked out before the first is written.
    """
    changes = [
        _change(folder / params.NAME, lambda text: params_yaml(text, settings, confirm)),
        _change(folder / lockfile.NAME, lambda text: text or lockfile.EMPTY),
    ]
    block = yaml_files.parse(changes[0].content, params.NAME)[params.BLOCK]
    stages = stages_for(block, settings.prefix)
    changes.append(_change(folder / DVC_YAML, lambda text: dvc_yaml(text, stages, confirm)))
    changes += _rule_files(folder, block)
    for change in changes:
        if change.changed:
            write_atomically(change.path, change.content.encode())
    return changes


def _rule_files(folder: Path, block: Mapping[str, Any]) -> list[FileChange]:
    names = (_folder_name(block, key) for key in ("data", "reports"))
    return [
        _change(folder / name, partial(repository_rules.with_lines, lines=lines))
        for name, lines in repository_rules.rules(*names).items()
    ]


def _folder_name(block: Mapping[str, Any], key: str) -> str:
    """The folder that a setting names; not all settings need to be valid yet."""
    value = block.get(key, key)
    try:
        return rules.folder_below(str(value))
    except ValueError as error:
        message = f"{params.BLOCK}.{key} in {params.NAME}: {value!r} {error}"
        raise LsDvcError(message, f"edit {params.NAME}") from None


def stages_for(block: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The two stages as dvc.yaml holds them, for the folders that the params block names."""
    data = block.get("data", "data")
    reports = block.get("reports", "reports")
    export = {
        "desc": "The labels that labels.lock pins, in canonical form",
        "cmd": "ls-dvc export",
        "params": ["label_studio.project_id", {lockfile.NAME: ["fingerprint"]}],
        "outs": [f"{data}/snapshot"],
    }
    table = {"cache": False, "x": "regions", "y": "label", "template": "bar_horizontal"}
    convert = {
        "desc": "The same labels in the formats that training wants",
        "cmd": "ls-dvc convert",
        "deps": [f"{data}/snapshot"],
        "params": [
            *(f"{params.BLOCK}.{name}" for name in CONVERTING),
            {lockfile.NAME: ["writers"]},
        ],
        "outs": [f"{data}/dataset", f"{reports}/ledger.json"],
        "metrics": [{f"{reports}/labels.json": {"cache": False}}],
        "plots": [{f"{reports}/classes.csv": {**table, "title": "Regions by label"}}],
    }
    return {f"{prefix}export": export, f"{prefix}convert": convert}


def params_yaml(text: str, settings: InitOptions, confirm: Confirm) -> str:
    """params.yaml with the block in it; settings that are there stay, unless others are given."""
    if not text.strip():
        return _params_block(settings)
    document = yaml_files.load_with_comments(text, params.NAME)
    if not isinstance(document, Mapping):
        raise LsDvcError(f"{params.NAME} does not hold settings by name", "fix or move it first")
    if params.BLOCK not in document:
        return text.rstrip("\n") + "\n\n" + _params_block(settings)
    return _merged_params(text, document, settings, confirm)


def dvc_yaml(text: str, stages: Mapping[str, Any], confirm: Confirm) -> str:
    """dvc.yaml with the stages in it; comments and everybody else's stages stay."""
    if not text.strip():
        return yaml_files.dump_with_comments({"stages": dict(stages)})
    document = yaml_files.load_with_comments(text, DVC_YAML)
    if not isinstance(document, dict):
        raise LsDvcError(f"{DVC_YAML} does not hold stages by name", "fix or move it first")
    present: dict[str, Any] = document.get("stages") or {}
    missing = {name: stage for name, stage in stages.items() if present.get(name) != stage}
    for name in missing:
        question = f"{DVC_YAML} has another stage {name!r}; replace it?"
        if name in present and not confirm(question):
            raise LsDvcError(
                f"{DVC_YAML} has another stage {name!r}",
                "run `ls-dvc init --prefix labels-` for other names, or `--force` to replace it",
            )
    if not missing:
        return text
    present.update(missing)
    document.update(stages=present)
    return yaml_files.dump_with_comments(document)


def _params_block(settings: InitOptions) -> str:
    formats = ", ".join(settings.formats or ("JSON",))
    return f"""\
# What shapes the labeled data. The API key is never here, but in the environment or in .env:
# LABEL_STUDIO_API_KEY
{params.BLOCK}:
  url: {settings.url or "http://localhost:8080"}  # LABEL_STUDIO_URL in the environment wins
  project_id: {settings.project_id or "null"}  # the number in its address: …/projects/42/data
  formats: [{formats}]  # `ls-dvc formats` says which there are, and what each can hold
  engines: {{}}  # {{YOLO: server}}: Label Studio writes it, at the update, and not ls-dvc
  annotations: latest  # which count: {", ".join(POLICIES)}
  filter: {{}}  # only some: {{tasks: finished, labels: {{drop: [Other]}}, data: {{camera: left}}}}
  split: {{}}  # {{train: 0.8, val: 0.1, test: 0.1, by: image}}
  gates: {{}}  # {{max_dropped: 0.05, min_tasks: 100, max_shrink: 0.2, unknown_labels: fail}}
  keypoints: {{}}  # {{object: image}}: those of an image that have no box are one object
  layout: loose  # tar: small files in archives; shards: COCO and its like in parts, too
  data: data  # snapshot/ and dataset/<FORMAT>/ go here
  reports: reports
"""


def _merged_params(text: str, document: Any, settings: InitOptions, confirm: Confirm) -> str:
    block = document[params.BLOCK]
    if not isinstance(block, dict):
        raise LsDvcError(f"{params.BLOCK} in {params.NAME} does not hold settings by name")
    empty: dict[str, Any] = {"filter": {}, "split": {}, "gates": {}, "keypoints": {}}
    first: dict[str, Any] = {
        "project_id": None,
        "formats": ["JSON"],
        "engines": {},
        "annotations": "latest",
    }
    wanted = {**first, **empty, "layout": "loose"}
    missing = {name: value for name, value in wanted.items() if name not in block}
    given = {
        "url": settings.url,
        "project_id": settings.project_id,
        "formats": list(settings.formats) or None,
    }
    for name, value in given.items():
        old = block.get(name)
        question = f"{params.BLOCK}.{name} is {old!r}; make it {value!r}?"
        if value is not None and value != old and (old is None or confirm(question)):
            missing[name] = value
    if not missing:
        return text
    block.update(missing)
    return yaml_files.dump_with_comments(document)


def _change(path: Path, edit: Callable[[str], str]) -> FileChange:
    before = yaml_files.read_text(path) if path.exists() else ""
    after = edit(before)
    return FileChange(path, after, changed=after != before)
