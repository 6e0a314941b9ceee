"""JSON_MIN: one flat record for each labeled task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ls_dvc import canonical
from ls_dvc.formats import json_tasks, rows
from ls_dvc.formats.base import Chunk, Encoded, Project, document_path, nothing
from ls_dvc.select import Labels

NAME = "JSON_MIN"
SUMMARY = "One flat JSON record a labeled task: its data, and the labels by control"

check = json_tasks.check
shared = nothing


def encode(labels: Labels, project: Project) -> Encoded:
    """The row of a task."""
    return rows.encode(labels, project)


def assemble(pieces: Iterable[Any], project: Project) -> Iterator[Chunk]:
    """result.json: a list with one record a line."""
    lines = (canonical.line(row).rstrip(b"\n") for piece in pieces for row in piece)
    yield from json_tasks.records(document_path(project, "result.json"), lines)
