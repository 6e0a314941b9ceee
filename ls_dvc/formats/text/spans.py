"""What CONLL2003 and SPACY have in common: the texts of a task, and what is marked in them.

Label Studio counts `start` and `end` of a span as Python does: in code points, `end` exclusive.
Until the end of 2021, and in what some tools import, they are JavaScript's: UTF-16 code units, of
which an emoji has two. The text that a region says it was drawn on tells which it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.interface import Encoded, FormatContext
from ls_dvc.formats.outcomes import Outcome, Reason, all_for, outcome_of_unwritten
from ls_dvc.formats.text.offsets import Reading, _located, _readings
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.label_config import LabelConfig, LabeledObject
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.regions import control_of, labels_of

SPACE = "text"
SPANS = ("Labels",)  # the controls that mark spans in a Text


@dataclass(frozen=True)
class LabeledText:
    """A text of a task.

    `place` is the name of the Text that shows it. `annotation` is the id of the annotation
    that it is written for, where each stands for itself.
    """

    task: int
    place: str
    text: str
    annotation: int | None = None


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive) as Python counts; `number` is the region's."""

    start: int
    end: int
    labels: tuple[str, ...]
    number: int


class Choice(NamedTuple):
    """What was chosen for a text as a whole; `number` is the region's."""

    control: str
    names: tuple[str, ...]
    number: int


class LocatedSpans(NamedTuple):
    """A span or a choice, and the name of the Text that it is on."""

    place: str
    what: Span | Choice


Write = Callable[
    [LabeledText, Sequence[Span], Sequence[Choice]], tuple[bytes, Mapping[int, Reason]]
]
"""A text with what is marked in it; and the numbers of what has no place there, with reasons."""

Texts = Mapping[str, tuple[str, tuple[Reading, ...]]]
Places = Mapping[str, LabeledObject]  # by name, the objects that are written


def check(context: FormatContext, name: str, tags: Collection[str]) -> None:
    """`LsDvcError` unless controls with one of these tags label a text of this project."""
    if not _objects(context.config, tags):
        wanted = " or ".join(f"<{each}>" for each in tags)
        raise LsDvcError(
            f"{name} needs a <Text> with {wanted} for it; the label config has none",
            f"take {name} out of label_studio.formats in params.yaml",
        )


def encode(
    selection: Selection, context: FormatContext, write: Write, tags: Collection[str]
) -> Encoded:
    """The texts of a task that controls with these tags label, as `write` writes them.

    A text is left out when spans were marked in it and none of those can be written: it would
    look like one with nothing in it. With choices, ratings or texts alone it was looked at.
    """
    reason = outcome_of_unwritten(selection)
    places = _objects(context.config, tags)
    held = dict(_held(selection, places))
    if reason or not held:
        reason = reason or Reason.NO_MEDIA
        return Encoded(None, reason, all_for(selection, reason))
    pieces, fates = list[bytes](), list[Outcome]()
    for annotation, regions in _groups(selection):
        passages = [
            LabeledText(selection.task["id"], place, held[place], annotation) for place in held
        ]
        group = _Group(context.config, regions, *_marks(regions, context, places, held))
        pieces += group.written(passages, write)
        fates += group.fates
    return Encoded(pieces, None if pieces else Reason.NOTHING_LEFT, fates)


def is_single(config: LabelConfig, tags: Collection[str]) -> bool:
    """Whether every task has exactly one text that is labeled."""
    return len(_objects(config, tags)) == 1


def kind_of(region: Region) -> str | Reason:
    """The type of a region that has a value, or why it is none."""
    kind = region.get("type") if isinstance(region, dict) else None
    if not isinstance(kind, str):
        return Reason.MALFORMED
    if kind == "relation":
        return Reason.RELATION
    return kind if isinstance(region.get("value"), dict) else Reason.MALFORMED


def known_labels(region: Region, context: FormatContext, space: str) -> tuple[str, ...] | Reason:
    """What the labels of a region are called now; one with an unknown label is not written."""
    listed = region["value"].get(region["type"])
    if not isinstance(listed, list) or not listed:
        return Reason.NO_LABEL
    if not all(isinstance(each, str) for each in listed):
        return Reason.MALFORMED
    control = context.config.controls.get(control_of(region))
    space = (context.config.space_of(control) if control else "") or space
    ids, names = context.classes.ids(space), context.classes.names(space)
    if not all(each in ids for each in listed):
        return Reason.UNKNOWN_LABEL
    return tuple(dict.fromkeys(names[ids[each]] for each in listed))


def place_of(region: Region, config: LabelConfig, places: Collection[str]) -> str:
    """Which of `places` a region is on, or "". A name that the config lost means the only one."""
    name = str(region.get("to_name"))
    if name in places:
        return name
    return next(iter(places)) if name not in config.objects and len(places) == 1 else ""


# --- the texts


def _objects(config: LabelConfig, tags: Collection[str]) -> dict[str, LabeledObject]:
    """The Text objects that controls with these tags label, in the order of the config."""
    labeled = {
        name
        for control in config.controls.values()
        if control.tag in tags
        for name in control.objects
    }
    return {each.name: each for each in config.objects_of("Text") if each.name in labeled}


# A Text with valueType="url" holds an address: the text itself is elsewhere.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://|/data/)\S+")


