"""A pin that was lost must not be replaced by the current labels unnoticed."""

from __future__ import annotations

from ls_dvc.errors import LsDvcError
from ls_dvc.history import recovery
from ls_dvc.history.version import head_version
from ls_dvc.pin import lockfile
from ls_dvc.workspace import Workspace


def require_none(workspace: Workspace, made_from: str = "") -> None:
    """`LsDvcError` if HEAD pins labels, or data was `made_from` some, and the workspace has no pin.

    Without it the ids of classes would begin again. A pin is dropped on purpose by a commit.
    """
    if made_from or head_version(workspace) is not None:
        labels = f" of the labels {made_from[:12]}" if made_from else ""
        raise LsDvcError(
            f"no labels are pinned in {lockfile.NAME}, but this commit has data{labels}",
            recovery.RESTORE_PIN,
        )
