"""ASR_MANIFEST: one JSON line for each transcript, as NeMo's manifests have it.

    {"audio_filepath":"s3://b/a.wav","duration":3.77,"task":7,"text":"the whole recording"}
    {"audio_filepath":"s3://b/a.wav","duration":1.5,"labels":["Speech"],"offset":0.9,...}

Seconds throughout. A transcript of a whole recording is one line. A transcript of a segment (a
TextArea with perRegion) is a line of its own with `offset`, as NeMo reads segments; they are not
joined, for what lies between them was not transcribed. `audio_filepath` is what the task's data
has; where media come along it is `audio/a.wav`, which NeMo looks up from the manifest's folder, and
`address` is what the data has. NeMo needs `duration`: the editor notes it with segments
(original_length), else it is that in the data, else it is missing. NeMo ignores `task`, `labels`,
`channel`, `annotation`, `address`.

    manifest.json               where one TextArea transcribes
    words/manifest.json         where several do, a folder for each
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ls_dvc.errors import LsDvcError
from ls_dvc.formats import dataset_card
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, Pieces, TableFiles, documents
from ls_dvc.formats.media import extension_of, media_outcome
from ls_dvc.formats.outcomes import (
    Reason,
    all_for,
    outcome_of_unwritten,
    reason_without_media,
    with_unresolved,
)
from ls_dvc.formats.text.recordings import (
    AUDIO,
    addresses_of,
    audio_objects,
    durations_of,
    text_areas,
)
from ls_dvc.formats.text.region_reader import object_of
from ls_dvc.formats.text.transcripts import (
    DIGITS,
    WHOLE,
    Segment,
    TranscribedSegment,
    transcribed_segments,
    transcribing_controls,
)
from ls_dvc.io import canonical_json
from ls_dvc.io.filenames import UniqueNames, cut, is_reserved, split
from ls_dvc.labels.media import UNKNOWN_TYPE, MediaFile
from ls_dvc.labels.policy import Selection

NAME = "ASR_MANIFEST"
SUMMARY = "A JSON line a transcript, for speech recognition with NeMo"
FAST_PATH = None
CONTENT = None
PATH = "manifest.json"

_STEM = 180  # bytes at most: NeMo looks up no path with more than 255 characters


class Recording(NamedTuple):
    """A recording that comes along; `stem` and `extension` are suggestions for its name."""

    stem: str
    extension: str
    file: MediaFile


class TranscribedTask(NamedTuple):
    """The lines of a task, each with the name of its TextArea, and its recordings by address."""

    task: int
    lines: list[tuple[str, dict[str, Any]]]
    recordings: dict[str, Recording]


def check(context: FormatContext) -> None:
    """Needs an audio with a TextArea, and those that the settings name."""
    names = [control.name for control in text_areas(context.config)]
    if not names:
        raise LsDvcError(
            f"{NAME} needs an <Audio> with a <TextArea> for it; the label config has none",
            f"take {NAME} out of label_studio.formats in params.yaml",
        )
    unknown = [name for name in context.transcripts if name not in names]
    if unknown:
        raise LsDvcError(
            f"label_studio.filter.transcripts names {unknown[0]!r}, "
            "which is no <TextArea> for an <Audio>",
            f"set it in params.yaml to some of: {', '.join(names)}",
        )


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The lines of a task. Without a transcript there is none."""
    reason = outcome_of_unwritten(selection)
    objects = audio_objects(context.config)
    addresses = dict(addresses_of(selection.task, objects, context.config))
    if reason or not addresses:
        reason = reason or reason_without_media(selection, context.config, *AUDIO)
        return Encoded(None, reason, all_for(selection, reason))
    regions = list(zip(selection.annotation_ids, selection.regions, strict=True))
    absent = _absent(addresses, context)
    found = {name: address for name, address in addresses.items() if name not in absent}
    segments, outcomes = transcribed_segments(regions, context, objects, found)
    for index, region in enumerate(selection.regions):
        if outcomes[index] is Reason.NO_MEDIA:
            name = object_of(region, context.config, objects)
            outcomes[index] = absent.get(name, Reason.NO_MEDIA)
    outcomes = with_unresolved(outcomes, selection.regions, selection, context.config)
    lines = _lines(segments, selection, context, found)
    nothing = Reason.NOTHING_LEFT if _has_text(selection) else Reason.NO_TRANSCRIPT
    if not found:
        nothing = next(iter(absent.values()))
    recordings = _recordings({line["audio_filepath"] for _, line in lines}, selection, context)
    content = TranscribedTask(selection.task["id"], lines, recordings)
    return Encoded(content, None if lines else nothing, outcomes)


def _is_read(mime_type: str) -> bool:
    """Whether NeMo reads the type, by soundfile or by ffmpeg."""
    return mime_type == UNKNOWN_TYPE or mime_type.partition("/")[0] in ("audio", "video")


