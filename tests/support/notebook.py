"""A notebook run as Jupyter runs it, cell by cell, without a kernel; and what cells may show."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ls_dvc


def results(path: Path) -> Iterator[tuple[str, Any]]:
    """The source of each code cell, and the value of its last expression; None without one."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            yield source, _value(source, names)


def _value(source: str, names: dict[str, Any]) -> Any:
    body = ast.parse(source).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "cell", "exec"), names)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


def fragments_of(folder: Path) -> list[str]:
    """The HTML of versions, diff, tasks, every task and every change of the data set there."""
    changes = ls_dvc.diff(folder=folder)
    tasks = ls_dvc.load(folder=folder)
    return [
        ls_dvc.versions(folder=folder)._repr_html_(),
        changes._repr_html_(),
        tasks._repr_html_(),
        *(ls_dvc.show(task, folder=folder).html for task in tasks),
        *(ls_dvc.show(each.task, since="HEAD", folder=folder).html for each in changes.tasks),
    ]
