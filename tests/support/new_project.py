"""Create projects on the Label Studio that tests share."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from ls_dvc.server.admin import Admin

TEXT = (
    '<View><Text name="text" value="$text"/><Choices name="kind" toName="text">'
    '<Choice value="A"/><Choice value="B"/></Choices></View>'
)


def projects_on(admin: Admin) -> Callable[..., int]:
    numbers = itertools.count(1)

    def make(title: str = "", label_config: str = TEXT, tasks: list[Any] | None = None) -> int:
        project = admin.create_project(title or f"Project {next(numbers)}", label_config)
        if tasks:
            admin.import_tasks(project, tasks)
        return project

    return make
