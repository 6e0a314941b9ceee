"""The same characters have the same label of the same control twice in one annotation.

It counts twice in every number, and formats write it twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ls_dvc.check.families import SPAN
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import NoOptions
from ls_dvc.check.regions import RegionView
from ls_dvc.check.views import TaskView

LEVEL = Level.ERROR
REVISION = 1
LOOKS_AT = (SPAN,)
OPTIONS = NoOptions

_ENDS = ("start", "end", "startOffset", "endOffset")


def check(task: TaskView, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Spans that another one repeats; each but the first."""
    for annotation in task.annotations:
        spans = annotation.families.get(SPAN, ())
        if len(spans) > 1 and not _begin_apart(spans):
            yield from _repeated(spans)


def _begin_apart(spans: Sequence[RegionView]) -> bool:
    """Whether all begin at offsets of their own, as most do."""
    starts = [span.value.get("start") for span in spans]
    return all(type(start) is int for start in starts) and len({*starts}) == len(starts)


def _repeated(spans: Sequence[RegionView]) -> Iterator[RuleFinding]:
    first = dict[tuple[str, ...], RegionView]()
    for span in spans:
        earlier = first.setdefault(_extent(span), span)
        if earlier is not span:
            yield span.finding_with(earlier, "is there twice, with the same label")


def _extent(span: RegionView) -> tuple[str, ...]:
    ends = [repr(span.value.get(name)) for name in _ENDS]
    return (span.control, span.object, *ends, *sorted(span.labels))
