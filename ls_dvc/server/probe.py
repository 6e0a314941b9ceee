"""Cheap questions: what is the project, did its labels move, which ids does it have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ls_dvc import canonical
from ls_dvc.errors import ServerError
from ls_dvc.lock import Probe, ServerState
from ls_dvc.server.client import Client, RefusedError

_TOTALS = ("total", "total_annotations", "total_predictions")


def state(client: Client, project_id: int) -> ServerState:
    """The project, and what changes whenever its labels do, in four cheap requests."""
    title, config = _project(client, project_id)
    return ServerState(project_id, title, config, _probe(client, project_id, config))


def _project(client: Client, project_id: int) -> tuple[str, str]:
    """Title and label config; `ServerError` when there is no such project."""
    try:
        found = client.get(f"api/projects/{project_id}/")
    except RefusedError as error:
        if error.status != 404 or "Project" not in str(error):
            raise
        raise ServerError(
            f"project {project_id} not found on {client.url}",
            "check label_studio.project_id in params.yaml, and that the key's user may see it",
        ) from None
    try:
        config = str(found["label_config"]).replace("\r\n", "\n").replace("\r", "\n")
        return str(found["title"]), config
    except (KeyError, TypeError, ValueError):
        raise ServerError(
            f"{client.url} does not answer like a Label Studio server",
            "check LABEL_STUDIO_URL, or label_studio.url in params.yaml",
        ) from None


def _probe(client: Client, project_id: int, config: str) -> Probe:
    """The cost does not grow with the project. Drafts are left out: they are no labels yet."""
    newest = _ask(client, project_id, {"ordering": ["-tasks:updated_at"]})
    summary = client.get(f"api/projects/{project_id}/summary/")
    moved = {name: summary.get(name) for name in ("all_data_columns", "created_labels")}
    moved["created_annotations"] = summary.get("created_annotations")
    moved["model_versions"] = _model_versions(client, project_id)
    tasks = newest.get("tasks") or [{}]
    return Probe(
        tasks=newest["total"],
        annotations=newest["total_annotations"],
        predictions=newest["total_predictions"],
        updated_at=str(tasks[0].get("updated_at", "")),
        label_config=canonical.digest(config.encode()),
        summary=canonical.digest(canonical.line(moved)),
    )


def _model_versions(client: Client, project_id: int) -> Any:
    """How many predictions each model made, and when the last one: replaced ones move no total."""
    path = f"api/projects/{project_id}/model-versions/"
    try:
        return client.get(path, extended="true").get("static")
    except RefusedError as error:
        if error.status != 404:
            raise
        return None  # a server that does not have the question yet


def bounds(client: Client, project_id: int) -> tuple[int, int]:
    """The smallest and the largest task id; the project has at least one task."""
    ends = [_ask(client, project_id, {"ordering": [order]}) for order in ("tasks:id", "-tasks:id")]
    if not all(end.get("tasks") for end in ends):
        raise ServerError(f"project {project_id} on {client.url} lost its tasks as we looked")
    first, last = (int(end["tasks"][0]["id"]) for end in ends)
    return first, last


def count(client: Client, project_id: int, first: int, last: int) -> int:
    """How many tasks have an id from `first` to `last`, both included."""
    found: int = _ask(client, project_id, {"filters": id_filter(first, last)})["total"]
    return found


def id_filter(first: int, last: int) -> dict[str, Any]:
    """A Data Manager filter for the ids from `first` to `last`, both included."""
    item = {
        "filter": "filter:tasks:id",
        "operator": "in",
        "type": "Number",
        "value": {"min": first, "max": last},
    }
    return {"conjunction": "and", "items": [item]}


def _ask(client: Client, project_id: int, query: Mapping[str, Any]) -> Mapping[str, Any]:
    """One row of the project's tasks that `query` selects, with the totals over all of them."""
    answer = client.get(
        "api/tasks/",
        project=project_id,
        page=1,
        page_size=1,
        include="id,updated_at",
        query=json.dumps(query),
    )
    try:
        return {**answer, **{name: int(answer[name]) for name in _TOTALS}}
    except (KeyError, TypeError, ValueError):
        raise ServerError(f"{client.url}/api/tasks/ answered without totals") from None
