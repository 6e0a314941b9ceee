"""A span ends with a comma, a semicolon or a colon.

Most often the selection took one character too many. A full stop is none of these, since
abbreviations end with it, and neither is a span that is a whole line.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.families import SPAN
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import NoOptions
from ls_dvc.check.spans import LabeledSpan
from ls_dvc.check.views import TaskView

LEVEL = Level.WARNING
REVISION = 1
LOOKS_AT = (SPAN,)
OPTIONS = NoOptions

_LINE_ENDS = ("", "\n", "\r")


def check(task: TaskView, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Spans that end with one of these."""
    for span in task.spans:
        if span.text[span.end - 1] in ",;:" and len(span.marked) > 1 and not _is_line(span):
            words = "ends with a comma, a semicolon or a colon"
            yield span.region.finding(words, start=span.start, end=span.end)


def _is_line(span: LabeledSpan) -> bool:
    """Whether it is whole lines of its text."""
    _, text, start, end = span
    if start == 0 and end == len(text):
        return False
    return text[max(start - 1, 0) : start] in ("", "\n") and text[end : end + 1] in _LINE_ENDS
