"""Answers with one value gone, null, of another type, huge, deep; broken bodies: server errors."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from ls_dvc.errors import LsDvcError, ServerUnavailableError
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server import about, conversions, new_project, probe, snapshots, views
from ls_dvc.server import client as client_module
from ls_dvc.server.client import Client
from ls_dvc.server.interface import TaskRange
from ls_dvc.server.new_project import LabelStudioProjects
from ls_dvc.server.pace import Deadline
from ls_dvc.server.project import LabelStudioProject
from ls_dvc.server.snapshots import PollSettings
from ls_dvc.server.uploads import Upload, upload
from ls_dvc.settings.connection import Connection

URL = "http://studio.example"
POLLING = PollSettings(answer=5, ready=0, lookup=0, first_wait=0, attempts=1)
PERSONAL = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTksInRva2VuX3R5cGUiOiJyZWZyZXNoIn0.c2ln"
EXPORT = {
    "id": 3,
    "title": "ls-dvc 1-9 0",
    "created_by": {"id": 1, "email": "a@example.com"},
    "created_at": "2026-01-01T00:00:00.000000Z",
    "finished_at": "2026-01-01T00:00:01.000000Z",
    "status": "completed",
    "md5": "37a6259cc0c1dae299a7866489dff0bd",
    "counters": {"task_number": 1, "annotation_number": 1, "is_labeled_number": 1},
    "converted_formats": [
        {"id": 4, "status": "completed", "export_type": "YOLO", "traceback": None}
    ],
}
COUNTS = {"total_annotations": 0, "cancelled_annotations": 0, "total_predictions": 0}
TASK = {**COUNTS, "id": 1, "data": {"text": "t"}, "updated_at": "2026-01-01T00:00:00.000000Z"}
PAGE = {"total": 1, "total_annotations": 1, "total_predictions": 0, "tasks": [TASK]}
VIEW = {
    "id": 7,
    "project": 1,
    "order": 0,
    "data": {
        "title": "ls-dvc temporary 1700000000 x",
        "filters": {"conjunction": "and", "items": [{"filter": "filter:tasks:id", "value": 1}]},
        "selectedItems": {"all": False, "included": []},
    },
}

# What Label Studio 1.23.2 answers, by request; the first that fits counts.
RECORDED: list[tuple[str, Any]] = [
    ("POST /api/token/refresh", {"access": PERSONAL}),
    (
        "GET /api/projects/1/summary",
        {
            "all_data_columns": {"text": 1},
            "common_data_columns": ["text"],
            "created_annotations": {"kind|text|choices": 1},
            "created_labels": {"kind": {"A": 1}},
        },
    ),
    (
        "GET /api/projects/1/model-versions",
        {
            "static": [{"model_version": "m", "count": 1, "latest": "2026-01-01T00:00:00Z"}],
            "live": [],
        },
    ),
    (
        "GET /api/projects/1/export/formats",
        [{"name": "YOLO", "title": "YOLO", "description": "d", "disabled": False, "tags": ["t"]}],
    ),
    ("POST /api/projects/1/exports/3/convert", {"export_type": "YOLO", "converted_format": 4}),
    ("GET /api/projects/1/exports/3", EXPORT),
    ("POST /api/projects/1/exports/", EXPORT),
    ("GET /api/projects/1/exports/", [EXPORT]),
    (
        "POST /api/projects/1/import",
        {
            "task_count": 1,
            "annotation_count": 0,
            "prediction_count": 0,
            "task_ids": [1],
            "file_upload_ids": [1],
            "duration": 0.1,
        },
    ),
    ("GET /api/projects/1/file-uploads", [{"id": 1, "file": "upload/1/a.png", "size": 3}]),
    ("PATCH /api/projects/1/", {"id": 1, "title": "t"}),
    (
        "GET /api/projects/1/",
        {
            "title": "t",
            "label_config": "<View/>",
            "total_annotations_number": 1,
            "total_predictions_number": 0,
            "skipped_annotations_number": 0,
        },
    ),
    ("POST /api/projects/", {"id": 1, "title": "t"}),
    ("GET /api/projects/", {"count": 1, "results": [{"id": 1, "title": "t"}]}),
    ("GET /api/tasks/", PAGE),
    ("POST /api/dm/views/", VIEW),
    ("GET /api/dm/views/7/", VIEW),
    ("GET /api/dm/views/", [VIEW]),
    ("GET /api/version/", {"release": "1.23.2", "label-studio-os-package": {"version": "1"}}),
    ("GET /api/current-user/whoami", {"id": 1, "email": "a@example.com"}),
    ("GET /api/users/", [{"id": 1, "email": "a@example.com", "username": "a"}]),
]
KEYS = [key for key, _ in RECORDED]


def _filled(project: Client) -> None:
    server = LabelStudioProjects(project, POLLING)
    server.create("t", "<View/>")
    server.add(1, [{"id": 1, "data": {}, "annotations": [], "predictions": []}], 0)
    server.finish(1, "t", "<View/>")
    server.remove("t")


def _converted(client: Client, folder: Path) -> None:
    conversion = conversions.Conversion(client, 1, 3, "YOLO", 0.0, 0.0)
    conversion._status()
    conversion._begin()
    conversion._wait(0.0)


Reader = Callable[[Client, Path], object]
READERS: dict[str, list[Reader]] = {
    "state": [lambda client, _: probe.state(client, 1)],
    "state of a view": [lambda client, _: probe.state(client, 1, view=7)],
    "bounds": [lambda client, _: probe.bounds(client, 1)],
    "count": [lambda client, _: probe.count(client, 1, TaskRange(1, 9))],
    "take": [
        lambda client, _: snapshots.take(client, 1, TaskRange(1, 9), POLLING),
        lambda client, _: snapshots.take_view(client, 1, 7, POLLING),
    ],
    "find": [
        lambda client, _: snapshots.find_snapshot(client, 1, 3),
        lambda client, _: snapshots.still_available(client, 1, [ExportSnapshot(3, "range", "", 1)]),
    ],
    "sweep": [lambda client, _: views.remove_leftovers(client, 1)],
    "formats": [lambda client, _: LabelStudioProject(client, 1).offered_formats()],
    "convert": [_converted],
    "about": [
        lambda client, _: about.about(client),
        lambda client, _: about.require_valid_key(client),
        lambda client, _: about.sample(client, 1),
    ],
    "restore": [lambda client, _: _filled(client), lambda client, _: new_project.users(client)],
    "upload": [lambda client, _: list(upload(client, 1, [Upload("a", "image/png", b"")]))],
}
LOOKS = READERS["state"] + READERS["state of a view"]
ALL = [reader for readers in READERS.values() for reader in readers]
LEGITIMATE = re.compile(r"has no view 7|are ticked in the view|lost its tasks")


class Studio:
    """Answers as recorded, but for one request."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.key = ""
        self.other: tuple[dict[str, str], bytes] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            return httpx.Response(204, request=request)
        line = f"{request.method} {request.url.path}".replace("projects/7/", "projects/1/")
        key, answer = next(pair for pair in RECORDED if line.startswith(pair[0]))
        self.asked.add(key)
        if key == self.key and self.other is not None:
            headers, body = self.other
            stream = httpx.ByteStream(body)
            return httpx.Response(200, headers=headers, stream=stream, request=request)
        return httpx.Response(200, json=answer, request=request)


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> Studio:
    found = Studio()
    send = lambda self, request: found(request)  # noqa: E731
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", send)
    monkeypatch.setattr(Deadline, "sleep", lambda *_: None)
    monkeypatch.setattr(client_module, "ATTEMPTS", 1)
    return found


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


