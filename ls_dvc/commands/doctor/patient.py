"""What is examined: a folder, and what is read of it once for all checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.repo import paths
from ls_dvc.repo.dvc import DvcStore
from ls_dvc.settings import connection
from ls_dvc.settings.connection import Connection
from ls_dvc.workspace import Workspace, unrepaired_workspace

if TYPE_CHECKING:
    from ls_dvc.server.about import ServerAbout
    from ls_dvc.server.interface import ServerState
    from ls_dvc.server.project import LabelStudioProject


@dataclass(frozen=True)
class Patient:
    """The folder of a data set, or of none yet. What cannot be read raises `LsDvcError`."""

    folder: Path
    environment: Mapping[str, str]

    @cached_property
    def workspace(self) -> Workspace:
        """The data set."""
        return unrepaired_workspace(self.folder)

    @cached_property
    def pin(self) -> Pin | None:
        """What is pinned."""
        return lockfile.find(self.workspace.pin)

    @cached_property
    def store(self) -> DvcStore:
        """DVC's cache and remote."""
        return DvcStore(paths.dvc_root(self.folder))

    @cached_property
    def connection(self) -> Connection:
        """The address and the key."""
        return connection.find(self.workspace.params.url, self.folder)

    @cached_property
    def server(self) -> LabelStudioProject:
        """The project on its server; to be closed by `close`."""
        from ls_dvc.server.project import connect

        params = self.workspace.params
        asked = params.update
        return connect(self.connection, params.project_id, asked.view, asked.deadline_seconds)

    @cached_property
    def state(self) -> ServerState:
        """The project as it is now."""
        return self.server.state()

    @cached_property
    def about(self) -> ServerAbout:
        """What the server says about itself."""
        from ls_dvc.server.about import about

        return about(self.server.client)

    @cached_property
    def sample(self) -> list[dict[str, Any]]:
        """Some tasks of the project, without annotations."""
        from ls_dvc.server.about import sample

        return sample(self.server.client, self.server.project_id)

    def require_valid_key(self) -> None:
        """`ServerError` unless the server knows the key."""
        from ls_dvc.server.about import require_valid_key

        require_valid_key(self.server.client)

    def close(self) -> None:
        """Let go of the server, if it was asked."""
        if "server" in self.__dict__:
            self.server.client.close()