def _held(selection: Selection, places: Places) -> Iterator[tuple[str, str]]:
    """The texts in a task's data; not what is blank, or an address that nobody read as text."""
    data = selection.task.get("data")
    for name, each in places.items():
        text = data.get(each.key) if isinstance(data, Mapping) else None
        if not isinstance(text, str) or not text.strip():
            continue
        if not _ADDRESS.fullmatch(text.strip()) or _is_quoted(text, selection.regions):
            yield name, text


def _is_quoted(text: str, regions: Sequence[Region]) -> bool:
    values = (each.get("value") for each in regions if isinstance(each, Mapping))
    quotes = (each.get("text") for each in values if isinstance(each, Mapping))
    return any(isinstance(quote, str) and quote.strip() and quote in text for quote in quotes)


def _groups(selection: Selection) -> list[tuple[int | None, Sequence[Region]]]:
    """The regions that stand together: all that count, or those of each annotation."""
    if not selection.apart:
        return [(None, selection.regions)]
    return [(each.get("id", 0), each["result"]) for each in selection.annotations]


# Kinds of regions that mark no span.
_NO_SPAN = {"choices", "datetime", "number", "pairwise", "ranker", "rating", "relation"}
_NO_SPAN |= {"taxonomy", "textarea"}


@dataclass
class _Group:
    """Regions that stand together, what each marks, and its fate as far as that is known."""

    config: LabelConfig
    regions: Sequence[Region]
    marks: Sequence[LocatedSpans | Reason]
    fates: list[Outcome]

    def written(self, passages: Sequence[LabeledText], write: Write) -> list[bytes]:
        """The passages, but for those that lost all their spans; the fates are known then."""
        pieces = dict[str, bytes]()
        for passage in passages:
            here = [mark.what for mark in self._on(passage.place)]
            spans = [each for each in here if isinstance(each, Span)]
            choices = [each for each in here if isinstance(each, Choice)]
            pieces[passage.place], lost = write(passage, spans, choices)
            for number, reason in lost.items():
                self.fates[number] = reason
        for place in self._emptied(pieces) if any(self.fates) else ():
            del pieces[place]
            for mark in self._on(place):
                number = mark.what.number
                self.fates[number] = self.fates[number] or Reason.NOTHING_LEFT
        return list(pieces.values())

    def _on(self, place: str) -> list[LocatedSpans]:
        return [e for e in self.marks if isinstance(e, LocatedSpans) and e.place == place]

    def _emptied(self, places: Collection[str]) -> set[str]:
        """The texts that lost all their spans; or may have, when nobody knows where one was."""
        lost, full = set[str](), set[str]()
        for region, mark, fate in zip(self.regions, self.marks, self.fates, strict=True):
            if isinstance(mark, Reason):
                lost.update(self._near(region, places))
            elif isinstance(mark.what, Span):
                (full if fate is None else lost).add(mark.place)
        return (lost - full).intersection(places)

    def _near(self, region: Region, places: Collection[str]) -> Collection[str]:
        """The texts that a span, or who knows what, may have been on."""
        if not isinstance(region, dict):
            return places
        name = str(region.get("to_name"))
        if str(region.get("type")) in _NO_SPAN:
            return ()
        return (name,) if name in self.config.objects else places


# --- what is marked in them


def _marks(
    regions: Sequence[Region], context: FormatContext, places: Places, held: Mapping[str, str]
) -> tuple[list[LocatedSpans | Reason], list[Outcome]]:
    """What each region marks; its fate is the reason why it marks nothing."""
    texts = {place: (text, _readings(text, regions)) for place, text in held.items()}
    marks = [_mark(number, each, context, places, texts) for number, each in enumerate(regions)]
    return marks, [each if isinstance(each, Reason) else None for each in marks]


def _mark(
    number: int, region: Region, context: FormatContext, places: Places, texts: Texts
) -> LocatedSpans | Reason:
    kind = kind_of(region)
    if isinstance(kind, Reason):
        return kind
    place = place_of(region, context.config, places)
    if not place or kind not in ("labels", "choices"):
        return Reason.UNSUPPORTED_TYPE
    if place not in texts:
        return Reason.NO_MEDIA
    read = _span if kind == "labels" else _choice
    what = read(number, region, context, *texts[place])
    return what if isinstance(what, Reason) else LocatedSpans(place, what)


def _choice(number: int, region: Region, *_: Any) -> Choice | Reason:
    """One for a text as a whole; those for a span of it (perRegion) have its ends."""
    value, names = region["value"], labels_of(region)
    listed = value.get("choices")
    if "start" in value or (isinstance(listed, list) and any(isinstance(e, list) for e in listed)):
        return Reason.UNSUPPORTED_TYPE  # nested choices are paths
    if not isinstance(listed, list) or len(listed) > len(names):
        return Reason.MALFORMED
    return Choice(control_of(region), tuple(names), number) if names else Reason.NO_LABEL


def _span(
    number: int, region: Region, context: FormatContext, text: str, readings: tuple[Reading, ...]
) -> Span | Reason:
    ends = _located(text, region["value"], readings)
    if isinstance(ends, Reason):
        return ends
    labels = known_labels(region, context, SPACE)
    return labels if isinstance(labels, Reason) else Span(*ends, labels, number)
