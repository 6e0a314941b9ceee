"""Behind a gateway that gives up before an export ends, as most do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import nginx
from support.live_project import live, named
from support.nginx import Gateway

from ls_dvc.demo.label_studio import LocalServer

TASKS = 3000
AT_ONCE = 1250
SECONDS = 1
CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="kind" toName="text">'
    '<Choice value="A"/><Choice value="B"/></Choices></View>'
)


@pytest.fixture
def gateway(studio: LocalServer, nginx_program: str, tmp_path: Path) -> Iterator[Gateway]:
    with nginx.before(studio.url, nginx_program, tmp_path / "nginx", seconds=SECONDS) as running:
        yield running


def labeled(number: int) -> dict[str, object]:
    value = {"choices": ["AB"[number % 2]]}
    region = {"from_name": "kind", "to_name": "text", "type": "choices", "value": value}
    return {"data": {"text": f"t{number}"}, "annotations": [{"result": [region]}]}


def test_exports_that_take_longer_than_the_gateway_waits(
    gateway: Gateway, studio: LocalServer, make_project: Callable[..., int], tmp_path: Path
) -> None:
    project = make_project(label_config=CONFIG, tasks=[labeled(n) for n in range(TASKS)])
    with live(studio, project, tmp_path / "cache", url=gateway.url) as talk:
        pin = talk.update(tasks_per_snapshot=AT_ONCE)
        assert (pin.tasks, pin.annotations) == (TASKS, TASKS)
        texts = {task["data"]["text"] for task in talk.tasks(pin)}
        assert texts == {f"t{number}" for number in range(TASKS)}
        assert talk.snapshots() == named(pin)
        assert talk.views() == []
    path = f"/api/projects/{project}/exports/"
    made = [each.status for each in gateway.answers() if each[1:] == ("POST", path)]
    assert len(made) == len(pin.snapshots), "a POST must never be repeated blindly"
    if 504 not in made:
        pytest.skip(f"this machine exports {AT_ONCE} tasks in less than {SECONDS} s")
