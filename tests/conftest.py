"""Servers that tests share, markers for the tests that need them, and how much hypothesis tries.

Each worker starts a server when the first of its tests asks for one; every test has a project of
its own on it.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from support import nginx, postgres, schedule
from support.new_project import projects_on

from ls_dvc.demo import label_studio
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.progress import Silent
from ls_dvc.server.admin import Admin

# The lanes: `make test` runs `full`, `make test-fast` runs `fast`, with a fifth of the examples
# (tests ask `support.effort.examples` for their number). Both are random, so that every run tries
# something new; the header prints the seed that repeats a run.
hypothesis.settings.register_profile("full", max_examples=100, deadline=None, print_blob=True)
hypothesis.settings.register_profile("fast", max_examples=20, deadline=None, print_blob=True)
hypothesis.settings.load_profile("full")

# The markers that a test gets for a fixture that it uses, directly or through others.
MARKERS = {
    "studio_template": ("live",),
    "studio": ("live",),
    "studio_on_postgres": ("live", "postgres"),
    "servers_on_postgres": ("live", "postgres"),
    "nginx_program": ("nginx",),
    "browser": ("browser",),
}
RUNNING = pytest.StashKey[pytest.Item]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed before the workers start, so that all of them get the same one."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(secrets.randbelow(2**32))


def pytest_report_header(config: pytest.Config) -> str:
    profile = hypothesis.settings.get_current_profile_name()
    seed = config.option.hypothesis_seed
    return f"hypothesis: profile {profile}, --hypothesis-seed={seed} repeats this run"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in markers_of(fixtures_of(item)):
            item.add_marker(marker)
    schedule.long_files_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    return schedule.scheduler(config, log)


def markers_of(fixtures: Iterable[str]) -> list[str]:
    return sorted({marker for each in fixtures for marker in MARKERS.get(each, ())})


def fixtures_of(item: pytest.Item) -> set[str]:
    """The fixtures that a test uses, and those that its parameters name."""
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    named = {each for each in parameters if isinstance(each, str)}
    return named.union(getattr(item, "fixturenames", ()))


def pytest_runtest_setup(item: pytest.Item) -> None:
    item.session.stash[RUNNING] = item


def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> None:
    """A test without the marker gets no server, or `make test-fast` would start it."""
    item = request.session.stash[RUNNING]
    for marker in markers_of([fixturedef.argname]):
        assert item.get_closest_marker(marker), f"{item.nodeid} is not marked {marker}"


@pytest.fixture(scope="session")
def studio_template() -> Path:
    """A migrated data folder in the user's cache, of which each Label Studio starts on a copy."""
    return label_studio.template(report=Silent())


@pytest.fixture(scope="session")
def studio(
    studio_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalServer]:
    folder = tmp_path_factory.mktemp("studio") / "data"
    with label_studio.running(folder, report=Silent(), variables=postgres.local(folder)) as running:
        yield running


@pytest.fixture(scope="session")
def servers_on_postgres() -> Iterator[postgres.ServersOnPostgres]:
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with postgres.servers(programs) as running:
        yield running


@pytest.fixture(scope="session")
def studio_on_postgres(servers_on_postgres: postgres.ServersOnPostgres) -> LocalServer:
    return servers_on_postgres.studio


@pytest.fixture(scope="session")
def nginx_program() -> str:
    program = nginx.binary()
    if program is None:
        pytest.skip("nginx is not installed (Debian: apt-get install nginx-light)")
    return program


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def admin(studio: LocalServer) -> Iterator[Admin]:
    client = Admin(studio.url, studio.api_key)
    yield client
    client.close()


@pytest.fixture(scope="session")
def make_project(admin: Admin) -> Callable[..., int]:
    return projects_on(admin)
