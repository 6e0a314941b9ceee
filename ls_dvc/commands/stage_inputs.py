"""What a stage was made from: the pin and the settings must be the same when it ends.

DVC notes the settings in dvc.lock after the command: data of other ones would be taken for theirs.
"""

from __future__ import annotations

from ls_dvc.errors import LsDvcError
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.settings import params
from ls_dvc.workspace import Workspace


def require_unchanged(workspace: Workspace, pin: Pin | None) -> None:
    """`LsDvcError` when labels.lock or params.yaml changed since the stage read them."""
    changed = [
        name
        for name, is_same in (
            (lockfile.NAME, lockfile.find(workspace.pin) == pin),
            (params.NAME, params.read(workspace.folder / params.NAME) == workspace.params),
        )
        if not is_same
    ]
    if changed:
        raise LsDvcError(
            f"{' and '.join(changed)} changed while the stage ran, so nothing was replaced",
            "run `dvc repro` again when nobody edits or checks out files here",
        )
