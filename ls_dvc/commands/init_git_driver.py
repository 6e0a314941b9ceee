"""What `ls-dvc init` tells this clone's git, so that its diffs of labels.lock are in words."""

from __future__ import annotations

from pathlib import Path

from ls_dvc.commands.init_stages import Confirm
from ls_dvc.repo import git_driver


def set_up_driver(folder: Path, confirm: Confirm) -> bool:
    """Write the settings of the driver into the clone's configuration; whether any was written.

    `confirm` is asked before a setting that somebody else wrote is replaced.
    """
    found = git_driver.settings(folder)
    if found == git_driver.SETTINGS:
        return False
    foreign = [name for name, value in found.items() if not git_driver.is_own(value)]
    names = " and ".join(f"diff.{git_driver.DRIVER}.{name}" for name in foreign)
    if foreign and not confirm(f"replace {names} in the configuration of this clone?"):
        return False
    git_driver.configure(folder)
    return True
