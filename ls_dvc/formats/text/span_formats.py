"""What CONLL2003 and SPACY have in common: the texts of a task, with spans and choices.

A text is left out when spans were marked in it and none of them can be written: it would look like
one with nothing in it. With choices, ratings or texts alone somebody looked at it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.interface import Encoded, FormatContext
from ls_dvc.formats.outcomes import (
    Outcome,
    Reason,
    all_for,
    outcome_of_unwritten,
    reason_without_media,
    with_unresolved,
)
from ls_dvc.formats.text.labeled_texts import text_objects, texts_of
from ls_dvc.formats.text.offsets import OffsetMap, locate, offset_maps_of
from ls_dvc.formats.text.region_reader import known_labels, object_of, type_of
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.label_config import LabelConfig, LabeledObject
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.regions import control_of, labels_of

SPACE = "text"
SPAN_TAGS = ("Labels",)  # the controls that mark spans in a Text


@dataclass(frozen=True)
class LabeledText:
    """A text of a task, shown by the object of this name.

    `annotation` is the id of the annotation that it is written for, where each stands for itself.
    """

    task: int
    object: str
    text: str
    annotation: int | None = None


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive) as Python counts; `position` is the region's."""

    start: int
    end: int
    labels: tuple[str, ...]
    position: int


class Choice(NamedTuple):
    """What was chosen for a text as a whole; `position` is the region's."""

    control: str
    names: tuple[str, ...]
    position: int


class LocatedRegion(NamedTuple):
    """A span or a choice, and the name of the Text that it is on."""

    object: str
    mark: Span | Choice


class WrittenText(NamedTuple):
    """A text in a format's terms; the regions by position that were dropped, or written in part."""

    data: bytes
    dropped: Mapping[int, Reason]
    in_part: Mapping[int, Reason]


WriteText = Callable[[LabeledText, Sequence[Span], Sequence[Choice]], WrittenText]
Texts = Mapping[str, tuple[str, tuple[OffsetMap, ...]]]
Objects = Mapping[str, LabeledObject]  # by name, those that are written


def check(context: FormatContext, name: str, tags: tuple[str, ...]) -> None:
    """`LsDvcError` unless controls with one of these tags label a text of this project."""
    if not text_objects(context, tags):
        wanted = " or ".join(f"<{tag}>" for tag in tags)
        raise LsDvcError(
            f"{name} needs a <Text> with {wanted} for it; the label config has none",
            f"take {name} out of label_studio.formats in params.yaml",
        )


def is_single(context: FormatContext, tags: tuple[str, ...]) -> bool:
    """Whether every task has exactly one text that is labeled."""
    objects = list(text_objects(context, tags).values())
    return len(objects) == 1 and not objects[0].repetition


def encode(
    selection: Selection, context: FormatContext, write: WriteText, tags: tuple[str, ...]
) -> Encoded:
    """The texts of a task that controls with these tags label, as `write` writes them."""
    reason = outcome_of_unwritten(selection)
    objects = text_objects(context, tags)
    texts = dict(texts_of(selection, objects, context.config))
    if reason or not texts:
        reason = reason or reason_without_media(selection, context.config, "Text")
        return Encoded(None, reason, all_for(selection, reason))
    content, outcomes, in_part = list[bytes](), list[Outcome](), list[tuple[int, Reason]]()
    for annotation, regions in _groups(selection):
        labeled_texts = [
            LabeledText(selection.task["id"], name, text, annotation)
            for name, text in texts.items()
        ]
        group = _RegionGroup(context.config, regions, *_locate(regions, context, objects, texts))
        content += group.written(labeled_texts, write)
        first = len(outcomes)
        in_part += [(first + place, why) for place, why in sorted(group.in_part.items())]
        outcomes += with_unresolved(group.outcomes, regions, selection, context.config)
    return Encoded(content, None if content else Reason.NOTHING_LEFT, outcomes, in_part=in_part)


def _groups(selection: Selection) -> list[tuple[int | None, Sequence[Region]]]:
    """The regions that are written together: all that count, or those of each annotation."""
    if not selection.per_annotation:
        return [(None, selection.regions)]
    return [(each.get("id", 0), each["result"]) for each in selection.annotations]


# Types of regions that mark no span.
_NO_SPAN = {"choices", "datetime", "number", "pairwise", "ranker", "rating", "relation"}
_NO_SPAN |= {"taxonomy", "textarea"}


