"""Uploads of a restored version: the pinned files go up again, into the new project."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from ls_dvc.errors import LsDvcError
from ls_dvc.io import canonical_json, filenames
from ls_dvc.labels.media import MediaEntry, MediaFile
from ls_dvc.labels.shards import start_of
from ls_dvc.server.uploads import Upload
from ls_dvc.snapshot import manifest, media_map
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

OpenMedia = Callable[[MediaFile], BinaryIO]

_UPLOADED = re.compile(r"[^?#]*/data/upload/\d+/")
_PREFIX = re.compile(r"[0-9a-f]{8}-")  # what the server puts before the name of an upload


class UploadTarget(Protocol):
    """Where files are uploaded to; implemented by `server.new_project.LabelStudioProjects`."""

    def upload(self, project_id: int, files: Iterable[Upload]) -> Iterator[str]:
        """Upload files to a project; the address of each, in order."""


@dataclass
class RestoredUploads:
    """The uploads in a snapshot folder, uploaded again as batches of tasks need them.

    `addresses` leads from the old address of each that was uploaded to the new one. `open`
    gives the content of a pinned file, which is checked here.
    """

    folder: SnapshotFolder
    open: OpenMedia
    addresses: dict[str, str] = field(default_factory=dict)

    def moved(
        self, target: UploadTarget, project_id: int, tasks: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """The same tasks with the new addresses of their uploads."""
        unique = {entry.address: entry for entry in self._unsent(tasks)}
        new = target.upload(project_id, map(self._upload, unique.values()))
        self.addresses.update(zip(unique, new, strict=True))
        return [{**task, "data": self._replaced(task["data"])} for task in tasks]

    def _unsent(self, tasks: Sequence[dict[str, Any]]) -> Iterator[MediaEntry]:
        """Those of the shards of `tasks`."""
        for start in sorted({start_of(task["id"]) for task in tasks}):
            entries = media_map.of_shard(self.folder, manifest.shard_name(start))
            for address, entry in entries.items():
                is_upload = _UPLOADED.match(address) is not None and entry.file is not None
                if is_upload and address not in self.addresses:
                    yield entry

    def _upload(self, entry: MediaEntry) -> Upload:
        file = entry.file
        assert file is not None  # noqa: S101  (such entries alone are uploaded)
        stem, extension = filenames.split(entry.address, entry.task)
        prefix = _PREFIX.match(stem)
        name = stem[prefix.end() :] if prefix else stem
        return Upload(name + file.extension_like(extension), file.type, self._content(file))

    def _content(self, file: MediaFile) -> bytes:
        with self.open(file) as source:
            content = source.read(file.size)
        if canonical_json.digest(content) != file.sha256:
            raise LsDvcError(
                f"the media file {file.name} is not the one that was pinned",
                "run `ls-dvc verify` to see what else is damaged",
            )
        return content

    def _replaced(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.addresses.get(value, value)
        if isinstance(value, list):
            return [self._replaced(item) for item in value]
        if isinstance(value, dict):
            return {key: self._replaced(item) for key, item in value.items()}
        return value
