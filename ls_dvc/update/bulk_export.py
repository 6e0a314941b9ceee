"""All tasks in the answer to one request, without a snapshot on the server.

The answer names annotators by their e-mail, so only its canonical form is kept, in the side cache:
the MD5 in the pin is of that. The server cannot send it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ls_dvc.errors import ServerError
from ls_dvc.io import canonical_json, json_items
from ls_dvc.io.files import md5
from ls_dvc.io.iso_time import parse_time
from ls_dvc.labels import canonical
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server.cache import Cache
from ls_dvc.server.interface import Server

HINT = "try again, or set label_studio.update.method to `snapshots` in params.yaml"


def take(server: Server, cache: Cache, folder: Path, newest: str) -> ExportSnapshot:
    """All tasks, in the side cache; `folder` is for temporary files.

    `newest` is the time of the last change by the server's clock, ISO 8601. `ServerError` if the
    answer is cut off, or older than that: a gateway may have cached an earlier one.
    """
    raw, canonical_file = folder / "raw.json", folder / "canonical.json"
    server.download_all(raw)
    tasks, last_change = 0, datetime.min.replace(tzinfo=timezone.utc)
    with canonical_file.open("wb") as out:
        for task_json in _tasks(raw, server.url):
            _require_predictions(task_json, server.url)
            out.write(b",\n" if tasks else b"[\n")
            out.write(canonical_json.text(canonical.task(task_json)).encode())
            tasks, last_change = tasks + 1, max(last_change, parse_time(task_json["updated_at"]))
        out.write(b"\n]\n" if tasks else b"[]\n")
    raw.unlink()
    if newest and last_change < parse_time(newest):
        raise ServerError(
            f"{server.url} sent labels as they were at {last_change:%Y-%m-%dT%H:%M:%SZ}, and says "
            f"that the last change was made at {newest}",
            "try again; if it stays so, check whether a gateway before the server caches answers",
        )
    snapshot = ExportSnapshot(0, "bulk", md5(canonical_file), tasks)
    cache.put(snapshot, canonical_file)
    return snapshot


def _tasks(raw: Path, url: str) -> Iterator[Mapping[str, Any]]:
    """The tasks of the answer, one in memory at a time."""
    try:
        with raw.open("rb") as file, raw.open("rb") as text:
            for first, end, _ in json_items.items(file):
                text.seek(first)
                yield _task(json.loads(text.read(end - first)))
    except ValueError as error:
        raise ServerError(f"{url} did not send a complete list of tasks: {error}", HINT) from error


def _task(item: Any) -> Mapping[str, Any]:
    if not isinstance(item, dict) or not isinstance(item.get("updated_at"), str):
        raise ValueError("it holds something that is no task")  # noqa: TRY004  (wrong content)
    return item


def _require_predictions(task: Mapping[str, Any], url: str) -> None:
    if any(not isinstance(task_json, dict) for task_json in task.get("predictions") or ()):
        raise ServerError(
            f"{url} sends no predictions in one request, only their ids (task {task.get('id')})",
            "set label_studio.update.method to `snapshots` in params.yaml",
        )
