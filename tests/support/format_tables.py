"""The generated tables of docs/formats.md: what each format writes, reasons, columns."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from ls_dvc.formats import support_matrix
from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.records.columns import COLUMNS
from ls_dvc.formats.support_matrix import REFUSED, ControlSupport, SupportMatrix
from support.markdown import table

ROOT = Path(__file__).parents[2]


@cache
def everything() -> SupportMatrix:
    """What every format writes of every control."""
    return support_matrix.of_every_control()


def reasons() -> list[list[str]]:
    """The reasons as the ledger explains them, in its order."""
    source = (ROOT / "ls_dvc" / "formats" / "outcomes.py").read_text()
    meanings = dict(re.findall(r'^    [A-Z_]+ = "([a-z-]+)"  # (.*)$', source, re.MULTILINE))
    return [[f"`{each.value}`", meanings[each.value]] for each in Reason]


def cell(row: ControlSupport, name: str) -> str:
    word = row.by_format[name].reason
    short = {"": "yes", REFUSED: "", Reason.UNSUPPORTED_TYPE.value: "–"}
    return short.get(word, f"`{word}`")


def support() -> list[list[str]]:
    rows = everything().rows
    groups = support_matrix.groups_of_formats(rows)
    head = ["control", *(", ".join(f"`{name}`" for name in each) for each in groups)]
    return [head, *([row.title, *(cell(row, each[0]) for each in groups)] for row in rows)]


def formats_page() -> dict[str, str]:
    """The parts of docs/formats.md."""
    columns = [[f"`{column.name}`", column.kind, column.meaning] for column in COLUMNS]
    return {
        "support": table(support()),
        "reasons": table([["reason", "meaning"], *reasons()]),
        "columns": table([["column", "type", "meaning"], *columns]),
    }
