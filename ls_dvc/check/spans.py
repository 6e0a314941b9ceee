"""Spans with the characters that they mark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from ls_dvc.check.regions import RegionView
from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.text.offsets import OffsetMap, locate, offset_maps_of
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.shown_objects import shown_object


class LabeledSpan(NamedTuple):
    """A span: `text` from `start` to `end` (exclusive), in code points.

    Of a text with markup, or of a dialogue, `text` is only what the region says that it marks:
    what comes before and behind it is not known.
    """

    region: RegionView
    text: str
    start: int
    end: int

    @property
    def marked(self) -> str:
        """The characters that it marks."""
        return self.text[self.start : self.end]


def spans_of(
    data: Any, config: LabelConfig, regions: Sequence[RegionView]
) -> Iterator[LabeledSpan]:
    """Those of `regions` whose characters are known; not where the text is another one by now."""
    readers = dict[str, _ReadSpan]()
    for region in regions:
        read = readers.get(region.object)
        if read is None:
            read = readers[region.object] = _reader(data, config, region.object, regions)
        span = read(region)
        if span is not None:
            yield span


_ReadSpan = Callable[[RegionView], LabeledSpan | None]


def _reader(data: Any, config: LabelConfig, name: str, regions: Sequence[RegionView]) -> _ReadSpan:
    """How the spans on an object are read."""
    text = _text(data, config, name)
    if text is None:
        return _quoted
    on_it = [region.region for region in regions if region.object == name]
    return partial(_located, text, offset_maps_of(text, on_it))


def _is_plain(text: str, start: Any, end: Any) -> bool:
    return type(start) is type(end) is int and 0 <= start < end <= len(text)


def _located(text: str, offsets: tuple[OffsetMap, ...], region: RegionView) -> LabeledSpan | None:
    value = region.value
    start, end = value.get("start", -1), value.get("end", -1)
    if _is_plain(text, start, end) and offsets[0] is None and text[start:end] == value.get("text"):
        return LabeledSpan(region, text, start, end)
    ends = locate(text, value, offsets)
    return None if isinstance(ends, Reason) else LabeledSpan(region, text, *ends)


def _quoted(region: RegionView) -> LabeledSpan | None:
    quote = region.value.get("text")
    if not isinstance(quote, str) or not quote:
        return None
    quote = quote.replace("\\n", "\n")  # the editor writes line ends so
    return LabeledSpan(region, quote, 0, len(quote))


def _text(data: Any, config: LabelConfig, name: str) -> str | None:
    """The plain text that the object shows; None where it shows something else."""
    shown = shown_object(config, data, name)
    if shown is None or shown.declared.tag != "Text" or shown.declared.value_type == "url":
        return None
    value = shown.items[0][1] if shown.items else None
    return value if isinstance(value, str) else None
