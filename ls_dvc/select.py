"""Which annotation of a task counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ls_dvc.canonical import Annotation, Region, Task


class State(str, Enum):
    """What annotators made of a task; four different things, kept apart everywhere."""

    LABELED = "labeled"
    EMPTY = "empty"  # looked at, and nothing there to label
    SKIPPED = "skipped"  # looked at, and refused
    UNLABELED = "unlabeled"  # never looked at


POLICIES = ("latest",)


@dataclass(frozen=True)
class Labels:
    """A task and the annotation of it that counts, if any does."""

    task: Task
    state: State
    annotation: Annotation | None

    @property
    def regions(self) -> list[Region]:
        """The regions of the annotation that counts: every entry of its `result`."""
        return self.annotation["result"] if self.annotation else []

    @property
    def others(self) -> list[Annotation]:
        """The annotations that do not count, ordered by id."""
        return [each for each in self.task["annotations"] if each is not self.annotation]


def choose(task: Task, policy: str = "latest") -> Labels:
    """The annotation of a canonical task that counts under `policy`.

    `latest` takes the one created last (by the server's clock, then by id) that was not
    skipped. Not the one edited last: saving an annotation without a change counts as an edit.
    """
    if policy not in POLICIES:
        raise ValueError(f"unknown annotation policy {policy!r}")
    done = [each for each in task["annotations"] if not each.get("was_cancelled")]
    if not done:
        return Labels(task, State.SKIPPED if task["annotations"] else State.UNLABELED, None)
    latest = max(done, key=lambda each: (str(each.get("created_at", "")), each.get("id", 0)))
    return Labels(task, State.LABELED if latest["result"] else State.EMPTY, latest)
