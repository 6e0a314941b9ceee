"""Asking the server: what changed since the pin, proved to be all, and the pin moved."""

from ls_dvc.update.run import UpdateOptions, has_moved, update

__all__ = ["UpdateOptions", "has_moved", "update"]
