"""What the workflows of `init --ci` install, by how ls-dvc was installed."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from support.workspace import Workspace

from ls_dvc import __version__
from ls_dvc.commands import installed_version

OURS = "git+https://github.com/ls-dvc/ls-dvc@"
COMMIT = "a" * 40
REAL = metadata.distribution("ls-dvc")
GIT = {"vcs": "git", "commit_id": COMMIT}


class Installed(metadata.Distribution):
    """A package with what pip writes about its origin."""

    def __init__(self, origin: dict[str, Any] | None) -> None:
        self.origin = origin

    def read_text(self, filename: str) -> str | None:
        if filename != "direct_url.json":
            return REAL.read_text(filename)
        return None if self.origin is None else json.dumps(self.origin)

    def locate_file(self, path: Any) -> Any:
        return REAL.locate_file(path)


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (None, f"{OURS}v{__version__}"),
        (
            {"url": "https://x.example.com/fork", "vcs_info": GIT},
            f"git+https://x.example.com/fork@{COMMIT}",
        ),
        ({"url": "https://me:secret@github.com/ls-dvc/ls-dvc", "vcs_info": GIT}, OURS + COMMIT),
        ({"url": "ssh://git@github.com/ls-dvc/ls-dvc", "vcs_info": GIT}, OURS + COMMIT),
        ({"url": "file:///nowhere", "dir_info": {}}, f"{OURS}v{__version__}"),
    ],
)
def test_by_origin(
    monkeypatch: pytest.MonkeyPatch, origin: dict[str, Any] | None, expected: str
) -> None:
    monkeypatch.setattr(metadata, "distribution", lambda name: Installed(origin))
    assert installed_version.requirement() == expected


def test_the_commit_of_a_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = Workspace(tmp_path / "a b")
    space.path.mkdir()
    space.git("init", "-q")
    (space.path / "x").write_text("x")
    commit = space.commit("first")
    origin = {"url": space.path.as_uri(), "dir_info": {"editable": True}}
    monkeypatch.setattr(metadata, "distribution", lambda name: Installed(origin))
    assert installed_version.requirement() == OURS + commit
