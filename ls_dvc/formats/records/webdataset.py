"""WEBDATASET: tar archives of samples, for readers that stream them.

    train/0000001000.tar     tasks 1000 to 1999 of the split
      0000001007.jpg         what task 1007 shows: an image, a recording, a text
      0000001007.json        {"data":{…},"records":[…],"task":1007}

The files of a task have its id as their name, and follow each other. Where the label config shows
several things, or lists, what they are comes in between: `0000001007.left.jpg`,
`0000001007.pages-0.jpg`. Readers take what is behind the first dot for the name of a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ls_dvc.formats import dataset_card
from ls_dvc.formats.interface import Chunk, ColumnType, Encoded, FormatContext, Pieces
from ls_dvc.formats.media import check_media, extension_of, media_outcome
from ls_dvc.formats.outcomes import Reason, all_for
from ls_dvc.formats.records import flat
from ls_dvc.formats.records.columns import CARD_TYPES, COLUMNS
from ls_dvc.io import canonical_json
from ls_dvc.io.filenames import UniqueNames, split
from ls_dvc.labels.label_config import LabeledObject
from ls_dvc.labels.media import EXTENSIONS, MediaFile
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.shown_objects import ShownObject, shown_objects

NAME = "WEBDATASET"
SUMMARY = "Tar archives of images, audio or texts with their labels, for streaming"
FAST_PATH = None
CONTENT = None
_MEDIA = frozenset({"Audio", "AudioPlus", "Image", "Pdf", "Video"})
_TEXTS: Mapping[str, str] = {"Text": "txt", "HyperText": "html"}
LABELS = "json"


class Member(NamedTuple):
    """A file of a sample: what follows the task's id in its name, and its content."""

    field: str
    content: bytes | MediaFile


class Sample(NamedTuple):
    """The files of a task, the labels last."""

    task: int
    members: list[Member]


def check(context: FormatContext) -> None:
    """Needs the media of what the label config shows, if it shows any."""
    if any(_is_address(shown) for shown in context.config.objects.values()):
        check_media(context, NAME)


def _is_address(shown: LabeledObject) -> bool:
    return shown.tag in _MEDIA or shown.value_type == "url"


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The sample of a task. It is whole: of a task of which a file is missing there is none."""
    encoded = flat.encode(selection, context)
    if encoded.task is not None:
        return encoded
    data = selection.task.get("data")
    members, asked = list[Member](), 0
    for shown in shown_objects(context.config, data):
        for item, value in shown.items:
            field = _field(shown, item, context)
            if _is_address(shown.declared) and isinstance(value, str) and value.strip():
                asked += 1
                member = _file(field, value, selection.task["id"], context)
            else:
                member = _text(field, shown, value)
            if isinstance(member, Reason):
                return Encoded(None, member, all_for(selection, member))
            members += [member] if member else []
    if asked and not members:  # nothing was fetched from any address
        return Encoded(None, Reason.MEDIA_MISSING, all_for(selection, Reason.MEDIA_MISSING))
    labels = {"task": selection.task["id"], "data": data, "records": encoded.content}
    members.append(Member(LABELS, canonical_json.line(labels)))
    return encoded._replace(content=Sample(selection.task["id"], members))


def _file(field: str, address: str, task: int, context: FormatContext) -> Member | Reason | None:
    """None where the address was not to be fetched: it is in the data."""
    entry = context.media_of(address)
    if entry is None or entry.file is None:
        return media_outcome(entry, lambda _: True)
    extension = extension_of(entry.file, split(address, task)[1]).lower()
    if entry.file.type in EXTENSIONS:
        extension = entry.file.extension  # a .jpeg and a .jpg are one field
    elif extension in ("", f".{LABELS}"):
        extension = ".bin"
    return Member(field + extension.removeprefix("."), entry.file)


def _text(field: str, shown: ShownObject, value: Any) -> Member | None:
    """None for what only the labels hold."""
    extension = _TEXTS.get(shown.declared.tag)
    if extension is None or not isinstance(value, str) or _is_address(shown.declared):
        return None
    return Member(field + extension, value.encode(errors="backslashreplace"))


def _field(shown: ShownObject, item: int | None, context: FormatContext) -> str:
    """The beginning of the name of a field: empty where the label config shows one thing."""
    names = _names(context)
    declared = names[shown.declared.name]
    if item is None and not shown.declared.repetition:
        return f"{declared}." if declared else ""
    name = _plain(shown.name) if shown.declared.repetition else declared
    return f"{name}." if item is None else f"{name}-{item}."


@lru_cache(maxsize=8)
def _names(context: FormatContext) -> Mapping[str, str]:
    """What the objects are called in names of fields; one that is alone, and no list, nothing."""
    objects = context.config.objects
    shown = [each for each in objects.values() if _is_address(each) or each.tag in _TEXTS]
    if len(shown) == 1 and not shown[0].is_list and not shown[0].repetition:
        return dict.fromkeys(objects, "")
    names = UniqueNames()
    return {
        name: names.given(_plain(name), "", number) for number, name in enumerate(objects, start=1)
    }


def _plain(name: str) -> str:
    """A name without dots, as those end the key of a sample, and in small letters."""
    return re.sub(r"[^\w-]", "_", name.lower(), flags=re.ASCII) or "_"


def assemble(pieces: Pieces[Sample], context: FormatContext) -> Iterator[Chunk]:
    """An archive for each shard."""
    folder = f"{context.split}/" if context.split else ""
    for start, samples in pieces.by_shard():
        archive = f"{folder}{start:010d}.tar"
        for task, members in samples:
            for field, content in members:
                name = f"{task:010d}.{field}"
                if isinstance(content, MediaFile):
                    yield Chunk(name, b"", task, content, archive)
                else:
                    yield Chunk(name, content, task, None, archive)


# What `load_dataset` makes of fields, by their extensions; of others bytes.
_KINDS: Mapping[str, ColumnType] = {
    **{
        extension.removeprefix("."): mime.partition("/")[0]
        for mime, extension in EXTENSIONS.items()
        if mime.startswith(("audio/", "image/", "video/")) and mime != "image/svg+xml"
    },
    "txt": "string",
    LABELS: {
        "task": "int64",
        "data": "json",
        "records": [{each.name: CARD_TYPES[each.kind] for each in COLUMNS}],
    },
}


def shared(context: FormatContext) -> Iterator[Chunk]:
    """The card, with the fields that there are: some samples may lack some."""
    if context.filled_splits:
        patterns = {name: f"{name}/*.tar" if name else "*.tar" for name in context.filled_splits}
        fields = {
            name: _KINDS.get(name.rpartition(".")[2], "binary") for name in context.member_types
        }
        features = {**fields, "__key__": "string", "__url__": "string"}
        yield Chunk(dataset_card.PATH, dataset_card.of_patterns(NAME, patterns, features).encode())
