"""New projects: created, filled in batches, finished, and removed again if that fails.

A POST whose answer is lost is never repeated blindly: the server goes on working after its
client has left, so what it created is looked for first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tenacity import (
    retry_if_exception,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    stop_after_delay,
)

from ls_dvc.errors import ServerError
from ls_dvc.server import probe, uploads
from ls_dvc.server.answers import Numbered, ProjectList
from ls_dvc.server.client import Client
from ls_dvc.server.imports import BatchImport
from ls_dvc.server.pace import RUN_SECONDS, Deadline
from ls_dvc.server.refusals import NoResponseError, RefusedError, UnexpectedResponseError
from ls_dvc.server.retries import is_broken, last_result, may_pass, retrying
from ls_dvc.server.snapshots import PollSettings
from ls_dvc.server.uploads import Upload
from ls_dvc.settings.connection import Connection

# Label Studio's own default. Tasks are not checked against it, predictions neither.
NO_CONFIG = "<View></View>"


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
        return BatchImport(self.client, project_id, tasks, before, self.polling).run()

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
        trying = retrying(
            client.deadline,
            retry_if_exception(is_broken),
            stop_after_attempt(polling.attempts),
            first=polling.first_wait,
        )
        project_id: int = trying(_create, client, title, label_config, polling)
    except RefusedError as error:
        if error.status != 400:
            raise
        raise ServerError(
            f"the server refuses the label config of this version: {error}",
            "a server of another release may take it",
        ) from None
    client.patch(f"api/projects/{project_id}/", {"label_config": NO_CONFIG})
    return project_id


def finish(client: Client, project_id: int, title: str, label_config: str) -> None:
    """Give a project its title and config, in one step."""
    client.patch(f"api/projects/{project_id}/", {"title": title, "label_config": label_config})


def remove(client: Client, title: str, polling: PollSettings) -> None:
    """Remove every project with exactly this title; fine when there is none.

    While a server still imports into a project it cannot remove it (HTTP 500), so it is asked
    again for a while.
    """
    passing, stop = retry_if_exception(may_pass), stop_after_delay(polling.lookup)
    trying = retrying(client.deadline, passing, stop, first=polling.first_wait)
    for project_id in _titled(client, title):
        trying(client.delete, f"api/projects/{project_id}/")


def _create(client: Client, title: str, label_config: str, polling: PollSettings) -> int:
    ids: list[int]
    try:
        body = {"title": title, "label_config": label_config}
        return client.post("api/projects/", body, Numbered).id
    except UnexpectedResponseError as error:
        ids = _titled(client, title) if error.status >= 500 else []
        if not ids:
            raise
        return ids[0]
    except NoResponseError:
        search = retrying(
            client.deadline,
            retry_if_result(lambda ids: not ids) | retry_if_exception_type(NoResponseError),
            stop_after_delay(polling.lookup),
            first=polling.first_wait,
            last=last_result,
        )
        ids = search(_titled, client, title)
        if not ids:
            raise
        return ids[0]


def _titled(client: Client, title: str) -> list[int]:
    """The projects with exactly this title: the server's filter takes it as a part."""
    asked = {"title": title, "page_size": 100, "include": "id,title"}
    answer = client.get("api/projects/", ProjectList, **asked)
    return [project.id for project in answer.results if project.title == title]
