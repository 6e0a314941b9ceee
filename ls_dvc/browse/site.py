"""What is behind each path: the page, its style and script, tasks as JSON, pictures, recordings.

No path names a file: media are asked for by task and number in the media map of the version.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import parse_qsl

from ls_dvc.browse.byte_ranges import wanted_part
from ls_dvc.browse.indexing import Indexing, in_a_sentence
from ls_dvc.browse.pictures import Pictures, Size
from ls_dvc.browse.shard_reader import ShardReader
from ls_dvc.browse.shown_version import ShownVersion
from ls_dvc.browse.task_index import Query
from ls_dvc.errors import LsDvcError
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.media import MediaEntry
from ls_dvc.labels.selection import select
from ls_dvc.labels.splits import split_of
from ls_dvc.media.image_size import PILLOW_FORMATS
from ls_dvc.media.sniff import HEAD, media_type
from ls_dvc.pages import browse_page, document
from ls_dvc.pages.browse_page import PLAYERS, Colors, Drawing
from ls_dvc.pages.task_scenes import ScenePlan
from ls_dvc.pages.version_scenes import VersionScene, version_scene

TILES = 48  # in an answer
AT_ONCE = 4  # answers about tasks that are worked on, and as many about media
_MEDIA = re.compile(r"(small|large|file|why)/(\d{1,18})/(\d{1,4})", re.ASCII)
_JPEG, _JSON = "image/jpeg", "application/json"
_HTML, _TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
_ASSETS = {
    "browse.css": ("text/css; charset=utf-8", ("page.css", "colors.css", "browse.css")),
    "browse.js": ("text/javascript; charset=utf-8", ("browse.js",)),
    "icon.svg": ("image/svg+xml", ("icon.svg",)),
}


@dataclass(frozen=True)
class FilePart:
    """`length` bytes from `first` on of a file that is opened to be sent."""

    content: AbstractContextManager[BinaryIO]
    first: int
    length: int


@dataclass(frozen=True)
class SiteAnswer:
    """`span` is the Content-Range of a part. `may_be_kept`: the browser may ask only once."""

    status: int
    type: str
    body: bytes | FilePart
    may_be_kept: bool = False
    span: str = ""


def in_words(status: int, text: str) -> SiteAnswer:
    """An answer in words."""
    return SiteAnswer(status, _TEXT, f"{document.shown(text)}\n".encode("utf-8", "replace"))


class Site:
    """Answers about one version; threads may share it."""

    def __init__(self, version: ShownVersion, indexing: Indexing) -> None:
        self._version = version
        self._indexing = indexing
        self._reader = ShardReader(version.folder)
        self._colors = Colors(version.config)
        self._pictures = Pictures(version.open_media)
        split = version.policy.split
        self._plan = ScenePlan(
            version.config, (lambda task: split_of(task, split)) if split else (lambda _: "")
        )
        self._work = threading.Semaphore(AT_ONCE)
        self._media_work = threading.Semaphore(AT_ONCE)  # a remote may be slow

    def answer(self, target: str, wanted: str = "") -> SiteAnswer:
        """What is at a path with its query; `wanted` is the header `Range`."""
        path, _, query = target.partition("?")
        if path == "":
            return SiteAnswer(200, _HTML, browse_page.frame(self._version.name))
        if path in _ASSETS:
            kind, names = _ASSETS[path]
            return SiteAnswer(200, kind, document.assets(*names))
        try:
            if match := _MEDIA.fullmatch(path):
                with self._media_work:
                    return self._media(match[1], int(match[2]), int(match[3]), wanted)
            with self._work:
                return self._worked_out(path, _parameters(query))
        except LsDvcError as error:
            return in_words(404, in_a_sentence(error))
        except OSError as error:
            return in_words(404, f"a file cannot be read: {error.strerror}")
        except (ValueError, OverflowError):
            return in_words(400, "the address has values of other types")

    def _worked_out(self, path: str, query: Mapping[str, str]) -> SiteAnswer:
        if path == "summary":
            return _json(self._summary())
        if path == "tiles":
            return _json(self._tiles(Query.of(query), int(query.get("from", "0"))))
        if path == "task":
            return self._task(int(query.get("id", "")), Query.of(query))
        return in_words(404, "nothing is here")

    def _summary(self) -> dict[str, Any]:
        indexing = self._indexing
        return {
            "facts": [list(each) for each in self._version.facts],
            "tasks": self._version.tasks,
            "indexed": len(indexing.index),
            "done": indexing.is_done,
            "problem": indexing.problem,
            "facets": self._facets(),
        }

    def _facets(self) -> dict[str, list[list[Any]]]:
        """Values with their numbers of tasks; labels also with their colours."""
        facets = self._indexing.index.facets()
        labels = [[name, size, self._colors.of(name)] for name, size in facets["label"]]
        return {**{name: [*map(list, each)] for name, each in facets.items()}, "label": labels}

    def _tiles(self, query: Query, first: int) -> dict[str, Any]:
        found = self._indexing.index.find(query)
        ids = found[max(0, first) : max(0, first) + TILES]
        tasks = [self._reader.task(each) for each in ids]
        return {
            "total": len(found),
            "first": first,
            "tiles": [self._tile(task) for task in tasks if task is not None],
        }

    def _tile(self, task: Task) -> dict[str, Any]:
        scene, drawing = self._drawn(task)
        return {**browse_page.tile(scene, drawing), "state": self._state(task)}

    def _state(self, task: Task) -> str:
        return select(task, self._version.policy).state.value

    def _task(self, task_id: int, query: Query) -> SiteAnswer:
        task = self._reader.task(task_id)
        if task is None:
            return in_words(404, f"{self._version.name} has no task {task_id}")
        scene, drawing = self._drawn(task)
        found = self._indexing.index.find(query)
        link = self._version.link
        reasons = self._version.reasons.get(task_id, ())
        return _json(
            {
                **browse_page.task(scene, drawing, reasons),
                "state": self._state(task),
                "link": link(task_id) if link else "",
                **_neighbours(found, task_id),
            }
        )

    def _drawn(self, task: Task) -> tuple[VersionScene, Drawing]:
        media = self._reader.media(task["id"])
        by_address = {entry.address: entry for entry in media}
        drawing = Drawing(self._colors, media, PILLOW_FORMATS.__contains__)
        return version_scene(task, by_address, self._plan), drawing

    def _media(self, what: str, task_id: int, number: int, wanted: str) -> SiteAnswer:
        media = self._reader.media(task_id)
        if number >= len(media):
            return in_words(404, f"task {task_id} shows no such file")
        entry = media[number]
        if what == "why":
            return _json({"reason": self._why(entry)})
        if what == "file":
            return self._recording(entry, wanted)
        size: Size = "small" if what == "small" else "large"
        return SiteAnswer(200, _JPEG, self._pictures.picture(entry, size), may_be_kept=True)

    def _why(self, entry: MediaEntry) -> str:
        """Why there is no picture, in words; empty if there is one."""
        try:
            self._pictures.picture(entry, "small")
        except LsDvcError as error:
            return in_a_sentence(error)
        return ""

    def _recording(self, entry: MediaEntry, wanted: str) -> SiteAnswer:
        """A file that browsers play, as what it is by its first bytes, and only then."""
        if entry.file is None:
            raise LsDvcError(f"no file is pinned: {entry.missing}")
        with self._version.open_media(entry) as content:
            kind = media_type(content.read(min(HEAD, entry.file.size)))
        if kind not in PLAYERS:
            return in_words(404, f"browsers do not play {kind}")
        size = entry.file.size
        part = wanted_part(wanted, size)
        if part is None:
            return SiteAnswer(416, _TEXT, b"", span=f"bytes */{size}")
        first, end = part
        body = FilePart(self._version.open_media(entry), first, end - first)
        span = f"bytes {first}-{end - 1}/{size}" if wanted else ""
        return SiteAnswer(206 if span else 200, kind, body, may_be_kept=True, span=span)


def _parameters(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, errors="replace", max_num_fields=20))


def _neighbours(found: Sequence[int], task_id: int) -> dict[str, Any]:
    """Where a task is among those that were found, and which are next to it; 0 where none is."""
    at = bisect_left(found, task_id)
    is_there = at < len(found) and found[at] == task_id
    after = at + 1 if is_there else at
    return {
        "position": at + 1 if is_there else 0,
        "total": len(found),
        "previous": found[at - 1] if at else 0,
        "next": found[after] if after < len(found) else 0,
    }


def _json(value: object) -> SiteAnswer:
    return SiteAnswer(200, _JSON, document.json_in_script(value).encode())
