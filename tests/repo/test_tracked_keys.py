"""A key in a file that git tracks is told, wherever it is; a mention of the variable is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.workspace import Workspace

from ls_dvc.repo import tracked_keys

LEGACY = "0123456789abcdef0123456789abcdef01234567"
PERSONAL = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIn0.c2lnbmF0dXJl"


@pytest.fixture
def repo(tmp_path: Path) -> Workspace:
    space = Workspace(tmp_path)
    space.git("init", "-q", "-b", "main")
    return space


@pytest.mark.parametrize(
    ("name", "line", "told"),
    [
        (".env", "LABEL_STUDIO_API_KEY=anything", True),
        ("sub/.env.local", "export LABEL_STUDIO_API_KEY='x'", True),
        (".env", "LABEL_STUDIO_API_KEY=", False),
        (".env", "#LABEL_STUDIO_API_KEY", False),
        (".github/workflows/a.yml", f"  LABEL_STUDIO_API_KEY: {LEGACY}", True),
        ("params.yaml", f'"LABEL_STUDIO_API_KEY": "{PERSONAL}"', True),
        ("run me.sh", f"LABEL_STUDIO_API_KEY={PERSONAL} dvc repro", True),
        ("a.yml", "LABEL_STUDIO_API_KEY: ${{ secrets.LABEL_STUDIO_API_KEY }}", False),
        ("README.md", "put LABEL_STUDIO_API_KEY=your-key-goes-here into .env", False),
    ],
)
def test_tracked_keys(repo: Workspace, name: str, line: str, told: bool) -> None:
    file = repo.path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"first\n{line}\nlast\n")
    (repo.path / "untracked").write_text(f"LABEL_STUDIO_API_KEY={LEGACY}\n")
    repo.git("add", name)
    for setting in ("grep.lineNumber", "grep.column", "color.grep"):
        repo.git("config", setting, "always" if setting == "color.grep" else "true")
    said: list[str] = []

    class Heard:
        def say(self, message: str) -> None:
            said.append(message)

    assert tracked_keys.files_with_key(file.parent) == [name] * told
    tracked_keys.warn(file.parent, Heard())  # type: ignore[arg-type]
    assert [name in each for each in said] == [True] * told
    assert LEGACY not in str(said)
