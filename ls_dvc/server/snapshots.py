"""Export snapshots: made once, waited for with a deadline, found again when the answer is lost."""

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
from ls_dvc.server.client import Client, NoResponseError, RefusedError
from ls_dvc.server.interface import LARGEST_ID, TITLE, ServerSnapshot, SnapshotChoice, TaskRange
from ls_dvc.server.probe import selection

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
    """The server said that the snapshot failed; making another one may well succeed."""


class _AbsentError(ServerError):
    """The request to make a snapshot never arrived."""


def take(
    client: Client, project_id: int, span: TaskRange, patience: PollSettings
) -> ExportSnapshot:
    """A finished snapshot of the tasks in `span`: a delta when that has a time, else a range.

    Two exports at once can fail on SQLite, so a failed one is removed and made anew a few times.
    """
    with views.temporary(client, project_id, selection(span)) as view_id:
        made = _retrying(patience)(_make, client, project_id, view_id, _named(span), patience)
    number, md5, tasks = int(made["id"]), str(made["md5"]), _tasks(made)
    if span.since:
        return ExportSnapshot(number, "delta", md5, tasks)
    return ExportSnapshot(number, "range", md5, tasks, span.first, span.last)


def _named(span: TaskRange) -> str:
    ids = "" if span.last == LARGEST_ID else f"{span.first}-{span.last}"
    return " ".join(filter(None, (ids, "delta" if span.since else "")))


def take_view(
    client: Client, project_id: int, view_id: int, patience: PollSettings
) -> ExportSnapshot:
    """A finished snapshot of what a view shows; see `take`.

    A view that is gone by then gives all tasks, without a word.
    """
    made = _retrying(patience)(_make, client, project_id, view_id, f"view {view_id}", patience)
    return ExportSnapshot(int(made["id"]), "view", str(made["md5"]), _tasks(made))


def discard(client: Client, project_id: int, snapshot_id: int) -> None:
    """Remove a snapshot that no pin will name."""
    client.delete(f"api/projects/{project_id}/exports/{snapshot_id}")


def listed(client: Client, project_id: int) -> list[ServerSnapshot]:
    """The newest snapshots of a project, whoever made them; at most `SHOWN`."""
    answer = client.get(f"api/projects/{project_id}/exports/")
    with _known_form(client, project_id):
        return [_listed(each) for each in answer]


def kept(client: Client, project_id: int, some: Iterable[ExportSnapshot]) -> list[ExportSnapshot]:
    """Those of `some` that can still be downloaded: one request, if the server lists all it has."""
    found = listed(client, project_id)
    there = {(each.id, each.md5) for each in found}
    return [
        each
        for each in some
        if (each.id, each.md5) in there
        or (len(found) >= SHOWN and _md5(client, project_id, each.id) == each.md5)
    ]


def _md5(client: Client, project_id: int, number: int) -> str:
    found = _by_number(client, project_id, number)
    return found.md5 if found else ""


def made(client: Client, project_id: int, wanted: SnapshotChoice) -> ServerSnapshot:
    """A snapshot that can be downloaded; the latest is the newest that we did not make.

    `LsDvcError` when there is none.
    """
    hint = "`Create New Snapshot` in the project's Export makes one"
    if wanted == "latest":
        some = [each for each in listed(client, project_id) if each.md5 and not each.is_ours]
        if not some:
            raise LsDvcError(
                f"nobody made a snapshot of project {project_id} on {client.url}", hint
            )
        return max(some, key=lambda each: (each.made_at, each.id))
    found = _by_number(client, project_id, wanted)
    if found is None:
        raise LsDvcError(
            f"project {project_id} on {client.url} has no snapshot {wanted}",
            "is label_studio.project_id in params.yaml that of the snapshot?",
        )
    if not found.md5:
        raise LsDvcError(f"snapshot {wanted} of project {project_id} is not finished", hint)
    return found


