"""Spans with the characters that they mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    texts = dict[str, tuple[str, tuple[OffsetMap, ...]] | None]()
    for region in regions:
        name = region.object
        if name not in texts:
            on_it = [each.region for each in regions if each.object == name]
            text = _text(data, config, name)
            texts[name] = None if text is None else (text, offset_maps_of(text, on_it))
        found = texts[name]
        span = _quoted(region) if found is None else _located(region, *found)
        if span is not None:
            yield span


def _located(region: RegionView, text: str, offsets: tuple[OffsetMap, ...]) -> LabeledSpan | None:
    ends = locate(text, region.value, offsets)
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
