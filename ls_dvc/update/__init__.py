"""Asking the server: what changed since the pin, proved to be all, and the pin moved."""

from ls_dvc.update.due import UpdateReason, update_reasons
from ls_dvc.update.run import UpdateOptions, update

__all__ = ["UpdateOptions", "UpdateReason", "update", "update_reasons"]
