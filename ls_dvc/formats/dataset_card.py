"""Cards: the README.md by which Hugging Face's `load_dataset` reads a folder.

A card names the file of each split and the type of each column. Without it a column that is null
throughout one split gets another type there than in the others, and the splits cannot be loaded;
splits with names of their own are not seen; and a folder of several formats is read as one of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ls_dvc.formats.interface import Chunk, ColumnType, FormatContext, TableFiles

PATH = "README.md"
# `all` means every split to `load_dataset`, which also knows no hyphens.
_RESERVED_SPLITS = ("all",)
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def chunks(title: str, files: TableFiles, context: FormatContext) -> Iterator[Chunk]:
    """The card of a format's own folder; none where no split has a task: that cannot be loaded."""
    if context.filled_splits:
        yield Chunk(PATH, text(title, files, context).encode())


def text(title: str, files: TableFiles, context: FormatContext, folder: str = "") -> str:
    """The card of a folder; `folder` leads from there to the one of the files."""
    patterns = {
        name: folder + files.folder + _pattern(name, files.name, sharded=context.sharded)
        for name in context.filled_splits
    }
    return of_patterns(title, patterns, files.columns, files.options)


def of_patterns(
    title: str,
    patterns: Mapping[str, str],
    columns: Mapping[str, ColumnType],
    options: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    """A card: the pattern of the files of each split, the types of the columns, if any."""
    lines = ["---", "configs:", "- config_name: default", "  data_files:"]
    for split, path in zip(_split_names(list(patterns)), patterns.values(), strict=True):
        lines += [f"  - split: {_quoted(split)}", f"    path: {_quoted(path)}"]
    lines += [f"  {name}: {_quoted(value)}" for name, value in options.items()]
    if columns:
        lines += ["dataset_info:", "  features:"]
        lines += [
            f"  - {_quoted({'name': name, **_yaml_type(kind)})}" for name, kind in columns.items()
        ]
    return "\n".join([*lines, "---", "", f"# {title}", "", _TEXT, ""])


_TEXT = """Labels of a Label Studio project, converted by ls-dvc. Hugging Face's `load_dataset`
reads this folder with the splits and the types of columns above."""


def _split_names(splits: Sequence[str]) -> list[str]:
    """The splits as `load_dataset` can name them."""
    names = list[str]()
    for split in splits:
        name = re.sub(r"\W", "_", split) or "train"
        while name in names or name in _RESERVED_SPLITS:
            name += "_"
        names.append(name)
    return names


def _pattern(split: str, name: str, *, sharded: bool) -> str:
    """The path of a split's document, or of its shards (`interface.documents`)."""
    stem, dot, extension = name.rpartition(".")
    stem = split or stem
    return f"{stem}/*{dot}{extension}" if sharded else f"{stem}{dot}{extension}"


def _yaml_type(kind: ColumnType) -> dict[str, Any]:
    if isinstance(kind, str):
        return {"dtype": kind}
    if isinstance(kind, Mapping):
        return {"struct": _struct(kind)}
    (item,) = kind
    if isinstance(item, Mapping):
        return {"list": _struct(item)}
    return {"list": item if isinstance(item, str) else _yaml_type(item)}


def _struct(fields: Mapping[str, ColumnType]) -> list[dict[str, Any]]:
    return [{"name": name, **_yaml_type(kind)} for name, kind in fields.items()]


def _quoted(value: Any) -> str:
    """JSON that is YAML as well."""
    return _UNPRINTABLE.sub(
        lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False)
    )
