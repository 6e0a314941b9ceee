"""Writes the chunks of a format into its folder: loose files, archives, files of the media."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from ls_dvc.convert.dataset_folder import FormatSummary
from ls_dvc.convert.loose_files import LooseFiles, MediaSource
from ls_dvc.convert.tar_archives import TarArchives
from ls_dvc.formats.interface import Chunk
from ls_dvc.labels.shards import start_of


def write_format(
    folder: Path,
    chunks: Iterable[Chunk],
    media: MediaSource | None = None,
    *,
    archived: bool = False,
) -> FormatSummary:
    """Write a format's files below `folder`, which is made.

    `archived` puts the small files of tasks into a tar archive for each shard: DVC is slow with
    many files, and a changed label still changes only one archive. `media` has the files that
    chunks name.
    """
    folder.mkdir()
    with LooseFiles(folder, media) as files:
        archives = TarArchives(files)
        for (path, task, file, archive), group in groupby(chunks, key=_OF_FILE):
            if archive or (archived and task is not None):
                content = file or b"".join([chunk.data for chunk in group])
                archives.add(archive or _archive_of(path, task or 0), path, content)
            elif file is not None:
                files.place(path, file)
            elif task is None:
                for chunk in group:
                    files.extend(path, chunk.data)
            else:
                files.add(path, b"".join([chunk.data for chunk in group]))
        archives.end()
    return files.summary()


_OF_FILE = attrgetter("path", "task", "file", "archive")


def _archive_of(path: str, task: int) -> str:
    """`labels/<shard>.tar` for a file of a task in `labels/`."""
    folder, slash, _ = path.rpartition("/")
    return f"{folder}{slash}{start_of(task):010d}.tar"