def _absent(addresses: Mapping[str, str], context: FormatContext) -> Mapping[str, Reason]:
    """Why recordings cannot be written, by the name of what shows them."""
    found = {
        name: media_outcome(context.media_of(address), _is_read)
        for name, address in addresses.items()
    }
    return {name: reason for name, reason in found.items() if reason is not None}


def _recordings(
    addresses: Iterable[str], selection: Selection, context: FormatContext
) -> dict[str, Recording]:
    recordings = dict[str, Recording]()
    for address in sorted(addresses):
        entry = context.media_of(address)
        if entry is not None and entry.file is not None:
            stem, extension = split(address, selection.task["id"])
            extension = extension_of(entry.file, extension)
            recordings[address] = Recording(cut(stem, _STEM), extension, entry.file)
    return recordings


def assemble(pieces: Pieces[TranscribedTask], context: FormatContext) -> Iterator[Chunk]:
    """The manifests, which are JSON lines, though NeMo calls them .json; and the recordings."""
    folders, names = _folders(transcribing_controls(context)), UniqueNames()
    audio = f"audio/{context.split}/" if context.split else "audio/"
    for path, tasks in documents(pieces, context, PATH):
        for folder in folders.values():
            yield Chunk(folder + path, b"")
        for task, lines, recordings in tasks:
            paths = dict[str, str]()
            for address, (stem, extension, file) in recordings.items():
                paths[address] = audio + names.given(stem, extension, task) + extension
                yield Chunk(paths[address], b"", task, file)
            for control, line in lines:
                manifest = folders[control] + path
                yield Chunk(manifest, _line_in(manifest, line, paths))


def _line_in(manifest: str, line: dict[str, Any], paths: Mapping[str, str]) -> bytes:
    """A line of a manifest, with the path of its recording as seen from there."""
    address = line["audio_filepath"]
    if address in paths:
        there = "../" * manifest.count("/") + paths[address]
        line = {**line, "audio_filepath": there, "address": address}
    return canonical_json.unbroken(canonical_json.line(line))


def table(context: FormatContext) -> TableFiles:
    """A transcript a row; of several manifests the first."""
    columns = {"audio_filepath": "string", "duration": "float64", "offset": "float64"}
    ids = {"task": "int64", "channel": "int64", "annotation": "int64"}
    ids |= {"address": "string"} if context.with_media else {}
    folder = next(iter(_folders(transcribing_controls(context)).values()), "")
    return TableFiles(
        PATH, {**columns, "text": "string", "labels": ["string"], **ids}, folder=folder
    )


def shared(context: FormatContext) -> Iterator[Chunk]:
    """The card for `load_dataset`."""
    return dataset_card.chunks(NAME, table(context), context)


@lru_cache(maxsize=8)
def _folders(controls: tuple[str, ...]) -> Mapping[str, str]:
    """The folder of the manifest of each TextArea; none where there is one."""
    if len(controls) == 1:
        return {controls[0]: ""}
    names = UniqueNames()
    return {
        control: names.given(_stem(control), "", number) + "/"
        for number, control in enumerate(controls, start=1)
    }


def _stem(control: str) -> str:
    """The name of a control, fit for a folder."""
    stem = re.sub(r"[^\w-]", "_", control, flags=re.ASCII) or "_"
    return f"_{stem}" if is_reserved(stem) else stem


def _has_text(selection: Selection) -> bool:
    return any(
        isinstance(region, Mapping) and region.get("type") == "textarea"
        for region in selection.regions
    )


def _lines(
    segments: Mapping[Segment, TranscribedSegment],
    selection: Selection,
    context: FormatContext,
    addresses: Mapping[str, str],
) -> list[tuple[str, dict[str, Any]]]:
    """By annotation and recording, the whole of it first, then in the order of time."""
    durations = durations_of(selection, context.config, addresses) if segments else {}
    order = {name: number for number, name in enumerate(addresses)}
    lines = list[tuple[str, dict[str, Any]]]()
    for segment in sorted(
        segments, key=lambda each: (each.annotation, order[each.object], each.ends, each.channel)
    ):
        transcribed = segments[segment]
        line = {
            "audio_filepath": addresses[segment.object],
            "task": selection.task["id"],
            "text": " ".join(transcribed.texts),
            **_time(segment, durations),
            **({"labels": list(transcribed.labels)} if transcribed.labels else {}),
            **({"annotation": segment.annotation} if selection.per_annotation else {}),
        }
        lines.append((segment.control, line))
    return lines


def _time(segment: Segment, durations: Mapping[str, float]) -> dict[str, Any]:
    if segment.ends == WHOLE:
        duration = durations.get(segment.object)
        return {"duration": duration} if duration else {}
    start, end = segment.ends
    channel = {"channel": segment.channel} if segment.channel else {}
    return {"offset": start, "duration": round(end - start, DIGITS), **channel}
