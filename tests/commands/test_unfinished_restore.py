"""Notes of restores: a killed one is cleaned up after, one at work is let alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ls_dvc.commands.unfinished_restore import UnfinishedRestores
from ls_dvc.errors import ServerUnavailableError
from ls_dvc.progress import Silent


@dataclass
class Projects:
    url: str = "http://fake"
    is_there: bool = True
    removed: list[str] = field(default_factory=list)

    def remove(self, title: str) -> None:
        if not self.is_there:
            raise ServerUnavailableError("away")
        self.removed.append(title)


def test_only_what_is_at_work_no_more(tmp_path: Path) -> None:
    notes, server = UnfinishedRestores(tmp_path / "restores"), Projects()
    with notes.project(server, Silent()):
        pass
    server.is_there = False
    with pytest.raises(KeyboardInterrupt), notes.project(server, Silent()) as killed:
        raise KeyboardInterrupt
    (tmp_path / "restores/elsewhere").write_text("http://other")
    server.is_there = True
    with notes.project(server, Silent()) as at_work:
        assert server.removed == [killed]
        with notes.project(server, Silent()) as other:
            assert other != at_work
    assert server.removed == [killed]
    assert [each.name for each in (tmp_path / "restores").iterdir()] == ["elsewhere"]
