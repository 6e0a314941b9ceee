"""Media from where they came: folders of the repository, and the addresses that tasks name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ls_dvc.history.snapshot_sources import Connect
from ls_dvc.labels import label_config
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.media import MediaEntry
from ls_dvc.media.addresses import AddressRules, RootedFile, destination
from ls_dvc.media.fetch import Fetched, Fetcher, MediaRequest
from ls_dvc.media.gathered import FilesByHash, Found
from ls_dvc.pin.pin import Pin
from ls_dvc.progress import Reporter
from ls_dvc.settings.media import MediaSettings
from ls_dvc.workspace import Workspace

OTHER_BYTES = "other bytes than those that were pinned"
ANY = "Image"  # the kind of an object that the label config no longer has


@dataclass(frozen=True)
class RootedMedia:
    """Files in folders of the repository, which `label_studio.media.roots` names."""

    workspace: Workspace
    name: str = "label_studio.media.roots"

    def find(self, wanted: Sequence[MediaEntry]) -> Found:
        """What is there with the bytes that were pinned. They are never hardlinked: DVC would make
        such a file read-only in the user's folder."""
        settings = self.workspace.params.media or MediaSettings()
        verified, there = self.workspace.media_store.verified, dict[str, Path]()
        rules, reasons = AddressRules("", roots=settings.roots), dict[str, str]()
        for entry in wanted:
            where = destination(entry.address, rules)
            if entry.file is None or not isinstance(where, RootedFile):
                continue
            path = self.workspace.folder / where.folder / where.path
            if verified.is_whole(path, entry.file.md5, entry.file.size):
                there[entry.file.md5] = path
            elif path.is_file():
                reasons[entry.file.md5] = f"{path}: {OTHER_BYTES}"
        media = FilesByHash(there.__getitem__, ("reflink", "copy"))
        return Found(media, frozenset(there), reasons)


@dataclass(frozen=True)
class SourceMedia:
    """The addresses themselves, asked again."""

    workspace: Workspace
    pin: Pin
    connect: Connect
    report: Reporter
    name: str = "its address"

    def find(self, wanted: Sequence[MediaEntry]) -> Found:
        """What still comes with the bytes that were pinned; it is in the media store then."""
        settings = self.workspace.params.media or MediaSettings()
        store = self.workspace.media_store
        server = self.connect()
        fetcher = Fetcher(server, settings, self.workspace.folder, self.pin.project_id, store)
        md5s = {entry.address: entry.file.md5 for entry in wanted if entry.file is not None}
        whole, reasons = set[str](), dict[str, str]()
        for result in fetcher.fetch(list(self._requests(wanted)), self.report):
            md5 = md5s[result.address]
            if not isinstance(result, Fetched):
                reasons[md5] = result.message
            elif result.file.md5 == md5:
                whole.add(md5)
            else:
                reasons[md5] = OTHER_BYTES
        return Found(FilesByHash(store.path), frozenset(whole), reasons)

    def _requests(self, wanted: Sequence[MediaEntry]) -> Iterator[MediaRequest]:
        for entry in wanted:
            shown_by = self._config.object_named(entry.object)
            yield MediaRequest(entry.address, shown_by.tag if shown_by else ANY)

    @cached_property
    def _config(self) -> LabelConfig:
        return label_config.parse(self.pin.label_config, "the pinned label config")
