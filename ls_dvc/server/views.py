"""Temporary Data Manager views: a filtered snapshot needs one, while it is created."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tenacity import retry_if_exception, stop_after_attempt

from ls_dvc.errors import ServerError
from ls_dvc.server.answers import ListedView, Numbered
from ls_dvc.server.client import Client
from ls_dvc.server.refusals import NoResponseError, RefusedError, UnexpectedResponseError
from ls_dvc.server.retries import is_broken, retrying

PREFIX = "ls-dvc temporary "
STALE_SECONDS = 3600.0
ATTEMPTS = 4


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
        view_id = _made(client, project_id, title, body)
    except BaseException:
        _sweep(client, project_id, lambda name: name == title)
        raise
    try:
        yield view_id
    finally:
        client.delete(f"api/dm/views/{view_id}/")


def _made(client: Client, project_id: int, title: str, body: dict[str, Any]) -> int:
    """The id of a new view; when the answer is lost, that of the one which has the title."""
    trying = retrying(
        client.deadline, retry_if_exception(is_broken), stop_after_attempt(ATTEMPTS), longest=5
    )
    number: int = trying(_posted, client, project_id, title, body)
    return number


def _posted(client: Client, project_id: int, title: str, body: dict[str, Any]) -> int:
    try:
        return client.post("api/dm/views/", body, Numbered).id
    except (NoResponseError, UnexpectedResponseError):
        for view in _listed(client, project_id):
            if _title(view) == title:
                return view.id
        raise


def filters(client: Client, project_id: int, view_id: int) -> Any:
    """The filters of a view, as the server has them; None when it shows everything.

    `ServerError` when the project has no such view, for an export would then be one of everything,
    and when tasks are ticked in it, for it would be one of these alone.
    """
    try:
        view = client.get(f"api/dm/views/{view_id}/", ListedView)
    except RefusedError as error:
        if error.status != 404:
            raise
        view = ListedView(id=view_id, project=0)
    if view.project != project_id:
        raise ServerError(
            f"project {project_id} on {client.url} has no view {view_id}",
            "label_studio.update.view in params.yaml is the number after `tab=` in the address of "
            "the Data Manager; check that the view was not deleted",
        )
    data = view.data
    if data and _narrows(data.selected):
        raise ServerError(
            f"tasks are ticked in the view {view_id} of project {project_id} on {client.url}",
            "untick them in the Data Manager: the server exports and counts only these",
        )
    return data.filters if data else None


def _narrows(ticked: Any) -> bool:
    """Whether ticks leave out tasks; with `all`, the ones named are those without a tick."""
    if not isinstance(ticked, Mapping):
        return False
    return bool(ticked.get("excluded" if ticked.get("all") else "included"))


def remove_leftovers(client: Client, project_id: int, now: Callable[[], float] = time.time) -> None:
    """Remove the views that killed runs left behind, an hour old or more."""
    _sweep(client, project_id, lambda title: _is_stale(title, now()))


def _sweep(client: Client, project_id: int, unwanted: Callable[[str], bool]) -> None:
    """Best effort: views are litter, and no labels are lost with them."""
    try:
        for view in _listed(client, project_id):
            if unwanted(_title(view)):
                client.delete(f"api/dm/views/{view.id}/")
    except ServerError:
        return


def _listed(client: Client, project_id: int) -> list[ListedView]:
    return client.get("api/dm/views/", list[ListedView], project=project_id)


def _title(view: ListedView) -> str:
    return str(view.data.title) if view.data else ""


def _is_stale(title: str, now: float) -> bool:
    if not title.startswith(PREFIX):
        return False
    created = title.removeprefix(PREFIX).partition(" ")[0]
    return len(created) < 12 and created.isdecimal() and now - int(created) > STALE_SECONDS
