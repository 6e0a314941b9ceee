"""What a server says about itself: its version, and what time it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ls_dvc.server import answers
from ls_dvc.server.answers import Ignored, Release, TaskSample
from ls_dvc.server.bodies import in_memory
from ls_dvc.server.client import Client

SECONDS = 20.0  # for an answer that costs the server nothing
SAMPLE = 100  # tasks


@dataclass(frozen=True)
class ServerAbout:
    """`release` is the version of Label Studio; `now` its clock, None if it is not sent."""

    release: str
    now: datetime | None


def about(client: Client) -> ServerAbout:
    """What any server tells anybody."""
    path = "api/version/"
    with client.stream(path, first_byte=0, timeout=SECONDS) as response:
        content, date = in_memory(response), response.headers.get("date", "")
    return ServerAbout(answers.decode(content, Release, client.url, path).release, _time(date))


def require_valid_key(client: Client) -> None:
    """`ServerError` unless the server knows the key."""
    client.get("api/current-user/whoami", Ignored)


def sample(client: Client, project_id: int) -> list[dict[str, Any]]:
    """The newest tasks with their data, without annotations."""
    answer = client.get(
        "api/tasks/",
        TaskSample,
        project=project_id,
        page=1,
        page_size=SAMPLE,
        query='{"ordering":["-tasks:id"]}',
    )
    return [{"id": each.id, "data": each.data} for each in answer.tasks]


def _time(date: str) -> datetime | None:
    try:
        return parsedate_to_datetime(date)
    except (TypeError, ValueError, OverflowError):
        return None
