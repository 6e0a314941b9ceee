"""A refresh that fails leaves the files as they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ls_dvc.commands import foreign_files, repository_rules
from ls_dvc.commands.repository_rules import DVCIGNORE, GITATTRIBUTES, GITIGNORE, with_lines
from ls_dvc.errors import LsDvcError
from ls_dvc.io import replacing, yaml_files
from ls_dvc.io.files import write_atomically
from ls_dvc.repo import commits, dvc, dvc_lock, git, pipeline
from ls_dvc.workspace import Workspace


def version_files(workspace: Workspace) -> list[Path]:
    """All files in git that make up a version of the labels.

    Rule files of the whole data set are among them if nothing but lines of `init` was added since
    HEAD: other changes there are people's own.
    """
    return [
        workspace.pin,
        workspace.dvc_lock,
        workspace.labels_report,
        workspace.classes_report,
        *foreign_files.named_plots(workspace),
        *foreign_files.named_check_reports(workspace),
        workspace.snapshot.parent / GITIGNORE,
        workspace.reports / GITIGNORE,
        *_shared_rule_files(workspace),
    ]


def _shared_rule_files(workspace: Workspace) -> Iterator[Path]:
    rules = repository_rules.rules(workspace.params.data, workspace.params.reports)
    for name in (GITATTRIBUTES, DVCIGNORE):
        path = workspace.folder / name
        committed = git.committed_text(path)
        current = yaml_files.read_text(path) if path.is_file() else ""
        if committed is None or with_lines(committed, rules[name]) == current:
            yield path


def rule_files(workspace: Workspace) -> list[Path]:
    """The files of git's and DVC's rules for the data set."""
    folder, data = workspace.folder, workspace.snapshot.parent
    return [
        folder / GITATTRIBUTES,
        folder / DVCIGNORE,
        data / GITIGNORE,
        workspace.reports / GITIGNORE,
    ]


@contextmanager
def keeping(paths: Iterable[Path]) -> Iterator[None]:
    """Write those of `paths` again that the block removes."""
    before = {path: path.read_bytes() for path in paths if path.is_file()}
    try:
        yield
    finally:
        for path, content in before.items():
            if not path.exists():
                write_atomically(path, content)


@contextmanager
def restoring_on_failure(workspace: Workspace) -> Iterator[None]:
    """Restore files and data of the version, in git and in DVC, if the block fails."""
    before = {
        path: path.read_bytes() if path.is_file() else None for path in version_files(workspace)
    }
    try:
        yield
    except BaseException:
        if _restore_files(before):
            with suppress(LsDvcError):
                commits.unstage(workspace.folder, _known_files(workspace))
            check_out_data(workspace)
        raise


def _known_files(workspace: Workspace) -> list[Path]:
    """Those of `version_files` that exist, or are committed."""
    return [
        path
        for path in version_files(workspace)
        if path.exists() or git.committed_text(path) is not None
    ]


def check_out_data(workspace: Workspace) -> None:
    """Let DVC check out the data that dvc.lock names; best effort, and over no foreign files."""
    replacing.repair(workspace.written)
    outs = _data_paths(workspace)
    if outs:  # without a target, DVC would check out all that the repository has
        with suppress(LsDvcError):
            foreign_files.require_none(workspace)
            dvc.run(workspace.folder, "checkout", "--quiet", "--force", *outs)


def _restore_files(before: dict[Path, bytes | None]) -> bool:
    """Whether anything had changed. A file that cannot be restored does not stop the others."""
    touched = False
    for path, content in before.items():
        now = path.read_bytes() if path.is_file() else None
        touched |= now != content
        with suppress(OSError):
            if content is None:
                path.unlink(missing_ok=True)
            elif now != content:
                write_atomically(path, content)
    return touched


def _data_paths(workspace: Workspace) -> list[str]:
    if not workspace.dvc_lock.is_file():
        return []
    outs = dvc_lock.outs(yaml_files.read_text(workspace.dvc_lock), str(workspace.dvc_lock))
    ours = set(pipeline.stage_names(workspace.folder))
    return [out.path for out in outs if out.stage in ours]
