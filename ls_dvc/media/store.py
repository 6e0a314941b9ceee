"""The media store: files by their MD5, in the side cache; what was fetched stays for the next try.

It lies in `.dvc/tmp/ls-dvc/media/` and may be deleted at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ls_dvc.io import temporary
from ls_dvc.labels.media import MediaFile
from ls_dvc.media.verified import VerifiedFiles
from ls_dvc.server.cache import Cache


@dataclass(frozen=True)
class MediaStore:
    """The store in the folder `root`, which need not exist yet."""

    root: Path

    @classmethod
    def of(cls, cache: Cache) -> MediaStore:
        """The store in a side cache."""
        return cls(cache.root / "media")

    def path(self, md5: str) -> Path:
        """Where the content with this MD5 lies, or would lie."""
        return self.root / "files" / md5[:2] / md5[2:]

    def temporary(self) -> Path:
        """A folder on the same disk for files that still arrive; it is made, and swept."""
        folder = self.root / "arriving"
        folder.mkdir(parents=True, exist_ok=True)
        temporary.sweep(folder)
        return folder

    def put(self, file: Path, md5: str) -> None:
        """Take over a file of the same disk whose content has this MD5."""
        path = self.path(md5)
        path.parent.mkdir(parents=True, exist_ok=True)
        file.chmod(0o444)
        file.replace(path)
        self.verified.remember(path, md5)

    def holds(self, file: MediaFile) -> bool:
        """Whether the content is here and whole; a file with other content is removed.

        What was read once is read again only when the file looks changed.
        """
        path = self.path(file.md5)
        if self.verified.is_whole(path, file.md5, file.size):
            return True
        path.unlink(missing_ok=True)
        return False

    def files(self) -> Iterator[Path]:
        """Every file in the store by path; its MD5 is `md5_of` it."""
        return (path for path in sorted(self.root.glob("files/*/*")) if path.is_file())

    def md5_of(self, path: Path) -> str:
        """The name of a file of `files` as an MD5."""
        return path.parent.name + path.name

    @cached_property
    def verified(self) -> VerifiedFiles:
        """Which media files were read and found whole, in the store and anywhere else."""
        return VerifiedFiles(self.root / "verified")
