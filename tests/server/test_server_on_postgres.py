"""Tests of `test_server.py` that ask the database more than the network, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from support.new_project import projects_on
from test_server import (
    _closed,
    project,
    proxy,
    test_a_lost_answer_is_adopted,
    test_a_range_holds_its_tasks_and_leaves_no_view,
    test_a_snapshot_that_is_gone,
    test_state_and_counts,
    test_views_of_killed_runs_are_swept_and_others_stay,
)

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.server.admin import Admin

__all__ = [
    "_closed",
    "project",
    "proxy",
    "test_a_lost_answer_is_adopted",
    "test_a_range_holds_its_tasks_and_leaves_no_view",
    "test_a_snapshot_that_is_gone",
    "test_state_and_counts",
    "test_views_of_killed_runs_are_swept_and_others_stay",
]


@pytest.fixture(scope="module")
def studio(studio_on_postgres: LocalServer) -> LocalServer:
    return studio_on_postgres


@pytest.fixture(scope="module")
def admin(studio: LocalServer) -> Iterator[Admin]:
    client = Admin(studio.url, studio.api_key)
    yield client
    client.close()


@pytest.fixture(scope="module")
def make_project(admin: Admin) -> Callable[..., int]:
    return projects_on(admin)
