"""The interface of a format: what a module in this package has to define.

    NAME                        the name in `label_studio.formats` of params.yaml
    SUMMARY                     one line for the table of formats
    FAST_PATH                   optional decoder and encoder for common tasks, or None
    CONTENT                     the type of a task's content, by which what was kept of a shard is
                                read again; None for a format of which nothing is kept
    check(context)              raises LsDvcError when the label config has nothing for the format
    encode(selection, context)  one task: its content, and the outcome of each selected region
    assemble(pieces, context)   the encoded tasks, in order of task id: the files, as chunks
    shared(context)             files that are written once for all splits; `nothing` for most

All of them are pure: no disk, network, clock or environment. `registry.py` lists the modules.

`encode` depends on the task and the context alone, since tasks are encoded in any order and in
several processes. A region is written (outcome None) or has a `Reason`; the ledger fails unless
there is one outcome for each of `selection.regions`.

`assemble` iterates over the pieces once and must not keep them all in memory. With splits it is
called once for each split (`context.split`) with the tasks of that split, and must not write a path
that it writes for another split. A format that is one document takes its paths from `documents`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar

from ls_dvc.formats.outcomes import Outcome, Reason
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.measures import Sizes
from ls_dvc.labels.media import MediaEntry, MediaFile, TaskMedia
from ls_dvc.labels.policy import KeypointSettings, Selection
from ls_dvc.labels.shards import start_of

Layout = Literal["loose", "tar", "shards"]
Content = TypeVar("Content", covariant=True)


@dataclass(frozen=True, eq=False)
class FormatContext:
    """What a format knows besides the task that it encodes; the same for all tasks of a split.

    `columns`: the keys of all tasks' data. `controls`: the controls of the config and others that
    regions name. Both are sorted and cover the snapshot. `split` is the current split, `splits` all
    of them in the order of the settings; empty without splits. `filled_splits`: the splits with a
    written task ("" without splits), known only in `shared`. `sharded`: one document for each shard
    of task ids instead of one for all. `transcripts`: the TextAreas whose texts are transcripts;
    empty means all. `keypoints`: what key points without a shape are. `media`: what the addresses
    of the tasks that are encoded led to, known only in `encode`; None where media are off.
    `with_media`: whether they are on. `member_types`: what follows the first dot in the names of
    the members of archives, sorted, known only in `shared`.

    Hashed by identity, so that formats can cache what they derive from it (`lru_cache`).
    """

    config: LabelConfig
    classes: Classes
    columns: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    split: str = ""
    splits: tuple[str, ...] = ()
    filled_splits: tuple[str, ...] = ()
    sharded: bool = False
    transcripts: tuple[str, ...] = ()
    keypoints: KeypointSettings = field(default_factory=KeypointSettings)
    media: TaskMedia | None = None
    with_media: bool = False
    member_types: tuple[str, ...] = ()

    def media_of(self, address: str) -> MediaEntry | None:
        """The entry of an address in the media map; None where media are off, or without it.

        Where there is one, its file belongs next to the labels, and has the size in pixels that
        counts; without a file nothing of it can be written.
        """
        return self.media.get(address) if self.media is not None else None


class Encoded(NamedTuple):
    """What `encode` returns.

    `content` is what `assemble` needs of the task, of any type that can be sent between processes.
    `task`: outcome of the task as a whole, None when it is written. `regions`: outcome of each of
    `selection.regions`, in their order. `all_annotations`: every annotation of the task is written,
    selected or not; `regions` is not looked at then. `in_part`: index in `regions` and reason of
    each region of which something is missing though it is written.
    """

    content: Any
    task: Outcome
    regions: Sequence[Outcome]
    all_annotations: bool = False
    in_part: Sequence[tuple[int, Reason]] = ()


def written(content: Any, regions: int) -> Encoded:
    """A task of which every region is written."""
    return Encoded(content, None, [None] * regions)


class FastPath(NamedTuple):
    """An optional decoder and encoder for common tasks; must give the same bytes and ledger.

    `read` decodes a line of a shard into structs; None unless the task has one annotation, which is
    selected whole, and nothing but what `encode` knows. `encode` returns what the format's `encode`
    would; None where a region would not be written. `measure` adds the sizes of what
    was labeled in tasks.
    """

    read: Callable[[bytes], FastTask | None]
    encode: Callable[[Any, FormatContext], Encoded | None]
    measure: Callable[[Sequence[Any], Sizes], None]


class Chunk(NamedTuple):
    """A part of a file; the chunks of a path are joined in their order.

    `task`: id of the task, for a file that belongs to one task. Such files can go into archives,
    one for each shard; their ids must ascend, and the chunks of one file must follow each other,
    except for chunks of files without a task. `file`: the file is this one of the media, and `data`
    is empty. `archive`: the file is a member of the tar archive of this path, in every layout, and
    `path` is its name there; the archives of one folder follow each other.
    """

    path: str
    data: bytes
    task: int | None = None
    file: MediaFile | None = None
    archive: str = ""


class Pieces(Generic[Content]):
    """The content of every written task, in order of task id; can be iterated once."""

    def __init__(self, numbered: Iterable[tuple[int, Content]]) -> None:
        self._numbered = numbered

    def __iter__(self) -> Iterator[Content]:
        return (content for _, content in self._numbered)

    def by_shard(self) -> Iterator[tuple[int, Iterator[Content]]]:
        """The content of each shard, with the first task id of the shard."""
        for start, numbered in groupby(self._numbered, key=lambda pair: start_of(pair[0])):
            yield start, (content for _, content in numbered)


def documents(
    pieces: Pieces[Content], context: FormatContext, name: str
) -> Iterator[tuple[str, Iterable[Content]]]:
    """The paths of a format that is one document called `name`, and the content for each.

    One path: `result.json`, or `train.json` for a split. Sharded, tasks 1000 to 1999 go to
    `result/0000001000.json`, and so on; without any task there is one empty document.
    """
    stem, dot, extension = name.rpartition(".")
    stem = context.split or stem
    if not context.sharded:
        yield f"{stem}{dot}{extension}", pieces
        return
    start = None
    for start, contents in pieces.by_shard():
        yield f"{stem}/{start:010d}{dot}{extension}", contents
    if start is None:
        yield f"{stem}/{0:010d}{dot}{extension}", ()


def nothing(context: FormatContext) -> Iterator[Chunk]:  # noqa: ARG001
    """`shared` of a format without shared files."""
    return iter(())


ColumnType = Any  # bool, int64, float64, string, json; a list of one type; or types by name


@dataclass(frozen=True)
class TableFiles:
    """How `load_dataset` of Hugging Face reads the documents of a format.

    `name`: the document, as for `documents`. `columns`: their types; empty where the file has them.
    `options`: arguments of `load_dataset` for this kind of file. `folder`: where they are in the
    format's folder.
    """

    name: str
    columns: Mapping[str, ColumnType] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    folder: str = ""


class Format(Protocol):
    """A format module; the docstring of this module describes each name."""

    @property
    def NAME(self) -> str:  # noqa: N802
        """The name in params.yaml."""

    @property
    def SUMMARY(self) -> str:  # noqa: N802
        """One line for the table of formats."""

    @property
    def FAST_PATH(self) -> FastPath | None:  # noqa: N802
        """Optional decoder and encoder for common tasks."""

    @property
    def CONTENT(self) -> Any:  # noqa: N802
        """The type of a task's content: of msgspec's, without a float."""

    def check(self, context: FormatContext) -> None:
        """`LsDvcError` when the label config has nothing for this format."""

    def encode(self, selection: Selection, context: FormatContext) -> Encoded:
        """One task."""

    def assemble(self, pieces: Pieces[Any], context: FormatContext) -> Iterator[Chunk]:
        """The files of the written tasks."""

    def shared(self, context: FormatContext) -> Iterator[Chunk]:
        """The files that are written once for all splits."""


class TableFormat(Format, Protocol):
    """A format that `load_dataset` reads."""

    def table(self, context: FormatContext) -> TableFiles:
        """The documents and their columns."""


class FastTask(Protocol):
    """A task as a fast path reads it: it has one annotation, which is selected whole."""

    @property
    def id(self) -> int:
        """Task id."""

    @property
    def data(self) -> dict[str, Any]:
        """The task's data."""

    @property
    def predictions(self) -> Sequence[Any]:
        """Its predictions, not decoded."""

    @property
    def regions(self) -> Sequence[Any]:
        """The regions of its annotation."""

    def labels(self) -> list[tuple[str, str]]:
        """The (control, label) pairs of its regions."""
