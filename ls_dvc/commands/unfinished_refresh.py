"""A refresh that was killed after its commit, or in a rebase, is finished by the next one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ls_dvc.commands.refresh_checks import next_tag, tag_of
from ls_dvc.io.files import write_atomically
from ls_dvc.io.strict_values import mapping, text
from ls_dvc.repo import commits, git
from ls_dvc.workspace import Workspace

FINGERPRINT = "Labels-Fingerprint"  # the trailer by which a commit of a refresh is known


@dataclass(frozen=True)
class Committed:
    """The commit of a refresh that did not get to its end, at HEAD, and the tag it asked for."""

    rev: str
    tag: str | None


@dataclass(frozen=True)
class UnfinishedRefresh:
    """Notes of a refresh in the side cache, from before its commit until its end."""

    workspace: Workspace

    def commits(self, pattern: str | None) -> None:
        """Note that a commit comes, and perhaps a tag by this pattern."""
        self._note(before=git.head(self.workspace.folder), pattern=pattern or "")

    def follows(self) -> None:
        """Note that commits of the remote are taken in, for which git may rebase."""
        self._note(following=True)

    def ends(self) -> None:
        """Nothing is unfinished any more."""
        self._path.unlink(missing_ok=True)

    def clean_up(self) -> None:
        """End a rebase that was killed: files and uncommitted work are as before it."""
        if self._noted().get("following"):
            commits.abort_rebase(self.workspace.folder)
            self.ends()

    def committed(self) -> Committed | None:
        """The commit that was made, with its tag, which is made now if it was not."""
        noted, folder = self._noted(), self.workspace.folder
        rev = git.head(folder) if noted.get("before") else None
        if rev is None:
            return None
        if commits.parent(folder) != noted["before"] or FINGERPRINT not in commits.message(folder):
            return None
        return Committed(rev, self._tag(noted["pattern"]) if noted["pattern"] else None)

    def _tag(self, pattern: str) -> str:
        folder = self.workspace.folder
        made = tag_of(pattern, commits.tags_of_head(folder))
        if made is None:
            made = next_tag(pattern, commits.tag_names(folder))
            commits.add_tag(folder, made, commits.message(folder).partition("\n")[0])
        return made

    @property
    def _path(self) -> Path:
        cache = self.workspace.cache
        return cache.root / f"{cache.owner}.refresh"

    def _note(self, **notes: Any) -> None:
        write_atomically(self._path, json.dumps(notes).encode())

    def _noted(self) -> Mapping[str, Any]:
        try:
            return _checked(json.loads(self._path.read_bytes()))
        except (OSError, ValueError, KeyError, RecursionError):
            return {}


def _checked(document: Any) -> Mapping[str, Any]:
    """The notes of a commit, which have two texts, or that commits are taken in."""
    noted = mapping(document)
    if noted.get("following") is True:
        return {"following": True}
    return {"before": text(noted["before"]), "pattern": text(noted["pattern"])}
