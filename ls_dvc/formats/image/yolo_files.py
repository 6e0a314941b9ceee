"""The files that all YOLO formats share: labels, images.csv, classes.txt and data.yaml."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.image import images
from ls_dvc.formats.image.fast_boxes import FastBoxTask
from ls_dvc.formats.image.images import Image, LabelFile
from ls_dvc.formats.image.shapes import SPACE
from ls_dvc.formats.interface import Chunk, Encoded, FormatContext, written
from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.records import csv_tsv
from ls_dvc.io.filenames import UniqueNames

# Extensions of images that trainers read; they ignore an image with another one without a word.
# Newer trainers read more, which matters for pictures alone: their types are known.
_READ = frozenset({".bmp", ".dng", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp"})
_EXTENSIONS = _READ | {".avif", ".heic", ".heif", ".jp2"}
_TYPES = frozenset(
    {*("image/avif", "image/bmp", "image/heic", "image/jp2", "image/jpeg", "image/png")}
    | {"image/tiff", "image/webp"}
)
is_read = _TYPES.__contains__
_SPLIT_KEYS = {"train": "train", "training": "train"}
_SPLIT_KEYS |= {"val": "val", "valid": "val", "validation": "val"}

CONTENT = list[LabelFile]


def check(context: FormatContext, name: str) -> None:
    """Needs an image to draw on, and splits to train and to validate with, if any."""
    images.check(context, name)
    check_splits(context, name)


def check_splits(context: FormatContext, name: str) -> None:
    """`LsDvcError` unless splits, if any, are there to train and to validate with."""
    keys = _split_keys(context)
    if keys and not {"train", "val"} <= keys.keys():
        raise LsDvcError(
            f"{name} needs a split to train with and one to validate with; label_studio.split has "
            f"{', '.join(context.splits)}",
            "name them train and val in label_studio.split in params.yaml",
        )


def label_files(encoded: Encoded) -> Encoded:
    """The same with a label file for each image, whose entries are its lines."""
    if encoded.task is not None:
        return encoded
    files = [_label_file(drawn.image, drawn.entries) for drawn in encoded.content]
    return encoded._replace(content=files)


def encode_boxes(
    task: FastBoxTask,
    context: FormatContext,
    numbers_of: Callable[[float, float, float, float], str | Reason],
) -> Encoded | None:
    """The label file of a task with upright boxes alone; None where one is not written.

    `numbers_of` makes what stands behind the class id, of x, y, width and height in percent.
    """
    read = images.upright_boxes(task, context, is_read)
    if read is None:
        return None
    image, _, boxes = read
    lines = []
    for class_id, _, x, y, width, height in boxes:
        numbers = numbers_of(x, y, width, height)
        if isinstance(numbers, Reason):
            return None
        lines.append(f"{class_id} {numbers}")
    return written([_label_file(image, lines)], len(boxes))


def _label_file(image: Image, lines: Sequence[str]) -> LabelFile:
    file = images.label_file(image, "\n".join([*lines, ""]).encode(), _EXTENSIONS)
    task, address, stem, extension, content, picture = file
    if picture is not None or extension in _READ or extension.lower() in _READ:
        return file
    return (task, address, stem, ".jpg", content, None)


def assemble(files: Iterable[list[LabelFile]], context: FormatContext) -> Iterator[Chunk]:
    """labels/<image>.txt and images.csv; in a split labels/<split>/ and images-<split>.csv.

    images.csv says under which name to save each task's image, so that it finds its labels. Those
    that come along are there already: images/<image>, in a split images/<split>/.
    """
    names, folder = UniqueNames(), "/".join(filter(None, ("labels", context.split)))
    table = f"images-{context.split}.csv" if context.split else "images.csv"
    yield Chunk(table, csv_tsv.line(("task", "image", "file_name", "labels")))
    for task, address, suggested, extension, content, picture in chain.from_iterable(files):
        stem = names.given(suggested, extension, task)
        path = f"{folder}/{stem}.txt"
        yield Chunk(path, content, task)
        if picture is not None:
            yield Chunk(images.folder_of_pictures(context) + stem + extension, b"", task, picture)
        yield Chunk(table, csv_tsv.line((task, address, stem + extension, path)))


def shared(context: FormatContext) -> Iterator[Chunk]:
    """classes.txt and data.yaml. Line n of classes.txt, counted from 0, is class id n."""
    names = context.classes.names(SPACE)
    yield class_list(names)
    yield Chunk("data.yaml", description(names, context).encode())


def class_list(names: Iterable[str]) -> Chunk:
    """classes.txt: a name on each line."""
    lines = [f"{' '.join(name.split())}\n" for name in names]
    return Chunk("classes.txt", "".join(lines).encode(errors="backslashreplace"))


def description(names: Sequence[str], context: FormatContext) -> str:
    """The content of data.yaml: where images belong, and the classes.

    It has no `path`: only without it do trainers take the images from data.yaml's own folder.
    """
    classes = "".join(f"\n  {number}: {quoted(name)}" for number, name in enumerate(names))
    return f"{_folders(context)}nc: {len(names)}\nnames:{classes or ' {}'}\n"


def _folders(context: FormatContext) -> str:
    """Where the images of each split belong."""
    keys = _split_keys(context)
    if not keys:
        return "train: images\nval: images  # as train: label_studio.split is not set\n"
    return "".join(f"{key}: images/{split}\n" for key, split in keys.items())


def _split_keys(context: FormatContext) -> Mapping[str, str]:
    """The splits by what trainers call them; others by their own names."""
    return {_SPLIT_KEYS.get(split.lower(), split): split for split in context.splits}


# What YAML takes only escaped. (JSON escapes less, and emoji as pairs, which YAML does not join.)
_SPECIAL = re.compile(r'[\x00-\x1f"\\\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]')


def quoted(name: str) -> str:
    """`name` as a double-quoted scalar of YAML."""
    return '"' + _SPECIAL.sub(lambda match: f"\\u{ord(match[0]):04x}", name) + '"'
