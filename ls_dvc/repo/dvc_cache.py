"""DVC's cache on this machine, read without DVC: loading it takes longer than users of git wait."""

from __future__ import annotations

from collections.abc import Mapping
from configparser import ConfigParser, Error
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ls_dvc.repo.dvc import parsed_listing


@dataclass(frozen=True)
class CachedFolder:
    """A folder that is in the cache at `cache`, to be read file by file; `md5` is its listing's.

    Nothing is written, and no remote is asked. `OSError` for what is not there.
    """

    cache: Path
    md5: str

    def read(self, name: str) -> bytes:
        """The content of a file."""
        if name not in self._files:
            raise FileNotFoundError(2, "not in the folder", name)
        return self._object(self._files[name])

    def names(self) -> set[str]:
        """Every file in the folder."""
        return set(self._files)

    def __str__(self) -> str:
        """As a user would call it."""
        return "DVC's cache"

    @cached_property
    def _files(self) -> Mapping[str, str]:
        try:
            return parsed_listing(self._object(self.md5))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise FileNotFoundError(2, f"its listing is damaged: {error}", self.md5) from error

    def _object(self, md5: str) -> bytes:
        return (self.cache / "files" / "md5" / md5[:2] / md5[2:]).read_bytes()


def cache_folder(root: Path) -> Path:
    """Where the cache of the DVC repository `root` is, as its own configuration says."""
    folder = root / ".dvc" / "cache"
    for name in ("config", "config.local"):
        config = ConfigParser(interpolation=None, strict=False)
        try:
            config.read_string((root / ".dvc" / name).read_text(encoding="utf-8"))
            folder = root / ".dvc" / config.get("cache", "dir", fallback=str(folder))
        except (OSError, ValueError, Error):
            continue
    return folder
