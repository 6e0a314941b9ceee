"""What `ls-dvc init` writes: stages, settings and ignore rules, merged into what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ls_dvc.commands import repository_rules
from ls_dvc.commands.init_settings import InitOptions, params_yaml
from ls_dvc.commands.init_stages import DVC_YAML, Confirm, dvc_yaml, stages_for, with_media
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.io.files import write_atomically
from ls_dvc.pin import lockfile
from ls_dvc.repo import tracked_links
from ls_dvc.repo.git_command import find_repository
from ls_dvc.settings import params, rules


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
    block = _block(changes[0].content)
    stages = stages_for(block, settings.prefix)
    changes.append(_change(folder / DVC_YAML, lambda text: dvc_yaml(text, stages, confirm)))
    changes += _rule_files(folder, block, git_driver=settings.git_driver)
    repository = find_repository(folder.absolute())
    write(changes, repository.root if repository else folder)
    return changes


def write(changes: Sequence[FileChange], root: Path) -> None:
    """Write what changed; `LsDvcError`, and nothing written, if a link leads out of `root`."""
    for change in changes:
        if tracked_links.leads_out(root, change.path.parent):
            raise LsDvcError(
                f"{change.path.parent} is a link out of the files of the repository {root}",
                "remove the link, or name another folder in params.yaml",
            )
    for change in changes:
        if change.changed:
            write_atomically(change.path, change.content.encode())


def media_asked(changes: Sequence[FileChange]) -> bool:
    """Whether the settings among the files of a data set ask for media."""
    return with_media(params_block(changes))


def _block(text: str) -> Mapping[str, Any]:
    block: Mapping[str, Any] = yaml_files.parse(text, params.NAME)[params.BLOCK]
    return block


def _rule_files(folder: Path, block: Mapping[str, Any], *, git_driver: bool) -> list[FileChange]:
    names = (folder_name(block, key) for key in ("data", "reports"))
    rules_by_file = repository_rules.rules(*names, git_driver=git_driver)
    return [
        _change(folder / name, partial(repository_rules.with_lines, lines=lines))
        for name, lines in rules_by_file.items()
    ]


def params_block(changes: Sequence[FileChange]) -> Mapping[str, Any]:
    """The settings among the files of a data set; not all of them need to be valid yet."""
    (text,) = (each.content for each in changes if each.path.name == params.NAME)
    return _block(text)


def folder_name(block: Mapping[str, Any], key: str) -> str:
    """The folder that a setting names; not all settings need to be valid yet."""
    value = block.get(key, key)
    try:
        return rules.folder_below(str(value))
    except ValueError as error:
        message = f"{params.BLOCK}.{key} in {params.NAME}: {value!r} {error}"
        raise LsDvcError(message, f"edit {params.NAME}") from None


def _change(path: Path, edit: Callable[[str], str]) -> FileChange:
    before = yaml_files.read_exactly(path) if path.exists() else ""
    after = edit(before)
    return FileChange(path, after, changed=after != before)
