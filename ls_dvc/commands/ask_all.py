"""Use case: the state of many projects, their servers asked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Event

from ls_dvc.commands.watch import look
from ls_dvc.errors import LsDvcError
from ls_dvc.execution.threads import unordered
from ls_dvc.server.interface import ServerState
from ls_dvc.server.project import LabelStudioProject
from ls_dvc.workspace import Workspace

AT_ONCE = 8  # projects, each with a few small requests


def unchanged_projects(
    workspaces: Sequence[Workspace], connect: Callable[[Workspace], LabelStudioProject]
) -> list[LabelStudioProject | None]:
    """For each data set its project, which then knows its state, if no update of it is due.

    None where one is due, or where that is not known: the refresh itself says why.
    """
    projects = [_connected(workspace, connect) for workspace in workspaces]
    states = dict(unordered(_state, enumerate(projects), AT_ONCE, Event()))
    return [
        _unchanged(workspace, project, states[number])
        for number, (workspace, project) in enumerate(zip(workspaces, projects, strict=True))
    ]


def _connected(
    workspace: Workspace, connect: Callable[[Workspace], LabelStudioProject]
) -> LabelStudioProject | None:
    try:
        return connect(workspace)
    except LsDvcError:
        return None


def _state(asked: tuple[int, LabelStudioProject | None]) -> tuple[int, ServerState | None]:
    number, project = asked
    try:
        return number, project.state() if project is not None else None
    except LsDvcError:
        return number, None


def _unchanged(
    workspace: Workspace, project: LabelStudioProject | None, state: ServerState | None
) -> LabelStudioProject | None:
    try:
        if project is None or state is None or look(workspace, state).reasons:
            return None
    except LsDvcError:
        return None
    return project.knowing(state)


def connections(
    known: LabelStudioProject | None, connect: Callable[[], LabelStudioProject]
) -> Iterator[LabelStudioProject]:
    """The project that knows its state, if there is one, then new connections."""
    if known is not None:
        yield known
    while True:
        yield connect()