@dataclass
class _RegionGroup:
    """Regions that are written together, where each is, and its outcome as far as it is known."""

    config: LabelConfig
    regions: Sequence[Region]
    located: Sequence[LocatedRegion | Reason]
    outcomes: list[Outcome]
    in_part: dict[int, Reason] = field(default_factory=dict)

    def written(self, texts: Sequence[LabeledText], write: WriteText) -> list[bytes]:
        """The texts but for those that lost all their spans; the outcomes are complete then."""
        written = dict[str, bytes]()
        for text in texts:
            marks = self._marks_on(text.object)
            spans = [mark for mark in marks if isinstance(mark, Span)]
            choices = [mark for mark in marks if isinstance(mark, Choice)]
            written[text.object], dropped, in_part = write(text, spans, choices)
            self.in_part.update(in_part)
            for position, reason in dropped.items():
                self.outcomes[position] = reason
        for name in self._emptied(written) if any(self.outcomes) else ():
            del written[name]
            for mark in self._marks_on(name):
                self.outcomes[mark.position] = self.outcomes[mark.position] or Reason.NOTHING_LEFT
        return list(written.values())

    def _marks_on(self, name: str) -> list[Span | Choice]:
        return [
            each.mark
            for each in self.located
            if isinstance(each, LocatedRegion) and each.object == name
        ]

    def _emptied(self, names: Collection[str]) -> set[str]:
        """The texts that lost all their spans; or may have, when nobody knows where one was."""
        lost, kept = set[str](), set[str]()
        for region, located, outcome in zip(self.regions, self.located, self.outcomes, strict=True):
            if isinstance(located, Reason):
                lost.update(self._possible_objects(region, names))
            elif isinstance(located.mark, Span):
                (kept if outcome is None else lost).add(located.object)
        return (lost - kept).intersection(names)

    def _possible_objects(self, region: Region, names: Collection[str]) -> Collection[str]:
        """The texts that a region may have been a span of."""
        if not isinstance(region, dict):
            return names
        name = str(region.get("to_name"))
        if str(region.get("type")) in _NO_SPAN:
            return ()
        return (name,) if self.config.object_named(name) else names


def _locate(
    regions: Sequence[Region], context: FormatContext, objects: Objects, texts: Mapping[str, str]
) -> tuple[list[LocatedRegion | Reason], list[Outcome]]:
    """Where each region is; its outcome is the reason why that is not known."""
    with_offsets = {name: (text, offset_maps_of(text, regions)) for name, text in texts.items()}
    located = [
        _located(position, region, context, objects, with_offsets)
        for position, region in enumerate(regions)
    ]
    return located, [each if isinstance(each, Reason) else None for each in located]


def _located(
    position: int, region: Region, context: FormatContext, objects: Objects, texts: Texts
) -> LocatedRegion | Reason:
    kind = type_of(region)
    if isinstance(kind, Reason):
        return kind
    name = object_of(region, context.config, objects)
    if not name or kind not in ("labels", "choices"):
        return Reason.UNSUPPORTED_TYPE
    if name not in texts:
        return Reason.NO_MEDIA
    read = _span if kind == "labels" else _choice
    mark = read(position, region, context, *texts[name])
    return mark if isinstance(mark, Reason) else LocatedRegion(name, mark)


def _choice(position: int, region: Region, *_: Any) -> Choice | Reason:
    """A choice for a text as a whole; one for a span of it (perRegion) has the span's ends."""
    value, names = region["value"], labels_of(region)
    choices = value.get("choices")
    if "start" in value or (
        isinstance(choices, list) and any(isinstance(each, list) for each in choices)
    ):
        return Reason.UNSUPPORTED_TYPE  # nested choices are paths
    if not isinstance(choices, list) or len(choices) > len(names):
        return Reason.MALFORMED
    return Choice(control_of(region), tuple(names), position) if names else Reason.NO_LABEL


def _span(
    position: int,
    region: Region,
    context: FormatContext,
    text: str,
    offset_maps: tuple[OffsetMap, ...],
) -> Span | Reason:
    ends = locate(text, region["value"], offset_maps)
    if isinstance(ends, Reason):
        return ends
    labels = known_labels(region, context, SPACE)
    return labels if isinstance(labels, Reason) else Span(*ends, labels, position)
