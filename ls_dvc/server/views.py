"""Temporary Data Manager views: a filtered snapshot needs one, for as long as it is made."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ls_dvc.errors import ServerError
from ls_dvc.server.client import Client

PREFIX = "ls-dvc temporary "
STALE_SECONDS = 3600.0


@contextmanager
def temporary(
    client: Client, project_id: int, filters: dict[str, Any], now: Callable[[], float] = time.time
) -> Iterator[int]:
    """The id of a view that shows what `filters` select, removed again whatever happens.

    The title says when it was made (Unix seconds, our clock), so that a later run can tell the
    leftovers of a killed one from the views of one that is still at work.
    """
    title = f"{PREFIX}{int(now())} {uuid.uuid4().hex}"
    body = {"project": project_id, "data": {"title": title, "filters": filters}}
    try:
        view_id = int(client.post("api/dm/views/", body)["id"])
    except BaseException:
        _sweep(client, project_id, lambda each: each == title)
        raise
    try:
        yield view_id
    finally:
        client.delete(f"api/dm/views/{view_id}/")


def sweep(client: Client, project_id: int, now: Callable[[], float] = time.time) -> None:
    """Remove the views that killed runs left behind, an hour old or more."""
    _sweep(client, project_id, lambda title: _is_stale(title, now()))


def _sweep(client: Client, project_id: int, unwanted: Callable[[str], bool]) -> None:
    """Best effort: views are litter, and no labels are lost with them."""
    try:
        found = client.get("api/dm/views/", project=project_id)
        for view in found if isinstance(found, list) else ():
            if unwanted(str((view.get("data") or {}).get("title", ""))):
                client.delete(f"api/dm/views/{view['id']}/")
    except ServerError:
        return


def _is_stale(title: str, now: float) -> bool:
    if not title.startswith(PREFIX):
        return False
    made = title.removeprefix(PREFIX).partition(" ")[0]
    return made.isdecimal() and now - int(made) > STALE_SECONDS
