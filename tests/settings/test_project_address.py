"""Addresses as people copy them from the browser."""

from __future__ import annotations

import pytest

from ls_dvc.settings import project_address


@pytest.mark.parametrize("server", ["https://host", "http://host:8080", "https://host/sub/ls"])
@pytest.mark.parametrize(
    ("page", "number"),
    [
        ("", None),
        ("/", None),
        ("/projects", None),
        ("/projects/", None),
        ("/projects/42", 42),
        ("/projects/42/data?tab=7&task=1", 42),
        ("/projects/42/settings/general", 42),
        ("/projects/42/data#top", 42),
        ("/projects/?page=2", None),
        ("/projects/new", None),
        ("/projects/0/data", None),
        ("/user/login/?next=%2Fprojects%2F42%2Fdata%3Ftab%3D1", 42),
        ("/user/login/?next=/projects/", None),
        ("/user/account/personal-access-token", None),
        ("/organization/", None),
        ("?tab=1", None),
    ],
)
def test_server_and_project(server: str, page: str, number: int | None) -> None:
    found = project_address.parse(server + page)
    assert (found.server, found.project_id) == (server, number)


@pytest.mark.parametrize(
    "address", ["host/projects/42", "ftp://host/projects/42", "https://me:key@host/projects/42", ""]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ValueError, match="must"):
        project_address.parse(address)
