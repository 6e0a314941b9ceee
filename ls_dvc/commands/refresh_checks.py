"""What must hold before a refresh starts."""

from __future__ import annotations

import re

from ls_dvc.errors import LsDvcError
from ls_dvc.history import media_damage
from ls_dvc.history.snapshot_sources import dvc_store
from ls_dvc.history.version import workspace_version
from ls_dvc.io import yaml_files
from ls_dvc.io.files import is_there
from ls_dvc.repo import commits, dvc_lock, git, pipeline
from ls_dvc.settings import params
from ls_dvc.workspace import Workspace


def require_possible_tag(workspace: Workspace, pattern: str) -> None:
    """`LsDvcError` before anything is committed if the tag cannot be made."""
    tags = commits.tag_names(workspace.folder)
    name = next_tag(pattern, tags)
    hint = "use another pattern, such as --tag 'data-v{n}'"
    for tag in tags:
        if f"{tag}/".startswith(f"{name}/") or f"{name}/".startswith(f"{tag}/"):
            raise LsDvcError(f"the tag {name} cannot be made: git has the tag {tag}", hint)
    if not commits.is_tag_name(workspace.folder, name):
        raise LsDvcError(f"{name!r} is not a valid tag name", hint)


def require_committed(workspace: Workspace) -> None:
    """`LsDvcError` if a commit now could not be reproduced: its settings are not in git."""
    git.require(workspace.folder)
    if commits.is_merging(workspace.folder):
        raise LsDvcError("a merge is in progress", "commit it first (`ls-dvc update --resolve …`)")
    names = (pipeline.DVC_YAML, params.NAME, dvc_lock.NAME)
    committed = {name: git.committed_text(workspace.folder / name) for name in names}
    for name in names[:2]:
        if committed[name] is None:
            raise LsDvcError(
                f"{workspace.folder / name} is not committed yet", f"`git add {name}` first"
            )
    if _block(committed[params.NAME] or "") != _block(
        yaml_files.read_text(workspace.folder / params.NAME)
    ):
        raise LsDvcError(
            f"{params.BLOCK} in {params.NAME} has changes that are not committed",
            "commit them first, so that the new labels belong to settings that git knows",
        )
    if commits.changed(workspace.folder, [workspace.folder / pipeline.DVC_YAML]):
        raise LsDvcError(f"{pipeline.DVC_YAML} has changes that are not committed", "commit them")
    _require_others_committed(workspace, committed[dvc_lock.NAME] or "")


def require_undamaged(workspace: Workspace) -> None:
    """`LsDvcError` if DVC would push media with other bytes than their names say."""
    verified = workspace.media_store.verified
    version = workspace_version(workspace)
    for path in media_damage.in_cache(version, dvc_store(workspace), verified):
        raise LsDvcError(
            f"{path} was changed in place, so nothing is pushed",
            "remove it, then run `dvc repro -f` to make the data again",
        )


def _require_others_committed(workspace: Workspace, committed: str) -> None:
    """dvc.lock is committed whole, so the stages of others in it must be as in HEAD."""
    ours = set(pipeline.stage_names(workspace.folder))
    current = yaml_files.read_text(workspace.dvc_lock) if is_there(workspace.dvc_lock) else ""
    then = dvc_lock.others(committed, f"{dvc_lock.NAME} in HEAD", ours)
    now = dvc_lock.others(current, str(workspace.dvc_lock), ours)
    for name in sorted(name for name in {*then, *now} if then.get(name) != now.get(name)):
        raise LsDvcError(
            f"{dvc_lock.NAME} has changes of the stage {name} that are not committed",
            "commit or undo them first: the labels' commit would sweep them in",
        )


def _block(text: str) -> object:
    document = yaml_files.parse(text, params.NAME)
    return document.get(params.BLOCK) if isinstance(document, dict) else None


def next_tag(pattern: str, names: list[str]) -> str:
    """The pattern with the number after the highest of `names`; as it is without {n}."""
    if "{n}" not in pattern:
        return pattern
    return pattern.replace("{n}", str(max(_numbers(pattern, names), default=0) + 1))


def tag_of(pattern: str, names: list[str]) -> str | None:
    """That of `names` which the pattern has made, the last of several."""
    made = [pattern.replace("{n}", str(each)) for each in sorted(_numbers(pattern, names))]
    return made[-1] if made else None


def _numbers(pattern: str, names: list[str]) -> list[int]:
    """The numbers that the pattern has in `names`; a 0 for a name that is the pattern itself."""
    shape = re.compile(re.escape(pattern).replace(r"\{n\}", r"(\d+)"))
    matches = [match for match in map(shape.fullmatch, names) if match]
    return [int(match[1]) if match.groups() else 0 for match in matches]
