"""What `ls-dvc init` says in the end: what git would get wrong, and what to do next."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from ls_dvc.commands.init import FileChange, folder_name, params_block
from ls_dvc.pin import lockfile
from ls_dvc.repo import dvc_lock, git
from ls_dvc.settings import connection, env_files

_REPORTS = ("labels.json", "classes.csv", "faults.jsonl", "check.json")


def warnings(folder: Path, changes: Sequence[FileChange]) -> Iterator[str]:
    """A line for each rule by which git ignores what belongs into it, and for each tracked .env."""
    reports = folder / folder_name(params_block(changes), "reports")
    made = [folder / dvc_lock.NAME, *(reports / name for name in _REPORTS)]
    names = dict[git.IgnoreRule, list[str]]()
    for path, rule in git.ignored(folder, [*(each.path for each in changes), *made]).items():
        names.setdefault(rule, []).append(str(_relative(path, folder)))
    for rule, ignored in names.items():
        at = f"{rule.source}, line {rule.line}" if rule.line else rule.source
        yield (
            f"git ignores {', '.join(ignored)}: the pattern {rule.pattern!r} in {at}; these files "
            f"belong into git: change it, or run `{shlex.join(['git', 'add', '-f', *ignored])}`"
        )
    for path in git.tracked(folder, env_files.NAME):
        yield (
            f"git tracks {_relative(path, folder)}: run `git rm --cached` for it, and make a new "
            "API key if it holds one, which stays in the history"
        )


def next_steps(folder: Path, changes: Sequence[FileChange]) -> str:
    """The commands that are left to do; empty if the labels are pinned and nothing changed."""
    if lockfile.find(folder / lockfile.NAME) and not any(each.changed for each in changes):
        return ""
    block = params_block(changes)
    missing = [name for name in ("url", "project_id") if not block.get(name)]
    todo = [f"fill in {' and '.join(missing)} of label_studio in params.yaml"] if missing else []
    if not connection.has_key(folder):
        todo.append(f"put {connection.KEY} into .env")
    where = "" if folder == Path.cwd() else f", in {folder}"
    first = ", ".join([*todo, "then run" if todo else "run"])
    commands = ["dvc repro", *_added(folder, changes), "git commit -m 'Pin the labels'"]
    return "\n".join([f"next: {first}{where}", *(f"  {each}" for each in commands)])


def _added(folder: Path, changes: Sequence[FileChange]) -> list[str]:
    """`git add` with what is there after `dvc repro`, on lines of at most 100 characters."""
    reports = folder_name(params_block(changes), "reports")
    inside = [each.path.relative_to(folder) for each in changes if each.path.is_relative_to(folder)]
    names = [path.as_posix() for path in inside if not path.is_relative_to(reports)]
    text = shlex.join(["git", "add", *names, dvc_lock.NAME, reports])
    lines = textwrap.wrap(
        text, 90, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


def _relative(path: Path, folder: Path) -> Path:
    return path.relative_to(folder) if path.is_relative_to(folder) else path
