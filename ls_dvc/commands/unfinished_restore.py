"""Projects that are not whole yet leave the server when a restore fails, or is killed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ls_dvc.errors import ServerError
from ls_dvc.io import temporary
from ls_dvc.progress import Reporter

UNFINISHED = "ls-dvc unfinished "


class Projects(Protocol):
    """What is asked of the server here."""

    @property
    def url(self) -> str:
        """The address."""

    def remove(self, title: str) -> None:
        """Remove every project with exactly this title."""


@dataclass(frozen=True)
class UnfinishedRestores:
    """A file in `folder` for each restore at work, held by its process; without one no notes."""

    folder: Path | None = None

    @contextmanager
    def project(self, server: Projects, report: Reporter) -> Iterator[str]:
        """A title for a project that is not whole; none has it when the block fails, however.

        Where nobody could remove it, because we were killed or the server did not answer, the
        next call does.
        """
        self._remove_killed(server, report)
        title = f"{UNFINISHED}{uuid.uuid4().hex}"
        with self._noted(title, server):
            try:
                yield title
            except BaseException:
                self._remove(title, server, report)
                raise
            self._forget(title)

    @contextmanager
    def _noted(self, title: str, server: Projects) -> Iterator[None]:
        if self.folder is None:
            yield
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        note = self.folder / title
        note.write_text(server.url, encoding="utf-8")
        with temporary.held(note):
            yield

    def _remove(self, title: str, server: Projects, report: Reporter) -> None:
        try:
            server.remove(title)
            self._forget(title)
        except ServerError as error:
            report.say(
                f"the project {title!r} may still be on the server, remove it there: {error}"
            )

    def _remove_killed(self, server: Projects, report: Reporter) -> None:
        """Remove the projects of those that are at work no more."""
        for note in sorted(self.folder.glob("*")) if self.folder else []:
            with temporary.held(note) as is_left:
                if is_left and note.read_text(encoding="utf-8") == server.url:
                    self._remove(note.name, server, report)

    def _forget(self, title: str) -> None:
        if self.folder is not None:
            (self.folder / title).unlink(missing_ok=True)


NOT_NOTED = UnfinishedRestores()
