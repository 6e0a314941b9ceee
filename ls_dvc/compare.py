"""Use case: the label diff of two versions."""

from __future__ import annotations

from collections.abc import Callable

from ls_dvc import labeldiff, revision
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.lock import Pin
from ls_dvc.place import Place

Link = Callable[[int], str]


def diff(place: Place, a: str, b: str | None) -> tuple[LabelDiff, tuple[str, str], Link]:
    """What differs between commit `a` and commit `b` (None: the workspace).

    With it, what to call the two, and the address of a task in Label Studio.
    """
    old, new = revision.committed(place, a), revision.at(place, b)
    with revision.opened(place, old) as before, revision.opened(place, new) as after:
        found = labeldiff.compare(before, after)
    return found, (old.name, new.name), link(new.pin)


def link(pin: Pin) -> Link:
    """Where a task of a pin's project is looked at."""
    return lambda task: f"{pin.url}/projects/{pin.project_id}/data?task={task}"
