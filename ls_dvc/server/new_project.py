"""New projects: created, filled in batches, finished, and removed again if that fails.

A POST whose answer is lost is never repeated blindly: the server goes on working after its
client has left, so what it created is looked for first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    stop_after_delay,
)

from ls_dvc.errors import ServerError
from ls_dvc.server import probe, uploads
from ls_dvc.server.answers import ImportAnswer, NewTasks, Numbered, ProjectList
from ls_dvc.server.client import Client
from ls_dvc.server.pace import RUN_SECONDS, Deadline
from ls_dvc.server.refusals import NoResponseError, RefusedError
from ls_dvc.server.retries import retrying
from ls_dvc.server.snapshots import PollSettings
from ls_dvc.server.uploads import Upload
from ls_dvc.settings.connection import Connection

# Label Studio's own default. Tasks are not checked against it, predictions neither.
NO_CONFIG = "<View></View>"


class _AbsentError(ServerError):
    """The request to import a batch never arrived."""


@dataclass(frozen=True)
class LabelStudioProjects:
    """A server on which projects are made. Every method asks it anew; nothing is remembered."""

    client: Client
    polling: PollSettings = field(default_factory=PollSettings)

    @property
    def url(self) -> str:
        """The server's address, without a trailing slash."""
        return self.client.url

    def users(self) -> frozenset[int]:
        """The ids of all users that may be named as annotators."""
        return users(self.client)

    def create(self, title: str, label_config: str) -> int:
        """A new project whose config was checked and then put aside; see `finish`. Its number."""
        return create(self.client, title, label_config, self.polling)

    def add(self, project_id: int, tasks: Sequence[dict[str, Any]], before: int) -> list[int]:
        """Import tasks into a project that has `before` of them; the new ids in their order."""
        return add(self.client, project_id, tasks, before, self.polling)

    def upload(self, project_id: int, files: Iterable[Upload]) -> Iterator[str]:
        """Upload files to a project; the address of each, in order."""
        return uploads.upload(self.client, project_id, files)

    def totals(self, project_id: int) -> tuple[int, int, int]:
        """How many tasks, annotations (not skipped) and predictions a project has."""
        state = probe.state(self.client, project_id).probe
        return state.tasks, state.annotations, state.predictions

    def finish(self, project_id: int, title: str, label_config: str) -> None:
        """Give a project its title and config."""
        finish(self.client, project_id, title, label_config)

    def remove(self, title: str) -> None:
        """Remove every project with exactly this title, and all that is in them."""
        remove(self.client, title, self.polling)


def connect(connection: Connection, seconds: float = RUN_SECONDS) -> LabelStudioProjects:
    """The server behind a connection, for `seconds`; nothing is asked yet."""
    return LabelStudioProjects(Client(connection, Deadline(seconds)))


def users(client: Client) -> frozenset[int]:
    """The ids of all users that an import accepts as annotators, those who left included.

    Only the ids are used of what the server says about them.
    """
    return frozenset(user.id for user in client.get("api/users/", list[Numbered]))


def create(client: Client, title: str, label_config: str, polling: PollSettings) -> int:
    """A new project, empty; its number. `title` must be unique, so that it can be found again.

    The server checks the label config, which is then taken out until `finish`: with it in
    place an import refuses tasks that lack a key of the config, and a project holds those when
    its config was changed after they were imported. `ServerError` when the config is refused.
    """
    try:
        project_id = _create(client, title, label_config, polling)
    except RefusedError as error:
        if error.status != 400:
            raise
        raise ServerError(
            f"the server refuses the label config of this version: {error}",
            "a server of another release may take it",
        ) from None
    client.patch(f"api/projects/{project_id}/", {"label_config": NO_CONFIG})
    return project_id


def add(
    client: Client,
    project_id: int,
    tasks: Sequence[dict[str, Any]],
    before: int,
    polling: PollSettings,
) -> list[int]:
    """Import `tasks` into a project that has `before` tasks; their new ids in the same order.

    An import is one transaction. When its answer is lost, the number of tasks tells: all of them
    arrived, or none, and then they are sent again. `ServerError` when it is anything else, and
    when the server refuses a task, naming its `id` (an import itself ignores that).
    """
    absent = retry_if_exception_type(_AbsentError)
    trying = retrying(client.deadline, absent, stop_after_attempt(polling.attempts))
    try:
        new: list[int] = trying(_add, client, project_id, tasks, before, polling)
    except RefusedError as error:
        if error.status == 413:
            raise _too_large(client, tasks) from None
        if error.status != 400:
            raise
        raise _blame(client, project_id, tasks, error, polling) from None
    if len(new) != len(tasks):
        raise ServerError(f"{client.url} made {len(new)} tasks of {len(tasks)}")
    return new


