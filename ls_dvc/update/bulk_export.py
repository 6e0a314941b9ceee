"""All tasks in the answer to one request, which leaves no snapshot on the server.

What the server sends names annotators by their e-mail, so it is kept in canonical form alone: that
is what the MD5 of the pin is of, and what lies in the side cache. Nobody can send it again.
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

HINT = "try again; `label_studio.update.method: snapshots` in params.yaml asks for less at once"


def take(server: Server, cache: Cache, folder: Path, newest: str) -> ExportSnapshot:
    """All tasks, in the side cache; `folder` is for files on the way there.

    `newest` is when the last change was made, by the server's clock, ISO 8601. `ServerError` when
    what came is not whole, or older than that: a gateway may keep what was asked before.
    """
    raw, kept = folder / "raw.json", folder / "canonical.json"
    server.bulk(raw)
    tasks, changed = 0, datetime.min.replace(tzinfo=timezone.utc)
    with kept.open("wb") as out:
        for each in _tasks(raw, server.url):
            _require_predictions(each, server.url)
            out.write(b",\n" if tasks else b"[\n")
            out.write(canonical_json.text(canonical.task(each)).encode())
            tasks, changed = tasks + 1, max(changed, parse_time(each["updated_at"]))
        out.write(b"\n]\n" if tasks else b"[]\n")
    raw.unlink()
    if newest and changed < parse_time(newest):
        raise ServerError(
            f"{server.url} sent labels as they were at {changed:%Y-%m-%dT%H:%M:%SZ}, and says that "
            f"the last change was made at {newest}",
            "try again; when it stays so, does a gateway before it answer from its memory?",
        )
    snapshot = ExportSnapshot(0, "bulk", md5(kept), tasks)
    cache.put(snapshot, kept)
    return snapshot


def _tasks(raw: Path, url: str) -> Iterator[Mapping[str, Any]]:
    """The tasks that were sent, one in memory at a time."""
    try:
        with raw.open("rb") as file, raw.open("rb") as text:
            for first, end, _ in json_items.items(file):
                text.seek(first)
                yield _task(json.loads(text.read(end - first)))
    except ValueError as error:
        raise ServerError(f"{url} did not send a whole list of tasks: {error}", HINT) from error


def _task(sent: Any) -> Mapping[str, Any]:
    if not isinstance(sent, dict) or not isinstance(sent.get("updated_at"), str):
        raise ValueError("it holds something that is no task")  # noqa: TRY004  (wrong content)
    return sent


def _require_predictions(task: Mapping[str, Any], url: str) -> None:
    if any(not isinstance(each, dict) for each in task.get("predictions") or ()):
        raise ServerError(
            f"{url} sends no predictions in one request, only their ids (task {task.get('id')})",
            "`label_studio.update.method: snapshots` in params.yaml has them whole",
        )
