"""A span begins or ends in the middle of a word.

The selection slipped by a character or two, so the label covers a piece of a word that no tokenizer
makes. A plural `s` that was left out is no fault, and neither is any place in a text of Chinese,
Japanese, Thai and the like, which put no blanks between words.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.families import SPAN
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import NoOptions
from ls_dvc.check.spans import LabeledSpan
from ls_dvc.check.views import TaskView
from ls_dvc.formats.text.tokens import is_word_boundary

LEVEL = Level.WARNING
REVISION = 1
LOOKS_AT = (SPAN,)
OPTIONS = NoOptions


def check(task: TaskView, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Spans that cut a word."""
    for span in task.spans:
        begins = not is_word_boundary(span.text, span.start)
        ends = not is_word_boundary(span.text, span.end) and not _leaves_plural(span)
        if begins or ends:
            where = "begins and ends" if begins and ends else "begins" if begins else "ends"
            words = f"{where} in the middle of a word"
            yield span.region.finding(words, start=span.start, end=span.end)


def _leaves_plural(span: LabeledSpan) -> bool:
    """Whether all that it leaves out of the word is an `s`."""
    is_s = span.text[span.end] in "sS"
    return is_s and is_word_boundary(span.text, span.end + 1)
