"""ASR_MANIFEST: one JSON line for each transcript, as NeMo's manifests have it.

    {"audio_filepath":"s3://b/a.wav","duration":3.77,"task":7,"text":"the whole recording"}
    {"audio_filepath":"s3://b/a.wav","duration":1.5,"labels":["Speech"],"offset":0.9,...}

Seconds throughout. A transcript of a whole recording is one line. A transcript of a stretch of it
(a TextArea with perRegion) is a line of its own with `offset`, as NeMo reads segments; they are
not joined, for what lies between them was not transcribed. `audio_filepath` is what the task's
data has. NeMo needs `duration`: the editor notes it with stretches (original_length), else it is
that in the data, else it is missing. NeMo ignores `task`, `labels`, `channel`, `annotation`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ls_dvc.errors import LsDvcError
from ls_dvc.formats import dataset_card
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, Pieces, TableFiles, documents
from ls_dvc.formats.outcomes import (
    Outcome,
    Reason,
    all_for,
    outcome_of_unwritten,
    reason_without_media,
    with_unresolved,
)
from ls_dvc.formats.text.region_reader import known_labels, object_of, type_of
from ls_dvc.io import canonical_json
from ls_dvc.labels import region_values
from ls_dvc.labels.canonical import Region, Task
from ls_dvc.labels.label_config import LabelConfig, LabeledObject
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.regions import control_of
from ls_dvc.labels.shown_objects import shown_objects

NAME = "ASR_MANIFEST"
SUMMARY = "A JSON line a transcript, for speech recognition with NeMo"
FAST_PATH = None
PATH = "manifest.json"
SPACE = "audio"
AUDIO = ("Audio", "AudioPlus")
WHOLE = (-1.0, -1.0)
DIGITS = 6  # of a duration: microseconds, so that 1.3 - 1.1 is 0.2


class Segment(NamedTuple):
    """Part of a recording; seconds. `owner` is the annotation that it is of."""

    owner: int
    place: str
    ends: tuple[float, float]
    channel: int


class Transcript(NamedTuple):
    """What was typed, for which stretch."""

    stretch: Segment
    text: str


@dataclass
class ManifestLine:
    """What is known of a stretch."""

    texts: list[str] = field(default_factory=list)
    labels: dict[str, None] = field(default_factory=dict)


def check(context: FormatContext) -> None:
    """Needs an audio with a TextArea."""
    if not _objects(context.config):
        raise LsDvcError(
            f"{NAME} needs an <Audio> with a <TextArea> for it; the label config has none",
            f"take {NAME} out of label_studio.formats in params.yaml",
        )


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The lines of a task. Without a transcript there is none."""
    reason = outcome_of_unwritten(selection)
    places = _objects(context.config)
    addresses = dict(_addresses(selection.task, places, context.config))
    if reason or not addresses:
        reason = reason or reason_without_media(selection, context.config)
        return Encoded(None, reason, all_for(selection, reason))
    owned = list(zip(selection.annotation_ids, selection.regions, strict=True))
    transcripts = [_transcript_of(each, context, places, addresses) for each in owned]
    lines, outcomes = _joined(owned, transcripts, context)
    outcomes = with_unresolved(outcomes, selection.regions, selection, context.config)
    content = _content(lines, selection, context.config, addresses)
    nothing_typed = Reason.NOTHING_LEFT if _was_typed(selection) else Reason.NO_TRANSCRIPT
    return Encoded(content, None if content else nothing_typed, outcomes)


def assemble(pieces: Pieces[list[bytes]], context: FormatContext) -> Iterator[Chunk]:
    """manifest.json, which is JSON lines: so NeMo calls it."""
    for path, some in documents(pieces, context, PATH):
        yield Chunk(path, b"")
        for piece in some:
            yield Chunk(path, b"".join(piece))


def table(context: FormatContext) -> TableFiles:  # noqa: ARG001
    """A transcript a row."""
    columns = {"audio_filepath": "string", "duration": "float64", "offset": "float64"}
    ids = {"task": "int64", "channel": "int64", "annotation": "int64"}
    return TableFiles(PATH, {**columns, "text": "string", "labels": ["string"], **ids})


def shared(context: FormatContext) -> Iterator[Chunk]:
    """The card for `load_dataset`."""
    return dataset_card.chunks(NAME, table(context), context)


# --- the recordings


def _objects(config: LabelConfig) -> dict[str, LabeledObject]:
    """The recordings that have a TextArea, in the order of the config."""
    typed = config.labeled_by(("TextArea",))
    return {
        name: each for name, each in config.objects.items() if each.tag in AUDIO and name in typed
    }


def _addresses(
    task: Task, places: Mapping[str, LabeledObject], config: LabelConfig
) -> Iterator[tuple[str, str]]:
    for shown in shown_objects(config, task.get("data"), *AUDIO):
        address = shown.items[0][1] if shown.items and shown.declared.name in places else None
        if isinstance(address, str) and address.strip():
            yield shown.name, address


def _durations(
    selection: Selection, config: LabelConfig, addresses: Mapping[str, str]
) -> dict[str, float]:
    """Seconds of each recording, as the first region that tells it has it, else the data."""
    task, found = selection.task, dict[str, float]()
    results = (each.get("result") for each in [*task["annotations"], *task["predictions"]])
    everywhere = [each for some in results if isinstance(some, list) for each in some]
    for region in (each for each in [*selection.regions, *everywhere] if isinstance(each, Mapping)):
        length = _seconds(region.get("original_length"))
        if length:
            found.setdefault(object_of(region, config, _objects(config)), length)
    duration = _seconds(task["data"].get("duration"))
    return (
        {**dict.fromkeys(addresses, duration), **found}
        if duration and len(addresses) == 1
        else found
    )