OTHERS = (None, -1, 2**64, 1e300, "9" * 5000, True, [None], {"a": deep(60)})


def mutations(value: Any) -> Iterator[Any]:
    """The value replaced, and each part of it gone or replaced."""
    yield from OTHERS
    if isinstance(value, dict):
        for key, part in value.items():
            yield {name: each for name, each in value.items() if name != key}
            yield from ({**value, key: each} for each in mutations(part))
    if isinstance(value, list):
        yield from ([each] for part in value for each in mutations(part))


def bodies(answer: Any) -> Iterator[tuple[dict[str, str], bytes]]:
    """Broken bodies, with their headers."""
    good = json.dumps(answer).encode()
    kind = {"Content-Type": "application/json"}
    packed = {**kind, "Content-Encoding": "gzip"}
    yield {"Content-Type": "text/html"}, b"<html>Sign in</html>"
    yield {}, b""
    yield from ((kind, good[: len(good) * part // 8]) for part in range(8))
    yield from ((kind, each) for each in (b"NaN", b"[1e999]", b'{"id": "\xff"}', b'"\\ud800"'))
    yield from ((kind, good.replace(b": 1", b": " + each)) for each in (b"NaN", b"9" * 5000))
    yield from ((kind, each * 1000) for each in (b"[", b'{"a":', b'[{"id":'))
    yield kind, good.replace(b'"id":', b'"id":' + b"[" * 1000 + b"]" * 1000 + b',"x":')
    yield packed, good
    yield packed, gzip.compress(good)[:-9]
    yield packed, b"\x1f\x8b" + good
    yield {**kind, "Content-Encoding": "br"}, good
    yield {**kind, "Content-Encoding": "gzip, gzip"}, gzip.compress(gzip.compress(good))


def readers_of(studio: Studio, key: str, client: Client, folder: Path) -> list[Reader]:
    """Those that ask for it."""
    found = []
    for reader in ALL:
        studio.asked.clear()
        read(reader, client, folder)
        if key in studio.asked:
            found.append(reader)
    return found


def read(reader: Reader, client: Client, folder: Path) -> LsDvcError | None:
    """What a reader raises; anything else than our errors goes through."""
    try:
        reader(client, folder)
    except LsDvcError as error:
        return error
    return None


def require_passing(error: LsDvcError | None) -> None:
    """What an odd answer raises is not the end of a watch."""
    if error is not None and not LEGITIMATE.search(str(error)):
        assert isinstance(error, ServerUnavailableError), error


def answers_instead(key: str) -> list[tuple[dict[str, str], bytes]]:
    answer, kind = dict(RECORDED)[key], {"Content-Type": "application/json"}
    changed = [(kind, json.dumps(each).encode()) for each in mutations(answer)]
    return [*changed, *bodies(answer)]


@pytest.mark.parametrize("key", KEYS)
def test_nothing_but_an_error_for_users_comes_out(studio: Studio, key: str, tmp_path: Path) -> None:
    is_token = "token" in key
    with closing(Client(Connection(URL, PERSONAL if is_token else "0" * 40))) as client:
        readers = ALL[:1] if is_token else readers_of(studio, key, client, tmp_path)
        assert readers, f"nobody asks for {key}"
        studio.key = key
        for headers, body in answers_instead(key):
            studio.other = (headers, body)
            for reader in [*readers[:1], *readers[-1:]]:
                error = read(reader, client, tmp_path)
                if reader in LOOKS:
                    require_passing(error)


def test_enough_is_tried() -> None:
    assert sum(len(answers_instead(key)) for key in KEYS) >= 851
