"""What a format is: a module with these names. Content out; it touches no disk and no network.

    NAME                       as users write it in label_studio.formats
    FAST_PATH                  a quicker way for common tasks, or None
    SUMMARY                    one line for people who choose
    check(project)             UserError when the label config has nothing for this format
    encode(labels, project)    one task to a piece of content, and what became of its regions
    assemble(pieces, project)  the pieces, in order of task id, to files
    shared(project)            the files that all splits have in common, written once

`encode` sees one task and nothing else, so tasks can be encoded in any order or in parallel;
`assemble` sees the pieces in order, once, and may not hold on to them all. Where the settings split
the tasks, `assemble` is called once for each split, with the tasks of that one and its name in
`project.split`, and must not write a path that it writes for another split. A format that is one
document asks `documents` which pieces go where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar

from ls_dvc.formats.outcomes import Outcome, Reason
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.shards import start_of

Layout = Literal["loose", "tar", "shards"]
Content = TypeVar("Content", covariant=True)


@dataclass(frozen=True, eq=False)
class FormatContext:
    """What a format may know besides the task at hand.

    A key of caches, by its identity: what a format derives from it is derived once.

    `columns` are the keys of all tasks' data, `controls` the names of the config's controls and
    of others that regions refer to; both sorted, both over the whole snapshot. `splits` are the
    names of all splits in the order of the settings, and `split` the one at hand; empty where
    there are none. `filled_splits`, known to `shared` alone, have a task that is written; "" is
    the one of a data set without splits. `sharded`: a document for each shard of ids, in place of
    one.
    """

    config: LabelConfig
    classes: Classes
    columns: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    split: str = ""
    splits: tuple[str, ...] = ()
    filled_splits: tuple[str, ...] = ()
    sharded: bool = False


class Encoded(NamedTuple):
    """A task's content in the format's own terms, and the account of it.

    `task` is None when the task is written. `regions` has one fate for each region of the
    annotation that counts, in their order. `whole` says that every annotation was written.
    `in_part` has the regions, by their place in `regions`, that are written but for something.
    """

    content: Any
    task: Outcome
    regions: Sequence[Outcome]
    whole: bool = False
    in_part: Sequence[tuple[int, Reason]] = ()


def written(content: Any, regions: int) -> Encoded:
    """The content of a task of which all is written."""
    return Encoded(content, None, [None] * regions)


class FastPath(NamedTuple):
    """A format's way around `canonical` and `select` for tasks that are read faster.

    `read` gives the task in a line of a shard, None unless all of it counts and it is of the kind
    that `encode` takes. `encode` gives what the format's own `encode` would, with every region
    written; None where that would be otherwise.
    """

    read: Callable[[bytes], FastTask | None]
    encode: Callable[[Any, FormatContext], Encoded | None]


class Chunk(NamedTuple):
    """A stretch of a file. Chunks of one path are joined in the order in which they come.

    `task` is the id of the task that a small file of its own belongs to; such files can be put
    into archives, a shard of ids each. Their ids come in order, and the chunks of one follow each
    other; those of other files may come in between.
    """

    path: str
    data: bytes
    task: int | None = None


class Pieces(Generic[Content]):
    """The content of every task that is written, in order of task id, to be drawn once."""

    def __init__(self, numbered: Iterable[tuple[int, Content]]) -> None:
        self._numbered = numbered

    def __iter__(self) -> Iterator[Content]:
        return (content for _, content in self._numbered)

    def by_shard(self) -> Iterator[tuple[int, Iterator[Content]]]:
        """The same for each shard by itself, with the first id that belongs to it."""
        for start, some in groupby(self._numbered, key=lambda each: start_of(each[0])):
            yield start, (content for _, content in some)


def documents(
    pieces: Pieces[Content], context: FormatContext, name: str
) -> Iterator[tuple[str, Iterable[Content]]]:
    """Where a format that is one document goes, and what goes there.

    Everything to `result.json`, or `train.json` of a split. In shards the tasks 1000 to 1999 to
    `result/0000001000.json`, and so on: a document for each shard with a piece, or an empty one.
    """
    stem, dot, extension = name.rpartition(".")
    stem = context.split or stem
    if not context.sharded:
        yield f"{stem}{dot}{extension}", pieces
        return
    start = None
    for start, some in pieces.by_shard():
        yield f"{stem}/{start:010d}{dot}{extension}", some
    if start is None:
        yield f"{stem}/{0:010d}{dot}{extension}", ()


def nothing(context: FormatContext) -> Iterator[Chunk]:  # noqa: ARG001
    """What most formats have in common between their splits."""
    return iter(())


# bool, int64, float64, string or json; a list of one type; or types by name
ColumnType = Any


@dataclass(frozen=True)
class TableFiles:
    """The files of a format that are tables: the name of the document, its columns, its options.

    The options are those of `load_dataset` for this kind of file. Without types of columns the
    files themselves tell them.
    """

    name: str
    columns: Mapping[str, ColumnType] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


class Format(Protocol):
    """A module in this folder."""

    @property
    def NAME(self) -> str:  # noqa: N802
        """As users write it."""

    @property
    def SUMMARY(self) -> str:  # noqa: N802
        """One line."""

    @property
    def FAST_PATH(self) -> FastPath | None:  # noqa: N802
        """A quicker way for common tasks, if it has one."""

    def check(self, context: FormatContext) -> None:
        """`UserError` when the label config has nothing that this format can hold."""

    def encode(self, selection: Selection, context: FormatContext) -> Encoded:
        """One task; pure."""

    def assemble(self, pieces: Pieces[Any], context: FormatContext) -> Iterator[Chunk]:
        """The content of every task that is written, in order of task id, to files; pure."""

    def shared(self, context: FormatContext) -> Iterator[Chunk]:
        """The files that all splits have in common; pure."""


class TableFormat(Format, Protocol):
    """A format that `load_dataset` reads."""

    def table(self, context: FormatContext) -> TableFiles:
        """Its files and their columns; pure."""


class FastTask(Protocol):
    """A task that was read in a quicker way: the one annotation that it has counts, and whole."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def data(self) -> dict[str, Any]:
        """What was labeled."""

    @property
    def predictions(self) -> Sequence[Any]:
        """One for each prediction."""

    @property
    def regions(self) -> Sequence[Any]:
        """One for each region of its annotation."""

    def labels(self) -> list[tuple[str, str]]:
        """The (control, label) pairs of its regions."""