def _seconds(value: Any) -> float | None:
    number = region_values.number(value)
    return number if number is not None and number > 0 else None


# --- what was typed for them


def _transcript(config: LabelConfig, place: str) -> str:
    """The control whose texts are the transcript of a recording: the first TextArea for it."""
    areas = (each for each in config.controls_on(place) if each.tag == "TextArea")
    return next((each.name for each in areas), "")


def _was_typed(selection: Selection) -> bool:
    return any(isinstance(e, Mapping) and e.get("type") == "textarea" for e in selection.regions)


def _transcript_of(
    owned: tuple[int, Region],
    context: FormatContext,
    places: Mapping[str, LabeledObject],
    addresses: Mapping[str, str],
) -> Transcript | Reason | None:
    """The transcript in a region; None for labels, which belong to one."""
    (owner, region), config = owned, context.config
    kind = type_of(region)
    if isinstance(kind, Reason):
        return kind
    place = object_of(region, config, places)
    if not place or kind not in ("textarea", "labels"):
        return Reason.UNSUPPORTED_TYPE
    if place not in addresses:
        return Reason.NO_MEDIA
    if kind == "labels":
        return None
    control = control_of(region)
    if config.control_named(control) and control != _transcript(config, place):
        return Reason.UNSUPPORTED_TYPE  # notes, a translation
    return _typed(Segment(owner, place, WHOLE, 0), region["value"])


def _typed(whole: Segment, value: Mapping[str, Any]) -> Transcript | Reason:
    listed = value.get("text")
    texts = listed if isinstance(listed, list) else [listed]
    typed = [each.strip() for each in texts if isinstance(each, str)]
    if len(typed) < len(texts):
        return Reason.MALFORMED
    text = " ".join(filter(None, typed))
    if not text:
        return Reason.NO_TRANSCRIPT
    stretch = _stretch(whole, value)
    return stretch if isinstance(stretch, Reason) else Transcript(stretch, text)


def _stretch(whole: Segment, value: Mapping[str, Any]) -> Segment | Reason:
    if "start" not in value and "end" not in value:
        return whole
    start, end = region_values.number(value.get("start")), region_values.number(value.get("end"))
    if start is None or end is None or start < 0 or round(end - start, DIGITS) <= 0:
        return Reason.BAD_GEOMETRY
    channel = value.get("channel")
    return whole._replace(ends=(start, end), channel=channel if type(channel) is int else 0)


# --- a line for each stretch


def _joined(
    owned: Sequence[tuple[int, Region]],
    transcripts: Sequence[Transcript | Reason | None],
    context: FormatContext,
) -> tuple[dict[Segment, ManifestLine], list[Outcome]]:
    """The lines, and the outcome of every region. Labels go to the transcript with their id."""
    lines, by_id = dict[Segment, ManifestLine](), dict[tuple[int, str], ManifestLine]()
    for (owner, region), each in zip(owned, transcripts, strict=True):
        if isinstance(each, Transcript):
            line = lines.setdefault(each.stretch, ManifestLine())
            line.texts.append(each.text)
            by_id[owner, str(region.get("id"))] = line
    outcomes = [
        _labeled(region, by_id.get((owner, str(region.get("id")))), context)
        if each is None
        else (each if isinstance(each, Reason) else None)
        for (owner, region), each in zip(owned, transcripts, strict=True)
    ]
    return lines, outcomes


def _labeled(region: Region, line: ManifestLine | None, context: FormatContext) -> Outcome:
    """Give a transcript the labels of its stretch."""
    if line is None:
        return Reason.NO_TRANSCRIPT
    names = known_labels(region, context, SPACE)
    if isinstance(names, Reason):
        return names
    line.labels.update(dict.fromkeys(names))
    return None


def _content(
    lines: Mapping[Segment, ManifestLine],
    selection: Selection,
    config: LabelConfig,
    addresses: Mapping[str, str],
) -> list[bytes]:
    """By annotation and recording, the whole of it first, then in the order of time."""
    durations = _durations(selection, config, addresses) if lines else {}
    order = {place: number for number, place in enumerate(addresses)}
    keys = sorted(lines, key=lambda e: (e.owner, order[e.place], e.ends, e.channel))
    return [
        canonical_json.unbroken(
            canonical_json.line(
                {
                    "audio_filepath": addresses[each.place],
                    "task": selection.task["id"],
                    "text": " ".join(lines[each].texts),
                    **_time(each, durations),
                    **({"labels": list(lines[each].labels)} if lines[each].labels else {}),
                    **({"annotation": each.owner} if selection.per_annotation else {}),
                }
            )
        )
        for each in keys
    ]


def _time(stretch: Segment, durations: Mapping[str, float]) -> dict[str, Any]:
    if stretch.ends == WHOLE:
        known = durations.get(stretch.place)
        return {"duration": known} if known else {}
    start, end = stretch.ends
    channel = {"channel": stretch.channel} if stretch.channel else {}
    return {"offset": start, "duration": round(end - start, DIGITS), **channel}
