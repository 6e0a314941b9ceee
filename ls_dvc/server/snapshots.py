"""Export snapshots: created once, awaited with a deadline, found again if the answer is lost."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tenacity import (
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
)

from ls_dvc.errors import LsDvcError, ServerError
from ls_dvc.io.iso_time import parse_time
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.server import views
from ls_dvc.server.client import Client
from ls_dvc.server.decoding import decoding
from ls_dvc.server.interface import LARGEST_ID, TITLE, ServerSnapshot, SnapshotChoice, TaskRange
from ls_dvc.server.probe import selection
from ls_dvc.server.refusals import NoResponseError, RefusedError

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


@decoding("api/projects/…/exports/")
def take(client: Client, project_id: int, span: TaskRange, polling: PollSettings) -> ExportSnapshot:
    """A finished snapshot of the tasks in `span`: a delta when that has a time, else a range.

    Two exports at once can fail on SQLite, so a failed one is removed and made anew a few times.
    """
    with views.temporary(client, project_id, selection(span)) as view_id:
        created = _retrying(polling)(
            _create, client, project_id, view_id, _range_title(span), polling
        )
    number, md5, tasks = int(created["id"]), str(created["md5"]), _tasks(created)
    if span.since:
        return ExportSnapshot(number, "delta", md5, tasks)
    return ExportSnapshot(number, "range", md5, tasks, span.first, span.last)


def _range_title(span: TaskRange) -> str:
    ids = "" if span.last == LARGEST_ID else f"{span.first}-{span.last}"
    return " ".join(filter(None, (ids, "delta" if span.since else "")))


@decoding("api/projects/…/exports/")
def take_view(
    client: Client, project_id: int, view_id: int, polling: PollSettings
) -> ExportSnapshot:
    """A finished snapshot of what a view shows; see `take`.

    If the view is deleted meanwhile, the server exports all tasks without an error.
    """
    created = _retrying(polling)(_create, client, project_id, view_id, f"view {view_id}", polling)
    return ExportSnapshot(int(created["id"]), "view", str(created["md5"]), _tasks(created))


def discard(client: Client, project_id: int, snapshot_id: int) -> None:
    """Remove a snapshot that no pin will name."""
    client.delete(f"api/projects/{project_id}/exports/{snapshot_id}")


def listed(client: Client, project_id: int) -> list[ServerSnapshot]:
    """The newest snapshots of a project, whoever made them; at most `SHOWN`."""
    response = client.get(f"api/projects/{project_id}/exports/")
    with _parsing(client, project_id):
        return [_listed(entry) for entry in response]


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
        response = client.get(f"api/projects/{project_id}/exports/{choice}")
    except RefusedError as error:
        if error.status != 404:
            raise
        return None
    with _parsing(client, project_id):
        return _listed(response)


@contextmanager
def _parsing(client: Client, project_id: int) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ServerError(
            f"{client.url} lists the snapshots of project {project_id} in an unknown format"
        ) from None


def _listed(entry: dict[str, Any]) -> ServerSnapshot:
    return ServerSnapshot(
        id=int(entry["id"]),
        title=str(entry["title"]),
        made_at=parse_time(str(entry["created_at"])),
        tasks=_tasks(entry),
        finished=entry["status"] not in _UNFINISHED,
        md5=str(entry.get("md5") or "") if entry["status"] == "completed" else "",
    )


def _tasks(entry: Mapping[str, Any]) -> int:
    return int((entry.get("counters") or {}).get("task_number", 0))


def _retrying(polling: PollSettings) -> Retrying:
    return Retrying(
        retry=retry_if_exception_type((_FailedError, _AbsentError)),
        stop=stop_after_attempt(polling.attempts),
        wait=wait_exponential(multiplier=polling.first_wait * 5, max=10),
        reraise=True,
    )


def _create(
    client: Client, project_id: int, view_id: int, what: str, polling: PollSettings
) -> dict[str, Any]:
    title = f"{TITLE} {what} {uuid.uuid4().hex}"
    body = {
        "title": title,
        "task_filter_options": {"view": view_id},
        "serialization_options": _SERIALIZATION,
    }
    try:
        path = f"api/projects/{project_id}/exports/"
        snapshot = client.post(path, body, timeout=polling.answer)
    except NoResponseError:
        snapshot = _adopt(client, project_id, title, polling)
    return _finished(client, project_id, snapshot, polling)


def _adopt(client: Client, project_id: int, title: str, polling: PollSettings) -> dict[str, Any]:
    """The snapshot with our title: the server goes on working after its client has left.

    https://github.com/HumanSignal/label-studio/issues/5262
    """
    retrying = Retrying(
        retry=retry_if_result(lambda snapshot: snapshot is None)
        | retry_if_exception_type(NoResponseError),
        stop=stop_after_delay(polling.lookup),
        wait=wait_exponential(multiplier=polling.first_wait, max=10),
        retry_error_callback=lambda _: None,
    )
    snapshot: dict[str, Any] | None = retrying(_look_up, client, project_id, title)
    if snapshot is None:
        raise _AbsentError(
            f"{client.url} neither answered nor started the export", "try again later"
        )
    return snapshot


def _look_up(client: Client, project_id: int, title: str) -> dict[str, Any] | None:
    for entry in client.get(f"api/projects/{project_id}/exports/"):
        if entry.get("title") == title:
            return dict(entry)
    return None


def _finished(
    client: Client, project_id: int, snapshot: dict[str, Any], polling: PollSettings
) -> dict[str, Any]:
    """`snapshot` once it is completed; removed from the server when it cannot be."""
    retrying = Retrying(
        retry=retry_if_result(lambda entry: entry.get("status") in _UNFINISHED)
        | retry_if_exception_type(NoResponseError),
        stop=stop_after_delay(polling.ready),
        wait=wait_exponential(multiplier=polling.first_wait, max=10),
        retry_error_callback=lambda _: {},
    )
    path = f"api/projects/{project_id}/exports/{snapshot['id']}"
    if snapshot.get("status") in _UNFINISHED:
        snapshot = {**snapshot, **retrying(client.get, path)}
    if snapshot.get("status") == "completed":
        return snapshot
    discard(client, project_id, snapshot["id"])
    if snapshot.get("status") == "failed":
        raise _FailedError(
            f"{client.url} failed to export project {project_id}",
            "see the log of the server, then try again",
        )
    raise ServerError(
        f"{client.url} did not finish snapshot {snapshot['id']} of project {project_id} in "
        f"{polling.ready:.0f} s",
        "see the load and the log of the server, then try again",
    )
