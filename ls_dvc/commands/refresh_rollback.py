"""A refresh that fails leaves the files as they were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.io.files import write_atomically
from ls_dvc.repo import commits, dvc, dvc_lock, git, pipeline
from ls_dvc.workspace import Workspace


def _paths(workspace: Workspace) -> list[Path]:
    """All that a version of the labels is in git."""
    folder = workspace.snapshot.parent
    return [
        workspace.pin,
        workspace.dvc_lock,
        workspace.labels_report,
        workspace.classes_report,
        folder / ".gitignore",
        workspace.reports / ".gitignore",
    ]


@contextmanager
def _as_before(workspace: Workspace) -> Iterator[None]:
    """All that a version is, in git and in DVC, is as before when the block fails."""
    kept = {path: path.read_bytes() if path.is_file() else None for path in _paths(workspace)}
    try:
        yield
    except BaseException:
        if _put_back(kept):
            with suppress(LsDvcError):
                commits.unstage(workspace.folder, _known(workspace))
            _check_out(workspace)
        raise


def _known(workspace: Workspace) -> list[Path]:
    """Those of `_paths` that there are, or were."""
    return [
        each for each in _paths(workspace) if each.exists() or git.committed_text(each) is not None
    ]


def _check_out(workspace: Workspace) -> None:
    outs = _outs(workspace)
    if outs:  # without a target, DVC would check out all that the repository has
        with suppress(LsDvcError):
            dvc.run(workspace.folder, "checkout", "--quiet", "--force", *outs)


def _put_back(kept: dict[Path, bytes | None]) -> bool:
    """Whether anything had changed. One file that cannot be put back keeps no other from it."""
    touched = False
    for path, content in kept.items():
        now = path.read_bytes() if path.is_file() else None
        touched |= now != content
        with suppress(OSError):
            if content is None:
                path.unlink(missing_ok=True)
            elif now != content:
                write_atomically(path, content)
    return touched


def _outs(workspace: Workspace) -> list[str]:
    if not workspace.dvc_lock.is_file():
        return []
    outs = dvc_lock.outs(yaml_files.read_text(workspace.dvc_lock), str(workspace.dvc_lock))
    ours = set(pipeline.stage_names(workspace.folder))
    return [each.path for each in outs if each.stage in ours]
