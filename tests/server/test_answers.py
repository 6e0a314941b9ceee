"""Answers with one value gone, null or of another type: nothing but an error of the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, cast

import pytest

from ls_dvc.errors import LsDvcError
from ls_dvc.server import about, new_project, probe, snapshots, views
from ls_dvc.server.client import Client
from ls_dvc.server.conversions import Conversion
from ls_dvc.server.interface import TaskRange
from ls_dvc.server.snapshots import PollSettings
from ls_dvc.server.uploads import Upload, upload

PAGE = {
    "total": 1,
    "total_annotations": 1,
    "total_predictions": 0,
    "tasks": [{"id": 1, "updated_at": "2026-01-01T00:00:00Z", "data": {"text": "t"}}],
}
EXPORT = {
    "id": 3,
    "title": "t",
    "created_at": "2026-01-01T00:00:00Z",
    "status": "completed",
    "md5": "0" * 32,
    "counters": {"task_number": 1},
}
ANSWERS: dict[str, Any] = {
    "api/projects/1/": {"title": "t", "label_config": "<View/>", "total_annotations_number": 1},
    "api/tasks/": PAGE,
    "api/projects/1/summary/": {"all_data_columns": {"text": 1}, "created_labels": {}},
    "api/projects/1/model-versions/": {"static": [{"model_version": "m", "count": 1}]},
    "api/dm/views/": {"id": 5},
    "api/dm/views/7/": {"project": 1, "data": {"filters": {"items": []}, "selectedItems": {}}},
    "api/projects/1/exports/": EXPORT,
    "api/users/": [{"id": 1}],
    "api/projects/1/import": {"file_upload_ids": [1]},
    "api/projects/1/file-uploads": [{"id": 1, "file": "upload/a"}],
}


class Answering:
    """A client that has an answer for each path."""

    url = "http://fake"

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers

    def get(self, path: str, **_: Any) -> Any:
        return self._answers[path] if path in self._answers else self._answers["api/dm/views/"]

    def post(self, path: str, _: Any, **__: Any) -> Any:
        return self._answers[path]

    def upload(self, path: str, _: Any, **__: Any) -> Any:
        return self._answers[path]

    def delete(self, path: str) -> None:
        """Nothing is there."""


def mutations(value: Any) -> Iterator[Any]:
    """The value replaced, and each part of it gone or replaced."""
    yield from (None, 7, "text", [], {}, [None], True, 1e300)
    if isinstance(value, dict):
        for key, part in value.items():
            yield {name: each for name, each in value.items() if name != key}
            yield from ({**value, key: each} for each in mutations(part))
    if isinstance(value, list):
        yield from ([each] for part in value for each in mutations(part))


POLLING = PollSettings(answer=0, ready=0, lookup=0, first_wait=0, attempts=1)
READERS: list[Callable[[Client], object]] = [
    lambda client: probe.state(client, 1),
    lambda client: probe.state(client, 1, view=7),
    lambda client: probe.bounds(client, 1),
    lambda client: snapshots.take(client, 1, TaskRange(1, 9), POLLING),
    lambda client: snapshots.listed(client, 1),
    lambda client: views.remove_leftovers(client, 1),
    new_project.users,
    lambda client: about.sample(client, 1),
    lambda client: list(upload(client, 1, [Upload("a", "text/plain", b"")])),
]


@pytest.mark.parametrize("path", ANSWERS)
def test_nothing_but_an_error_for_users_comes_out(path: str) -> None:
    for mutated in mutations(ANSWERS[path]):
        client = cast(Client, Answering({**ANSWERS, path: mutated}))
        for read in READERS:
            with suppress(LsDvcError):
                read(client)


@pytest.mark.parametrize("states", [7, True, "text", {"a": 1}, [7], [None]])
def test_list_of_conversions_of_another_type_names_none(states: object) -> None:
    client = Answering({"api/projects/1/exports/3": {"converted_formats": states}})
    conversion = Conversion(cast(Client, client), 1, 3, "YOLO", 0.0)
    assert conversion._status() == ""