def _by_number(client: Client, project_id: int, wanted: int) -> ServerSnapshot | None:
    try:
        answer = client.get(f"api/projects/{project_id}/exports/{wanted}")
    except RefusedError as error:
        if error.status != 404:
            raise
        return None
    with _known_form(client, project_id):
        return _listed(answer)


@contextmanager
def _known_form(client: Client, project_id: int) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ServerError(
            f"{client.url} lists the snapshots of project {project_id} in an unknown form"
        ) from None


def _listed(each: dict[str, Any]) -> ServerSnapshot:
    return ServerSnapshot(
        id=int(each["id"]),
        title=str(each["title"]),
        made_at=parse_time(str(each["created_at"])),
        tasks=_tasks(each),
        finished=each["status"] not in _UNFINISHED,
        md5=str(each.get("md5") or "") if each["status"] == "completed" else "",
    )


def _tasks(each: Mapping[str, Any]) -> int:
    return int((each.get("counters") or {}).get("task_number", 0))


def _retrying(patience: PollSettings) -> Retrying:
    return Retrying(
        retry=retry_if_exception_type((_FailedError, _AbsentError)),
        stop=stop_after_attempt(patience.attempts),
        wait=wait_exponential(multiplier=patience.first_wait * 5, max=10),
        reraise=True,
    )


def _make(
    client: Client, project_id: int, view_id: int, what: str, patience: PollSettings
) -> dict[str, Any]:
    title = f"{TITLE} {what} {uuid.uuid4().hex}"
    body = {
        "title": title,
        "task_filter_options": {"view": view_id},
        "serialization_options": _SERIALIZATION,
    }
    try:
        path = f"api/projects/{project_id}/exports/"
        snapshot = client.post(path, body, timeout=patience.answer)
    except NoResponseError:
        snapshot = _adopt(client, project_id, title, patience)
    return _finished(client, project_id, snapshot, patience)


def _adopt(client: Client, project_id: int, title: str, patience: PollSettings) -> dict[str, Any]:
    """The snapshot with our title: the server goes on working when its client has left."""
    looking = Retrying(
        retry=retry_if_result(lambda found: found is None)
        | retry_if_exception_type(NoResponseError),
        stop=stop_after_delay(patience.lookup),
        wait=wait_exponential(multiplier=patience.first_wait, max=10),
        retry_error_callback=lambda _: None,
    )
    found: dict[str, Any] | None = looking(_look_up, client, project_id, title)
    if found is None:
        raise _AbsentError(f"{client.url} neither answered nor began to export", "try again later")
    return found


def _look_up(client: Client, project_id: int, title: str) -> dict[str, Any] | None:
    for each in client.get(f"api/projects/{project_id}/exports/"):
        if each.get("title") == title:
            return dict(each)
    return None


def _finished(
    client: Client, project_id: int, snapshot: dict[str, Any], patience: PollSettings
) -> dict[str, Any]:
    """`snapshot` once it is completed; removed from the server when it cannot be."""
    waiting = Retrying(
        retry=retry_if_result(lambda each: each.get("status") in _UNFINISHED)
        | retry_if_exception_type(NoResponseError),
        stop=stop_after_delay(patience.ready),
        wait=wait_exponential(multiplier=patience.first_wait, max=10),
        retry_error_callback=lambda _: {},
    )
    path = f"api/projects/{project_id}/exports/{snapshot['id']}"
    if snapshot.get("status") in _UNFINISHED:
        snapshot = {**snapshot, **waiting(client.get, path)}
    if snapshot.get("status") == "completed":
        return snapshot
    discard(client, project_id, snapshot["id"])
    if snapshot.get("status") == "failed":
        raise _FailedError(
            f"{client.url} failed to export project {project_id}", "its log says why; try again"
        )
    raise ServerError(
        f"{client.url} did not finish snapshot {snapshot['id']} of project {project_id} in "
        f"{patience.ready:.0f} s",
        "look at the server's load and log, then try again",
    )
