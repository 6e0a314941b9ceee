"""Tar archives in a format's folder, written bit by bit."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass, field

from ls_dvc.convert.loose_files import LooseFiles
from ls_dvc.labels.media import MediaFile


@dataclass
class TarArchives:
    """Tar archives as they are written, the archives of one folder one after the other.

    Their bytes depend on names and contents alone: no owner, no time, no host.
    """

    files: LooseFiles
    current: dict[str, str] = field(default_factory=dict)  # the unfinished archive of each folder

    def add(self, archive: str, path: str, content: bytes | MediaFile) -> None:
        """Put a file into an archive, under the last part of its path."""
        folder = archive.rpartition("/")[0]
        if self.current.get(folder) != archive:
            self._end(folder)
            self.current[folder] = archive
        member = tarfile.TarInfo(path.rpartition("/")[2])
        member.size = content.size if isinstance(content, MediaFile) else len(content)
        member.mode = 0o644
        header = member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
        padding = bytes(-member.size % tarfile.BLOCKSIZE)
        if isinstance(content, MediaFile):
            self.files.extend(archive, header)
            for block in self.files.blocks(content):
                self.files.extend(archive, block)
            self.files.extend(archive, padding)
        else:
            self.files.extend(archive, header + content + padding)

    def end(self) -> None:
        """Finish the archives."""
        for folder in list(self.current):
            self._end(folder)

    def _end(self, folder: str) -> None:
        archive = self.current.pop(folder, None)
        if archive is not None:
            self.files.extend(archive, bytes(2 * tarfile.BLOCKSIZE))
            self.files.finish(archive)
