"""Tasks imported in batches, each of them whole: with all that was sent, once, in its order.

An import is one transaction, but a busy Label Studio on SQLite repeats one that failed without the
labels, which its first try took out (`retry_database_locked`). So what arrived is counted after
each batch; a batch that arrived in part is removed again, and sent once more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tenacity import (
    retry_if_exception,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    stop_after_delay,
)

from ls_dvc.errors import ServerError
from ls_dvc.server.answers import CountedTask, ImportAnswer, NewTasks
from ls_dvc.server.client import Client
from ls_dvc.server.refusals import NoResponseError, RefusedError, UnexpectedResponseError
from ls_dvc.server.retries import last_result, may_pass, retrying
from ls_dvc.server.snapshots import PollSettings

Tasks = Sequence[dict[str, Any]]


class _AbsentError(ServerError):
    """Nothing of a batch arrived."""


class _PartError(ServerError):
    """A batch arrived in part, and was removed again."""


@dataclass(frozen=True)
class BatchImport:
    """Imports `tasks` into a project that has `before` tasks."""

    client: Client
    project_id: int
    tasks: Tasks
    before: int
    polling: PollSettings

    def run(self) -> list[int]:
        """The new ids, in the order of the tasks.

        `ServerError` when the server takes only a part, several times, and when it refuses a
        task, naming its `id` (an import itself ignores that).
        """
        again = retry_if_exception_type((_AbsentError, _PartError))
        stop = stop_after_attempt(self.polling.attempts)
        trying = retrying(self.client.deadline, again, stop, first=self.polling.first_wait)
        try:
            new: list[int] = trying(self._attempt)
        except RefusedError as error:
            if error.status == 413:
                raise self._too_large() from None
            if error.status != 400:
                raise
            raise self._blame(error) from None
        return new

    def _attempt(self) -> list[int]:
        try:
            answer = self._sent(self.tasks)
        except UnexpectedResponseError as error:
            if error.status < 500:
                raise
            return self._looked_up(0, str(error))  # it may have failed after it took a part
        except NoResponseError as error:
            return self._looked_up(self.polling.lookup, str(error))
        if answer.task_ids is None:  # some editions import after they have answered
            return self._looked_up(self.polling.ready, "it has not begun to import")
        if answer.counts != (len(self.tasks), *_totals(self.tasks)):
            return self._looked_up(0, "")
        return answer.task_ids

    def _looked_up(self, seconds: float, why: str) -> list[int]:
        """The new ids, once all that was sent is there; what came of it is removed otherwise."""
        expected = self.before + len(self.tasks)
        looking = retrying(
            self.client.deadline,
            retry_if_result(lambda seen: seen.total < expected)
            | retry_if_exception_type(NoResponseError),
            stop_after_delay(seconds),
            first=self.polling.first_wait,
            last=last_result,
        )
        seen: NewTasks = looking(self._newest)
        if seen.total == self.before:
            raise _AbsentError(
                f"{self.client.url} did not import the tasks {self._span()}: {why}",
                "see the log of the server, then try again",
            )
        new = sorted(seen.tasks, key=lambda task: task.id)  # made in the order they were sent
        if seen.total == expected and [*map(_arrived, new)] == [*map(_sent, self.tasks)]:
            return [task.id for task in new]
        raise self._removed(seen)

    def _removed(self, seen: NewTasks) -> ServerError:
        newest = sorted(task.id for task in seen.tasks)[-max(seen.total - self.before, 0) :]
        if not 0 < seen.total - self.before <= len(self.tasks):
            return ServerError(
                f"project {self.project_id} on {self.client.url} has {seen.total} tasks where "
                f"{self.before + len(self.tasks)} were sent",
                "try again, and let nobody else import into the new project meanwhile",
            )
        deleting = retrying(
            self.client.deadline,
            retry_if_exception(may_pass),
            stop_after_delay(self.polling.lookup),
            first=self.polling.first_wait,
        )
        for number in newest:
            deleting(self.client.delete, f"api/tasks/{number}/")
        return _PartError(
            f"{self.client.url} took only a part of the tasks {self._span()} and their labels",
            "try again when the server is less busy; see its log",
        )

    def _sent(self, tasks: Tasks) -> ImportAnswer:
        path = f"api/projects/{self.project_id}/import?return_task_ids=true"
        return self.client.post(path, tasks, ImportAnswer, timeout=self.polling.answer)

    def _newest(self) -> NewTasks:
        """How many tasks the project has, and what is counted of the newest ones."""
        return self.client.get(
            "api/tasks/",
            NewTasks,
            project=self.project_id,
            page=1,
            page_size=len(self.tasks),
            include="id,total_annotations,cancelled_annotations,total_predictions",
            query=json.dumps({"ordering": ["-tasks:id"]}),
        )

    def _span(self) -> str:
        return f"{self.tasks[0]['id']} to {self.tasks[-1]['id']}"

    def _too_large(self) -> ServerError:
        return ServerError(
            f"{self.client.url} refuses the tasks {self._span()} in one request: too large "
            "(HTTP 413)",
            "raise the limit of the gateway before it (nginx: client_max_body_size)",
        )

    def _blame(self, refusal: RefusedError) -> ServerError:
        """The error for a refused batch: names its first bad task, found by bisection.

        What the server takes of it meanwhile goes when the project is removed.
        """
        tasks = self.tasks
        while len(tasks) > 1:
            half = tasks[: len(tasks) // 2]
            try:
                self._sent(half)
            except RefusedError:
                tasks = half
            else:
                tasks = tasks[len(half) :]
        try:
            self._sent(tasks)
        except RefusedError as error:
            refusal = error
        return ServerError(f"Label Studio refuses task {tasks[0]['id']}: {refusal}")


def _sent(task: dict[str, Any]) -> tuple[int, int]:
    return len(task["annotations"]), len(task["predictions"])


def _arrived(task: CountedTask) -> tuple[int, int]:
    return task.total_annotations + task.cancelled_annotations, task.total_predictions


def _totals(tasks: Tasks) -> tuple[int, int]:
    counts = [_sent(task) for task in tasks]
    return sum(labels for labels, _ in counts), sum(guesses for _, guesses in counts)
