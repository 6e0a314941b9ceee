"""What `ls-dvc init --ci` writes: a scheduled refresh that opens a pull request, and a check."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from ls_dvc.commands import installed_version
from ls_dvc.commands.init import FileChange, write
from ls_dvc.commands.init_stages import Confirm
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_edit, yaml_files
from ls_dvc.pin import lockfile
from ls_dvc.repo import dvc_lock, git, paths, pipeline

GITHUB, GITLAB = "github", "gitlab"
BRANCH = "labels/refresh"
GITLAB_CI = ".gitlab-ci.yml"

# A folder's name stands in YAML, in a shell's variable, and in what GitHub and GitLab expand.
_PLAIN = re.compile(r"[\w .,+@/-]+")

_REQUIREMENT = re.compile(r"(?m)^ +LS_DVC: .*")  # which ls-dvc wrote the file


def init_ci(folder: Path, kind: str, confirm: Confirm) -> list[FileChange]:
    """Write the workflow for the data set in `folder`; running it again changes nothing.

    The files go where the service looks for them: to the root of the git repository, a file for
    each data set. `confirm` is asked before a file that was changed since is replaced.
    """
    root = git.root(folder).resolve()
    subfolder = folder.resolve().relative_to(root)
    name = _slug(subfolder)
    dvc_folder = os.path.relpath(paths.dvc_root(folder) / ".dvc", folder)
    text = _filled(kind, subfolder, name, pipeline.stage_names(folder), dvc_folder)
    if kind == GITHUB:
        changes = [_replacing(root, f".github/workflows/{name}.yml", text, confirm)]
    else:
        path = f".gitlab/{name}.yml"
        changes = [_replacing(root, path, text, confirm), _including(root / GITLAB_CI, path)]
    write(changes, root)
    return changes


def included(text: str, path: str) -> str:
    """.gitlab-ci.yml with the file `path` included; all else in it stays, comments too."""
    document = yaml_files.load_with_comments(text, GITLAB_CI) or {}
    if not isinstance(document, dict):
        raise LsDvcError(f"{GITLAB_CI} does not hold jobs by name", "fix or move it first")
    present = document.get("include")
    entries = present if isinstance(present, list) else [present]
    if any(_local(entry) == path for entry in entries):
        return text
    return yaml_edit.with_item(text, GITLAB_CI, "include", {"local": path})


def _slug(subfolder: Path) -> str:
    """`labels` for the root of the repository, `labels-…` for a folder in it."""
    if not subfolder.parts:
        return "labels"
    if not _PLAIN.fullmatch(subfolder.as_posix()):
        raise LsDvcError(
            f"the folder {subfolder} has characters in its name that a workflow cannot hold",
            "rename it: use letters, digits, - and _",
        )
    return f"labels-{re.sub('[^A-Za-z0-9]+', '-', subfolder.as_posix()).strip('-') or 'data'}"


def _filled(kind: str, subfolder: Path, name: str, stages: list[str], dvc_folder: str) -> str:
    template = (resources.files("ls_dvc") / "templates" / f"{kind}.yml").read_text("utf-8")
    values = {
        "ls_dvc": installed_version.requirement(),
        "name": name.replace("-", " ", 1).capitalize(),
        "job": name,
        "branch": BRANCH + name.removeprefix("labels"),
        "folder": subfolder.as_posix(),
        "dvc_folder": shlex.quote(Path(dvc_folder).as_posix()),
        "stages": shlex.join(stages),
        "pin": _quoted(subfolder / lockfile.NAME),
        "dvc_lock": _quoted(subfolder / dvc_lock.NAME),
    }
    return re.sub(r"<<(\w+)>>", lambda match: values[match[1]], template)


def _quoted(path: Path) -> str:
    return json.dumps(path.as_posix(), ensure_ascii=False)


def _replacing(root: Path, name: str, text: str, confirm: Confirm) -> FileChange:
    path = root / name
    before = yaml_files.read_text(path) if path.exists() else None
    question = f"{name} was not written by ls-dvc, or was changed; replace it?"
    is_untouched = before is None or _REQUIREMENT.sub("", before) == _REQUIREMENT.sub("", text)
    if not is_untouched and not confirm(question):
        raise LsDvcError(
            f"{name} exists and was changed, or was not written by ls-dvc",
            "run `ls-dvc init --force` to replace it",
        )
    return FileChange(path, text, changed=before != text)


def _including(path: Path, name: str) -> FileChange:
    before = yaml_files.read_text(path) if path.exists() else ""
    after = included(before, name)
    return FileChange(path, after, changed=after != before)


def _local(entry: Any) -> str:
    """The file of this repository that an entry of `include` names."""
    path = entry.get("local", "") if isinstance(entry, Mapping) else entry
    return str(path).removeprefix("/")
