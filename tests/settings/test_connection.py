"""Where the key and the address come from, and what a checked out pull request cannot choose."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.workspace import Workspace

from ls_dvc.errors import LsDvcError
from ls_dvc.settings import connection

KEY, URL = "LABEL_STUDIO_API_KEY", "LABEL_STUDIO_URL"
OURS, THEIRS = "https://labels.example.com/sub", "https://evil.example.com"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)
    monkeypatch.delenv(URL, raising=False)


def repository(path: Path) -> Workspace:
    path.mkdir(parents=True, exist_ok=True)
    space = Workspace(path)
    space.git("init", "-q", "-b", "main")
    return space


def write(path: Path, **values: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))


def found(folder: Path, url: str | None = None) -> tuple[str, str]:
    address = connection.find(url, folder)
    return address.url, address.api_key


def test_env_files_up_to_the_root_of_git_the_nearest_first(tmp_path: Path) -> None:
    repository(tmp_path / "repo")
    folder = tmp_path / "repo" / "a" / "b"
    folder.mkdir(parents=True)
    write(tmp_path / ".env", **{KEY: "outside", URL: THEIRS})
    with pytest.raises(LsDvcError, match="no address"):
        found(folder)
    assert not connection.has_key(folder)
    write(tmp_path / "repo" / ".env", **{KEY: "root", URL: "http://root"})
    assert found(folder) == ("http://root", "root")
    write(folder.parent / ".env", **{KEY: "nearer"})
    assert found(folder) == ("http://root", "nearer")
    (folder / ".env").mkdir()  # as virtual environments are called
    assert found(folder) == ("http://root", "nearer")
    assert connection.has_key(folder)


def test_the_environment_takes_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / ".env", **{KEY: "file", URL: "http://file"})
    monkeypatch.setenv(URL, OURS)
    assert found(tmp_path, "http://params") == (OURS, "file")


def test_outside_git_only_the_file_next_to_params_yaml(tmp_path: Path) -> None:
    write(tmp_path / ".env", **{KEY: "above", URL: OURS})
    (tmp_path / "a").mkdir()
    assert not connection.has_key(tmp_path / "a")


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    repository(tmp_path / "repo")
    write(tmp_path / "secrets", **{KEY: "k", URL: OURS})
    (tmp_path / "repo" / ".env").symlink_to(tmp_path / "secrets")
    with pytest.raises(LsDvcError, match="link to a file outside of the repository"):
        found(tmp_path / "repo")
    write(tmp_path / "repo" / "keys", **{KEY: "k", URL: OURS})
    (tmp_path / "repo" / ".env").unlink()
    (tmp_path / "repo" / ".env").symlink_to("keys")
    assert found(tmp_path / "repo") == (OURS, "k")


@pytest.mark.parametrize("name", [KEY, URL])
@pytest.mark.parametrize("place", [".env", "a/.env"])
def test_a_file_that_git_tracks_sets_nothing(tmp_path: Path, name: str, place: str) -> None:
    space = repository(tmp_path)
    write(tmp_path / ".env", **{KEY: "k"})
    (tmp_path / "a").mkdir()
    write(tmp_path / place, **{name: "http://x"})
    space.git("add", "-f", place)
    with pytest.raises(LsDvcError, match=f"git tracks .*, which sets {name}") as caught:
        found(tmp_path / "a", OURS)
    assert "git rm --cached" in caught.value.hint


def test_a_tracked_file_for_other_programs_is_no_matter(tmp_path: Path) -> None:
    space = repository(tmp_path)
    write(tmp_path / ".env", POSTGRES_DB="x")
    space.git("add", "-f", ".env")
    write(tmp_path / "a" / ".env", **{KEY: "k"})
    assert found(tmp_path / "a", OURS) == (OURS, "k")


def reviewed(tmp_path: Path, named: str | None, folder: str = ".") -> Path:
    """A clone of a repository whose default branch names a server, with a key."""
    space = repository(tmp_path / "origin")
    text = f"label_studio:\n  url: {named}\n" if named else "train: 1\n"
    (space.path / folder).mkdir(exist_ok=True)
    (space.path / folder / "params.yaml").write_text(text)
    space.commit("base")
    space.clone(tmp_path / "clone")
    write(tmp_path / "clone" / ".env", **{KEY: "k"})
    return tmp_path / "clone"


@pytest.mark.parametrize("head", ["origin/HEAD", "origin/main"])
@pytest.mark.parametrize("folder", [".", "elsewhere"])
@pytest.mark.parametrize(
    "url",
    [
        THEIRS,
        "http://labels.example.com",
        "https://labels.example.com:444",
        "https://labels.example.com.evil.example",
    ],
)
def test_a_pull_request_cannot_name_another_server(
    tmp_path: Path, url: str, folder: str, head: str
) -> None:
    clone = reviewed(tmp_path, "https://labels.example.com", folder)
    if head == "origin/main":
        Workspace(clone).git("remote", "set-head", "origin", "-d")
    with pytest.raises(LsDvcError, match="the API key is not sent to") as caught:
        found(clone, url)
    assert f"set {URL}={url}" in caught.value.hint
    assert found(clone, OURS) == (OURS, "k")
    write(clone / ".env", **{KEY: "k", URL: url})
    assert found(clone, OURS) == (url, "k"), "who has the key may choose"


@pytest.mark.parametrize("named", [None, "null", "[", "{a: 1}"])
def test_where_the_default_branch_names_no_server_any_will_do(
    tmp_path: Path, named: str | None
) -> None:
    assert found(reviewed(tmp_path, named), THEIRS) == (THEIRS, "k")
