"""From the server to a new pin: what changed since the old one, proved to be complete."""

from ls_dvc.update.due import UpdateReason, update_reasons
from ls_dvc.update.options import UpdateOptions
from ls_dvc.update.pin_media import MediaUpdate
from ls_dvc.update.run import update

__all__ = ["MediaUpdate", "UpdateOptions", "UpdateReason", "update", "update_reasons"]
