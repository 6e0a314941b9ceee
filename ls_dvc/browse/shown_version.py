"""What the server shows, opened by whoever starts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ls_dvc.browse.pictures import OpenMedia
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.policy import Policy
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

Reasons = Mapping[int, Sequence[str]]
"""Why formats left out a task or some of it, by task id."""


@dataclass(frozen=True)
class ShownVersion:
    """A version of the labels. `facts` are what is known of it, as (word, value).

    `link` gives the address of a task in Label Studio, if it has one.
    """

    name: str
    facts: Sequence[tuple[str, str]]
    folder: SnapshotFolder
    config: LabelConfig
    policy: Policy
    reasons: Reasons
    open_media: OpenMedia
    link: Callable[[int], str] | None = None

    @property
    def tasks(self) -> int:
        """How many there are, as the manifest counts them."""
        return self.folder.manifest.counts.tasks
