"""What `ls-dvc init --ci` writes: a scheduled refresh that opens a pull request, and a check."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from ls_dvc.commands.init import Confirm, FileChange
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.io.files import write_atomically
from ls_dvc.pin import lockfile
from ls_dvc.repo import dvc_lock, git, pipeline

GITHUB, GITLAB = "github", "gitlab"
BRANCH = "labels/refresh"
GITLAB_CI = ".gitlab-ci.yml"

# A folder's name stands in YAML, in a shell's variable, and in what GitHub and GitLab expand.
_PLAIN = re.compile(r"[\w .,+@/-]+")


def init_ci(folder: Path, kind: str, confirm: Confirm) -> list[FileChange]:
    """Write the workflow for the data set in `folder`; running it again changes nothing.

    The files go where the service looks for them: to the root of the git repository, a file for
    each data set. `confirm` is asked before a file that was changed since is replaced.
    """
    top = git.root(folder).resolve()
    where = folder.resolve().relative_to(top)
    name = _slug(where)
    text = _filled(kind, where, name, pipeline.stage_names(folder))
    if kind == GITHUB:
        changes = [_whole(top, f".github/workflows/{name}.yml", text, confirm)]
    else:
        path = f".gitlab/{name}.yml"
        changes = [_whole(top, path, text, confirm), _included(top / GITLAB_CI, path)]
    for each in changes:
        if each.changed:
            write_atomically(each.path, each.content.encode())
    return changes


def included(text: str, path: str) -> str:
    """.gitlab-ci.yml with the file `path` included; all else in it stays, comments too."""
    document = yaml_files.load_with_comments(text, GITLAB_CI)
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise LsDvcError(f"{GITLAB_CI} does not hold jobs by name", "mend or move it first")
    if "include" not in document:
        return f"{text.rstrip()}\n\n{_INCLUDE.format(path)}".lstrip()
    there = document["include"]
    some = there if isinstance(there, list) else [there]
    if any(_local(each) == path for each in some):
        return text
    if there is some:
        some.append({"local": path})
    else:
        document["include"] = [there, {"local": path}]
    return yaml_files.dump_with_comments(document)


_INCLUDE = "include:\n  - local: {}\n"


def _slug(where: Path) -> str:
    """`labels` for the root of the repository, `labels-…` for a folder in it."""
    if not where.parts:
        return "labels"
    if not _PLAIN.fullmatch(where.as_posix()):
        raise LsDvcError(
            f"the folder {where} has characters in its name that a workflow cannot hold",
            "name it with letters, digits, - and _",
        )
    return f"labels-{re.sub('[^A-Za-z0-9]+', '-', where.as_posix()).strip('-') or 'data'}"


def _filled(kind: str, where: Path, name: str, stages: list[str]) -> str:
    template = (resources.files("ls_dvc") / "templates" / f"{kind}.yml").read_text("utf-8")
    values = {
        "name": name.replace("-", " ", 1).capitalize(),
        "job": name,
        "branch": BRANCH + name.removeprefix("labels"),
        "folder": where.as_posix(),
        "stages": shlex.join(stages),
        "pin": _quoted(where / lockfile.NAME),
        "dvc_lock": _quoted(where / dvc_lock.NAME),
    }
    return re.sub(r"<<(\w+)>>", lambda found: values[found[1]], template)


def _quoted(path: Path) -> str:
    return json.dumps(path.as_posix(), ensure_ascii=False)


def _whole(top: Path, name: str, text: str, confirm: Confirm) -> FileChange:
    path = top / name
    before = yaml_files.read_text(path) if path.exists() else None
    question = f"{name} is not what ls-dvc writes; replace it?"
    if before not in (None, text) and not confirm(question):
        raise LsDvcError(
            f"{name} is there, and not what ls-dvc writes",
            "move it away to compare, or let `ls-dvc init --force` replace it",
        )
    return FileChange(path, text, changed=before != text)


def _included(path: Path, name: str) -> FileChange:
    before = yaml_files.read_text(path) if path.exists() else ""
    after = included(before, name)
    return FileChange(path, after, changed=after != before)


def _local(entry: Any) -> str:
    """The file of this repository that an entry of `include` names."""
    found = entry.get("local", "") if isinstance(entry, Mapping) else entry
    return str(found).removeprefix("/")
