"""What a server says about itself: its version, and what time it has."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ls_dvc.server.client import Client
from ls_dvc.server.decoding import decoding

SECONDS = 20.0  # for an answer that costs the server nothing
LARGEST = 1_000_000  # bytes of the answer
SAMPLE = 100  # tasks


@dataclass(frozen=True)
class ServerAbout:
    """`release` is the version of Label Studio; `now` its clock, None if it is not sent."""

    release: str
    now: datetime | None


@decoding("api/version/")
def about(client: Client) -> ServerAbout:
    """What any server tells anybody."""
    with client.stream("api/version/", first_byte=0, timeout=SECONDS) as response:
        date, content = response.headers.get("date", ""), b""
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > LARGEST:
                raise ValueError(f"more than {LARGEST} bytes")
    return ServerAbout(_release(content), _time(date))


def require_valid_key(client: Client) -> None:
    """`ServerError` unless the server knows the key."""
    client.get("api/current-user/whoami")


@decoding("api/tasks/")
def sample(client: Client, project_id: int) -> list[dict[str, Any]]:
    """The newest tasks with their data, without annotations."""
    answer = client.get(
        "api/tasks/",
        project=project_id,
        page=1,
        page_size=SAMPLE,
        query='{"ordering":["-tasks:id"]}',
    )
    return [{"id": int(each["id"]), "data": dict(each["data"])} for each in answer["tasks"]]


def _release(content: bytes) -> str:
    try:
        release = json.loads(content)["release"]
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(release, str):
        raise TypeError("the release is no text")
    return release


def _time(date: str) -> datetime | None:
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None
