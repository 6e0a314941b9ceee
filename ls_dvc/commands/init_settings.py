"""The block `label_studio` that `ls-dvc init` writes into params.yaml, or completes there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ls_dvc.commands.init_stages import Confirm
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_edit, yaml_files
from ls_dvc.labels.policy import POLICIES
from ls_dvc.settings import params, project_address, rules
from ls_dvc.settings.project_address import ProjectAddress


@dataclass(frozen=True)
class InitOptions:
    """What a user fills in; None where it is left to be filled in by hand.

    `media`: whether a new block asks for media; one that is there stays as it is. `git_driver`:
    whether git shows the pin in words.
    """

    url: str | None = None
    project_id: int | None = None
    formats: tuple[str, ...] = ()
    prefix: str = ""
    media: bool = True
    git_driver: bool = True


def options_from(
    url: str | None,
    project_id: int | None,
    formats: Sequence[str],
    prefix: str,
    *,
    media: bool,
    git_driver: bool = True,
) -> InitOptions:
    """What a user typed: the address of any page, formats in any case; `LsDvcError` for others."""
    chosen = [name.upper().replace("-", "_") for name in formats]
    for name in chosen:
        rules.require_format(name)
    found = _page(url) if url else ProjectAddress("")
    if project_id and found.project_id not in (None, project_id):
        raise LsDvcError(
            f"--url is a page of project {found.project_id}, and --project-id is {project_id}",
            "leave one of them out",
        )
    number = project_id or found.project_id
    named = tuple(dict.fromkeys(chosen))
    return InitOptions(found.server or None, number, named, prefix, media, git_driver)


def settings_at(folder: Path, options: InitOptions) -> tuple[str | None, int | None, list[str]]:
    """Address, project and formats that will be set in `folder`, as far as they are valid."""
    path = folder / params.NAME
    document = yaml_files.load(path) if path.exists() else None
    block = document.get(params.BLOCK) if isinstance(document, Mapping) else None
    known = block if isinstance(block, Mapping) else {}
    url, number, formats = (known.get(name) for name in ("url", "project_id", "formats"))
    return (
        options.url or (url if isinstance(url, str) else None),
        options.project_id or (number if type(number) is int else None),
        list(options.formats) or (formats if isinstance(formats, list) else []),
    )


def _page(url: str) -> ProjectAddress:
    try:
        return project_address.parse(url)
    except ValueError as error:
        raise LsDvcError(f"--url {error}", "for example --url http://localhost:8080") from None


def params_yaml(text: str, settings: InitOptions, confirm: Confirm) -> str:
    """params.yaml with the block in it; settings that are there stay, unless others are given.

    Every other byte stays.
    """
    document = yaml_files.parse(text, params.NAME) if text.strip() else None
    if document is None:
        document = {}
    if not isinstance(document, Mapping):
        raise LsDvcError(f"{params.NAME} does not hold settings by name", "fix or move it first")
    if params.BLOCK in document:
        return _merged_params(text, document, settings, confirm)
    return yaml_edit.with_block(text, params.NAME, _params_block(settings))


def _params_block(settings: InitOptions) -> str:
    formats = ", ".join(settings.formats or ("JSON",))
    media = _MEDIA if settings.media else ""
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
  check: {{}}  # the faults that are looked for: {{select: [LD, -LD405], LD421: {{times: 10}}}}
  keypoints: {{}}  # {{object: image}}: those of an image that have no box are one object
{media}\
  layout: loose  # tar: small files in archives; shards: COCO and its like in parts, too
  data: data  # snapshot/ and dataset/<FORMAT>/ go here
  reports: reports
"""


_MEDIA = """\
  media: {tasks: labeled, max_total: 20 GB}  # of the server; {hosts: […], buckets: […]}: of others
"""


_EMPTY = ("filter", "split", "gates", "check", "keypoints")


def _merged_params(
    text: str, document: Mapping[str, Any], settings: InitOptions, confirm: Confirm
) -> str:
    block = {} if document[params.BLOCK] is None else document[params.BLOCK]
    if not isinstance(block, dict):
        raise LsDvcError(f"{params.BLOCK} in {params.NAME} does not hold settings by name")
    empty: dict[str, Any] = {name: {} for name in _EMPTY}
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
    return yaml_edit.edited(text, params.NAME, {**document, params.BLOCK: {**block, **missing}})
