"""A pin as a line, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ls_dvc.io.printable import printable

if TYPE_CHECKING:
    from ls_dvc.pin.pin import Pin


def pin_line(pin: Pin) -> str:
    """The pin in one line."""
    return (
        f"{pin.fingerprint[:12]}: {pin.tasks} tasks, {pin.annotations} annotations "
        f"of project {pin.project_id} ({printable(pin.title)})"
    )


def pin_document(pin: Pin) -> dict[str, Any]:
    """The pin for `--json`."""
    return {
        "fingerprint": pin.fingerprint,
        "project_id": pin.project_id,
        "tasks": pin.tasks,
        "annotations": pin.annotations,
        "pinned_at": pin.pinned_at,
        "changes": vars(pin.changes) if pin.changes else None,
    }
