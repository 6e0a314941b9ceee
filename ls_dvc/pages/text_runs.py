"""A text with spans, cut where any of them begins or ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from ls_dvc.pages.region_pairs import Side
from ls_dvc.pages.scenes import TextRun

AROUND = 160  # characters of a long text that are shown around what changed
WHOLE = 2000  # characters of a text that is shown whole


class MarkedSpan(NamedTuple):
    """A span: characters `start` to `end` (exclusive)."""

    start: int
    end: int
    label: str
    side: Side


def runs(
    text: str, spans: Sequence[MarkedSpan], around: Sequence[MarkedSpan]
) -> tuple[TextRun, ...]:
    """The runs of a text. Of spans on top of each other a changed one shows, else the shortest.

    Of a long text what is around those of `around` that differ is shown.
    """
    shown = _shown_part(text, around)
    cuts = {shown[0], shown[1]}
    cuts.update(end for span in spans for end in span[:2] if shown[0] < end < shown[1])
    ordered, found = sorted(cuts), list[TextRun]()
    if shown[0] > 0:
        found.append(TextRun("… ", None, "", ()))
    for start, end in pairwise(ordered):
        inside = [span for span in spans if span.start <= start and end <= span.end]
        top = min(inside, key=_on_top, default=None)
        ends = tuple(span.label for span in spans if span.end == end)
        side, label = (top.side, top.label) if top else (None, "")
        found.append(TextRun(text[start:end], side, label, ends))
    if shown[1] < len(text):
        found.append(TextRun(" …", None, "", ()))
    return tuple(found)


def _on_top(span: MarkedSpan) -> tuple[bool, int]:
    return span.side == "both", span.end - span.start


def _shown_part(text: str, spans: Iterable[MarkedSpan]) -> tuple[int, int]:
    """All of a short text; of a long one, what is around the spans that differ."""
    changed = [span for span in spans if span.side != "both"] or list(spans)
    if len(text) <= WHOLE:
        return 0, len(text)
    if not changed:
        return 0, WHOLE
    start = max(0, min(span.start for span in changed) - AROUND)
    end = min(len(text), max(span.end for span in changed) + AROUND)
    return start, min(end, start + 5 * WHOLE)
