"""Media from several places: for each content the first that has it, whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from ls_dvc.convert.loose_files import MediaSource
from ls_dvc.errors import LsDvcError
from ls_dvc.io.links import KINDS, LinkKind, link
from ls_dvc.labels.media import MediaEntry, MediaFile


@dataclass(frozen=True)
class Found:
    """What a place has of the files that it was asked for.

    `whole` are the MD5 of those that `media` gives; `reasons` say why it has not got the others,
    by MD5, if there is more to say than that they are not there.
    """

    media: MediaSource
    whole: frozenset[str]
    reasons: Mapping[str, str] = field(default_factory=dict)


class MediaPlace(Protocol):
    """Where media may be, as a user would call it."""

    @property
    def name(self) -> str:
        """Such as `DVC's remote`."""

    def find(self, wanted: Sequence[MediaEntry]) -> Found:
        """Those of the files that are there, every byte checked; `LsDvcError` if it cannot tell."""


class FilesByHash:
    """Media as files whose paths follow from their MD5."""

    def __init__(self, path: Callable[[str], Path], kinds: Sequence[LinkKind] = KINDS) -> None:
        """`path` gives the path of an MD5, `kinds` are the links that may be made of the files."""
        self._path = path
        self._kinds = kinds

    def place(self, file: MediaFile, target: Path) -> None:
        """Make the new file `target` with this content."""
        link(self._path(file.md5), target, self._kinds)

    def open(self, file: MediaFile) -> BinaryIO:
        """Its content."""
        return self._path(file.md5).open("rb")


@dataclass(frozen=True)
class Gathered:
    """Where each content is, by MD5; of those that are nowhere, the reasons of all places."""

    media: Mapping[str, MediaSource]
    missing: Mapping[str, Sequence[str]]


def gather(wanted: Sequence[MediaEntry], places: Iterable[MediaPlace]) -> Gathered:
    """Ask the places in order, each for all that those before it have not got.

    `wanted` has an entry for each content.
    """
    media: dict[str, MediaSource] = {}
    reasons: dict[str, list[str]] = {file.md5: [] for file in files_of(wanted)}
    left = list(wanted)
    for place in places:
        if not left:
            break
        found, why = _asked(place, left)
        if found is not None:
            media.update(dict.fromkeys(found.whole, found.media))
            left = [each for each in left if each.file and each.file.md5 not in found.whole]
        for file in files_of(left):
            reason = why or (found.reasons.get(file.md5) if found else "") or "not there"
            reasons[file.md5].append(f"{place.name}: {reason}")
    return Gathered(media, {file.md5: reasons[file.md5] for file in files_of(left)})


def files_of(entries: Iterable[MediaEntry]) -> Iterator[MediaFile]:
    """The files of those that have one."""
    return (entry.file for entry in entries if entry.file is not None)


def _asked(place: MediaPlace, wanted: Sequence[MediaEntry]) -> tuple[Found | None, str]:
    """What it has; else why it cannot say."""
    try:
        return place.find(wanted), ""
    except LsDvcError as error:
        return None, f"{error} ({error.hint})" if error.hint else str(error)
    except OSError as error:
        return None, str(error)
