"""The media store: files by their MD5, in the side cache; what was fetched stays for the next try.

It lies in `.dvc/tmp/ls-dvc/media/` and may be deleted at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class MediaStore:
    """The store in the folder `root`, which need not exist yet."""

    root: Path

    def path(self, md5: str) -> Path:
        """Where the content with this MD5 lies, or would lie."""
        return self.root / "files" / md5[:2] / md5[2:]

    def temporary(self) -> Path:
        """A folder on the same disk for files that still arrive; it is made."""
        folder = self.root / "arriving"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def put(self, file: Path, md5: str) -> None:
        """Take over a file of the same disk whose content has this MD5."""
        path = self.path(md5)
        path.parent.mkdir(parents=True, exist_ok=True)
        file.chmod(0o444)
        file.replace(path)
