"""From the server to a new pin: what changed since the old one, proved to be complete."""

from ls_dvc.update.due import UpdateReason, update_reasons
from ls_dvc.update.run import UpdateOptions, update

__all__ = ["UpdateOptions", "UpdateReason", "update", "update_reasons"]
