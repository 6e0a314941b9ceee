"""What `ls-dvc init` asks the server before it writes anything."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.errors import ServerUnavailableError
from ls_dvc.formats import support_matrix
from ls_dvc.server import about, project
from ls_dvc.server.client import Client
from ls_dvc.server.interface import ServerState
from ls_dvc.settings import connection
from ls_dvc.settings.connection import Connection


@dataclass(frozen=True)
class CheckedProject:
    """A project that the key may see. `formats` are those that hold something of its labels.

    `refused`: why others cannot be used in it.
    """

    title: str
    tasks: int
    formats: tuple[str, ...]
    refused: dict[str, str]


def reachable(url: str | None, folder: Path, url_given: str | None) -> Connection | None:
    """The server that may be asked; None while its address or the key is not set."""
    if not connection.is_complete(url, folder):
        return None
    return connection.find(url, folder, url_given)


def check(address: Connection, project_id: int | None) -> CheckedProject | None:
    """The project; None without a number: then the server and the key alone are tried.

    `ServerError` for a key that is refused, a project that is not there, and a server that does
    not answer, with what to do.
    """
    try:
        with closing(Client(address)) as client:
            if project_id is None:
                about.require_valid_key(client)
                return None
            return _described(project.LabelStudioProject(client, project_id).state())
    except ServerUnavailableError as error:
        hint = "check --url, or run the command with `--offline`, which asks no server"
        raise ServerUnavailableError(str(error), hint) from error


def _described(state: ServerState) -> CheckedProject:
    matrix = support_matrix.of_config(state.label_config, f"project {state.project_id}")
    fitting = {
        name: None
        for row in matrix.rows
        for name, support in row.by_format.items()
        if not support.reason
    }
    return CheckedProject(state.title, state.probe.tasks, tuple(fitting), dict(matrix.refused))
