"""One real Label Studio for the whole run; every test has a project of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from support import postgres
from support.new_project import projects_on

from ls_dvc.demo import label_studio
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.progress import Silent
from ls_dvc.server.admin import Admin


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    folder = tmp_path_factory.mktemp("studio") / "data"
    with label_studio.running(folder, report=Silent(), variables=postgres.local(folder)) as running:
        yield running


@pytest.fixture(scope="session")
def postgres_bed() -> Iterator[postgres.Bed]:
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with postgres.bed(programs) as running:
        yield running


@pytest.fixture(scope="session")
def studio_on_postgres(postgres_bed: postgres.Bed) -> LocalServer:
    return postgres_bed.studio


@pytest.fixture(scope="session")
def admin(studio: LocalServer) -> Iterator[Admin]:
    client = Admin(studio.url, studio.api_key)
    yield client
    client.close()


@pytest.fixture(scope="session")
def make_project(admin: Admin) -> Callable[..., int]:
    return projects_on(admin)
