"""MOT: boxes through videos as MOTChallenge has its ground truth.

    clip/gt/gt.txt      1,1,96,48,64,32,1,2,1: frame, track, x, y, width, height, 1, class, 1
    clip/seqinfo.ini    frames, frames a second and size of the video, as far as they are known
    labels.txt          the class in line 1 is number 1
    sequences.csv       which video of which task a sequence is
    video/clip.mp4      the video of the sequence, where media come along

Frames and tracks are counted from 1, x and y in pixels from 0 (as TrackEval and the converters of
trackers read them; the development kit in Matlab counts them from 1). A rotated box is the upright
one around it. With splits: `train/clip/`, `video/train/`, `sequences-train.csv`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, Pieces
from ls_dvc.formats.media import extension_of
from ls_dvc.formats.outcomes import (
    Outcome,
    Reason,
    all_for,
    outcome_of_unwritten,
    reason_without_media,
    with_unresolved,
)
from ls_dvc.formats.records import csv_tsv
from ls_dvc.formats.video.sequences import (
    SPACE,
    RegionGroup,
    SequenceFiles,
    found_videos,
    video_objects,
)
from ls_dvc.io import filenames
from ls_dvc.io.filenames import UniqueNames
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.policy import Selection

NAME = "MOT"
SUMMARY = "A box a frame for each track of a video, as MOTChallenge has its ground truth"
FAST_PATH = None
CONTENT = None


def check(context: FormatContext) -> None:
    """Needs a video with VideoRectangle."""
    if not video_objects(context.config):
        raise LsDvcError(
            f"{NAME} needs a <Video> with a <VideoRectangle> for it; the label config has none",
            f"take {NAME} out of label_studio.formats in params.yaml",
        )


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The sequences of a task: one for each video, and for each annotation written separately."""
    reason = outcome_of_unwritten(selection)
    found = found_videos(selection, context)
    if reason or not (found.videos or found.absent):
        reason = reason or reason_without_media(selection, context.config, "Video")
        return Encoded(None, reason, all_for(selection, reason))
    sequences, outcomes = list[SequenceFiles](), list[Outcome]()
    in_part = list[tuple[int, Reason]]()
    for suffix, regions in _groups(selection):
        group = RegionGroup(selection.task["id"], regions, context, found)
        sequences += group.sequences(suffix)
        in_part += [(len(outcomes) + place, why) for place, why in sorted(group.in_part.items())]
        outcomes += with_unresolved(group.outcomes, regions, selection, context.config)
    left = Reason.NOTHING_LEFT if found.videos else next(iter(found.absent.values()))
    return Encoded(sequences, None if sequences else left, outcomes, in_part=in_part)


def assemble(pieces: Pieces[list[SequenceFiles]], context: FormatContext) -> Iterator[Chunk]:
    """A folder for each sequence, and the table of them."""
    folder = f"{context.split}/" if context.split else ""
    table = f"sequences-{context.split}.csv" if context.split else "sequences.csv"
    names = UniqueNames()
    yield Chunk(table, csv_tsv.line(("task", "video", "sequence", "frames")))
    for sequence in (each for sequences in pieces for each in sequences):
        task, address = sequence.task, sequence.address
        stem, extension = filenames.split(address, task)
        file = sequence.file
        extension = extension_of(file, extension) if file else ""
        name = names.given(stem + sequence.suffix, extension, task)
        info = [("name", name), *sequence.info]
        lines = "".join(f"{key}={value}\n" for key, value in info)
        yield Chunk(f"{folder}{name}/gt/gt.txt", sequence.rows)
        yield Chunk(f"{folder}{name}/seqinfo.ini", f"[Sequence]\n{lines}".encode())
        yield Chunk(table, csv_tsv.line((task, address, name, sequence.frames)))
        if file is not None:
            yield Chunk(f"video/{folder}{name}{extension}", b"", None, file)


def shared(context: FormatContext) -> Iterator[Chunk]:
    """labels.txt, a class a line."""
    names = context.classes.names(SPACE)
    lines = [" ".join(name.splitlines()) + "\n" for name in names]
    yield Chunk("labels.txt", "".join(lines).encode(errors="backslashreplace"))


def _groups(selection: Selection) -> list[tuple[str, Sequence[Region]]]:
    """The regions that are written together, and what their sequences' names end with."""
    if not selection.per_annotation:
        return [("", selection.regions)]
    return [(f"-{each.get('id', 0)}", each["result"]) for each in selection.annotations]
