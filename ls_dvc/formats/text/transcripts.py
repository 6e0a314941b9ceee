"""What was transcribed: the text of each segment of a recording, and the labels of the segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ls_dvc.formats.interface import FormatContext
from ls_dvc.formats.outcomes import Outcome, Reason
from ls_dvc.formats.text.recordings import text_areas
from ls_dvc.formats.text.region_reader import known_labels, object_of, type_of
from ls_dvc.labels import region_values
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.label_config import LabelConfig, LabeledObject
from ls_dvc.labels.regions import control_of

SPACE = "audio"
WHOLE = (-1.0, -1.0)  # the ends of a whole recording
DIGITS = 6  # of a duration: microseconds, so that 1.3 - 1.1 is 0.2

RegionOf = tuple[int, Region]  # the id of its annotation, and the region


class Segment(NamedTuple):
    """Part of a recording, or the whole; `ends` in seconds. `control` is the TextArea's name."""

    control: str
    annotation: int
    object: str
    ends: tuple[float, float]
    channel: int


class Transcript(NamedTuple):
    """The text of a segment, as one region has it."""

    segment: Segment
    text: str


@dataclass
class TranscribedSegment:
    """All texts of a segment, and its labels."""

    texts: list[str] = field(default_factory=list)
    labels: dict[str, None] = field(default_factory=dict)


def transcribing_controls(context: FormatContext) -> tuple[str, ...]:
    """The TextAreas whose texts are transcripts: those of the settings, or all for recordings."""
    names = [control.name for control in text_areas(context.config)]
    return tuple(name for name in names if not context.transcripts or name in context.transcripts)


def transcribed_segments(
    regions: Sequence[RegionOf],
    context: FormatContext,
    objects: Mapping[str, LabeledObject],
    addresses: Mapping[str, str],
) -> tuple[dict[Segment, TranscribedSegment], list[Outcome]]:
    """The segments, and the outcome of every region. Labels go to the transcripts with their id."""
    transcripts = [_transcript(each, context, objects, addresses) for each in regions]
    segments = dict[Segment, TranscribedSegment]()
    by_id = dict[tuple[int, str], list[TranscribedSegment]]()
    for (annotation, region), transcript in zip(regions, transcripts, strict=True):
        if isinstance(transcript, Transcript):
            segment = segments.setdefault(transcript.segment, TranscribedSegment())
            segment.texts.append(transcript.text)
            by_id.setdefault((annotation, str(region.get("id"))), []).append(segment)
    outcomes = list[Outcome]()
    for (annotation, region), transcript in zip(regions, transcripts, strict=True):
        if transcript is None:
            labeled = by_id.get((annotation, str(region.get("id"))), [])
            outcomes.append(_add_labels(region, labeled, context))
        else:
            outcomes.append(transcript if isinstance(transcript, Reason) else None)
    return segments, outcomes


def _transcript(
    annotation_and_region: RegionOf,
    context: FormatContext,
    objects: Mapping[str, LabeledObject],
    addresses: Mapping[str, str],
) -> Transcript | Reason | None:
    """The transcript in a region; None for labels, which belong to one."""
    (annotation, region), config = annotation_and_region, context.config
    kind = type_of(region)
    if isinstance(kind, Reason):
        return kind
    name = object_of(region, config, objects)
    if not name or kind not in ("textarea", "labels"):
        return Reason.UNSUPPORTED_TYPE
    if name not in addresses:
        return Reason.NO_MEDIA
    if kind == "labels":
        return None
    control = _declared_control(region, config, transcribing_controls(context))
    if not control:
        return Reason.UNSUPPORTED_TYPE  # notes, a translation
    return _text_of(Segment(control, annotation, name, WHOLE, 0), region["value"])


def _declared_control(region: Region, config: LabelConfig, controls: Sequence[str]) -> str:
    """The TextArea that a region is of, or ""; one that left the config is taken for the first."""
    declared = config.control_named(control_of(region))
    if declared is None:
        return controls[0] if controls else ""
    return declared.name if declared.name in controls else ""


def _text_of(recording: Segment, value: Mapping[str, Any]) -> Transcript | Reason:
    held = value.get("text")
    texts = held if isinstance(held, list) else [held]
    stripped = [text.strip() for text in texts if isinstance(text, str)]
    if len(stripped) < len(texts):
        return Reason.MALFORMED
    text = " ".join(filter(None, stripped))
    if not text:
        return Reason.NO_TRANSCRIPT
    segment = _segment(recording, value)
    return segment if isinstance(segment, Reason) else Transcript(segment, text)


def _segment(recording: Segment, value: Mapping[str, Any]) -> Segment | Reason:
    if "start" not in value and "end" not in value:
        return recording
    start, end = region_values.number(value.get("start")), region_values.number(value.get("end"))
    if start is None or end is None or start < 0 or round(end - start, DIGITS) <= 0:
        return Reason.BAD_GEOMETRY
    channel = value.get("channel")
    return recording._replace(ends=(start, end), channel=channel if type(channel) is int else 0)


def _add_labels(
    region: Region, segments: Sequence[TranscribedSegment], context: FormatContext
) -> Outcome:
    """Give transcripts the labels of their segment."""
    if not segments:
        return Reason.NO_TRANSCRIPT
    names = known_labels(region, context, SPACE)
    if isinstance(names, Reason):
        return names
    for segment in segments:
        segment.labels.update(dict.fromkeys(names))
    return None