def finish(client: Client, project_id: int, title: str, label_config: str) -> None:
    """Give a project its title and config, in one step."""
    client.patch(f"api/projects/{project_id}/", {"title": title, "label_config": label_config})


def remove(client: Client, title: str, polling: PollSettings) -> None:
    """Remove every project with exactly this title; fine when there is none.

    While a server still imports into a project it cannot remove it (HTTP 500), so it is asked
    again for a while.
    """
    passing, stop = retry_if_exception(_may_pass), stop_after_delay(polling.lookup)
    trying = retrying(client.deadline, passing, stop, first=polling.first_wait)
    for project_id in _titled(client, title):
        trying(client.delete, f"api/projects/{project_id}/")


def _create(client: Client, title: str, label_config: str, polling: PollSettings) -> int:
    try:
        body = {"title": title, "label_config": label_config}
        return client.post("api/projects/", body, Numbered).id
    except NoResponseError:
        search = _polling(client, polling, polling.lookup, retry_if_result(lambda ids: not ids))
        ids: list[int] = search(_titled, client, title)
        if not ids:
            raise
        return ids[0]


def _titled(client: Client, title: str) -> list[int]:
    """The projects with exactly this title: the server's filter takes it as a part."""
    asked = {"title": title, "page_size": 100, "include": "id,title"}
    answer = client.get("api/projects/", ProjectList, **asked)
    return [project.id for project in answer.results if project.title == title]


def _add(
    client: Client,
    project_id: int,
    tasks: Sequence[dict[str, Any]],
    before: int,
    polling: PollSettings,
) -> list[int]:
    expected, deadline = before + len(tasks), polling.lookup
    try:
        answer = _import(client, project_id, tasks, polling)
        if answer.task_ids is not None:
            return answer.task_ids
        deadline = polling.ready  # some editions import after they have answered
    except NoResponseError:
        pass
    search = _polling(client, polling, deadline, retry_if_result(lambda seen: seen[0] < expected))
    total, newest = search(_newest, client, project_id, len(tasks))
    if total == before:
        raise _AbsentError(f"{client.url} neither answered nor began to import", "try again later")
    if total != expected:
        raise ServerError(
            f"project {project_id} on {client.url} has {total} tasks where {expected} were sent",
            "the connection broke while it imported; try again",
        )
    return sorted(newest)  # made in the order they were sent


def _import(
    client: Client, project_id: int, tasks: Sequence[dict[str, Any]], polling: PollSettings
) -> ImportAnswer:
    path = f"api/projects/{project_id}/import?return_task_ids=true"
    return client.post(path, tasks, ImportAnswer, timeout=polling.answer)


def _newest(client: Client, project_id: int, amount: int) -> tuple[int, list[int]]:
    """How many tasks the project has, and the ids of the newest `amount`."""
    query = json.dumps({"ordering": ["-tasks:id"]})
    asked = {"page": 1, "page_size": amount, "include": "id", "query": query}
    answer = client.get("api/tasks/", NewTasks, project=project_id, **asked)
    return answer.total, [task.id for task in answer.tasks]


def _too_large(client: Client, tasks: Sequence[dict[str, Any]]) -> ServerError:
    first, last = tasks[0]["id"], tasks[-1]["id"]
    return ServerError(
        f"{client.url} refuses the tasks {first} to {last} in one request: too large (HTTP 413)",
        "raise the limit of the gateway before it (nginx: client_max_body_size)",
    )


def _blame(
    client: Client,
    project_id: int,
    tasks: Sequence[dict[str, Any]],
    refusal: RefusedError,
    polling: PollSettings,
) -> ServerError:
    """The error for a refused batch: names its first bad task, found by bisection.

    What the server takes of it meanwhile goes when the project is removed.
    """
    while len(tasks) > 1:
        half = tasks[: len(tasks) // 2]
        try:
            _import(client, project_id, half, polling)
        except RefusedError:
            tasks = half
        else:
            tasks = tasks[len(half) :]
    try:
        _import(client, project_id, tasks, polling)
    except RefusedError as error:
        refusal = error
    return ServerError(f"Label Studio refuses task {tasks[0]['id']}: {refusal}")


def _may_pass(error: BaseException) -> bool:
    broken = isinstance(error, RefusedError) and error.status >= 500
    return broken or isinstance(error, NoResponseError)


def _polling(
    client: Client, polling: PollSettings, deadline: float, unfinished: retry_if_result
) -> Retrying:
    """Repeats until there is a result; in the end returns the last one, or raises."""

    def last(state: RetryCallState) -> Any:
        return state.outcome.result() if state.outcome else None

    return retrying(
        client.deadline,
        unfinished | retry_if_exception_type(NoResponseError),
        stop_after_delay(deadline),
        first=polling.first_wait,
        last=last,
    )
