"""How to update: what the settings and the command line ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ls_dvc.server.interface import SnapshotChoice
from ls_dvc.settings.params import UpdateSettings
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.update.pin_media import MediaUpdate


@dataclass(frozen=True)
class UpdateOptions:
    """How to update.

    `full` takes everything anew, though no labels changed. `allow_inconsistent` pins even if labels
    keep changing: tasks may be from different moments. `adopt` takes an existing snapshot.

    `pinned` gives the labels of the old pin, and `base` the version to count changes against, if
    they are available locally; both are called only if labels changed. `renames` leads from old
    names of classes to new ones. `served` are the formats that the server writes, of all labels in
    one snapshot; True where our own converter may write them instead. `media` are fetched and
    pinned as well; `without_media` pins none though the settings want some.
    """

    settings: UpdateSettings
    full: bool = False
    allow_inconsistent: bool = False
    adopt: SnapshotChoice | None = None
    pinned: Callable[[], SnapshotFolder | None] = lambda: None
    base: Callable[[], SnapshotFolder | None] = lambda: None
    renames: Mapping[str, str] = field(default_factory=dict)
    served: Mapping[str, bool] = field(default_factory=dict)
    without_media: bool = False
    media: MediaUpdate | None = None

    @property
    def anew(self) -> bool:
        """Whether to make a new pin even if no labels changed."""
        return self.full or self.adopt is not None

    @property
    def media_settings(self) -> str:
        """The digest of the settings of media; empty where none are wanted."""
        return self.media.settings.digest if self.media is not None else ""

    @property
    def asks_again(self) -> bool:
        """Whether media that are known are to be asked for again."""
        return self.media is not None and self.media.settings.recheck != "never"
