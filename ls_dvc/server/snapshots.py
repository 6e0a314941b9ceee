"""Export snapshots: created once, awaited with a deadline, found again if the answer is lost."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from tenacity import (
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    stop_after_delay,
)

from ls_dvc.errors import LsDvcError, ServerError
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server import views
from ls_dvc.server.answers import ExportAnswer
from ls_dvc.server.client import Client
from ls_dvc.server.interface import LARGEST_ID, TITLE, ServerSnapshot, SnapshotChoice, TaskRange
from ls_dvc.server.probe import selection
from ls_dvc.server.refusals import NoResponseError, RefusedError, UnexpectedResponseError
from ls_dvc.server.retries import retrying

SHOWN = 100  # the server lists no more than its newest, and has no further pages

# E-mails live in expanded users and drafts; histories and interpolated frames are no labels.
_SERIALIZATION = {
    "annotations__completed_by": {"only_id": True},
    "drafts": {"only_id": True},
    "predictions": {"only_id": False},
    "include_annotation_history": False,
    "interpolate_key_frames": False,
}


_UNFINISHED = ("created", "in_progress")


@dataclass(frozen=True)
class PollSettings:
    """How long to wait, in seconds, and how often to try; `first_wait` doubles up to 10 s."""

    answer: float = 900.0
    ready: float = 3600.0
    lookup: float = 60.0
    first_wait: float = 0.2
    attempts: int = 4


class _FailedError(ServerError):
    """The server reports a failed snapshot; another one may succeed."""


class _AbsentError(ServerError):
    """The request to create a snapshot never arrived."""


def take(client: Client, project_id: int, span: TaskRange, polling: PollSettings) -> ExportSnapshot:
    """A finished snapshot of the tasks in `span`: a delta when that has a time, else a range.

    Two exports at once can fail on SQLite, so a failed one is removed and made anew a few times.
    """
    with views.temporary(client, project_id, selection(span)) as view_id:
        created = _created(client, project_id, view_id, _range_title(span), polling)
    number, md5, tasks = created.id, created.md5 or "", created.tasks
    if span.since:
        return ExportSnapshot(number, "delta", md5, tasks)
    return ExportSnapshot(number, "range", md5, tasks, span.first, span.last)


def _range_title(span: TaskRange) -> str:
    ids = "" if span.last == LARGEST_ID else f"{span.first}-{span.last}"
    return " ".join(filter(None, (ids, "delta" if span.since else "")))


def take_view(
    client: Client, project_id: int, view_id: int, polling: PollSettings
) -> ExportSnapshot:
    """A finished snapshot of what a view shows; see `take`.

    If the view is deleted meanwhile, the server exports all tasks without an error.
    """
    created = _created(client, project_id, view_id, f"view {view_id}", polling)
    return ExportSnapshot(created.id, "view", created.md5 or "", created.tasks)


def discard(client: Client, project_id: int, snapshot_id: int) -> None:
    """Remove a snapshot that no pin will name."""
    client.delete(f"api/projects/{project_id}/exports/{snapshot_id}")


def listed(client: Client, project_id: int) -> list[ServerSnapshot]:
    """The newest snapshots of a project, whoever made them; at most `SHOWN`."""
    return [_listed(entry) for entry in _entries(client, project_id)]


def _entries(client: Client, project_id: int) -> list[ExportAnswer]:
    return client.get(f"api/projects/{project_id}/exports/", list[ExportAnswer])


def still_available(
    client: Client, project_id: int, pinned: Iterable[ExportSnapshot]
) -> list[ExportSnapshot]:
    """Those of `pinned` that can still be downloaded; one request, if the list holds all."""
    newest = listed(client, project_id)
    known = {(snapshot.id, snapshot.md5) for snapshot in newest}
    return [
        snapshot
        for snapshot in pinned
        if (snapshot.id, snapshot.md5) in known
        or (len(newest) >= SHOWN and _md5(client, project_id, snapshot.id) == snapshot.md5)
    ]


def _md5(client: Client, project_id: int, number: int) -> str:
    snapshot = _by_number(client, project_id, number)
    return snapshot.md5 if snapshot else ""


def find_snapshot(client: Client, project_id: int, choice: SnapshotChoice) -> ServerSnapshot:
    """A snapshot that can be downloaded; the latest is the newest that we did not make.

    `LsDvcError` when there is none.
    """
    hint = "create one in Label Studio: Export > Create New Snapshot"
    if choice == "latest":
        candidates = [
            candidate
            for candidate in listed(client, project_id)
            if candidate.md5 and not candidate.is_ours
        ]
        if not candidates:
            raise LsDvcError(
                f"project {project_id} on {client.url} has no snapshot that people made", hint
            )
        return max(candidates, key=lambda candidate: (candidate.made_at, candidate.id))
    snapshot = _by_number(client, project_id, choice)
    if snapshot is None:
        raise LsDvcError(
            f"project {project_id} on {client.url} has no snapshot {choice}",
            "check label_studio.project_id in params.yaml",
        )
    if not snapshot.md5:
        raise LsDvcError(f"snapshot {choice} of project {project_id} is not finished", hint)
    return snapshot


def _by_number(client: Client, project_id: int, choice: int) -> ServerSnapshot | None:
    try:
        path = f"api/projects/{project_id}/exports/{choice}"
        return _listed(client.get(path, ExportAnswer))
    except RefusedError as error:
        if error.status != 404:
            raise
        return None


def _listed(entry: ExportAnswer) -> ServerSnapshot:
    return ServerSnapshot(
        id=entry.id,
        title=entry.title or "",
        made_at=entry.created_at,
        tasks=entry.tasks,
        finished=entry.status not in _UNFINISHED,
        md5=(entry.md5 or "") if entry.status == "completed" else "",
    )


def _created(
    client: Client, project_id: int, view_id: int, what: str, polling: PollSettings
) -> ExportAnswer:
    trying = retrying(
        client.deadline,
        retry_if_exception_type((_FailedError, _AbsentError)),
        stop_after_attempt(polling.attempts),
        first=polling.first_wait * 5,
    )
    found: ExportAnswer = trying(_create, client, project_id, view_id, what, polling)
    return found


def _create(
    client: Client, project_id: int, view_id: int, what: str, polling: PollSettings
) -> ExportAnswer:
    title = f"{TITLE} {what} {uuid.uuid4().hex}"
    body = {
        "title": title,
        "task_filter_options": {"view": view_id},
        "serialization_options": _SERIALIZATION,
    }
    try:
        path = f"api/projects/{project_id}/exports/"
        snapshot = client.post(path, body, ExportAnswer, timeout=polling.answer)
    except NoResponseError:
        snapshot = _adopt(client, project_id, title, polling.lookup, polling)
    except UnexpectedResponseError as error:
        if error.status < 500:
            raise
        snapshot = _adopt(client, project_id, title, 0, polling)  # it may be there all the same
    return _finished(client, project_id, snapshot, polling)


def _adopt(
    client: Client, project_id: int, title: str, seconds: float, polling: PollSettings
) -> ExportAnswer:
    """The snapshot with our title: the server goes on working after its client has left.

    https://github.com/HumanSignal/label-studio/issues/5262
    """
    looking = retrying(
        client.deadline,
        retry_if_result(lambda snapshot: snapshot is None)
        | retry_if_exception_type(NoResponseError),
        stop_after_delay(seconds),
        first=polling.first_wait,
        last=lambda _: None,
    )
    snapshot: ExportAnswer | None = looking(_look_up, client, project_id, title)
    if snapshot is None:
        raise _AbsentError(
            f"{client.url} neither answered nor started the export",
            "try again later; see the log of the server",
        )
    return snapshot


def _look_up(client: Client, project_id: int, title: str) -> ExportAnswer | None:
    return next((each for each in _entries(client, project_id) if each.title == title), None)


def _finished(
    client: Client, project_id: int, snapshot: ExportAnswer, polling: PollSettings
) -> ExportAnswer:
    """`snapshot` once it is completed; removed from the server when it cannot be."""
    polled = retrying(
        client.deadline,
        retry_if_result(lambda entry: entry.status in _UNFINISHED)
        | retry_if_exception_type(NoResponseError),
        stop_after_delay(polling.ready),
        first=polling.first_wait,
        last=lambda _: snapshot,
    )
    path = f"api/projects/{project_id}/exports/{snapshot.id}"
    if snapshot.status in _UNFINISHED:
        snapshot = polled(client.get, path, ExportAnswer)
    if snapshot.status == "completed":
        return snapshot
    discard(client, project_id, snapshot.id)
    if snapshot.status == "failed":
        raise _FailedError(
            f"{client.url} failed to export project {project_id}",
            "see the log of the server, then try again",
        )
    raise ServerError(
        f"{client.url} did not finish snapshot {snapshot.id} of project {project_id} in "
        f"{polling.ready:.0f} s",
        "see the load and the log of the server, then try again",
    )
