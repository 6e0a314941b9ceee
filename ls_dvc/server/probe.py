"""Cheap requests: what the project is, whether its labels changed, which ids it has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ls_dvc.errors import ServerError
from ls_dvc.execution.background import BackgroundTasks
from ls_dvc.io import canonical_json
from ls_dvc.pin.pin import Probe
from ls_dvc.server import views
from ls_dvc.server.answers import ModelVersions, ProjectAnswer, Scalar, Summary, TaskPage
from ls_dvc.server.client import Client
from ls_dvc.server.interface import ServerState, TaskRange
from ls_dvc.server.refusals import RefusedError

NEWEST = 20  # tasks changed last, whose times a probe looks at

_COUNT_FIELDS = {
    "annotations": "total_annotations_number",
    "predictions": "total_predictions_number",
    "skipped": "skipped_annotations_number",
}
_PROJECT_FIELDS = ",".join(
    ("title", "label_config", *_COUNT_FIELDS.values())
)  # other counts cost the server more


def state(client: Client, project_id: int, view: int | None = None) -> ServerState:
    """The project, and what changes whenever its labels do, in four cheap parallel requests.

    Two more ask for the filters and the totals of a `view`: its labels change only if something
    in the project does, or its filter. Of several errors the same one is always raised.
    """
    with BackgroundTasks() as background:
        project = background.start(lambda: _project(client, project_id))
        newest = background.start(lambda: _newest(client, project_id))
        summary = background.start(lambda: _summary(client, project_id))
        models = background.start(lambda: _model_versions(client, project_id))
        if view is not None:
            filters = background.start(lambda: views.filters(client, project_id, view))
            totals = background.start(lambda: _page(client, project_id, view=view))
    title, config, counted = project.result()
    probe = _probe(config, counted, newest.result(), summary.result(), models.result())
    if view is not None:
        probe = _of_view(probe, view, filters.result(), totals.result())
    return ServerState(project_id, title, config, probe)


def _project(client: Client, project_id: int) -> tuple[str, str, dict[str, int]]:
    """Title, label config, and what is counted; `ServerError` when there is no such project."""
    try:
        path = f"api/projects/{project_id}/"
        answer = client.get(path, ProjectAnswer, include=_PROJECT_FIELDS)
    except RefusedError as error:
        if error.status != 404 or "Project" not in str(error):
            raise
        raise ServerError(
            f"project {project_id} not found on {client.url}",
            "check label_studio.project_id in params.yaml, and that the key's user may see it",
        ) from None
    config = (answer.label_config or "").replace("\r\n", "\n").replace("\r", "\n")
    counted = _integers({what: getattr(answer, name) for what, name in _COUNT_FIELDS.items()})
    return answer.title or "", config, counted


def _summary(client: Client, project_id: int) -> Summary:
    return client.get(f"api/projects/{project_id}/summary/", Summary)


def _newest(client: Client, project_id: int) -> TaskPage:
    """The tasks changed last; a draft changes no task.

    More than the newest time is compared: of two changes made at once, the one with the earlier
    time may become visible later.
    """
    return _ask(client, project_id, {"ordering": ["-tasks:updated_at"]}, rows=NEWEST)


def _probe(
    config: str,
    counted: Mapping[str, int],
    newest: TaskPage,
    summary: Summary,
    models: Sequence[Mapping[str, Scalar]],
) -> Probe:
    times = [entry.updated_at for entry in newest.tasks]
    changing = {
        "all_data_columns": summary.all_data_columns,
        "created_labels": summary.created_labels,
        "created_annotations": summary.created_annotations,
        "model_versions": models,
    }
    return Probe(
        tasks=newest.total,
        annotations=newest.total_annotations,
        predictions=newest.total_predictions,
        updated_at=times[0] if times else "",
        label_config=canonical_json.digest(config.encode()),
        summary=canonical_json.digest(canonical_json.line(changing)),
        newest=canonical_json.digest(canonical_json.line(times)),
        columns=_integers(summary.all_data_columns),
        counted=counted,
        models=_integers({str(each.get("model_version")): each.get("count") for each in models}),
        predicted_at=max((str(entry.get("latest") or "") for entry in models), default=""),
    )


def _of_view(probe: Probe, view: int, filters: Any, totals: TaskPage) -> Probe:
    of_project = [probe.summary, probe.counted, probe.models, filters]
    return replace(
        probe,
        tasks=totals.total,
        annotations=totals.total_annotations,
        predictions=totals.total_predictions,
        summary=canonical_json.digest(canonical_json.line(of_project)),
        view=view,
        counted={},
        models={},
    )


def _integers(counts: Any) -> dict[str, int]:
    answer = counts if isinstance(counts, Mapping) else {}
    named = sorted(key for key in answer if isinstance(key, str))
    return {key: answer[key] for key in named if type(answer[key]) is int}


def _model_versions(client: Client, project_id: int) -> list[dict[str, Scalar]]:
    """How many predictions each model made, and when: replaced ones change no total."""
    path = f"api/projects/{project_id}/model-versions/"
    try:
        return client.get(path, ModelVersions, extended="true").static or []
    except RefusedError as error:
        if error.status != 404:
            raise
        return []  # a server that does not have the question yet


def bounds(client: Client, project_id: int) -> tuple[int, int]:
    """The smallest and the largest task id; the project has at least one task."""
    with BackgroundTasks() as background:
        orders = ("tasks:id", "-tasks:id")
        questions = [partial(_ask, client, project_id, {"ordering": [order]}) for order in orders]
        pages = [page.result() for page in [*map(background.start, questions)]]
    if not all(page.tasks for page in pages):
        raise ServerError(f"project {project_id} on {client.url} lost its tasks as we looked")
    first, last = (page.tasks[0].id for page in pages)
    return first, last


def count(client: Client, project_id: int, span: TaskRange) -> int:
    """How many tasks are in `span`; known times do not fit into an address, so a view has them."""
    if span.known:
        with views.temporary(client, project_id, selection(span)) as view_id:
            return _page(client, project_id, view=view_id).total
    return _ask(client, project_id, {"filters": selection(span)}).total


def selection(span: TaskRange) -> dict[str, Any]:
    """A Data Manager filter for the tasks in `span`."""
    ids = {"min": span.first, "max": span.last}
    items = [_item("id", "in", "Number", ids)]
    if span.since:
        items.append(_item("updated_at", "greater", "Datetime", span.since))
    if span.known:
        items.append(_item("updated_at", "not_in_list", "Datetime", span.known))
    return {"conjunction": "and", "items": items}


def _item(column: str, operator: str, kind: str, value: Any) -> dict[str, Any]:
    return {"filter": f"filter:tasks:{column}", "operator": operator, "type": kind, "value": value}


def _ask(client: Client, project_id: int, query: Mapping[str, Any], rows: int = 1) -> TaskPage:
    """Rows of the project's tasks that `query` selects, with the totals over all of them."""
    return _page(client, project_id, rows, query=json.dumps(query))


def _page(client: Client, project_id: int, rows: int = 1, **which: Any) -> TaskPage:
    return client.get(
        "api/tasks/",
        TaskPage,
        project=project_id,
        page=1,
        page_size=rows,
        include="id,updated_at",
        **which,
    )
